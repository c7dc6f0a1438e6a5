#include "cause/step_patterns.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "cause/metric_shift.h"

namespace okiagari::cause {

namespace {

// Longer spans are judged by their first kinds of steps.
constexpr std::size_t kKindsOfSpanMax = 40;
constexpr double kTriesMin = 3;
constexpr double kNearlyAlways = 0.6;
constexpr double kRare = 0.5;
constexpr double kTakesItsPlace = 0.6;
constexpr double kClearlyLess = 0.6;  // of the share before

using SpanKey = std::pair<NameId, NameId>;  // entity, span
using Given = std::pair<NameId, TemplateId>;
using Pair = std::tuple<NameId, TemplateId, TemplateId>;

struct Counts {
  std::map<Given, double> tries;
  std::map<Pair, double> hits;
  std::map<Given, double> lines;  // with and without a span
};

Counts count_steps(const ForeignData& data, const TimeWindow& window) {
  Counts counts;
  std::map<SpanKey, std::set<TemplateId>> spans;
  for (const Step& step : data.steps()) {
    if (!window.holds(step.time_s)) continue;
    counts.lines[{step.entity, step.kind}] += 1;
    if (step.span == kNoName) continue;
    std::set<TemplateId>& kinds = spans[{step.entity, step.span}];
    if (kinds.size() < kKindsOfSpanMax) kinds.insert(step.kind);
  }
  for (const auto& [key, kinds] : spans) {
    for (const TemplateId given : kinds) {
      counts.tries[{key.first, given}] += 1;
      for (const TemplateId step : kinds) {
        if (step != given) counts.hits[{key.first, given, step}] += 1;
      }
    }
  }
  return counts;
}

double count_at(const std::map<Pair, double>& counts, const Pair& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

double count_at(const std::map<Given, double>& counts, const Given& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

void keep_most_surprising(std::optional<StepChange>& best, const StepChange& change) {
  if (!best || change.surprise > best->surprise) best = change;
}

StepChange change_of(const Pair& pair, const Counts& past, const Counts& now) {
  const auto [entity, given, step] = pair;
  StepChange change{entity, given, step};
  change.past_hits = count_at(past.hits, pair);
  change.past_tries = count_at(past.tries, Given{entity, given});
  change.now_hits = count_at(now.hits, pair);
  change.now_tries = count_at(now.tries, Given{entity, given});
  change.surprise =
      rate_surprise(change.past_hits, change.past_tries, change.now_hits, change.now_tries);
  return change;
}

// Whether another step that was known before under the same one takes the place of `missing`: then
// requests are of another mix, and nothing is wrong.
bool is_another_mix(const StepChange& missing, const Counts& past, const Counts& now) {
  const double drop = missing.past_hits / missing.past_tries - missing.now_hits / missing.now_tries;
  const Pair first{missing.entity, missing.given, 0};
  const Pair after{missing.entity, missing.given + 1, 0};
  const auto end = past.hits.lower_bound(after);
  return std::any_of(past.hits.lower_bound(first), end, [&](const auto& known) {
    const double share_past = known.second / missing.past_tries;
    const double share_now = count_at(now.hits, known.first) / missing.now_tries;
    return share_past < kRare && share_now - share_past >= kTakesItsPlace * drop;
  });
}

bool speaks_of_exception(const std::string& text) {
  return text.find("xception") != std::string::npos ||
         text.find("Traceback") != std::string::npos || text.find("panic:") != std::string::npos;
}

}  // namespace

std::vector<EntitySteps> compare_steps(const ForeignData& data, const TimeWindow& past_window,
                                       const TimeWindow& now_window) {
  const Counts past = count_steps(data, past_window);
  const Counts now = count_steps(data, now_window);
  std::map<NameId, EntitySteps> entities;
  std::set<Pair> pairs;
  for (const auto& [pair, hits] : past.hits) pairs.insert(pair);
  for (const auto& [pair, hits] : now.hits) pairs.insert(pair);
  for (const Pair& pair : pairs) {
    const StepChange change = change_of(pair, past, now);
    if (change.past_tries < kTriesMin || change.now_tries < 1) continue;
    EntitySteps& entity = entities[change.entity];
    const double share_past = change.past_hits / change.past_tries;
    const double share_now = change.now_hits / change.now_tries;
    // That an error stays away is no trouble.
    if (share_past >= kNearlyAlways && share_now < kClearlyLess * share_past &&
        !speaks_of_exception(data.text_of(change.step)) && !is_another_mix(change, past, now)) {
      keep_most_surprising(entity.missing, change);
    }
    if (change.past_hits == 0 && count_at(past.lines, Given{change.entity, change.step}) == 0) {
      keep_most_surprising(entity.appeared, change);
    }
  }
  const double past_s = past_window.until_s - past_window.from_s;
  const double now_s = now_window.until_s - now_window.from_s;
  for (const auto& [key, lines] : now.lines) {
    if (count_at(past.lines, key) > 0 || !speaks_of_exception(data.text_of(key.second))) continue;
    StepChange change{key.first, key.second, key.second};
    change.past_tries = past_s;
    change.now_hits = lines;
    change.now_tries = std::max(now_s, lines);
    change.surprise = rate_surprise(0, change.past_tries, lines, change.now_tries);
    keep_most_surprising(entities[key.first].exception, change);
  }
  std::vector<EntitySteps> result;
  for (auto& [entity, steps] : entities) {
    steps.entity = entity;
    result.push_back(std::move(steps));
  }
  std::sort(result.begin(), result.end(), [&](const EntitySteps& a, const EntitySteps& b) {
    return data.name(a.entity) < data.name(b.entity);
  });
  return result;
}

}  // namespace okiagari::cause
