// The highest numbers of the cluster that this gateway has seen, and its sessions, in a small file.
// If all servers are ever rebuilt from less than a majority, gateways are the witnesses of what is
// missing; and a gateway that starts again knows whom it had and whose absence it must report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::gateway {

struct WitnessedSession {
  SessionId session = 0;
  std::uint32_t epoch = 0;        // 0: not logged in here
  std::uint32_t next_number = 1;  // after the last message that the member was sent
};

struct Witness {
  std::uint64_t cluster = 0;
  std::uint64_t term = 0;
  std::uint64_t sequence = 0;
  std::uint64_t event = 0;
  std::uint64_t feed = 0;
  std::vector<WitnessedSession> sessions;
};

[[nodiscard]] std::string witness_path(const std::string& directory);
// Replaces the file whole, so that a crash leaves the old or the new one. Not synced.
[[nodiscard]] base::Status save_witness(const std::string& directory, const Witness& witness);
// An empty witness when there is no file yet. The error says that the file is damaged: it may be
// moved away, after its numbers were noted.
[[nodiscard]] base::Result<Witness> load_witness(const std::string& directory);

[[nodiscard]] base::Result<Witness> parse_witness(const std::string& text,
                                                  const std::string& origin);
// Where the witness of a cluster is kept that this gateway has left for one that was rebuilt.
[[nodiscard]] std::string former_witness_path(const std::string& directory, std::uint64_t cluster);
// Before a gateway serves `cluster`: puts the witness of another one away, as evidence. The error
// says that it has left this cluster before, which is fenced off since: nobody goes back.
[[nodiscard]] base::Status enter_cluster(const std::string& directory, const Witness& witness,
                                         std::uint64_t cluster);

}  // namespace okiagari::gateway
