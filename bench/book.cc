#include "bench/book.h"

#include <fmt/format.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.h"
#include "bench/plain_book.h"
#include "bench/timing.h"
#include "market/order_books.h"

namespace okiagari::bench {

namespace {

using Records = std::vector<StreamRecord>;

// Keeps the thread on the core it is on.
class OnOneCore {
 public:
  OnOneCore() {
    CPU_ZERO(&before_);
    is_pinned_ = sched_getaffinity(0, sizeof before_, &before_) == 0;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(sched_getcpu()), &one);
    is_pinned_ = is_pinned_ && sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~OnOneCore() {
    if (is_pinned_) sched_setaffinity(0, sizeof before_, &before_);
  }
  OnOneCore(const OnOneCore&) = delete;
  OnOneCore& operator=(const OnOneCore&) = delete;

  [[nodiscard]] bool is_pinned() const { return is_pinned_; }

 private:
  cpu_set_t before_;
  bool is_pinned_ = false;
};

struct Run {
  Tally tally;
  double ns_per_command = 0;
};

template <typename Engine>
Run run(const Records& records, std::uint16_t symbols) {
  Engine engine(symbols);
  const std::uint64_t start_ns = thread_time_ns();
  for (const StreamRecord& record : records) engine.apply(record);
  const std::uint64_t end_ns = thread_time_ns();
  return {engine.tally(),
          static_cast<double>(end_ns - start_ns) / static_cast<double>(records.size())};
}

class PlainEngine {
 public:
  explicit PlainEngine(std::uint16_t symbols) : books_(symbols) {}

  void apply(const StreamRecord& record) {
    PlainBook& book = books_[record.symbol];
    if (record.type == RecordType::cancel) {
      listener_.tally.cancels += book.cancel(record.id);
      return;
    }
    listener_.taker = record.id;
    book.submit({record.id, record.price, record.quantity}, static_cast<Side>(record.side),
                record.type == RecordType::limit, listener_);
  }

  [[nodiscard]] Tally tally() const {
    Tally tally = listener_.tally;
    for (const PlainBook& book : books_) {
      book.for_each_order([&](const PlainBook::Order& order) {
        ++tally.open_orders;
        tally.open_quantity += order.quantity;
      });
    }
    return tally;
  }

 private:
  struct Listener {
    Tally tally;
    std::uint64_t taker = 0;
    void on_fill(const PlainBook::Order& maker, std::uint32_t quantity) {
      tally.add_trade(maker.id, taker, maker.price, quantity);
    }
  };

  std::vector<PlainBook> books_;
  Listener listener_;
};

// Sixteen members with a session each; buyers and sellers are different ones, so that self-trade
// prevention is asked at every fill and never strikes.
//
// A session numbers its own orders from 1 (OUCH 5.0), so the stream's id, which counts the orders
// of all, is divided by eight for the user reference: it rises by one from order to order of the
// two members that share a remainder, and so has a hole, at random, for each order of the other.
// The trade hash is made of the stream's ids, which the books carry as order references.
class VenueEngine {
 public:
  explicit VenueEngine(std::uint16_t symbols) : books_(market::Limits{}), symbols_(symbols) {
    for (InstrumentId instrument = 1; instrument <= symbols; ++instrument) {
      books_.add_instrument(instrument);
      books_.set_price_limits(instrument, 90'000, 110'000);
    }
  }

  void apply(const StreamRecord& record) {
    const MemberId member = static_cast<MemberId>(1 + (record.id % 8) * 2 + record.side);
    const market::OrderKey key = market::OrderKey{member} << 32 | record.id / 8;
    if (record.type == RecordType::cancel) {
      listener_.tally.cancels += books_.cancel(key);
      return;
    }
    listener_.taker = record.id;
    const bool rests = record.type == RecordType::limit;
    const auto submitted =
        books_.submit({.key = key,
                       .reference = record.id,
                       .price = static_cast<PriceTicks>(record.price),
                       .quantity = record.quantity,
                       .account = member,
                       .instrument = static_cast<InstrumentId>(record.symbol + 1),
                       .member = member,
                       .side = static_cast<Side>(record.side),
                       .type = market::PriceType::limit,
                       .time_in_force = rests ? market::TimeInForce::day
                                              : market::TimeInForce::immediate_or_cancel,
                       .self_trade = market::SelfTradePrevention::cancel_newest,
                       .post_only = false},
                      listener_);
    refused_ += submitted.result != market::SubmitResult::done;
  }

