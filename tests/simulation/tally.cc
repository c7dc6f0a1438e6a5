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
