// What a drill is done on: a fresh market of three nodes and two gateways with a desk and members
// who trade, each server with a disk and a memory control group of its own, where the machine has
// them. It is the same for every fault, so that nothing about it tells which one is coming.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "check/load.h"
#include "cli/desk_record.h"
#include "cli/flow_source.h"
#include "deployment/deployment.h"
#include "deployment/desk_deployment.h"
#include "drill/expiry_guard.h"
#include "drill/target_market.h"

namespace okiagari::cli {

struct DrillRigOptions {
  std::string folder;  // made anew
  std::string flow;
  // Named before the drill's own world was entered: afterwards the kernel may call it otherwise.
  std::string program = base::own_program();
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

class DrillRig {
 public:
  // Starts everything and waits until all members are logged in. In a world of the drill's own, if
  // there can be one (drill/own_world.h).
  static base::Result<std::unique_ptr<DrillRig>> start(const DrillRigOptions& options);
  ~DrillRig();
  DrillRig(const DrillRig&) = delete;
  DrillRig& operator=(const DrillRig&) = delete;

  // One turn: members trade, who died is started again.
  void turn();
  // Ends the desk and then the market.
  void stop();

  [[nodiscard]] drill::TargetMarket target();
  [[nodiscard]] drill::ExpiryGuard& guard() { return *guard_; }
  [[nodiscard]] std::uint64_t acknowledged() const { return load_->acknowledged(); }
  // What the desk has written down so far.
  [[nodiscard]] base::Result<DeskRecord> record() const;

 private:
  explicit DrillRig(DrillRigOptions options) : options_(std::move(options)) {}
  base::Status prepare_folder();
  base::Status prepare_disks();
  base::Status prepare_memory();
  base::Status start_market();
  base::Status start_desk();
  base::Status start_load();
  base::Result<std::string> write_program() const;
  [[nodiscard]] base::Status publish(const std::string& xml) const;
  void lose(const std::string& server, bool is_lost);

  static constexpr std::size_t kNodes = 3;
  static constexpr std::size_t kGateways = 2;

  DrillRigOptions options_;
  std::string market_folder_;
  std::string work_folder_;
  std::map<std::string, std::string> stores_;         // by server
  std::map<std::string, std::string> memory_groups_;  // likewise
  std::vector<drill::Revert> clearing_;
  std::unique_ptr<drill::ExpiryGuard> guard_;
  recordings::Flow flow_;
  std::unique_ptr<FlowSource> source_;
  std::unique_ptr<deployment::Deployment> market_;
  std::unique_ptr<deployment::DeskDeployment> desks_;
  net::Loop loop_;
  check::History history_;
  std::unique_ptr<check::Load> load_;
};

}  // namespace okiagari::cli
