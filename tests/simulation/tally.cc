#include "tests/simulation/tally.h"

#include <algorithm>

namespace okiagari::simulation {
namespace {

constexpr std::array<std::string_view, kBranches> kNames = {
    "restarted",
    "started from a snapshot",
    "sectors lost",
    "torn tail cut",
    "log below the watermark",
    "damage refused",
    "barred from voting",
    "strange storage refused (work-around 5)",
    "loss suspected at a follower",
    "loss found",
    "disk full ended a process",
    "disk low: submit refused",
    "disk low: entries refused",
    "snapshot taken",
    "snapshot sent",
    "snapshot installed",
    "election by timer",
    "election by reset",
    "election by silence",
    "election by lack of progress",
    "election by transfer",
    "server added",
    "server got a vote",
    "server removed",
    "change of servers given up",
    "leader to be removed handed over",
    "used number refused",
    "removed server ended itself",
    "transfer given up",
    "leader stepped down",
    "uncommitted entries truncated",
    "commit notice",
    "other network taken",
    "line for snapshots broken",
    "piece of a snapshot over the link",
    "piece of a snapshot from a line that had broken",
    "re-anchored (work-around 1)",
    "change split (work-around 2)",
    "pre-vote raised (work-around 3)",
    "frame of an old link dropped (work-around 6)",
    "entries held back from a server that joins (work-around 7)",
    "clients saw a new leader",
    "commands sent again",
    "repeat recognised by the venue",
    "stream gap",
    "login fenced an old gateway",
    "subscribe refused",
    "session replayed",
    "stop waits",
    "stop replaced while it waits",
    "stop triggered",
    "stop triggered in vain",
    "trailing stop waits",
    "stop replaced by a trailing one",
    "trailing stop triggered",
    "trailing stop triggered beyond where it began",
    "trailing stop refused: nothing to follow",
    "iceberg taken",
    "iceberg replaced",
    "iceberg shows another peak",
    "order good till it is cancelled",
    "order good till a date",
    "immediate order",
    "fill-or-kill order",
    "fill-or-kill order refused",
    "order for the auction alone",
    "order of a day that has ended refused",
    "call opened",
    "call ended with a trade, by an act",
    "call ended with a trade, by the clock",
    "call extended",
    "call without a price went on",
    "order left with its call",
    "trade outside of calls",
    "instrument halted or for cancels only",
    "member halted",
    "price limits moved",
    "act refused: the state forbids it",
    "plan set",
    "plan taken back",
    "plan refused: its times do not ascend",
    "plan advanced by the leader",
    "day ended by an act",
    "day ended by a plan",
    "further step of a day's end",
    "day refused: it has ended, or another is ending",
    "order left with its day",
    "act refused: an approval is missing",
    "act refused: an approval is wrong",
    "act refused: an approval is too old",
    "act refused: its number is not above the last",
    "snapshot loaded: a call whose end is planned",
    "snapshot loaded: a day is ending",
    "snapshot loaded: stops wait",
    "snapshot loaded: stops go with the next command",
    "snapshot loaded: phases are to come",
    "leader took over: a day is ending",
    "leader took over: a call whose end is planned",
    "leader took over: phases are to come",
    "checkpoint agreed",
};

}  // namespace

std::string_view name_of(Branch branch) { return kNames[static_cast<std::size_t>(branch)]; }

bool Tally::is_complete() const {
  return std::ranges::find(faults, 0U) == faults.end() &&
         std::ranges::find(branches, 0U) == branches.end();
}

void Tally::add(const Tally& other) {
  for (std::size_t i = 0; i < kFaultKinds; ++i) faults[i] += other.faults[i];
  for (std::size_t i = 0; i < kBranches; ++i) branches[i] += other.branches[i];
  commands_decided += other.commands_decided;
  virtual_us += other.virtual_us;
  longest_healing_us = std::max(longest_healing_us, other.longest_healing_us);
}

}  // namespace okiagari::simulation
