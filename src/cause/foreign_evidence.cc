#include "cause/foreign_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "cause/metric_shift.h"
#include "cause/series_shift.h"
#include "cause/service_map.h"
#include "cause/template_windows.h"
#include "watch/sentence.h"
#include "watch/signal.h"

namespace okiagari::cause {

namespace {

using watch::said;

// A recording may say anything of its times; what is before 1970 or beyond every clock is its edge.
TimestampNs moment_of(double at_s) {
  constexpr double kLast_s = 1e10;
  return static_cast<TimestampNs>(std::clamp(at_s, 0.0, kLast_s) * 1e9);
}

namespace signal = watch::signal;

// Less is no evidence: of a measure, because there are hundreds of them; of anything; of a change
// of steps, what chance makes once in a thousand.
constexpr double kMeasureMin = 5;
constexpr double kShiftMin = 3;
// What a change of steps from always to never counts for, in its own deviations.
constexpr double kWholeChange = 3;
constexpr double kSurpriseMin = 10.8;
// A processor busier than this, and busier than it was, is saturated.
constexpr double kSaturatedPercent = 70;
constexpr double kMemoryLowPercent = 95;
// What a service called shows as well, what is another trouble than the one that was felt, and what
// is not below where it was felt keeps so much of its effect, and no more than so much.
constexpr double kDamped = 0.3;
constexpr double kDampedMost = 3.5;
constexpr double kComparable = 0.5;
// Failing answers pass upwards whole, however few of the callee's steps stay away.
constexpr double kFailingMost = 8;
// One call's share in what is said of a service's network is at most this.
constexpr double kCallShiftMax = 60;
// Kinds of lines told of one entity.
constexpr std::size_t kLineKindsMax = 5;
constexpr std::size_t kEvidencePerIncidentMax = 2'000;

class Gatherer {
 public:
  Gatherer(const ForeignData& data, const Incident& incident)
      : data_(data), incident_(incident), services_(data) {}

  CaseFile gather() {
    for (const Series& series : data_.series()) {
      if (series.peer.empty()) look_at(series);
    }
    look_at_calls();
    look_for_silence();
    look_at_steps();
    damp_explained();
    CaseFile file;
    for (auto& one : found_) {
      if (std::abs(one.effect) >= kShiftMin && file.evidence.size() < kEvidencePerIncidentMax) {
        one.id = fmt::format("f{}", file.evidence.size() + 1);
        file.evidence.push_back(std::move(one));
      }
    }
    file.topology = services_.topology();
    file.symptom_ns = moment_of(incident_.at_s);
    return file;
  }

 private:
  void add(watch::EvidenceKind kind, std::string_view signal, const std::string& entity,
           double effect, watch::Sentence statement, const Shift& shift = {}) {
    watch::Evidence evidence;
    evidence.kind = kind;
    evidence.source = "recordings";
    evidence.entity = services_.resolve(entity);
    evidence.signal = signal;
    evidence.from_ns = moment_of(incident_.at_s);
    evidence.statement = std::move(statement.en);
    evidence.statement_ja = std::move(statement.ja);
    evidence.value = shift.value;
    evidence.baseline = shift.baseline;
    evidence.effect = effect;
    found_.push_back(std::move(evidence));
  }

  void add_shift(std::string_view signal, const Series& series, const Shift& shift) {
    add(watch::EvidenceKind::metric_shift, signal, series.entity, shift.deviation,
        said("{} is {:.4g}, usually {:.4g}", "{}が{:.4g}（通常は{:.4g}）", series.measure,
             shift.value, shift.baseline),
        shift);
  }

  void look_at(const Series& series) {
    const MeasureKind kind = kind_of(series.measure);
    if (kind == MeasureKind::other || kind == MeasureKind::traffic) return;
    const auto shift = find_shift(series, incident_.at_s, incident_.window_s);
    if (!shift || std::abs(shift->deviation) < kMeasureMin) return;
    switch (kind) {
      case MeasureKind::processor_percent:
        if (shift->deviation > 0 && shift->value >= kSaturatedPercent) {
          add_shift(signal::processor_saturated, series, *shift);
        }
        break;
      case MeasureKind::memory_percent:
        if (shift->deviation > 0 && shift->value >= kMemoryLowPercent) {
          add_shift(signal::memory_low, series, *shift);
        }
        break;
      case MeasureKind::latency:
        if (shift->deviation > 0) add_shift(signal::service_slow, series, *shift);
        break;
      case MeasureKind::success:
        if (shift->deviation < 0) add_shift(signal::service_errors, series, *shift);
        break;
      case MeasureKind::errors:
        if (shift->deviation > 0) add_shift(signal::service_errors, series, *shift);
        break;
      default:
        break;
    }
  }

