#include "tests/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/simulation/told_branches.h"

namespace okiagari::simulation {
namespace {

// Every run lasts at least so long, with the last fault more than a second before its end.
constexpr TimeUs kShortestUs = 5'900'000;
// After the last fault everything must be decided within this time.
constexpr TimeUs kHealingUs = 6'000'000;
constexpr TimeUs kSettleUs = 50'000;

Endpoint other_gateway(Endpoint gateway) {
  return static_cast<Endpoint>(kNodes + (gateway - kNodes + 1) % kGateways);
}

journal::Network network_of(const Fault& fault) {
  return fault.amount % 2 == 0 ? journal::Network::a : journal::Network::b;
}

}  // namespace

Scenario scenario_of(std::uint64_t seed) {
  Random random(seed, 4);
  Scenario scenario;
  scenario.seed = seed;
  scenario.faults = schedule_of(seed);
  scenario.snapshot_after_bytes = (4U << 10) << random.below(6);
  scenario.keep_log_bytes = (2U << 10) << random.below(6);
  // With the usual timer a leader that hears nobody gives up before its followers see that it
  // commits nothing.
  scenario.election_ms = random.chance(200) ? 800 : journal::Timeouts{}.election_ms;
  return scenario;
}

Simulation::Simulation(const Scenario& scenario, Tally& tally, bool traces)
    : scenario_(scenario),
      world_(scenario, tally, traces),
      random_(scenario.seed, 5),
      operator_(world_),
      membership_(world_, nodes_) {
  for (Endpoint endpoint = 0; endpoint < kNodes; ++endpoint) {
    nodes_[endpoint] = std::make_unique<SimulatedNode>(world_, endpoint);
  }
  members_.reserve(scenario.members);
  for (SessionId session = 1; session <= scenario.members; ++session) {
    members_.emplace_back(world_, session);
  }
  for (Endpoint i = 0; i < kGateways; ++i) {
    gateways_[i] = std::make_unique<SimulatedGateway>(world_, kNodes + i, members_);
  }
}

void Simulation::begin() {
  for (Endpoint endpoint = 0; endpoint < kNodes; ++endpoint) {
    world_.agenda.add({.at_us = random_.below(20'000), .what = What::start, .to = endpoint});
  }
  for (Endpoint endpoint = kNodes; endpoint < kEndpoints; ++endpoint) {
    world_.agenda.add({.at_us = 1'000, .what = What::gateway_start, .to = endpoint});
  }
  // The last two of them stand for the operators of the market and of its servers.
  for (std::uint64_t number = 0; number <= members_.size() + 1; ++number) {
    world_.agenda.add(
        {.at_us = 20'000 + random_.below(20'000), .what = What::member_acts, .first = number});
  }
  for (std::uint64_t place = 0; place < scenario_.faults.size(); ++place) {
    world_.agenda.add(
        {.at_us = scenario_.faults[place].at_us, .what = What::fault_begins, .first = place});
  }
  world_.agenda.add({.at_us = kHealUs, .what = What::heal});
}

Outcome Simulation::run() {
  begin();
  Happening happening;
  while (world_.verdict.good() && world_.agenda.next(happening)) {
    happen(happening);
    if (happening.what == What::member_acts && is_over()) break;
  }
  if (world_.verdict.good()) check_end();
  for (const auto& each : nodes_) each->count_life();
  count_told(world_.history.events(), world_.days.days_ended(), world_.tally);
  world_.tally.virtual_us += world_.agenda.now_us();
  return {world_.verdict.violation(), world_.verdict.at_us(), world_.history.fingerprint()};
}

void Simulation::happen(const Happening& happening) {
  switch (happening.what) {
    case What::connect:
      return world_.network.try_to_connect(happening.from, happening.to);
    case What::line_silent:
      return world_.network.line_is_silent(happening);
    case What::turn:
      return node(happening.to).turn();
    case What::wake:
      return node(happening.to).wake();
    case What::start:
      return node(happening.to).start();
    case What::gateway_start:
      return start_gateway(happening.to);
    case What::member_acts:
      if (happening.first > members_.size()) return membership_acts();
      return happening.first == members_.size() ? operator_acts() : member_acts(happening.first);
    case What::fault_begins:
      return begin_fault(scenario_.faults[happening.first], happening.first);
    case What::fault_ends:
      return end_fault(scenario_.faults[happening.first], happening.first);
    case What::heal:
      return heal();
    default:
      break;
  }
  if (is_node(happening.to)) return node(happening.to).receive(happening);
  const bool is_for_operator = happening.to == kOperator;
  if (!world_.network.is_delivered(happening)) return world_.agenda.release(happening.buffer);
  if (is_for_operator) return operator_.receive(happening);
  gateway(happening.to).receive(happening);
}

void Simulation::start_gateway(Endpoint endpoint) {
  if (endpoint == kOperator) return operator_.start();
  if (gateways_down_[endpoint - kNodes] > 0) return;
  if (!gateway(endpoint).is_running()) gateway(endpoint).start();
}

void Simulation::stop_gateway(Endpoint endpoint) {
  ++gateways_down_[endpoint - kNodes];
  if (!gateway(endpoint).is_running()) return;
  gateway(endpoint).stop();
  const Endpoint other = other_gateway(endpoint);
  for (Member& member : members_) {
    if (member.gateway() != endpoint) continue;
    member.move_to(other);
    gateway(other).serve(member);
  }
}

void Simulation::member_acts(std::uint64_t number) {
  Member& member = members_[number];
  if (world_.market_is_set_up) {
    member.act();
    // Now and then one goes over to the other gateway without a word.
    const Endpoint other = other_gateway(member.gateway());
    if (random_.chance(5) && gateway(other).is_running()) member.move_to(other);
    gateway(member.gateway()).serve(member);
  }
  // In a hurry at the end, so that all of it is done.
  const TimeUs pause_us = is_healed_ ? 20'000 : 35'000 + random_.below(90'000);
  world_.agenda.add(
      {.at_us = world_.agenda.now_us() + pause_us, .what = What::member_acts, .first = number});
}

void Simulation::operator_acts() {
  if (!is_healed_) operator_.act();
  if (is_healed_ && !is_changed_at_last_) change_at_last();
  world_.agenda.add({.at_us = world_.agenda.now_us() + kSettleUs + random_.below(400'000),
                     .what = What::member_acts,
                     .first = members_.size()});
}

void Simulation::membership_acts() {
  membership_.act();
  world_.agenda.add({.at_us = world_.agenda.now_us() + 10'000 + random_.below(40'000),
                     .what = What::member_acts,
                     .first = members_.size() + 1});
}

void Simulation::begin_fault(const Fault& fault, std::uint64_t place) {
  world_.verdict.trace("FAULT {}", simulation::describe(fault));
  world_.tally.count(fault.kind);
  SimulatedNode& victim = node(fault.node);
  switch (fault.kind) {
    case FaultKind::kill:
    case FaultKind::power_off:
    case FaultKind::flip_bit:
    case FaultKind::lose_tail:
    case FaultKind::wipe_disk:
      crash(fault);
      break;
    case FaultKind::kill_all:
    case FaultKind::power_off_all:
      crash_all(fault);
      break;
    case FaultKind::crash_in_write:
      victim.crash_in_write(fault.amount / 2,
                            fault.amount % 2 == 0 ? Ending::killed : Ending::dark);
      break;
    case FaultKind::partition_one_way:
    case FaultKind::partition_two_way:
      begin_partition(fault);
      break;
    case FaultKind::deafen_leader:
      deafen_leader(fault, place);
      break;
    case FaultKind::delay:
      world_.network.delay(fault.node, fault.peer, fault.amount % 100'000);
      world_.network.delay(fault.peer, fault.node, fault.amount / 100'000 % 100'000);
      break;
    case FaultKind::reset:
    case FaultKind::duplicate:
      world_.network.stall(fault.node, fault.peer);
      break;
    case FaultKind::freeze:
      victim.freeze();
      break;
    case FaultKind::slow_disk:
      victim.set_sync_us(1'000 + fault.amount % 150'000);
      break;
    case FaultKind::fill_disk:
      victim.fill_disk(fault.amount);
      break;
    case FaultKind::transfer:
    case FaultKind::change_voters:
      ask_leaders(fault);
      break;
    case FaultKind::add_server:
    case FaultKind::remove_server:
    case FaultKind::replace_server:
      membership_.plan(fault);
      break;
    case FaultKind::kill_gateway:
      stop_gateway(fault.peer);
      break;
    case FaultKind::cut_gateway:
      cut_gateway(fault);
      break;
    case FaultKind::cut_network:
      world_.network.cut_network(network_of(fault));
      break;
    case FaultKind::step_clock:
      victim.step_clock(static_cast<std::int64_t>(fault.amount % 400'000) - 200'000);
      break;
  }
  world_.agenda.add({.at_us = world_.agenda.now_us() + fault.duration_us,
                     .what = What::fault_ends,
                     .first = place});
}

void Simulation::ask_leaders(const Fault& fault) {
  for (auto& each : nodes_) {
    if (!each->is_running() || !each->view().open) continue;
    if (fault.kind == FaultKind::change_voters) {
      each->change_voters();
    } else {
      each->transfer(static_cast<NodeId>(fault.amount % (kNodes + 1)));
    }
  }
}

void Simulation::crash(const Fault& fault) {
  SimulatedNode& victim = node(fault.node);
  victim.hold_down();
  const bool is_dark = fault.kind == FaultKind::power_off ||
                       (fault.kind != FaultKind::kill && fault.amount % 2 == 0);
  victim.end(is_dark ? Ending::dark : Ending::killed);
  if (fault.kind == FaultKind::flip_bit) victim.flip_bit(fault.amount);
  if (fault.kind == FaultKind::lose_tail) victim.lose_tail(fault.amount);
  if (fault.kind == FaultKind::wipe_disk) victim.wipe_disk(2'000U + fault.amount % 1'000);
}

void Simulation::crash_all(const Fault& fault) {
  const bool is_dark = fault.kind == FaultKind::power_off_all;
  for (auto& each : nodes_) {
    each->hold_down();
    each->end(is_dark ? Ending::dark : Ending::killed);
  }
}

// Which directions a partition blocks: between two, or between one and all others.
std::vector<std::pair<Endpoint, Endpoint>> Simulation::blocked_by(const Fault& fault) {
  std::vector<std::pair<Endpoint, Endpoint>> blocked = {{fault.node, fault.peer}};
  for (Endpoint other = 0; other < kNodes && fault.amount % 2 == 0; ++other) {
    if (other != fault.node && other != fault.peer) blocked.emplace_back(fault.node, other);
  }
  const bool both = fault.kind == FaultKind::partition_two_way;
  const bool inward = !both && fault.amount / 8 % 2 == 0;
  for (std::size_t i = 0, size = blocked.size(); i < size; ++i) {
    const auto [from, to] = blocked[i];
    if (both) blocked.emplace_back(to, from);
    if (inward) blocked[i] = {to, from};
  }
  return blocked;
}

// What acknowledges its entries does not come through; its own heartbeats do.
void Simulation::deafen_leader(const Fault& fault, std::uint64_t place) {
  Endpoint victim = fault.node;
  for (Endpoint endpoint = 0; endpoint < kNodes; ++endpoint) {
    if (node(endpoint).is_running() && node(endpoint).view().open) victim = endpoint;
  }
  deafened_[place] = victim;
  for (Endpoint peer = 0; peer < kNodes; ++peer) {
    if (peer != victim) world_.network.block(peer, victim);
  }
}

void Simulation::end_deafness(std::uint64_t place) {
  const Endpoint victim = deafened_.at(place);
  for (Endpoint peer = 0; peer < kNodes; ++peer) {
    if (peer != victim) world_.network.unblock(peer, victim);
  }
}

void Simulation::begin_partition(const Fault& fault) {
  for (const auto& [from, to] : blocked_by(fault)) world_.network.block(from, to);
}

void Simulation::end_partition(const Fault& fault) {
  for (const auto& [from, to] : blocked_by(fault)) {
    // Half of the connections did not survive.
    if (fault.amount / 2 % 2 == 0) world_.network.cut(from, to);
    if (fault.amount / 4 % 2 == 0) world_.network.cut(to, from);
    world_.network.unblock(from, to);
  }
}

void Simulation::cut_gateway(const Fault& fault) {
  world_.network.block(fault.peer, fault.node);
  if (fault.amount % 2 == 0) world_.network.block(fault.node, fault.peer);
}

void Simulation::end_fault(const Fault& fault, std::uint64_t place) {
  SimulatedNode& victim = node(fault.node);
  switch (fault.kind) {
    case FaultKind::kill:
    case FaultKind::power_off:
    case FaultKind::flip_bit:
    case FaultKind::lose_tail:
    case FaultKind::wipe_disk:
      return victim.let_up();
    case FaultKind::kill_all:
    case FaultKind::power_off_all:
      for (auto& each : nodes_) each->let_up();
      return;
    case FaultKind::crash_in_write:
      return;  // it waits for its operation
    case FaultKind::partition_one_way:
    case FaultKind::partition_two_way:
      return end_partition(fault);
    case FaultKind::deafen_leader:
      return end_deafness(place);
    case FaultKind::delay:
      world_.network.delay(fault.node, fault.peer, 0);
      world_.network.delay(fault.peer, fault.node, 0);
      return;
    case FaultKind::reset:
    case FaultKind::duplicate:
      return world_.network.reset(fault.node, fault.peer, fault.kind == FaultKind::duplicate);
    case FaultKind::freeze:
      return victim.thaw();
    case FaultKind::slow_disk:
      return victim.set_sync_us(100);
    case FaultKind::fill_disk:
      return victim.free_disk();
    case FaultKind::kill_gateway:
      if (--gateways_down_[fault.peer - kNodes] == 0) start_gateway(fault.peer);
      return;
    case FaultKind::cut_gateway:
      world_.network.cut(fault.peer, fault.node);
      world_.network.unblock(fault.peer, fault.node);
      if (fault.amount % 2 == 0) world_.network.unblock(fault.node, fault.peer);
      return;
    case FaultKind::cut_network:
      return world_.network.mend_network(network_of(fault));
    case FaultKind::transfer:
    case FaultKind::change_voters:
    case FaultKind::step_clock:
    case FaultKind::add_server:
    case FaultKind::remove_server:
    case FaultKind::replace_server:
      return;
  }
}

void Simulation::heal() {
  world_.verdict.trace("HEALED");
  is_healed_ = true;
  for (auto& each : nodes_) each->disarm();
  membership_.finish();
}

// A cluster that keeps its promises but can never change its servers again is not healed.
void Simulation::change_at_last() {
  for (const auto& each : nodes_) {
    if (!each->is_running() || !each->view().open) continue;
    is_changed_at_last_ = each->change_voters();
  }
}

bool Simulation::is_over() {
  const TimeUs now = world_.agenda.now_us();
  if (now < kShortestUs) return false;
  if (now > kHealUs + kHealingUs) return true;
  const bool all_told =
      operator_.is_satisfied() && std::all_of(members_.begin(), members_.end(),
                                              [](const Member& m) { return m.is_satisfied(); });
  return all_told && membership_.is_idle() && is_changed_at_last_ && are_replicas_equal();
}

bool Simulation::is_server(Endpoint endpoint) const {
  const SimulatedNode* leader = membership_.leader();
  return leader != nullptr &&
         journal::find(leader->servers(), static_cast<NodeId>(endpoint + 1)) != nullptr;
}

bool Simulation::are_replicas_equal() const {
  if (membership_.leader() == nullptr) return false;
  for (Endpoint endpoint = 0; endpoint < kNodes; ++endpoint) {
    const auto& each = nodes_[endpoint];
    if (!is_server(endpoint)) continue;
    if (each->is_wiped() || (each->is_ruined() && !each->is_running())) continue;
    if (!each->is_running() || each->applied_index() != world_.history.last_index()) return false;
  }
  return true;
}

std::string Simulation::describe() const {
  std::string text;
  for (const auto& each : nodes_) text += "\n  " + each->describe();
  for (const Member& member : members_) text += "\n  " + member.describe();
  if (!operator_.is_satisfied()) text += "\n  the operator waits for an answer";
  if (!membership_.is_idle()) text += "\n  a change of the servers is not done";
  if (!is_changed_at_last_) text += "\n  no change of voters is taken";
  return text;
}

void Simulation::check_end() {
  const TimeUs healing_us = world_.agenda.now_us() - kHealUs;
  world_.tally.longest_healing_us = std::max(world_.tally.longest_healing_us, healing_us);
  if (!is_over() || healing_us > kHealingUs) {
    world_.verdict.fail("no progress {} ms after the last fault:{}", healing_us / 1'000,
                        describe());
    return;
  }
  base::ByteWriter first;
  base::ByteWriter other;
  for (Endpoint endpoint = 0; endpoint < kNodes; ++endpoint) {
    const auto& each = nodes_[endpoint];
    if (!is_server(endpoint) || !each->is_running() || each->is_wiped()) continue;
    const base::Status invariants = each->venue().check_invariants();
    if (!invariants) world_.verdict.fail("{}", invariants.error().message);
    base::ByteWriter& into = first.empty() ? first : other;
    into.clear();
    each->venue().write_snapshot(into);
    if (other.empty()) continue;
    const base::Bytes a = first.view();
    const base::Bytes b = other.view();
    if (!std::equal(a.begin(), a.end(), b.begin(), b.end())) {
      world_.verdict.fail("the state of two replicas is not the same at the end");
    }
  }
}

Outcome simulate(const Scenario& scenario, Tally& tally, bool traces) {
  return Simulation(scenario, tally, traces).run();
}

}  // namespace okiagari::simulation
