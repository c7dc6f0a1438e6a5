#include "cause/template_windows.h"

#include <algorithm>
#include <cmath>

namespace okiagari::cause {

namespace {

constexpr double kBurstFactor = 3;
constexpr double kBurstDeviations = 6;
constexpr double kExpectedMin = 12;

double lines_of(const TemplateCounts& counts, TemplateId kind) {
  const auto found = counts.lines.find(kind);
  return found == counts.lines.end() ? 0 : found->second;
}

}  // namespace

std::vector<TemplateChange> compare_counts(const TemplateCounts& past, const TemplateCounts& now) {
  std::vector<TemplateChange> changes;
  if (past.seconds <= 0 || now.seconds <= 0) return changes;
  const double scale = now.seconds / past.seconds;
  for (const auto& [kind, seen] : now.lines) {
    const double expected = lines_of(past, kind) * scale;
    // One line more than expected is chance, also where none was.
    const double deviation = (seen - expected) / std::sqrt(expected + 1);
    if (lines_of(past, kind) == 0) {
      changes.push_back({kind, TemplateNews::is_new, 0, seen, deviation});
    } else if (seen >= kBurstFactor * expected && deviation >= kBurstDeviations) {
      changes.push_back({kind, TemplateNews::bursts, expected, seen, deviation});
    }
  }
  for (const auto& [kind, lines] : past.lines) {
    const double expected = lines * scale;
    if (expected < kExpectedMin || lines_of(now, kind) > 0) continue;
    changes.push_back({kind, TemplateNews::has_vanished, expected, 0, std::sqrt(expected)});
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const auto& a, const auto& b) { return a.deviation > b.deviation; });
  return changes;
}

}  // namespace okiagari::cause
