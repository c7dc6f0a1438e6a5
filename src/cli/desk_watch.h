// The watch of a desk: runs on every desk, with the canary on the one that leads, and brings what
// was seen into the desk's log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "deployment/deployment_file.h"
#include "desk/desk_port.h"
#include "desk/sizing.h"
#include "net/loop.h"
#include "watch/watcher.h"

namespace okiagari::cli {

class DeskWatch {
 public:
  // What a desk that does not lead keeps of what it saw: it may lead in a moment.
  static constexpr std::size_t kKeptMax = 1'000;

  // All borrowed. `name` is the vantage point: "desk-1".
  DeskWatch(net::Loop& loop, desk::DeskPort& port, desk::Sizing& sizing,
            deployment::DeploymentFile market, std::string name);
  ~DeskWatch();

  // Begins anew, with or without the canary: its sessions are the leader's.
  void lead(bool leads);
  // The answer is when it wants the next turn, in monotonic milliseconds.
  std::uint64_t tick(std::uint64_t now_ms);
  [[nodiscard]] boost::json::object picture() const;
  // Others' observations, into the same log.
  void take(watch::Evidence evidence);

 private:
  void bring();
  void look_for_other_market(std::uint64_t now_ms);

  net::Loop& loop_;
  desk::DeskPort& port_;
  desk::Sizing& sizing_;
  deployment::DeploymentFile market_;
  std::string name_;
  std::uint64_t incarnation_ = 0;  // of the watcher, in the ids of what it sees
  std::unique_ptr<watch::Watcher> watcher_;
  std::vector<watch::Evidence> seen_;
  std::uint64_t sized_ms_ = 0;
  std::uint64_t looked_ms_ = 0;  // whether the market is another one
};

}  // namespace okiagari::cli
