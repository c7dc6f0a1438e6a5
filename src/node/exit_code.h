// How the processes of okiagari end; docs/operating.md says what to do about each.
#pragma once

#include <cstdint>

namespace okiagari::node {

enum class ExitCode : std::uint8_t {
  success = 0,
  does_not_hold = 1,    // what was judged does not hold
  usage = 2,            // command line or configuration
  cannot_start = 3,     // address in use, folder missing or in use, not formatted
  journal_refused = 4,  // log, ballot, identity or snapshot are damaged or somebody else's
  disk_failed = 5,      // a write or sync failed while running
  in_minority = 6,      // this replica's state is not the majority's
  no_majority = 7,      // no state is that of a majority
  removed = 8,          // this server was removed from its cluster
  too_old = 9,          // the log or the other servers need a newer program
};

[[nodiscard]] constexpr int exit_status(ExitCode code) { return static_cast<int>(code); }

}  // namespace okiagari::node
