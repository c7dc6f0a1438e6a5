// The newest messages that this gateway had for its members, as the venue told them: kept in
// memory, and written to a file of this life of the process when the cluster falls silent and when
// the gateway ends. Should the servers never come back, it says by name what members were told that
// a survivor may lack (docs/formats/told.md). Not synced: it survives the process, not the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/types.h"
#include "venue/event.h"

namespace okiagari::gateway {

class ToldEvents {
 public:
  struct Identity {
    GatewayId gateway = 0;
    std::uint64_t cluster = 0;
    TimestampNs started_ns = 0;
  };
  // Keeps at least `bytes_max` of the newest, and a sixteenth more at most.
  ToldEvents(std::string directory, const Identity& identity, std::size_t bytes_max);

  void add(const venue::EventHeader& event);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // Replaces the file whole. Nothing is written while there is nothing to tell.
  [[nodiscard]] base::Status save() const;
  [[nodiscard]] std::string path() const;

 private:
  struct Part {
    std::vector<std::byte> events;
    std::uint64_t last_event = 0;
  };

  std::string directory_;
  Identity identity_;
  std::size_t part_bytes_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::deque<Part> parts_;
  std::uint64_t forgotten_ = 0;
};

struct ToldFile {
  GatewayId gateway = 0;
  std::uint64_t cluster = 0;
  std::uint64_t forgotten = 0;  // number of the last event that no longer fitted; 0: none
  std::vector<std::byte> events;
};

// The error names the file and what is wrong with it.
[[nodiscard]] base::Result<ToldFile> load_told_events(const std::string& path);
[[nodiscard]] base::Result<ToldFile> parse_told_events(base::Bytes file, const std::string& origin);
// Of all lives of the gateway, oldest first.
[[nodiscard]] std::vector<std::string> told_events_paths(const std::string& directory);
// Removes all but the newest `keep`.
void drop_old_told_events(const std::string& directory, std::size_t keep);

}  // namespace okiagari::gateway
