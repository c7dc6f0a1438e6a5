#include "tests/simulation/fault.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace okiagari::simulation {
namespace {

struct Profile {
  FaultKind kind;
  std::string_view name;
  std::uint32_t weight;
  TimeUs shortest_us;
  TimeUs longest_us;
};

constexpr std::array<Profile, kFaultKinds> kProfiles = {{
    {FaultKind::kill, "kill", 12, 5'000, 900'000},
    {FaultKind::power_off, "power_off", 12, 20'000, 900'000},
    {FaultKind::kill_all, "kill_all", 3, 5'000, 300'000},
    {FaultKind::power_off_all, "power_off_all", 5, 5'000, 300'000},
    {FaultKind::crash_in_write, "crash_in_write", 12, 5'000, 600'000},
    {FaultKind::partition_one_way, "partition_one_way", 10, 20'000, 1'800'000},
    {FaultKind::partition_two_way, "partition_two_way", 9, 20'000, 1'200'000},
    {FaultKind::deafen_leader, "deafen_leader", 5, 700'000, 1'500'000},
    {FaultKind::delay, "delay", 8, 50'000, 900'000},
    {FaultKind::reset, "reset", 7, 1'000, 60'000},
    {FaultKind::duplicate, "duplicate", 7, 1'000, 60'000},
    {FaultKind::freeze, "freeze", 8, 20'000, 700'000},
    {FaultKind::slow_disk, "slow_disk", 6, 50'000, 900'000},
    {FaultKind::flip_bit, "flip_bit", 5, 5'000, 400'000},
    {FaultKind::fill_disk, "fill_disk", 8, 100'000, 900'000},
    {FaultKind::lose_tail, "lose_tail", 3, 5'000, 100'000},
    {FaultKind::wipe_disk, "wipe_disk", 5, 5'000, 400'000},
    {FaultKind::transfer, "transfer", 8, 0, 0},
    {FaultKind::change_voters, "change_voters", 8, 0, 0},
    {FaultKind::kill_gateway, "kill_gateway", 5, 20'000, 400'000},
    {FaultKind::cut_gateway, "cut_gateway", 5, 20'000, 600'000},
    {FaultKind::step_clock, "step_clock", 4, 0, 0},
    {FaultKind::add_server, "add_server", 7, 0, 0},
    {FaultKind::remove_server, "remove_server", 5, 0, 0},
    {FaultKind::replace_server, "replace_server", 8, 0, 0},
    {FaultKind::cut_network, "cut_network", 10, 10'000, 1'500'000},
}};

const Profile& profile_of(FaultKind kind) { return kProfiles[static_cast<std::size_t>(kind)]; }

const Profile& choose(Random& random) {
  std::uint32_t all = 0;
  for (const Profile& profile : kProfiles) all += profile.weight;
  auto left = static_cast<std::uint32_t>(random.below(all));
  for (const Profile& profile : kProfiles) {
    if (left < profile.weight) return profile;
    left -= profile.weight;
  }
  return kProfiles.back();
}

bool changes_servers(FaultKind kind) {
  return kind == FaultKind::add_server || kind == FaultKind::remove_server ||
         kind == FaultKind::replace_server;
}

// A lost tail looks like a torn one. It is found out by the leader that remembers what was
// acknowledged, so the cluster must be left alone while that goes on: nobody promises more.
bool disturbs(const Fault& lost_tail, const Fault& other) {
  constexpr TimeUs kBefore = 700'000;
  constexpr TimeUs kAfter = 900'000;
  return other.at_us <= lost_tail.at_us + lost_tail.duration_us + kAfter &&
         other.at_us + other.duration_us + kBefore >= lost_tail.at_us;
}

bool fits(const std::vector<Fault>& faults, const Fault& fault) {
  for (const Fault& other : faults) {
    // Such a change goes on for a while, whenever it was begun.
    const bool changes = changes_servers(fault.kind) || changes_servers(other.kind);
    const bool loses = fault.kind == FaultKind::lose_tail || other.kind == FaultKind::lose_tail;
    if (changes && loses) return false;
    if (destroys(fault.kind) && destroys(other.kind)) return false;
    if (other.kind == FaultKind::lose_tail && disturbs(other, fault)) return false;
    if (fault.kind == FaultKind::lose_tail && disturbs(fault, other)) return false;
  }
  return true;
}

Fault draw(Random& random, const Profile& profile) {
  Fault fault;
  fault.kind = profile.kind;
  // Mostly one of those that the cluster begins with: many runs never use the others.
  const Endpoint machines = random.chance(700) ? kFirstNodes : kNodes;
  fault.node = static_cast<Endpoint>(random.below(machines));
  fault.peer = static_cast<Endpoint>((fault.node + 1 + random.below(machines - 1U)) % machines);
  if (fault.kind == FaultKind::cut_gateway || fault.kind == FaultKind::kill_gateway) {
    fault.peer = static_cast<Endpoint>(kNodes + random.below(kGateways));
  }
  fault.at_us = random.between(kFirstFaultUs, kHealUs - 100'000);
  const TimeUs longest = std::min(profile.longest_us, kHealUs - fault.at_us);
  fault.duration_us = random.between(std::min(profile.shortest_us, longest), longest);
  // Most faults are short, so that many of them meet a cluster at work.
  if (random.chance(500)) fault.duration_us = std::max(profile.shortest_us, fault.duration_us / 6);
  fault.amount = random.next();
  return fault;
}

}  // namespace

bool destroys(FaultKind kind) {
  return kind == FaultKind::flip_bit || kind == FaultKind::wipe_disk ||
         kind == FaultKind::lose_tail;
}

std::string_view name_of(FaultKind kind) { return profile_of(kind).name; }

std::string describe(const Fault& fault) {
  return fmt::format("{:>9.3f} ms  {:<18} node {} peer {} for {:.3f} ms, choice {:016x}",
                     static_cast<double>(fault.at_us) / 1e3, name_of(fault.kind), fault.node + 1,
                     fault.peer + 1, static_cast<double>(fault.duration_us) / 1e3, fault.amount);
}

std::vector<Fault> schedule_of(std::uint64_t seed) {
  Random random(seed, 1);
  const std::uint64_t count = random.between(5, 14);
  std::vector<Fault> faults;
  while (faults.size() < count) {
    const Fault fault = draw(random, choose(random));
    if (fits(faults, fault)) faults.push_back(fault);
  }
  std::sort(faults.begin(), faults.end(),
            [](const Fault& a, const Fault& b) { return a.at_us < b.at_us; });
  return faults;
}

std::vector<Fault> flaky_links_of(std::uint64_t seed) {
  Random random(seed, 6);
  std::vector<Fault> faults;
  const Profile& profile = profile_of(FaultKind::reset);
  for (int count = 0; count < 200; ++count) {
    Fault fault = draw(random, profile);
    fault.duration_us = random.between(profile.shortest_us, profile.longest_us);
    faults.push_back(fault);
  }
  std::sort(faults.begin(), faults.end(),
            [](const Fault& a, const Fault& b) { return a.at_us < b.at_us; });
  return faults;
}

std::vector<Fault> network_cuts_of(std::uint64_t seed) {
  Random random(seed, 7);
  std::vector<Fault> faults;
  const bool is_flapping = seed % 2 == 0;
  // From the end of a cut until the spare line there is open again.
  const TimeUs rest_us = is_flapping ? 100'000 : 600'000;
  TimeUs at_us = kFirstFaultUs;
  for (std::uint64_t turn = 0; at_us + 500'000 < kHealUs; ++turn) {
    Fault fault;
    fault.kind = FaultKind::cut_network;
    fault.at_us = at_us;
    fault.duration_us = random.between(20'000, 400'000);
    fault.amount = is_flapping ? seed / 2 : turn;
    faults.push_back(fault);
    at_us += fault.duration_us + rest_us + random.below(300'000);
  }
  return faults;
}

}  // namespace okiagari::simulation
