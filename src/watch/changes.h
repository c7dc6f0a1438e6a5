// What somebody changed on purpose: files of configuration, the program, the market itself. Most
// outages begin with a change; the last ones are looked at first.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "venue/event.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct ChangesSettings {
  std::map<std::string, std::string> files;  // by path: what evidence calls whose they are
  std::map<std::string, std::string> halts;  // files that say what is halted on purpose
  std::string program;                       // the program's file; empty: not watched
  std::uint64_t interval_ms = 400;
};

// Files are told apart by what is in them: one that is only written anew has not changed.
class FileChanges {
 public:
  FileChanges(ChangesSettings settings, Reporter& reporter);
  void tick(const Moment& moment);

 private:
  struct Known {
    bool is_there = false;
    std::int64_t written_ns = 0;
    std::uint64_t size_bytes = 0;
    base::Digest digest{};
  };
  [[nodiscard]] static Known look(const std::string& path, const Known& before);
  void compare(const std::string& path, const std::string& entity, std::string_view signal,
               const Moment& moment);

  ChangesSettings settings_;
  Reporter& reporter_;
  std::map<std::string, Known> known_;
  std::uint64_t next_ms_ = 0;
};

// Market control and reference data, as the market tells its operators what became of them.
class MarketChanges {
 public:
  explicit MarketChanges(Reporter& reporter) : reporter_(reporter) {}
  void take(const venue::EventHeader& event, const Moment& moment);

 private:
  Reporter& reporter_;
};

}  // namespace okiagari::watch
