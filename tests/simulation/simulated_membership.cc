#include "tests/simulation/simulated_membership.h"

#include <algorithm>
#include <string>
#include <utility>

namespace okiagari::simulation {
namespace {

using Kind = journal::ServerChange::Kind;

constexpr TimeUs kPatienceUs = 1'500'000;
constexpr TimeUs kLastPatienceUs = 1'000'000;

NodeId id_of(Endpoint endpoint) { return static_cast<NodeId>(endpoint + 1); }

}  // namespace

SimulatedMembership::SimulatedMembership(World& world, Nodes& nodes)
    : world_(world), nodes_(nodes) {
  const bool loses_one = std::any_of(world.scenario.faults.begin(), world.scenario.faults.end(),
                                     [](const Fault& fault) { return destroys(fault.kind); });
  // A majority keeps its copies: of two or one nobody could be lost.
  voters_min_ = loses_one ? 3 : 2;
}

void SimulatedMembership::plan(const Fault& fault) {
  Act act;
  act.choice = fault.amount;
  act.adds = fault.kind != FaultKind::remove_server;
  act.promotes = fault.kind == FaultKind::replace_server ||
                 (fault.kind == FaultKind::add_server && fault.amount / 64 % 4 != 0);
  act.removes = fault.kind != FaultKind::add_server;
  planned_.push_back(act);
}

const SimulatedNode* SimulatedMembership::leader() const {
  const SimulatedNode* best = nullptr;
  for (const auto& node : nodes_) {
    if (!node->is_running() || !node->view().open) continue;
    if (best == nullptr || node->view().term > best->view().term) best = node.get();
  }
  return best;
}

SimulatedNode* SimulatedMembership::leader() {
  return const_cast<SimulatedNode*>(std::as_const(*this).leader());
}

void SimulatedMembership::act() {
  if (!act_) {
    if (planned_.empty()) return;
    act_ = planned_.front();
    planned_.pop_front();
    act_->until_us = world_.agenda.now_us() + kPatienceUs;
  }
  if (world_.agenda.now_us() >= act_->until_us) {
    world_.tally.count(Branch::server_change_given_up);
    act_.reset();
    return;
  }
  SimulatedNode* leading = leader();
  if (leading == nullptr) return;
  if (act_->adds) {
    add(*leading);
  } else if (act_->promotes) {
    promote(*leading);
  } else if (act_->removes) {
    remove(*leading);
  }
  if (!act_->adds && !act_->promotes && !act_->removes) act_.reset();
}

void SimulatedMembership::finish() {
  planned_.clear();
  if (act_) act_->until_us = std::min(act_->until_us, world_.agenda.now_us() + kLastPatienceUs);
}

bool SimulatedMembership::ask(SimulatedNode& leading, const journal::ServerChange& change) {
  const auto outcome = leading.change_servers(change);
  if (!outcome) return false;
  if (outcome.value() == journal::ChangeOutcome::handing_over) {
    world_.tally.count(Branch::leader_left);
  }
  return outcome.value() == journal::ChangeOutcome::unchanged;
}

void SimulatedMembership::add(SimulatedNode& leading) {
  if (!act_->coming) {
    // A machine's number is its server's, and that is used once.
    while (next_machine_ < kNodes && nodes_[next_machine_]->is_disk_full()) ++next_machine_;
    if (next_machine_ == kNodes) {
      act_->adds = act_->promotes = false;
      return;
    }
    act_->coming = next_machine_++;
    act_->storage = ++storages_;
    world_.verdict.trace("node {} is installed, storage {}", *act_->coming + 1, act_->storage);
    nodes_[*act_->coming]->install(act_->storage);
  }
  if (!gone_.empty()) ask_for_used_number(leading);
  const journal::Server server{id_of(*act_->coming), journal::ServerRole::standby, act_->storage,
                               "at=there"};
  if (!ask(leading, {Kind::add, server})) return;
  world_.verdict.trace("node {} was added", server.node);
  world_.tally.count(Branch::server_added);
  act_->adds = false;
}

// Its removal may be in no log any more.
void SimulatedMembership::ask_for_used_number(SimulatedNode& leading) {
  const NodeId used = gone_[act_->choice % gone_.size()];
  const journal::Server server{used, journal::ServerRole::standby, ++storages_, "at=there"};
  const auto answer = leading.change_servers({Kind::add, server});
  if (answer) return world_.verdict.fail("number {} was given to a second server", used);
  const bool is_for_its_number = answer.error().message.find("is used up") != std::string::npos;
  world_.tally.count(Branch::used_number_refused, is_for_its_number ? 1 : 0);
}

void SimulatedMembership::promote(SimulatedNode& leading) {
  if (!ask(leading, {Kind::promote, {id_of(*act_->coming)}})) return;
  world_.verdict.trace("node {} votes", *act_->coming + 1);
  world_.tally.count(Branch::server_promoted);
  act_->promotes = false;
}

void SimulatedMembership::remove(SimulatedNode& leading) {
  if (act_->leaving == 0) {
    std::vector<NodeId> servers;
    for (const journal::Server& server : leading.servers()) {
      const bool has_come = act_->coming && server.node == id_of(*act_->coming);
      if (!has_come) servers.push_back(server.node);
    }
    if (servers.empty() || voters_in(leading.servers()) <= voters_min_) {
      act_->removes = false;
      return;
    }
    act_->leaving = servers[act_->choice / 8 % servers.size()];
  }
  if (!ask(leading, {Kind::remove, {act_->leaving}})) return;
  world_.verdict.trace("node {} was removed", act_->leaving);
  world_.tally.count(Branch::server_removed);
  gone_.push_back(act_->leaving);
  act_->removes = false;
}

}  // namespace okiagari::simulation
