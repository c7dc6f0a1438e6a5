#include "tests/simulation/tally.h"

#include <algorithm>

namespace okiagari::simulation {
namespace {

constexpr std::array<std::string_view, kBranches> kNames = {
    "sectors lost",
    "torn tail cut",
    "below watermark",
    "damage refused",
    "disk full ended a process",
    "disk low refused a submit",
    "snapshot taken",
    "snapshot installed",
    "started from a snapshot",
    "restarted",
    "stale storage refused",
    "barred from voting",
    "election by timer",
    "reset trigger",
    "silence trigger",
    "progress trigger",
    "transfer done",
    "leader stepped down",
    "uncommitted entries truncated",
    "re-anchored (work-around 1)",
    "change split (work-around 2)",
    "pre-vote raised (work-around 3)",
    "stale link dropped (work-around 6)",
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

void Tally::add(const Tally& other) {
  for (std::size_t i = 0; i < kFaultKinds; ++i) faults[i] += other.faults[i];
  for (std::size_t i = 0; i < kBranches; ++i) branches[i] += other.branches[i];
  commands_decided += other.commands_decided;
  virtual_us += other.virtual_us;
  longest_healing_us = std::max(longest_healing_us, other.longest_healing_us);
}

}  // namespace okiagari::simulation
