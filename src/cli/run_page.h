// The page that ./run leaves behind: what happened to the market when its leading server was
// killed, for somebody who was not there. One self-contained HTML file, Japanese and English, no
// script.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/report.h"
#include "cli/run_desk.h"

namespace okiagari::cli {

struct LatencySummary {
  std::uint64_t count = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
  double max_ms = 0;
};

// Acknowledgements counted in steps of time.
struct AcknowledgementSeries {
  double start_ms = 0;
  double bucket_ms = 10;
  std::vector<std::uint32_t> counts;
};

// What the run measured, all times in milliseconds since the first order was sent.
struct RunRecord {
  std::string flow;  // name of the recording
  std::uint32_t instruments = 0;
  std::uint64_t orders_sent = 0;  // orders, cancels and takes
  std::uint64_t acknowledged = 0;
  double rate_per_s = 0;  // intended
  double duration_ms = 0;
  AcknowledgementSeries whole;        // the run
  AcknowledgementSeries around_kill;  // the moment, in finer steps
  double kill_ms = 0;                 // when the leader was killed
  double last_before_ms = 0;          // last acknowledgement before the gap
  double first_after_ms = 0;          // first one after it
  double later_pause_ms = 0;          // longest time without one that began later on
  std::string killed_server;
  std::string new_leader;
  std::uint64_t term_before = 0;
  std::uint64_t term_after = 0;
  LatencySummary before;  // sent before the kill, acknowledged before it
  LatencySummary during;  // in flight at the kill or sent in the gap
  LatencySummary after;   // sent after the gap
  [[nodiscard]] double gap_ms() const { return first_after_ms - last_before_ms; }
};

[[nodiscard]] std::string render_run_page(const RunRecord& record, const DeskStory& desk,
                                          const base::Report& report);

// The same for a scenario that is told by what the desk did and by what was proven.
[[nodiscard]] std::string render_scenario_page(const std::string& title_en,
                                               const std::string& title_ja, const DeskStory& desk,
                                               const base::Report& report);

}  // namespace okiagari::cli
