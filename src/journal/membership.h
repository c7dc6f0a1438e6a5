// Which changes of the servers a leader takes, and what comes of them. One server comes or goes
// with each change, so that two majorities always overlap; and none is taken that would leave a
// cluster whose majority is not there. Pure logic.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "base/types.h"
#include "journal/configuration.h"
#include "journal/log.h"

namespace okiagari::journal {

struct ServerChange {
  enum class Kind : std::uint8_t {
    none = 0,     // the same servers once more
    add = 1,      // as one that gets everything and has no vote
    promote = 2,  // to a voter
    remove = 3,
  };
  Kind kind = Kind::none;
  Server server;  // only its number for promote and remove; its role never counts
};

// What the leader knows of another server.
struct Standing {
  bool is_reachable = false;
  bool never_votes = false;  // its storage lost something
  bool is_disk_low = false;
  Index missing_entries = 0;  // of the leader's log
  bool knows_servers = true;  // it has the present configuration
};

// A server may vote when it lacks no more than what is on its way to one that keeps up.
inline constexpr Index kMissingEntriesMax = 64;
// Numbers are never given back: a new one far above the others is a mistake of somebody's.
inline constexpr NodeId kNumbersSkippedMax = 256;

// The configuration after the change, which is the present one when nothing is to be done; or why
// it is not taken. `leader` is the server that decides this; it counts as one that is there.
[[nodiscard]] base::Result<Configuration> configuration_after(
    const Configuration& present, const ServerChange& change, NodeId leader,
    const std::function<Standing(NodeId)>& standing);

// No leader of a cluster with these servers will ever take it: its number was another server's.
[[nodiscard]] bool is_refused_for_good(const Configuration& present, const ServerChange& change);

}  // namespace okiagari::journal