  [[nodiscard]] Tally tally() const {
    ASSERT(refused_ == 0, "{} orders refused", refused_);
    Tally tally = listener_.tally;
    tally.open_orders = books_.live_orders();
    for (InstrumentId instrument = 1; instrument <= symbols_; ++instrument) {
      const auto add = [&](const market::Order& order) { tally.open_quantity += order.remaining; };
      books_.for_each_order(instrument, Side::buy, add);
      books_.for_each_order(instrument, Side::sell, add);
    }
    return tally;
  }

 private:
  struct Listener {
    Tally tally;
    std::uint64_t taker = 0;
    void on_fill(const market::Order& maker, QuantityLots quantity) {
      tally.add_trade(maker.reference, taker, static_cast<std::uint64_t>(maker.price), quantity);
    }
    void on_self_trade_cancel(const market::Order&) {}
  };

  market::OrderBooks books_;
  std::uint16_t symbols_;
  Listener listener_;
  std::uint64_t refused_ = 0;
};

// The floor of anything that keeps orders by their id.
double floor_ns_per_command(const Records& records) {
  std::vector<std::uint32_t> words(records.size() + 1);
  const std::uint64_t start_ns = thread_time_ns();
  for (const StreamRecord& record : records) words[record.id] += record.quantity;
  const std::uint64_t end_ns = thread_time_ns();
  return static_cast<double>(end_ns - start_ns) / static_cast<double>(records.size());
}

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

void check_stream(const Stream& stream, const Records& records, base::Report& report) {
  const auto check = [&](std::uint64_t count, std::uint64_t expected) {
    if (records.size() < count) return;
    report.check(fmt::format("checksum of the first {} records", count),
                 hex(checksum(records, count)), hex(expected));
  };
  check(1'000, stream.checksum_1000);
  check(50'000, stream.checksum_50000);
  check(kWholeStream, stream.checksum_5000000);
}

void check_tally(std::string_view engine, const Tally& tally, const Tally& expected,
                 base::Report& report) {
  const auto check = [&](std::string_view what, std::uint64_t value, std::uint64_t should_be) {
    report.check(fmt::format("{}: {}", engine, what), static_cast<std::int64_t>(value),
                 static_cast<std::int64_t>(should_be));
  };
  check("trades", tally.trades, expected.trades);
  check("volume", tally.volume, expected.volume);
  check("notional", tally.notional, expected.notional);
  report.check(fmt::format("{}: trade hash", engine), hex(tally.trade_hash),
               hex(expected.trade_hash));
  check("cancels", tally.cancels, expected.cancels);
  check("open orders", tally.open_orders, expected.open_orders);
  check("open quantity", tally.open_quantity, expected.open_quantity);
}

struct Times {
  std::vector<double> venue;
  std::vector<double> plain;
  std::vector<double> floor;
  std::vector<double> ratio;
};

}  // namespace

base::Report bench_book(const BookOptions& options) {
  ASSERT(options.stream != nullptr && options.commands > 0 && options.rounds > 0, "bad options");
  const Stream& stream = *options.stream;
  base::Report report("bench book", 20260101);
  const OnOneCore on_one_core;

  options.progress(fmt::format("making {} commands of stream {}", options.commands, stream.name));
  const Records records = generate(stream, options.commands);
  check_stream(stream, records, report);

  Times times;
  Tally venue_tally, plain_tally;
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    options.progress(fmt::format("round {} of {}", round, options.rounds));
    Run venue, plain;
    if (round % 2 == 1) {
      plain = run<PlainEngine>(records, stream.symbols);
      venue = run<VenueEngine>(records, stream.symbols);
    } else {
      venue = run<VenueEngine>(records, stream.symbols);
      plain = run<PlainEngine>(records, stream.symbols);
    }
    times.venue.push_back(venue.ns_per_command);
    times.plain.push_back(plain.ns_per_command);
    times.floor.push_back(floor_ns_per_command(records));
    times.ratio.push_back(venue.ns_per_command / plain.ns_per_command);
    venue_tally = venue.tally;
    plain_tally = plain.tally;
  }

  const bool is_whole = options.commands == kWholeStream;
  if (is_whole) check_tally("plain book", plain_tally, stream.tally_5000000, report);
  check_tally("order books", venue_tally, is_whole ? stream.tally_5000000 : plain_tally, report);
  report.check("pinned to one core", on_one_core.is_pinned(), true);
  report.figure("order books", median(times.venue), "ns per command");
  report.figure("plain book", median(times.plain), "ns per command");
  report.figure("floor: one word touched per order id", median(times.floor), "ns per command");
  report.figure_at_most(fmt::format("{}: time relative to the plain book", stream.name),
                        median(times.ratio), "ratio", stream.time_ratio_max);
  return report;
}

}  // namespace okiagari::bench
