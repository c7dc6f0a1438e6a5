// What a service does within one request, before and during an incident: which steps (log lines,
// spans) follow from which. A step that always came and now stays away, or that never came before,
// points at the service whose code runs differently, whatever the load.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cause/foreign_data.h"

namespace okiagari::cause {

// In spans of `entity` with a step `given`, the step `step`: so often before, so often now.
struct StepChange {
  NameId entity = kNoName;
  TemplateId given = LogTemplates::kOverflow;
  TemplateId step = LogTemplates::kOverflow;
  double past_hits = 0;
  double past_tries = 0;
  double now_hits = 0;
  double now_tries = 0;
  double surprise = 0;  // rate_surprise() of them
};

// The most surprising change of each kind of one entity.
struct EntitySteps {
  NameId entity = kNoName;
  std::optional<StepChange> missing;   // came nearly always, comes clearly less
  std::optional<StepChange> appeared;  // never came
  // Lines of a kind that this entity never wrote before, and that speak of an exception.
  std::optional<StepChange> exception;
};

// In the order of the entities' names.
[[nodiscard]] std::vector<EntitySteps> compare_steps(const ForeignData& data,
                                                     const TimeWindow& past, const TimeWindow& now);

}  // namespace okiagari::cause
