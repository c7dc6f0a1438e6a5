#include "desk/playbook_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace okiagari::desk {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr std::int64_t kExtensionMaxS = 3'600;
constexpr std::array<std::string_view, 5> kStateNames = {"pending", "active", "done", "skipped",
                                                         "defaulted"};
constexpr std::array<std::string_view, 5> kStateWordsJa = {"待機", "開始", "完了", "省略",
                                                           "期限による自動実行"};

bool is_one_of(const std::vector<std::string>& kinds, const std::string& kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

}  // namespace

std::string_view to_string(StepState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

const PlaybookRuns::Run* PlaybookRuns::find(const std::string& incident) const {
  const auto found = runs_.find(incident);
  return found == runs_.end() ? nullptr : &found->second;
}

void PlaybookRuns::heard(const TimelineItem& item, Context& context) {
  if (item.incident.empty()) return;
  if (item.kind == "incident.opened") runs_[item.incident].steps.resize(playbook_.steps.size());
  const auto found = runs_.find(item.incident);
  if (found == runs_.end()) return;
  Run& run = found->second;
  // News that tell of the incident itself say all that is known of it.
  if (item.kind.starts_with("incident.") && item.data.contains("severity")) run.about = item.data;
  for (std::size_t at = 0; at < run.steps.size(); ++at) {
    const PlaybookStep& step = playbook_.steps[at];
    if (run.steps[at].state == StepState::active && is_one_of(step.done_when, item.kind)) {
      end(item.incident, run, at, StepState::done, item.words, context);
    } else if (run.steps[at].state == StepState::pending &&
               is_one_of(step.starts_when, item.kind)) {
      const Incident* incident = incidents_.find(item.incident);
      if (incident != nullptr && incident->severity <= step.severity_max) {
        start(item.incident, run, at, context);
      }
    }
  }
}

void PlaybookRuns::start(const std::string& incident, Run& run, std::size_t at, Context& context) {
  const PlaybookStep& step = playbook_.steps[at];
  run.steps[at].state = StepState::active;
  run.steps[at].started_ns = context.now_ns;
  if (step.limit_s != 0) run.steps[at].limit_ns = context.now_ns + step.limit_s * kSecondNs;
  context.note(
      incident, "playbook.started",
      {fmt::format("step begun: {}", step.title.en), fmt::format("手順を開始: {}", step.title.ja)},
      {{"step", step.id}, {"limit_s", step.limit_s}});
  make(step.does, run, context);
  if (step.done_when.empty()) end(incident, run, at, StepState::done, step.title, context);
}

void PlaybookRuns::end(const std::string& incident, Run& run, std::size_t at, StepState state,
                       Words why, Context& context) {
  const PlaybookStep& step = playbook_.steps[at];
  run.steps[at].state = state;
  run.steps[at].ended_ns = context.now_ns;
  run.steps[at].limit_ns = kNever;
  context.note(incident, fmt::format("playbook.{}", to_string(state)),
               {fmt::format("step {}: {} ({})", to_string(state), step.title.en, why.en),
                fmt::format("手順の{}: {}（{}）", kStateWordsJa.at(static_cast<std::size_t>(state)),
                            step.title.ja, why.ja)},
               {{"step", step.id}});
}

void PlaybookRuns::make(const std::vector<PlaybookAct>& acts, const Run& run, Context& context) {
  for (const PlaybookAct& act : acts) {
    boost::json::object body = run.about;
    for (const auto& pair : act.with) body[pair.key()] = pair.value();
    context.follow(act.entry, std::move(body));
  }
}

base::Status PlaybookRuns::apply(const Entry& entry, Context& context) {
  const std::string incident = text_or(entry.body, "incident");
  const std::string id = text_or(entry.body, "step");
  const auto found = runs_.find(incident);
  if (found == runs_.end()) return base::Error{fmt::format("there is no incident '{}'", incident)};
  const auto step = std::find_if(playbook_.steps.begin(), playbook_.steps.end(),
                                 [&](const PlaybookStep& s) { return s.id == id; });
  if (step == playbook_.steps.end()) return base::Error{fmt::format("there is no step '{}'", id)};
  const auto at = static_cast<std::size_t>(step - playbook_.steps.begin());
  Step& state = found->second.steps[at];
  if (state.state != StepState::active && state.state != StepState::pending) {
    return base::Error{fmt::format("the step '{}' is over", id)};
  }
  if (entry.what() == "extend") return extend(incident, state, at, entry, context);
  const std::string reason = text_or(entry.body, "reason");
  if (entry.what() == "done") {
    end(incident, found->second, at, StepState::done,
        {fmt::format("said {}", entry.by), fmt::format("{} による", entry.by)}, context);
  } else if (entry.what() == "skip") {
    if (reason.empty()) return base::Error{"a step is left out only with a 'reason'"};
    end(incident, found->second, at, StepState::skipped, {reason, reason}, context);
  } else {
    return base::Error{fmt::format("there is no entry '{}'", entry.type)};
  }
  return {};
}

base::Status PlaybookRuns::extend(const std::string& incident, Step& step, std::size_t at,
                                  const Entry& entry, Context& context) {
  const std::int64_t seconds = number_or(entry.body, "seconds", 0);
  const std::string reason = text_or(entry.body, "reason");
  if (seconds < 1 || seconds > kExtensionMaxS) {
    return base::Error{fmt::format("'seconds' is 1 to {}", kExtensionMaxS)};
  }
  if (reason.empty()) return base::Error{"more time is given only with a 'reason'"};
  if (step.limit_ns == kNever) return base::Error{"the step has no limit that runs"};
  if (step.extended_by == entry.by) return base::Error{"a second person must agree"};
  const std::string& id = playbook_.steps[at].id;
  if (step.extended_by.empty()) {
    step.extended_by = entry.by;
    context.note(incident, "playbook.extension_proposed",
                 {fmt::format("{} more seconds for {} proposed: {}", seconds, id, reason),
                  fmt::format("{} の期限を {} 秒延長する提案: {}", id, seconds, reason)});
    return {};
  }
  step.limit_ns += static_cast<TimestampNs>(seconds) * kSecondNs;
  step.extended_by.clear();
  context.note(incident, "playbook.extended",
               {fmt::format("{} more seconds for {}: {}", seconds, id, reason),
                fmt::format("{} の期限を {} 秒延長した: {}", id, seconds, reason)});
  return {};
}

TimestampNs PlaybookRuns::next_due_ns() const {
  TimestampNs due = kNever;
  for (const auto& [incident, run] : runs_) {
    for (const Step& step : run.steps) due = std::min(due, step.limit_ns);
  }
  return due;
}

void PlaybookRuns::advance(Context& context) {
  for (auto& [incident, run] : runs_) {
    for (std::size_t at = 0; at < run.steps.size(); ++at) {
      if (run.steps[at].limit_ns > context.now_ns) continue;
      const PlaybookStep& step = playbook_.steps[at];
      end(incident, run, at, StepState::defaulted,
          {fmt::format("nobody decided within {} s", step.limit_s),
           fmt::format("{} 秒以内に決定がなかった", step.limit_s)},
          context);
      make(step.at_limit, run, context);
    }
  }
}

boost::json::value PlaybookRuns::view() const {
  boost::json::object runs;
  for (const auto& [incident, run] : runs_) {
    boost::json::array steps;
    for (std::size_t at = 0; at < run.steps.size(); ++at) {
      const Step& step = run.steps[at];
      boost::json::object object{
          {"id", playbook_.steps[at].id},   {"title", to_json(playbook_.steps[at].title)},
          {"state", to_string(step.state)}, {"started_ns", step.started_ns},
          {"ended_ns", step.ended_ns},      {"extended_by", step.extended_by}};
      if (step.limit_ns != kNever) object["limit_ns"] = step.limit_ns;
      steps.push_back(std::move(object));
    }
    runs[incident] = std::move(steps);
  }
  return {{"name", playbook_.name}, {"runs", std::move(runs)}};
}

}  // namespace okiagari::desk
