// The operator of the servers: adds, removes and replaces them while everything else goes on, one
// act after the other, asking whoever leads until it is done or given up.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "journal/membership.h"
#include "tests/simulation/fault.h"
#include "tests/simulation/simulated_node.h"
#include "tests/simulation/world.h"

namespace okiagari::simulation {

class SimulatedMembership {
 public:
  using Nodes = std::array<std::unique_ptr<SimulatedNode>, kNodes>;

  SimulatedMembership(World& world, Nodes& nodes);

  void plan(const Fault& fault);
  // Does the next step, if there is one that can be done; called now and then.
  void act();
  // No new act begins, and the one that goes on has a second left.
  void finish();
  [[nodiscard]] bool is_idle() const { return !act_ && planned_.empty(); }
  // The node that is open in the highest term; null when there is none.
  [[nodiscard]] const SimulatedNode* leader() const;

 private:
  struct Act {
    bool adds = false;
    bool promotes = false;
    bool removes = false;
    std::uint64_t choice = 0;
    std::optional<Endpoint> coming;
    std::uint64_t storage = 0;
    NodeId leaving = 0;
    TimeUs until_us = 0;
  };

  [[nodiscard]] SimulatedNode* leader();
  void add(SimulatedNode& leading);
  void ask_for_used_number(SimulatedNode& leading);
  void promote(SimulatedNode& leading);
  void remove(SimulatedNode& leading);
  // True when it is so, committed.
  bool ask(SimulatedNode& leading, const journal::ServerChange& change);

  World& world_;
  Nodes& nodes_;
  std::deque<Act> planned_;
  std::optional<Act> act_;
  std::uint64_t storages_ = 5'000;
  Endpoint next_machine_ = kFirstNodes;
  std::vector<NodeId> gone_;  // numbers of servers that were removed, committed
  std::size_t voters_min_;
};

}  // namespace okiagari::simulation
