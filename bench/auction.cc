#include "bench/auction.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/signature.h"
#include "bench/timing.h"
#include "bench/venue_stream.h"
#include "market/allocation.h"
#include "market/auction_price.h"
#include "venue/venue.h"

namespace okiagari::bench {

namespace {

using venue::BatchWriter;
using venue::InstrumentState;

constexpr std::uint32_t kMiddle = 100'000;
constexpr std::uint32_t kBatchCommands = 256;

struct Rules {
  const char* name;
  market::PriceRule::Method method;
  market::PriceRule::Candidates candidates;
  market::AllocationRule allocation;
};
constexpr std::array<Rules, 3> kRules{{
    {"three conditions, members in turn", market::PriceRule::Method::three_conditions,
     market::PriceRule::Candidates::every_tick, market::AllocationRule::members_in_turn},
    {"largest volume at every tick, by time", market::PriceRule::Method::largest_volume,
     market::PriceRule::Candidates::every_tick, market::AllocationRule::fifo},
    {"largest volume at named prices, by time", market::PriceRule::Method::largest_volume,
     market::PriceRule::Candidates::limits_in_book, market::AllocationRule::fifo},
}};

base::KeyPair keys_of(std::uint8_t number) {
  std::array<std::byte, 32> seed{};
  seed[0] = std::byte{number};
  return base::key_pair_from_seed(seed);
}

// One market of one instrument in a call.
class Call {
 public:
  Call(const Rules& rules, std::uint64_t seed, std::uint32_t orders)
      : venue_(venue::Limits{}), sender_(orders), random_(seed) {
    BatchWriter batch;
    add_market(1, batch);
    for (std::uint8_t id = 1; id <= 2; ++id) {
      venue::AddOperator added{};
      added.operator_id = id;
      added.public_key = keys_of(id).public_key;
      batch.add(added);
    }
    venue::SetAuctionRules set{};
    set.instrument = 1;
    set.price_method = static_cast<std::uint8_t>(rules.method);
    set.candidates = static_cast<std::uint8_t>(rules.candidates);
    set.allocation = static_cast<std::uint8_t>(rules.allocation);
    set.takes_market_orders = 1;
    set.base_price = kMiddle;
    batch.add(set);
    apply(batch);
    change_state(InstrumentState::auction_call);
  }

  // Buyers and sellers are spread over two thousand ticks each and overlap over 1,600.
  void enter(std::uint32_t orders) {
    BatchWriter batch;
    for (std::uint32_t i = 1; i <= orders; ++i) {
      add_order(batch);
      if (i % kBatchCommands == 0 || i == orders) {
        timed_ns_ += apply(batch);
        batch.clear();
      }
    }
  }
  // One out, one in: the call stays as large as it is.
  void exchange(std::uint32_t commands) {
    BatchWriter batch;
    for (std::uint32_t i = 1; i <= commands; ++i) {
      if (i % 2 == 1) {
        StreamRecord record{};
        record.id = first_++;
        record.type = RecordType::cancel;
        record.side = sides_[record.id];
        sender_.send(record, batch);
      } else {
        add_order(batch);
      }
      if (i % kBatchCommands == 0 || i == commands) {
        timed_ns_ += apply(batch);
        batch.clear();
      }
    }
  }
  // Its time.
  std::uint64_t change_state(InstrumentState state) {
    venue::SetInstrumentState change{};
    change.header.size_bytes = sizeof change;
    change.header.type = venue::SetInstrumentState::kType;
    change.header.version = venue::kCommandVersion;
    change.control_number = ++controls_;
    change.scope = venue::Scope::instrument;
    change.target = 1;
    change.state = state;
    const base::Digest act = venue::approval_digest(base::object_bytes(change));
    for (std::uint8_t id = 1; id <= 2; ++id) {
      change.approvals[id - 1u].operator_id = id;
      change.approvals[id - 1u].signature =
          base::sign(venue::approved_digest(act, 0), keys_of(id).secret_key);
    }
    BatchWriter batch;
    batch.add(change);
    return apply(batch);
  }

  [[nodiscard]] std::uint64_t take_timed_ns() { return std::exchange(timed_ns_, 0); }
  [[nodiscard]] std::size_t last_event_bytes() const { return events_.size(); }
  [[nodiscard]] const venue::Venue& venue() const { return venue_; }
  // Indicative prices told since the start.
  [[nodiscard]] std::uint64_t indicatives() const { return indicatives_; }
  [[nodiscard]] std::uint64_t executions() const { return executions_; }