  // The time that calls lose between caller and callee. A slow network of one service shows in all
  // of its calls; one slow call shows in one of many.
  void look_at_calls() {
    std::map<std::string, std::vector<double>> shifts;
    for (const Series& gap : gaps_of_calls(data_)) {
      const auto shift = find_shift(gap, incident_.at_s, incident_.window_s);
      const double deviation = shift ? std::clamp(shift->deviation, 0.0, kCallShiftMax) : 0;
      shifts[services_.resolve(gap.entity)].push_back(deviation);
      shifts[services_.resolve(gap.peer)].push_back(deviation);
    }
    for (const auto& [entity, of_entity] : shifts) {
      double sum = 0;
      std::size_t slow = 0;
      for (const double deviation : of_entity) {
        sum += deviation;
        slow += deviation >= kShiftMin ? 1 : 0;
      }
      const double mean = sum / static_cast<double>(of_entity.size());
      add(watch::EvidenceKind::metric_shift, signal::link_slow, entity, mean,
          said("{} of {} kinds of its calls lose more time on the way than usual",
               "呼び出し{1}種類のうち{0}種類が、途中で通常より多くの時間を失っている", slow,
               of_entity.size()));
    }
  }

  // A service that nobody calls any more, though its caller is as busy as ever: the caller leaves
  // the call off.
  void look_for_silence() {
    std::map<std::string, const Series*> traffic;
    for (const Series& series : data_.series()) {
      if (series.peer.empty() && kind_of(series.measure) == MeasureKind::traffic) {
        traffic[services_.resolve(series.entity)] = &series;
      }
    }
    for (const auto& [callee, series] : traffic) {
      const auto silence = find_silence(*series, incident_.at_s, incident_.window_s);
      if (!silence || silence->surprise < kSurpriseMin) continue;
      for (const std::string& caller : services_.callers(callee)) {
        const auto of_caller = traffic.find(caller);
        if (of_caller == traffic.end()) continue;
        if (find_silence(*of_caller->second, incident_.at_s, incident_.window_s)) continue;
        const double share =
            static_cast<double>(silence->silent) / static_cast<double>(silence->looked_at);
        add(watch::EvidenceKind::absence, signal::service_steps_missing, caller,
            kWholeChange * share * std::sqrt(silence->surprise),
            said("{} gets no calls in {} of {} measurements",
                 "{0}への呼び出しが、測定{2}回のうち{1}回でなかった", callee, silence->silent,
                 silence->looked_at));
      }
    }
  }

  // A step that now always stays away, or always comes, says more than one that sometimes does.
  static double effect_of(const StepChange& change) {
    const double moved =
        std::abs(change.now_hits / change.now_tries - change.past_hits / change.past_tries);
    return kWholeChange * moved * std::sqrt(change.surprise);
  }

  watch::Sentence describe(const StepChange& change) const {
    const auto shortened = [&](TemplateId kind) {
      constexpr std::size_t kBytes = 160;
      std::string text = data_.text_of(kind);
      if (text.size() > kBytes) text.resize(kBytes);
      return text;
    };
    return said(
        "'{}' in {:.0f} of {:.0f} spans with '{}', before in {:.0f} of {:.0f}",
        "「{3}」のあるスパン{2:.0f}件のうち{1:.0f}件に「{0}」（以前は{5:.0f}件のうち{4:.0f}件）",
        shortened(change.step), change.now_hits, change.now_tries, shortened(change.given),
        change.past_hits, change.past_tries);
  }

