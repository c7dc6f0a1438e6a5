#include "cli/run_measures.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "check/ouch.h"

namespace okiagari::cli {

namespace {

constexpr double kWholeBucketMs = 20;
constexpr double kZoomBucketMs = 1;
constexpr double kZoomBeforeMs = 100;
// After the kill, and after the first acknowledgement if that comes late.
constexpr double kZoomAfterMs = 200;
constexpr double kZoomAfterGapMs = 50;

struct Acknowledgement {
  std::uint64_t sent_ns;
  std::uint64_t time_ns;
};

std::uint64_t key_of(std::uint16_t session, std::uint32_t user_reference) {
  return std::uint64_t{session} << 32 | user_reference;
}

// In the order of their arrival.
std::vector<Acknowledgement> acknowledgements_of(const check::History& history) {
  std::unordered_map<std::uint64_t, std::uint64_t> sent_ns;
  std::vector<Acknowledgement> found;
  for (std::size_t at = 0; at < history.size(); ++at) {
    const check::HistoryRecord record = history[at];
    if (record.event == check::HistoryEvent::sent && record.bytes.size() > 5 &&
        static_cast<char>(record.bytes[0]) == 'O') {
      const auto reference = base::load_big<std::uint32_t>(&record.bytes[1]);
      sent_ns.emplace(key_of(record.source, reference), record.time_ns);
    } else if (record.event == check::HistoryEvent::answered) {
      check::OuchAnswer answer;
      if (!check::decode_ouch(record.bytes, answer)) continue;
      if (answer.type != check::kOuchAccepted && answer.type != check::kOuchRejected) continue;
      const auto order = sent_ns.find(key_of(record.source, answer.user_reference));
      if (order == sent_ns.end()) continue;
      found.push_back({order->second, record.time_ns});
      sent_ns.erase(order);
    }
  }
  return found;
}

AcknowledgementSeries count(const std::vector<Acknowledgement>& acknowledgements,
                            std::uint64_t started_ns, double start_ms, double end_ms,
                            double bucket_ms) {
  AcknowledgementSeries series;
  series.start_ms = start_ms;
  series.bucket_ms = bucket_ms;
  series.counts.resize(static_cast<std::size_t>(std::ceil((end_ms - start_ms) / bucket_ms)));
  for (const Acknowledgement& one : acknowledgements) {
    const double ms = (static_cast<double>(one.time_ns) - static_cast<double>(started_ns)) / 1e6;
    if (ms < start_ms || ms >= end_ms) continue;
    ++series.counts[std::min(series.counts.size() - 1,
                             static_cast<std::size_t>((ms - start_ms) / bucket_ms))];
  }
  return series;
}

LatencySummary summarise(std::vector<double> latencies_ms) {
  LatencySummary summary;
  summary.count = latencies_ms.size();
  if (latencies_ms.empty()) return summary;
  std::sort(latencies_ms.begin(), latencies_ms.end());
  const auto quantile = [&](double share) {
    const auto rank =
        static_cast<std::size_t>(share * static_cast<double>(latencies_ms.size() - 1) + 0.5);
    return latencies_ms[rank];
  };
  summary.p50_ms = quantile(0.5);
  summary.p90_ms = quantile(0.9);
  summary.p99_ms = quantile(0.99);
  summary.p999_ms = quantile(0.999);
  summary.max_ms = latencies_ms.back();
  return summary;
}

}  // namespace

void measure_run(const check::History& history, const RunTimes& times, RunRecord& record) {
  const std::uint64_t started_ns = times.started_ns;
  const std::uint64_t killed_ns = times.killed_ns;
  std::vector<Acknowledgement> acknowledgements = acknowledgements_of(history);
  std::erase_if(acknowledgements,
                [&](const Acknowledgement& one) { return one.sent_ns > times.ended_ns; });
  const auto ms = [&](std::uint64_t time_ns) {
    return (static_cast<double>(time_ns) - static_cast<double>(started_ns)) / 1e6;
  };
  record.acknowledged = acknowledgements.size();
  record.kill_ms = ms(killed_ns);
  if (acknowledgements.empty()) return;
  record.duration_ms = ms(acknowledgements.back().time_ns);
  double longest_ms = -1;
  for (std::size_t at = 1; at < acknowledgements.size(); ++at) {
    const std::uint64_t before = acknowledgements[at - 1].time_ns;
    const std::uint64_t after = acknowledgements[at].time_ns;
    const double gap_ms = ms(after) - ms(before);
    if (after < killed_ns) continue;
    // What begins later is no part of the fail-over; it is shown, and does not hide it.
    if (ms(before) > record.kill_ms + kGapBeginsWithinMs) {
      record.later_pause_ms = std::max(record.later_pause_ms, gap_ms);
      continue;
    }
    if (gap_ms <= longest_ms) continue;
    longest_ms = gap_ms;
    record.last_before_ms = ms(before);
    record.first_after_ms = ms(after);
  }
  std::vector<double> before;
  std::vector<double> during;
  std::vector<double> after;
  for (const Acknowledgement& one : acknowledgements) {
    const double latency_ms = static_cast<double>(one.time_ns - one.sent_ns) / 1e6;
    if (ms(one.time_ns) <= record.last_before_ms) {
      before.push_back(latency_ms);
    } else {
      (ms(one.sent_ns) < record.first_after_ms ? during : after).push_back(latency_ms);
    }
  }
  record.before = summarise(std::move(before));
  record.during = summarise(std::move(during));
  record.after = summarise(std::move(after));
  record.whole = count(acknowledgements, started_ns, 0, record.duration_ms + 1, kWholeBucketMs);
  record.around_kill =
      count(acknowledgements, started_ns, record.kill_ms - kZoomBeforeMs,
            std::max(record.kill_ms + kZoomAfterMs, record.first_after_ms + kZoomAfterGapMs),
            kZoomBucketMs);
}

std::vector<Gap> gaps_after(const check::History& history,
                            const std::vector<std::uint64_t>& times_ns) {
  const std::vector<Acknowledgement> acknowledgements = acknowledgements_of(history);
  std::vector<Gap> gaps(times_ns.size());
  std::size_t period = 0;
  for (std::size_t at = 1; at < acknowledgements.size(); ++at) {
    const std::uint64_t after_ns = acknowledgements[at].time_ns;
    while (period + 1 < times_ns.size() && after_ns >= times_ns[period + 1]) ++period;
    if (times_ns.empty() || after_ns < times_ns[period]) continue;
    const std::uint64_t before_ns = acknowledgements[at - 1].time_ns;
    const double length_ms = static_cast<double>(after_ns - before_ns) / 1e6;
    const double begins_ms =
        static_cast<double>(static_cast<std::int64_t>(before_ns - times_ns[period])) / 1e6;
    Gap& gap = gaps[period];
    if (begins_ms <= kGapBeginsWithinMs) {
      gap.length_ms = std::max(gap.length_ms, length_ms);
    } else if (length_ms > gap.later_ms) {
      gap.later_ms = length_ms;
      gap.later_begins_ms = begins_ms;
    }
  }
  return gaps;
}

}  // namespace okiagari::cli
