#include "bench/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "bench/timing.h"
#include "bench/venue_stream.h"
#include "gateway/arrivals.h"
#include "gateway/measures.h"
#include "net/loop.h"
#include "net/metric_histogram.h"
#include "venue/batch_writer.h"
#include "venue/venue.h"

namespace okiagari::bench {

namespace {

// What gateway/intake.cc, gateway/gateway.cc, node/market_server.cc and net/loop_meter.h do for the
// pages of metrics and for nothing else.
class Counting {
 public:
  void batch_came(const std::vector<StreamRecord>& records, std::size_t first, std::size_t end) {
    const std::uint64_t now_ns = net::Loop::now_ns();
    if (turn_ns_ != 0) turns_.observe(now_ns - turn_ns_);
    turn_ns_ = now_ns;
    for (std::size_t i = first; i < end; ++i) {
      measures_.count_message(records[i].type == RecordType::cancel ? 'X' : 'O');
      arrivals_.add(now_ns);
    }
  }
  void batch_was_decided(std::uint64_t commands, std::uint64_t events) {
    ++batches_;
    commands_ += commands;
    events_ += events;
    batch_commands_.observe(commands);
    const std::uint64_t now_ns = net::Loop::now_ns();
    late_.observe(now_ns - turn_ns_);
    for (std::uint64_t i = 0; i < commands; ++i) {
      measures_.decision.observe(now_ns - arrivals_.remove_oldest());
    }
  }
  [[nodiscard]] std::uint64_t decided() const { return measures_.decision.count(); }
  [[nodiscard]] std::uint64_t counted() const { return commands_; }

 private:
  gateway::Measures measures_;
  gateway::Arrivals arrivals_;
  net::MetricHistogram batch_commands_ = net::count_histogram();
  net::MetricHistogram turns_ = net::duration_histogram();
  net::MetricHistogram late_ = net::duration_histogram();
  std::uint64_t turn_ns_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t commands_ = 0;
  std::uint64_t events_ = 0;
};

struct Half {
  std::uint64_t time_ns = 0;
  std::uint64_t commands = 0;
  [[nodiscard]] double per_command_ns() const {
    return static_cast<double>(time_ns) / static_cast<double>(commands);
  }
};

struct Run {
  Half counted;
  Half plain;
  std::uint64_t state_hash = 0;
  bool is_complete = false;  // every command of a counted batch was counted and timed
};

Run run(const std::vector<StreamRecord>& records, const MetricsOptions& options, bool is_first) {
  venue::Venue venue{venue::Limits{}};
  base::ByteWriter events;
  venue::BatchWriter batch;
  add_market(options.stream->symbols, batch);
  venue.apply_batch(batch.finish(kStart_ns), events);

  Run result;
  Counting counting;
  Sender sender(records.size());
  bool is_counted = is_first;
  for (std::size_t first = 0; first < records.size(); first += options.batch_commands) {
    const std::size_t end = std::min<std::size_t>(records.size(), first + options.batch_commands);
    batch.clear();
    for (std::size_t i = first; i < end; ++i) sender.send(records[i], batch);
    const base::Bytes bytes = batch.finish(kStart_ns + 1'000 * first);
    events.clear();
    const std::uint64_t event_before = venue.last_event_number();
    Half& half = is_counted ? result.counted : result.plain;
    const std::uint64_t start_ns = thread_time_ns();
    if (is_counted) counting.batch_came(records, first, end);
    venue.apply_batch(bytes, events);
    if (is_counted) {
      counting.batch_was_decided(end - first, venue.last_event_number() - event_before);
    }
    half.time_ns += thread_time_ns() - start_ns;
    half.commands += end - first;
    is_counted = !is_counted;
  }
  result.state_hash = venue.state_hash();
  result.is_complete = counting.decided() == result.counted.commands &&
                       counting.counted() == result.counted.commands;
  return result;
}

double floor_ns(const std::vector<StreamRecord>& records, const MetricsOptions& options) {
  Counting counting;
  const std::uint64_t start_ns = thread_time_ns();
  for (std::size_t first = 0; first < records.size(); first += options.batch_commands) {
    const std::size_t end = std::min<std::size_t>(records.size(), first + options.batch_commands);
    counting.batch_came(records, first, end);
    counting.batch_was_decided(end - first, end - first);
  }
  const std::uint64_t time_ns = thread_time_ns() - start_ns;
  ASSERT(counting.decided() == records.size(), "{} of {} counted", counting.decided(),
         records.size());
  return static_cast<double>(time_ns) / static_cast<double>(records.size());
}

}  // namespace

base::Report bench_metrics(const MetricsOptions& options) {
  ASSERT(options.stream != nullptr && options.commands > 0 && options.rounds > 0 &&
             options.batch_commands > 0,
         "bad options");
  base::Report report("bench metrics", 20260101);
  options.progress(
      fmt::format("making {} commands of stream {}", options.commands, options.stream->name));
  const std::vector<StreamRecord> records = generate(*options.stream, options.commands);
  // Both halves of the batches count in both ways, so that neither has the dearer commands.
  std::vector<double> ratios;
  std::vector<double> plain_ns;
  std::vector<double> floors_ns;
  bool is_repeatable = true;
  bool is_complete = true;
  std::uint64_t state_hash = 0;
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    options.progress(fmt::format("round {} of {}", round, options.rounds));
    Half counted;
    Half plain;
    for (const bool is_first : {true, false}) {
      const Run one = run(records, options, is_first);
      if (state_hash == 0) state_hash = one.state_hash;
      is_repeatable &= one.state_hash == state_hash;
      is_complete &= one.is_complete;
      counted.time_ns += one.counted.time_ns;
      counted.commands += one.counted.commands;
      plain.time_ns += one.plain.time_ns;
      plain.commands += one.plain.commands;
    }
    ratios.push_back(counted.per_command_ns() / plain.per_command_ns());
    plain_ns.push_back(plain.per_command_ns());
    floors_ns.push_back(floor_ns(records, options));
  }
  report.check("the same state in every run", is_repeatable, true);
  report.check("every command of a counted batch counted and timed", is_complete, true);
  report.figure("without counting", median(plain_ns), "ns per command");
  report.figure("floor: counting alone", median(floors_ns), "ns per command");
  report.figure_at_most(fmt::format("{}: time with counting", options.stream->name), median(ratios),
                        "of the time without", 1.1);
  return report;
}

}  // namespace okiagari::bench
