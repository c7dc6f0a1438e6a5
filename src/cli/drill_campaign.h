// Many drills in a row, in random order, each in a process of its own so that nothing of one is
// left for the next; and the table of what the desk took for what.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/report.h"
#include "base/result.h"
#include "drill/drill_plan.h"
#include "drill/drill_result.h"

namespace okiagari::cli {

struct CampaignOptions {
  std::size_t each = 3;
  std::uint64_t seed = 1;
  std::string out = "out/drills";
  std::string flow = "samples/coinbase.flow.zst";
  std::vector<std::string> faults;  // names; empty: all
  bool keeps_markets = false;
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

struct Campaign {
  std::vector<drill::DrillResult> results;
  std::vector<std::string> not_done;  // which drill, and why
};

// Writes <out>/results.json and <out>/confusion.md. The error says why none could begin, or that it
// was stopped.
[[nodiscard]] base::Result<Campaign> run_campaign(const CampaignOptions& options);
[[nodiscard]] base::Report judge_campaign(const Campaign& campaign, std::uint64_t seed);

}  // namespace okiagari::cli
