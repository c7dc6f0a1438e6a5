// What is done to the cluster in a run, and when: a list that follows from the seed alone, so that
// a failing one can be shrunk by leaving entries out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/agenda.h"
#include "tests/simulation/random.h"

namespace okiagari::simulation {

enum class FaultKind : std::uint8_t {
  kill,       // the process ends; what it wrote stays, its connections end
  power_off,  // the host goes dark: unsynced sectors may be lost, nobody is told
  kill_all,
  power_off_all,
  crash_in_write,  // killed or dark in the middle of what it does to its disk
  partition_one_way,
  partition_two_way,
  deafen_leader,  // it hears no other replica, but they hear it
  delay,
  reset,      // a connection breaks; its frames arrive late, beside those of the next one
  duplicate,  // the same, and the sender repeats them on the next one
  freeze,     // as SIGSTOP
  slow_disk,
  flip_bit,  // in a stored record, found at the next start
  fill_disk,
  lose_tail,      // the disk had lied: what it said was synced last is gone
  wipe_disk,      // the folder is formatted anew and comes back under the old number
  transfer,       // an operator hands leadership over
  change_voters,  // to the same ones: a change entry among the others
  kill_gateway,
  cut_gateway,  // from one replica
  step_clock,
  add_server,      // on another machine, as a voter or as one that has no vote
  remove_server,   // any of them, the leader too
  replace_server,  // one is added, and when it votes another one removed
  cut_network,     // one of the two networks between replicas; nobody is told
};
inline constexpr std::size_t kFaultKinds = 26;

[[nodiscard]] std::string_view name_of(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::kill;
  Endpoint node = 0;
  Endpoint peer = 0;  // where two are concerned
  TimeUs at_us = 0;
  TimeUs duration_us = 0;
  std::uint64_t amount = 0;  // a random number for what else must be chosen
};

[[nodiscard]] std::string describe(const Fault& fault);

// Takes one replica's copy away for good; a majority must keep theirs, as the promise is about
// minorities.
[[nodiscard]] bool destroys(FaultKind kind);

// All faults are over at this time, and the cluster is left alone.
inline constexpr TimeUs kHealUs = 4'800'000;
inline constexpr TimeUs kFirstFaultUs = 400'000;

[[nodiscard]] std::vector<Fault> schedule_of(std::uint64_t seed);
// Nothing but connections that break, many of them.
[[nodiscard]] std::vector<Fault> flaky_links_of(std::uint64_t seed);
// Nothing but cuts of networks, never of both at once. In every other run it is always the same
// one, which comes and goes several times a second.
[[nodiscard]] std::vector<Fault> network_cuts_of(std::uint64_t seed);

}  // namespace okiagari::simulation
