#include "watch/server_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {

constexpr std::size_t kCountersMax = 4'096;

struct MeanTime {
  std::string_view family;
  std::string_view words;
  std::string_view words_ja;
};
constexpr std::string_view kSyncTimes = "okiagari_log_sync_seconds";
constexpr std::array kMeanTimes = {
    MeanTime{"okiagari_gateway_decision_seconds", "from a command's arrival to its answer",
             "コマンドの到着から応答までの時間"},
    MeanTime{kSyncTimes, "a sync of the log", "ログの同期の時間"},
    MeanTime{"okiagari_loop_lateness_seconds", "lateness of the process's loop",
             "処理ループの遅れ"},
};

}  // namespace

ServerMetrics::ServerMetrics(std::string entity, ServerMetricsLimits limits, Reporter& reporter)
    : entity_(std::move(entity)), limits_(limits), reporter_(reporter) {}

std::optional<double> ServerMetrics::rate(const std::string& key, double value,
                                          const Moment& moment) {
  const auto known = counts_.find(key);
  if (known == counts_.end()) {
    if (counts_.size() < kCountersMax) counts_[key] = {value, moment.steady_ms};
    return std::nullopt;
  }
  const Count before = std::exchange(known->second, {value, moment.steady_ms});
  if (value < before.value || moment.steady_ms <= before.steady_ms) return std::nullopt;
  return (value - before.value) * 1'000 / static_cast<double>(moment.steady_ms - before.steady_ms);
}

void ServerMetrics::judge(const std::string& name, std::string_view up, std::string_view down,
                          double value, double least, const Sentence& words, bool of_itself,
                          const Moment& moment) {
  MetricLimits limits = limits_.metric;
  limits.least_spread = std::max(limits.least_spread, least / limits.deviations);
  const auto detector = detectors_.try_emplace(name, limits).first;
  const auto shift = detector->second.add(value);
  if (!shift || std::max(shift->value, shift->baseline) < least) return;
  const std::string_view signal = shift->value > shift->baseline ? up : down;
  if (signal.empty()) return;
  reporter_.report(moment, {.kind = EvidenceKind::metric_shift,
                            .entity = entity_,
                            .signal = signal,
                            .statement = said("{}: {} {} {:.4g}, from {:.4g}",
                                              "{}: {}が{}{:.4g}（以前は{:.4g}）", entity_, words,
                                              shift->is_drift ? Sentence("drifted to", "徐々に")
                                                              : Sentence("is now", "現在"),
                                              shift->value, shift->baseline),
                            .value = shift->value,
                            .baseline = shift->baseline,
                            .effect = shift->effect,
                            .reference = name,
                            .self_reported = of_itself});
}

void ServerMetrics::judge_rate(const std::string& name, std::optional<double> value,
                               std::string_view up, double least, const Sentence& words,
                               const Moment& moment) {
  if (!value) return;
  const auto per_second = rate(name, *value, moment);
  if (per_second) judge(name, up, {}, *per_second, least, words, false, moment);
}

void ServerMetrics::take(const net::MetricsText& page, const Moment& moment) {
  take_orders(page, moment);
  take_failures(page, moment);
  take_members(page, moment);
  take_times(page, moment);
}

void ServerMetrics::take_orders(const net::MetricsText& page, const Moment& moment) {
  const net::MetricFamily* messages = page.find("okiagari_gateway_messages");
  if (messages == nullptr) return;
  double total = 0;
  for (const net::MetricSample& sample : messages->samples) total += sample.value;
  orders_per_second_ = rate(messages->name, total, moment);
  if (!orders_per_second_) return;
  judge(messages->name, signal::rate_high, signal::rate_gone, *orders_per_second_,
        limits_.rate_least, {"messages of members per second", "会員からの毎秒のメッセージ数"},
        false, moment);
}

void ServerMetrics::take_failures(const net::MetricsText& page, const Moment& moment) {
  if (const net::MetricFamily* refusals = page.find("okiagari_gateway_refusals")) {
    for (const net::MetricSample& sample : refusals->samples) {
      const std::string reason(sample.label("reason").value_or("other"));
      judge_rate(fmt::format("{} {}", refusals->name, reason), sample.value, signal::refusals_high,
                 limits_.failures_least,
                 said("refusals ({}) per second", "毎秒の拒否（{}）", reason), moment);
    }
  }
  judge_rate("okiagari_gateway_logins",
             page.value("okiagari_gateway_logins_total", {{"result", "not_authorized"}}),
             signal::logins_failing, limits_.failures_least,
             {"log-ins refused per second", "毎秒のログイン拒否"}, moment);
  judge_rate("okiagari_gateway_malformed", page.value("okiagari_gateway_malformed_total"),
             signal::malformed_high, limits_.failures_least,
             {"malformed messages per second", "毎秒の不正なメッセージ"}, moment);
  judge_rate("okiagari_gateway_connections_accepted",
             page.value("okiagari_gateway_connections_accepted_total"), signal::connections_high,
             limits_.connections_least, {"connections taken per second", "毎秒の新規接続"}, moment);
  judge_rate("okiagari_gateway_connections_refused",
             page.value("okiagari_gateway_connections_refused_total"), signal::connections_high,
             limits_.failures_least,
             {"connections beyond the limit per second", "毎秒の上限超過接続"}, moment);
}

void ServerMetrics::take_members(const net::MetricsText& page, const Moment& moment) {
  const net::MetricFamily* members = page.find("okiagari_gateway_member_messages");
  if (members == nullptr) return;
  double total = 0;
  double most = 0;
  std::string who;
  for (const net::MetricSample& sample : members->samples) {
    const std::string member(sample.label("member").value_or("other"));
    const auto per_second = rate("member " + member, sample.value, moment);
    if (!per_second) continue;
    total += *per_second;
    if (*per_second <= most) continue;
    most = *per_second;
    who = member;
  }
  const bool dominates = members->samples.size() > 1 && most >= limits_.dominates_per_second &&
                         100 * most >= limits_.dominates_percent * total;
  if (!dominates) return dominating_.clear();
  if (std::exchange(dominating_, who) == who) return;
  reporter_.report(
      moment, {.kind = EvidenceKind::metric_shift,
               .entity = entity_,
               .signal = signal::one_member_dominates,
               .statement = said("{}: member {} sends {:.0f} of {:.0f} messages per second",
                                 "{0}: 会員{1}が毎秒{3:.0f}件のうち{2:.0f}件を送っている", entity_,
                                 who, most, total),
               .value = most,
               .baseline = total - most,
               .reference = members->name});
}

// The mean over the time between two pages: a histogram's sum and count are counters.
void ServerMetrics::take_times(const net::MetricsText& page, const Moment& moment) {
  for (const MeanTime& time : kMeanTimes) {
    const std::string name(time.family);
    const auto sum = page.value(name + "_sum");
    const auto count = page.value(name + "_count");
    if (!sum || !count) continue;
    const auto sum_rate = rate(name + "_sum", *sum, moment);
    const auto count_rate = rate(name + "_count", *count, moment);
    if (!sum_rate || !count_rate || *count_rate <= 0) continue;
    if (time.family == kSyncTimes) sync_seconds_ = *sum_rate / *count_rate;
    judge(name, signal::metric_shift, {}, *sum_rate / *count_rate, limits_.seconds_least,
          {fmt::format("{}, in seconds,", time.words), fmt::format("{}（秒）", time.words_ja)},
          true, moment);
  }
}

}  // namespace okiagari::watch