  void look_at_steps() {
    TimeWindow past = incident_.past;
    if (past.until_s <= past.from_s) past = {incident_.at_s - 3'600, incident_.at_s - 30};
    const TimeWindow now{incident_.at_s, incident_.at_s + incident_.window_s};
    look_at_lines(past, now);
    constexpr auto kKind = watch::EvidenceKind::log_template;
    for (const EntitySteps& steps : compare_steps(data_, past, now)) {
      const std::string& entity = data_.name(steps.entity);
      const bool is_missing = steps.missing && steps.missing->surprise >= kSurpriseMin;
      const bool is_new = steps.appeared && steps.appeared->surprise >= kSurpriseMin;
      const bool throws = steps.exception && steps.exception->surprise >= kSurpriseMin;
      if (is_missing) {
        const double effect = effect_of(*steps.missing);
        add(kKind, signal::service_steps_missing, entity, effect, describe(*steps.missing));
        if (!is_new) {
          add(kKind, signal::service_cut_short, entity, effect, describe(*steps.missing));
        }
      }
      if (is_new) {
        add(kKind, signal::service_steps_new, entity, effect_of(*steps.appeared),
            describe(*steps.appeared));
      }
      if (throws) {
        add(kKind, signal::service_throws, entity, std::sqrt(steps.exception->surprise),
            said("{:.0f} lines of a kind never seen: {}", "初めて見る種類の行が{:.0f}行: {}",
                 steps.exception->now_hits, data_.text_of(steps.exception->step).substr(0, 200)));
      }
    }
  }

  // Whoever calls a service that is slow is slow as well, and whoever calls one that fails fails.
  void damp_explained() {
    std::map<std::string, double> slowness;
    std::map<std::string, double> failure;
    for (const watch::Evidence& one : found_) {
      double& most = (is_of_slowness(one.signal) ? slowness : failure)[one.entity];
      most = std::max(most, std::abs(one.effect));
    }
    const MeasureKind felt = kind_of(incident_.symptom_measure);
    for (watch::Evidence& one : found_) {
      const bool is_slowness = is_of_slowness(one.signal);
      const bool is_other_trouble = (felt == MeasureKind::latency && !is_slowness) ||
                                    (felt == MeasureKind::success && is_slowness);
      const bool is_failing = one.signal == signal::service_errors;
      const double effect = std::min(std::abs(one.effect), is_failing ? kFailingMost : 1e9);
      if (is_explained(one.entity, effect, is_slowness ? slowness : failure)) {
        damp(one.effect);
      }
      if (is_other_trouble) damp(one.effect);
      if (!is_below_symptom(one.entity)) damp(one.effect);
    }
  }

  // Lines that belong to no request: by how many there are of each kind.
  void look_at_lines(const TimeWindow& past, const TimeWindow& now) {
    std::map<NameId, TemplateCounts> before;
    std::map<NameId, TemplateCounts> during;
    for (const Step& step : data_.steps()) {
      if (step.span != kNoName) continue;
      if (past.holds(step.time_s)) before[step.entity].lines[step.kind] += 1;
      if (now.holds(step.time_s)) during[step.entity].lines[step.kind] += 1;
    }
    for (auto& [entity, counts] : before) {
      counts.seconds = past.until_s - past.from_s;
      TemplateCounts& window = during[entity];
      window.seconds = now.until_s - now.from_s;
      std::size_t told = 0;
      for (const TemplateChange& change : compare_counts(counts, window)) {
        if (++told > kLineKindsMax) break;
        const std::string_view name = change.news == TemplateNews::is_new   ? signal::log_new
                                      : change.news == TemplateNews::bursts ? signal::log_burst
                                                                            : signal::log_gone;
        add(watch::EvidenceKind::log_template, name, data_.name(entity), change.deviation,
            said("{:.0f} lines, {:.1f} expected: {}", "{:.0f}行（見込みは{:.1f}行）: {}",
                 change.seen, change.expected, data_.text_of(change.kind).substr(0, 200)));
      }
    }
  }

  static void damp(double& effect) {
    effect = std::copysign(std::min(kDamped * std::abs(effect), kDampedMost), effect);
  }

  static bool is_of_slowness(std::string_view signal) {
    return signal == signal::service_slow || signal == signal::processor_saturated ||
           signal == signal::link_slow || signal == signal::memory_low;
  }

  [[nodiscard]] bool is_explained(const std::string& entity, double effect,
                                  const std::map<std::string, double>& trouble) const {
    const std::set<std::string>& reached = services_.reached_from(entity);
    return std::any_of(reached.begin(), reached.end(), [&](const std::string& callee) {
      const auto found = trouble.find(callee);
      return found != trouble.end() && found->second >= kShiftMin &&
             found->second >= kComparable * effect &&
             !services_.reached_from(callee).contains(entity);
    });
  }

  [[nodiscard]] bool is_below_symptom(const std::string& entity) const {
    const std::string& felt_at = incident_.symptom_entity;
    return felt_at.empty() || entity == felt_at || services_.reached_from(felt_at).contains(entity);
  }

  const ForeignData& data_;
  const Incident& incident_;
  ServiceMap services_;
  std::vector<watch::Evidence> found_;
};

}  // namespace

CaseFile gather_evidence(const ForeignData& data, const Incident& incident) {
  return Gatherer(data, incident).gather();
}

}  // namespace okiagari::cause
