// Order flow into a market that runs: which market, how its members send, how fast.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/command_line.h"
#include "recordings/flow_file.h"

namespace okiagari::cli {

struct IntoOptions {
  std::string folder;
  std::vector<std::string> gateways;
  std::vector<std::string> feeds;
  std::vector<std::string> sessions;
  std::string speed = "1";
  std::uint32_t rate = 0;
  std::size_t instruments = 0;  // 0: as many as recorded
  std::size_t members = 0;      // 0: all there are

  void add_to(Command command);
  [[nodiscard]] bool names_a_market() const { return !folder.empty() || !gateways.empty(); }
};

// The exit status.
[[nodiscard]] int replay_into(const std::string& name, const recordings::Flow& recorded,
                              const IntoOptions& options, const ReportOptions& report);

}  // namespace okiagari::cli
