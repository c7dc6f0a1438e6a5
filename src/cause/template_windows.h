// Kinds of log lines in a window of time beside a longer past: new, bursting, vanished. Counts are
// compared with what the past's rate lets expect, as a Poisson count would vary.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "cause/log_templates.h"

namespace okiagari::cause {

enum class TemplateNews : std::uint8_t { is_new, bursts, has_vanished };

struct TemplateChange {
  TemplateId kind = LogTemplates::kOverflow;
  TemplateNews news = TemplateNews::is_new;
  double expected = 0;  // lines in the window, by the past's rate
  double seen = 0;
  double deviation = 0;  // of the count, in its own standard deviations; positive
};

struct TemplateCounts {
  std::map<TemplateId, double> lines;
  double seconds = 0;
};

// The most deviating first. A kind bursts with three times what is expected and six deviations, and
// has vanished when at least twelve lines were expected and none came.
[[nodiscard]] std::vector<TemplateChange> compare_counts(const TemplateCounts& past,
                                                         const TemplateCounts& now);

}  // namespace okiagari::cause
