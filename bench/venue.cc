#include "bench/venue.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "bench/timing.h"
#include "bench/venue_stream.h"
#include "venue/batch_writer.h"
#include "venue/command.h"
#include "venue/event.h"
#include "venue/venue.h"

namespace okiagari::bench {

namespace {

using venue::BatchWriter;

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

template <typename Event>
Event read(const std::byte* at) {
  Event event;
  std::memcpy(&event, at, sizeof event);
  return event;
}

// Rebuilds the tally from what the sessions are told.
class EventJudge {
 public:
  EventJudge(const Sender& sender, Tally& tally) : sender_(sender), tally_(tally) {}

  void judge(base::Bytes events) {
    for (std::size_t offset = 0; offset < events.size();) {
      const std::byte* at = events.data() + offset;
      const auto header = read<venue::EventHeader>(at);
      judge(header, at);
      offset += header.size_bytes;
    }
  }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  void judge(const venue::EventHeader& header, const std::byte* at) {
    if (header.type == venue::EventType::order_executed) {
      const auto event = read<venue::OrderExecuted>(at);
      const std::uint64_t id = sender_.id_of(header.session, event.user_reference);
      if (event.aggressor == 0) {
        maker_ = id;
      } else {
        tally_.add_trade(maker_, id, event.price_e4 / kTickE4, event.quantity);
      }
    } else if (header.type == venue::EventType::order_canceled) {
      const auto event = read<venue::OrderCanceled>(at);
      if (event.reason == venue::Reason::by_member) ++tally_.cancels;
    } else if (header.type == venue::EventType::order_rejected ||
               header.type == venue::EventType::cancel_rejected ||
               header.type == venue::EventType::stream_gap) {
      ++refused_;
    }
  }

  const Sender& sender_;
  Tally& tally_;
  std::uint64_t maker_ = 0;
  std::uint64_t refused_ = 0;
};

struct Run {
  Tally tally;
  std::uint64_t refused = 0;
  std::uint64_t state_hash = 0;
  std::uint64_t event_bytes = 0;
  double ns_per_command = 0;
  std::string invariants = "hold";
};

void tally_books(const venue::Venue& venue, std::uint16_t symbols, Tally& tally) {
  tally.open_orders = venue.books().live_orders();
  for (std::uint32_t id = 1; id <= symbols; ++id) {
    const auto add = [&](const market::Order& order) { tally.open_quantity += order.remaining; };
    venue.books().for_each_order(static_cast<InstrumentId>(id), Side::buy, add);
    venue.books().for_each_order(static_cast<InstrumentId>(id), Side::sell, add);
  }
}

// Commands are put into their batch just before the venue gets it, as a node does; that is not
// timed.
Run run(const std::vector<StreamRecord>& records, const VenueOptions& options, bool is_judged) {
  const std::uint16_t symbols = options.stream->symbols;
  venue::Venue venue{venue::Limits{}};
  base::ByteWriter events;
  BatchWriter batch;
  add_market(symbols, batch);
  venue.apply_batch(batch.finish(kStart_ns), events);

  Run result;
  Sender sender(records.size());
  EventJudge judge(sender, result.tally);
  std::uint64_t total_ns = 0;
  for (std::size_t first = 0; first < records.size(); first += options.batch_commands) {
    const std::size_t end = std::min<std::size_t>(records.size(), first + options.batch_commands);
    batch.clear();
    for (std::size_t i = first; i < end; ++i) sender.send(records[i], batch);
    const base::Bytes bytes = batch.finish(kStart_ns + 1'000 * first);
    events.clear();
    const std::uint64_t start_ns = thread_time_ns();
    venue.apply_batch(bytes, events);
    total_ns += thread_time_ns() - start_ns;
    result.event_bytes += events.size();
    if (is_judged) judge.judge(events.view());
  }
  result.refused = judge.refused();
  result.state_hash = venue.state_hash();
  result.ns_per_command = static_cast<double>(total_ns) / static_cast<double>(records.size());
  if (is_judged) {
    tally_books(venue, symbols, result.tally);
    if (const base::Status status = venue.check_invariants(); !status) {
      result.invariants = status.error().message;
    }
  }
  return result;
}

void check_tally(const Tally& tally, const Tally& expected, base::Report& report) {
  const auto check = [&](std::string name, std::uint64_t value, std::uint64_t should_be) {
    report.check(std::move(name), static_cast<std::int64_t>(value),
                 static_cast<std::int64_t>(should_be));
  };
  check("trades", tally.trades, expected.trades);
  check("volume", tally.volume, expected.volume);
  check("notional", tally.notional, expected.notional);
  report.check("trade hash", hex(tally.trade_hash), hex(expected.trade_hash));
  check("cancels", tally.cancels, expected.cancels);
  check("open orders", tally.open_orders, expected.open_orders);
  check("open quantity", tally.open_quantity, expected.open_quantity);
}

}  // namespace

base::Report bench_venue(const VenueOptions& options) {
  ASSERT(options.stream != nullptr && options.commands > 0 && options.rounds > 0 &&
             options.batch_commands > 0,
         "bad options");
  const Stream& stream = *options.stream;
  base::Report report("bench venue", 20260101);
  options.progress(fmt::format("making {} commands of stream {}", options.commands, stream.name));
  const std::vector<StreamRecord> records = generate(stream, options.commands);

  options.progress("judging the events");
  const Run judged = run(records, options, true);
  std::vector<double> times;
  bool is_repeatable = true;
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    options.progress(fmt::format("round {} of {}", round, options.rounds));
    const Run timed = run(records, options, false);
    times.push_back(timed.ns_per_command);
    is_repeatable &= timed.state_hash == judged.state_hash;
  }

  if (options.commands == kWholeStream) {
    report.check("checksum of the stream", hex(checksum(records, kWholeStream)),
                 hex(stream.checksum_5000000));
    check_tally(judged.tally, stream.tally_5000000, report);
  }
  report.check("commands refused", static_cast<std::int64_t>(judged.refused), std::int64_t{0});
  report.check("invariants", judged.invariants, std::string("hold"));
  report.check(fmt::format("state hash {} in every round", hex(judged.state_hash)), is_repeatable,
               true);
  report.figure("events",
                static_cast<double>(judged.event_bytes) / static_cast<double>(options.commands),
                "bytes per command");
  report.figure("quickest round", *std::min_element(times.begin(), times.end()), "ns per command");
  report.figure_at_most(fmt::format("{}: whole state machine", stream.name), median(times),
                        "ns per command", stream.symbols > 1 ? 300 : 200);
  return report;
}

}  // namespace okiagari::bench
