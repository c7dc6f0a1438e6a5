// How well unusual values are found in labelled series: the score of the Numenta Anomaly Benchmark,
// standard profile, where 0 is silence and 100 is perfect.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::bench {

struct Alarm {
  std::size_t at = 0;
  double unusualness = 0;
};

struct LabelledSeries {
  std::size_t values = 0;
  std::vector<Alarm> alarms;
  std::vector<std::pair<std::size_t, std::size_t>> windows;  // first and last index, ascending
};

// With one threshold for all series, the best one, as the benchmark's own optimiser chooses it.
struct NabScore {
  double score = 0;
  double threshold = 0;
};
[[nodiscard]] NabScore nab_score(const std::vector<LabelledSeries>& all);
// The score at this threshold.
[[nodiscard]] double nab_score_at(const std::vector<LabelledSeries>& all, double threshold);

// `folder` has windows.json and data.tar.xz.
base::Status score_anomalies(const std::string& folder, base::Report& report);

}  // namespace okiagari::bench
