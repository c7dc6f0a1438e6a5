// A node's log once more through the state machine, from a time on, command by command: to see
// whether the program falls over it again, and where. One process replays and may die of it;
// another waits for that and says what it was.
#pragma once

#include <cstdint>
#include <string>

#include "base/report.h"
#include "base/result.h"
#include "base/types.h"

namespace okiagari::cli {

// Where the replaying process is, in a mapped file that outlives it.
struct ReplayPosition {
  std::uint64_t magic = kMagic;
  std::uint64_t applying = 0;  // sequence of the command; 0 between commands
  std::uint64_t index = 0;     // of the log's entry that is being applied, or was last
  std::uint64_t term = 0;
  std::uint64_t first_sequence = 0;  // of that entry's commands
  TimestampNs timestamp_ns = 0;
  std::uint64_t commands = 0;  // applied since `from_ns`
  std::uint64_t is_done = 0;

  static constexpr std::uint64_t kMagic = 0x594c504552494b4f;  // "OKIREPLY"
};
static_assert(sizeof(ReplayPosition) == 64);

struct JournalReplay {
  std::string folder;         // the node's
  TimestampNs from_ns = 0;    // from here on every invariant is checked, as often as time allows
  std::string position_path;  // empty: nobody asks
  bool tells_commands = false;
};
// In this process. The report holds when the states are those that the replicas recorded.
[[nodiscard]] base::Result<base::Report> replay_journal(const JournalReplay& replay);

// By a child process of `program`; says how it ended and what it was in. The exit status: 0 when it
// ran through and every recorded state was met, 1 when it fell over or a state differs.
[[nodiscard]] int watch_journal_replay(const std::string& program, const JournalReplay& replay);

}  // namespace okiagari::cli
