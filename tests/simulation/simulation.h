// One run: a cluster of three, two gateways, their members and an operator, from the first election
// through all faults of the scenario until everything is decided and all replicas are equal again.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "tests/simulation/scenario.h"
#include "tests/simulation/simulated_gateway.h"
#include "tests/simulation/simulated_membership.h"
#include "tests/simulation/simulated_node.h"
#include "tests/simulation/simulated_operator.h"
#include "tests/simulation/world.h"

namespace okiagari::simulation {

class Simulation {
 public:
  Simulation(const Scenario& scenario, Tally& tally, bool traces);

  Outcome run();

 private:
  void begin();
  void happen(const Happening& happening);
  void begin_fault(const Fault& fault, std::uint64_t place);
  void end_fault(const Fault& fault, std::uint64_t place);
  void ask_leaders(const Fault& fault);
  void crash(const Fault& fault);
  void crash_all(const Fault& fault);
  [[nodiscard]] static std::vector<std::pair<Endpoint, Endpoint>> blocked_by(const Fault& fault);
  void begin_partition(const Fault& fault);
  void end_partition(const Fault& fault);
  void deafen_leader(const Fault& fault, std::uint64_t place);
  void end_deafness(std::uint64_t place);
  void cut_gateway(const Fault& fault);
  void stop_gateway(Endpoint gateway);
  void start_gateway(Endpoint gateway);
  void member_acts(std::uint64_t number);
  void operator_acts();
  void membership_acts();
  void heal();
  [[nodiscard]] bool is_over();
  [[nodiscard]] bool are_replicas_equal() const;
  void change_at_last();
  // By the log of whoever leads.
  [[nodiscard]] bool is_server(Endpoint endpoint) const;
  [[nodiscard]] std::string describe() const;
  void check_end();

  [[nodiscard]] SimulatedNode& node(Endpoint endpoint) { return *nodes_[endpoint]; }
  [[nodiscard]] SimulatedGateway& gateway(Endpoint endpoint) {
    return *gateways_[endpoint - kNodes];
  }

  const Scenario& scenario_;
  World world_;
  Random random_;
  std::array<std::unique_ptr<SimulatedNode>, kNodes> nodes_;
  std::vector<Member> members_;
  std::array<std::unique_ptr<SimulatedGateway>, kGateways> gateways_;
  SimulatedOperator operator_;
  SimulatedMembership membership_;
  std::array<std::uint32_t, kGateways> gateways_down_{};
  std::map<std::uint64_t, Endpoint> deafened_;  // by the place of the fault
  bool is_healed_ = false;
  bool is_changed_at_last_ = false;  // a leader could still log a change of voters
};

// Builds, runs and forgets one.
[[nodiscard]] Outcome simulate(const Scenario& scenario, Tally& tally, bool traces);

}  // namespace okiagari::simulation