 private:
  void add_order(BatchWriter& batch) {
    StreamRecord record{};
    record.id = ++last_;
    const std::uint64_t drawn = random_();
    record.side = static_cast<std::uint8_t>(drawn & 1);
    const std::uint32_t away = static_cast<std::uint32_t>(drawn >> 8) % 2'000;
    record.price = record.side == 0 ? kMiddle - 1'200 + away : kMiddle - 800 + away;
    record.quantity = 1 + static_cast<std::uint32_t>(drawn >> 40) % 1'000;
    record.type = RecordType::limit;
    sides_.resize(last_ + 1);
    sides_[last_] = record.side;
    sender_.send(record, batch);
  }
  std::uint64_t apply(BatchWriter& batch) {
    const base::Bytes bytes = batch.finish(kStart_ns + 1'000 * ++batches_);
    events_.clear();
    const std::uint64_t start_ns = thread_time_ns();
    venue_.apply_batch(bytes, events_);
    const std::uint64_t took_ns = thread_time_ns() - start_ns;
    for (base::Bytes left = events_.view(); !left.empty();) {
      venue::EventHeader header;
      std::memcpy(&header, left.data(), sizeof header);
      indicatives_ += header.type == venue::EventType::feed_indicative ? 1 : 0;
      executions_ += header.type == venue::EventType::order_executed ? 1 : 0;
      left = left.subspan(header.size_bytes);
    }
    return took_ns;
  }

  venue::Venue venue_;
  Sender sender_;
  std::mt19937_64 random_;
  base::ByteWriter events_;
  std::vector<std::uint8_t> sides_;
  std::uint64_t last_ = 0;
  std::uint64_t first_ = 1;
  std::uint64_t batches_ = 0;
  std::uint64_t controls_ = 0;
  std::uint64_t timed_ns_ = 0;
  std::uint64_t indicatives_ = 0;
  std::uint64_t executions_ = 0;
};

struct Measured {
  std::vector<double> order_ns;
  std::vector<double> uncross_ms;
  double event_bytes = 0;
  double executions = 0;
  double told_share = 0;
  std::uint64_t state_hash = 0;
  bool is_repeatable = true;
  std::string invariants = "hold";
};

void measure_orders(const Rules& rules, const AuctionOptions& options, Measured& measured) {
  Call call(rules, options.seed, options.call_orders + options.timed_orders);
  call.enter(options.call_orders);
  (void)call.take_timed_ns();
  const std::uint64_t told_before = call.indicatives();
  call.exchange(options.timed_orders);
  measured.order_ns.push_back(static_cast<double>(call.take_timed_ns()) / options.timed_orders);
  measured.told_share =
      static_cast<double>(call.indicatives() - told_before) / options.timed_orders;
}

void measure_uncross(const Rules& rules, const AuctionOptions& options, bool is_first,
                     Measured& measured) {
  Call call(rules, options.seed, options.uncross_orders);
  call.enter(options.uncross_orders);
  const std::uint64_t took_ns = call.change_state(InstrumentState::full);
  measured.uncross_ms.push_back(static_cast<double>(took_ns) / 1e6);
  measured.event_bytes = static_cast<double>(call.last_event_bytes());
  measured.executions = static_cast<double>(call.executions());
  if (!is_first) {
    measured.is_repeatable &= call.venue().state_hash() == measured.state_hash;
    return;
  }
  measured.state_hash = call.venue().state_hash();
  if (const base::Status status = call.venue().check_invariants(); !status) {
    measured.invariants = status.error().message;
  }
}

}  // namespace

base::Report bench_auction(const AuctionOptions& options) {
  ASSERT(options.rounds > 0 && options.call_orders >= options.timed_orders / 2, "bad options");
  base::Report report("bench auction", options.seed);
  for (const Rules& rules : kRules) {
    Measured measured;
    for (std::uint32_t round = 1; round <= options.rounds; ++round) {
      options.progress(fmt::format("{}: round {} of {}", rules.name, round, options.rounds));
      measure_orders(rules, options, measured);
      measure_uncross(rules, options, round == 1, measured);
    }
    report.check(fmt::format("{}: invariants", rules.name), measured.invariants,
                 std::string("hold"));
    report.check(fmt::format("{}: the same state hash in every round", rules.name),
                 measured.is_repeatable, true);
    report.check(fmt::format("{}: something traded", rules.name), measured.executions > 0, true);
    report.figure(fmt::format("{}: orders that changed the indicative price", rules.name),
                  measured.told_share * 100, "%");
    report.figure(fmt::format("{}: events of the uncross", rules.name), measured.event_bytes / 1e6,
                  "MB");
    report.figure(fmt::format("{}: executions of the uncross", rules.name), measured.executions,
                  "");
    report.figure_at_most(
        fmt::format("{}: an order or cancel with {} in the call", rules.name, options.call_orders),
        median(measured.order_ns), "ns", 2'000);
    report.figure_at_most(
        fmt::format("{}: uncross of {} orders", rules.name, options.uncross_orders),
        median(measured.uncross_ms), "ms", 1'000);
  }
  return report;
}

}  // namespace okiagari::bench
