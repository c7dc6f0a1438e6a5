#include "bench/venue.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "venue/batch_writer.h"
#include "venue/command.h"
#include "venue/event.h"
#include "venue/venue.h"

namespace okiagari::bench {

namespace {

using venue::BatchWriter;
using venue::CommandHeader;

constexpr std::uint16_t kSessions = 16;
constexpr GatewayId kGateway = 1;
constexpr std::uint32_t kTickE4 = 1;
constexpr TimestampNs kStart_ns = 1'767'225'600'000'000'000;  // the stream's day
constexpr Money kPlentyOfMoney = Money{1} << 90;
constexpr Money kPlentyOfLots = Money{1} << 50;

// The thread's own time: what others do on the machine is not counted as ours.
std::uint64_t thread_time_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

venue::AdjustFunds deposit(AccountId account, InstrumentId asset, std::uint64_t number,
                           Money amount) {
  venue::AdjustFunds command{};
  command.account = account;
  command.asset = asset;
  command.transfer_number = number;
  command.amount_low = static_cast<std::int64_t>(amount);
  command.amount_high = static_cast<std::int64_t>(amount >> 64);
  return command;
}

void add_instruments(std::uint16_t symbols, BatchWriter& batch) {
  for (std::uint32_t id = 1; id <= symbols; ++id) {
    venue::AddInstrument command{};
    command.instrument = static_cast<InstrumentId>(id);
    const std::string symbol = fmt::format("{:<8}", fmt::format("S{}", id));
    std::copy_n(symbol.begin(), command.symbol.size(), command.symbol.begin());
    command.tick_e4 = kTickE4;
    command.money_per_tick_lot = 1;
    command.low_limit = 1;
    command.high_limit = 200'000;
    command.state = venue::InstrumentState::full;
    batch.add(command);
  }
}

// A member, an account and a session of each number, with enough of everything, logged in.
void add_participants(std::uint16_t symbols, BatchWriter& batch) {
  for (std::uint16_t id = 1; id <= kSessions; ++id) {
    venue::AddMember member{};
    member.member = id;
    member.firm = {'F', 'I', 'R', 'M'};
    batch.add(member);
    venue::AddAccount account{};
    account.account = id;
    account.member = id;
    batch.add(account);
    std::uint64_t transfer = 0;
    batch.add(deposit(id, 0, ++transfer, kPlentyOfMoney));
    for (std::uint32_t asset = 1; asset <= symbols; ++asset) {
      batch.add(deposit(id, static_cast<InstrumentId>(asset), ++transfer, kPlentyOfLots));
    }
    venue::AddSession session{};
    session.added_session = id;
    session.member = id;
    session.default_account = id;
    batch.add(session);
    venue::Login login{};
    login.header.session = id;
    login.header.gateway = kGateway;
    login.nonce = id;
    batch.add(login);
  }
}

// Gives every order of the stream a session and a number there. Buyers and sellers are different
// members, so that self-trade prevention is asked at every fill and never strikes.
class Sender {
 public:
  explicit Sender(std::uint64_t orders) : references_(orders + 1) {}

  void send(const StreamRecord& record, BatchWriter& batch) {
    const auto session = static_cast<SessionId>(1 + (record.id % 8) * 2 + record.side);
    CommandHeader header{};
    header.session = session;
    header.gateway = kGateway;
    header.epoch = 1;
    header.stream_number = ++stream_numbers_[session];
    if (record.type == RecordType::cancel) {
      venue::CancelOrder command{};
      command.header = header;
      command.user_reference = references_[record.id];
      batch.add(command);
      return;
    }
    std::vector<std::uint32_t>& ids = ids_[session];
    ids.push_back(static_cast<std::uint32_t>(record.id));
    references_[record.id] = static_cast<std::uint32_t>(ids.size());
    venue::NewOrder command{};
    command.header = header;
    command.user_reference = references_[record.id];
    command.quantity = record.quantity;
    command.price_e4 = std::uint64_t{record.price} * kTickE4;
    command.instrument = static_cast<InstrumentId>(record.symbol + 1);
    command.side = static_cast<Side>(record.side);
    command.time_in_force = static_cast<std::uint8_t>(
        record.type == RecordType::limit ? market::TimeInForce::good_till_cancel
                                         : market::TimeInForce::immediate_or_cancel);
    command.self_trade = static_cast<std::uint8_t>(market::SelfTradePrevention::cancel_newest);
    command.client_order_id = {'b', 'e', 'n', 'c', 'h'};
    batch.add(command);
  }

  [[nodiscard]] std::uint64_t id_of(SessionId session, std::uint32_t user_reference) const {
    return ids_[session][user_reference - 1];
  }

 private:
  std::array<std::uint32_t, kSessions + 1> stream_numbers_{};
  std::array<std::vector<std::uint32_t>, kSessions + 1> ids_;
  std::vector<std::uint32_t> references_;
};

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
  add_instruments(symbols, batch);
  add_participants(symbols, batch);
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

namespace {

constexpr std::uint16_t kSnapshotBooks = 100;

// Orders that do not meet: buys below the middle, sells above it, spread over levels and sessions.
void fill(venue::Venue& venue, std::uint32_t live_orders) {
  BatchWriter batch;
  base::ByteWriter events;
  add_instruments(kSnapshotBooks, batch);
  add_participants(kSnapshotBooks, batch);
  venue.apply_batch(batch.finish(kStart_ns), events);

  std::uint64_t state = 20260101;
  const auto next = [&state] {
    state += 0x9E3779B97F4A7C15;
    std::uint64_t z = state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  };
  Sender sender(live_orders);
  for (std::uint32_t id = 1; id <= live_orders;) {
    batch.clear();
    for (; id <= live_orders && batch.count() < 4'096; ++id) {
      const std::uint64_t random = next();
      StreamRecord record{};
      record.id = id;
      record.side = random & 1;
      const auto distance = static_cast<std::uint32_t>(1 + (random >> 8) % 500);
      record.price = record.side == 0 ? 100'000 - distance : 100'000 + distance;
      record.quantity = static_cast<std::uint32_t>(1 + (random >> 24) % 1'000);
      record.symbol = static_cast<std::uint16_t>((random >> 40) % kSnapshotBooks);
      record.type = RecordType::limit;
      sender.send(record, batch);
    }
    events.clear();
    venue.apply_batch(batch.finish(kStart_ns + id), events);
  }
}

}  // namespace

base::Report bench_snapshot_load(const SnapshotOptions& options) {
  ASSERT(options.live_orders > 0 && options.rounds > 0, "bad options");
  base::Report report("bench recovery", 20260101);
  options.progress(fmt::format("entering {} orders", options.live_orders));
  venue::Venue venue{venue::Limits{}};
  fill(venue, options.live_orders);

  std::vector<double> write_ms;
  std::vector<double> load_ms;
  base::ByteWriter first;
  venue.write_snapshot(first);
  bool is_equal = true;
  std::string refusal = "none";
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    options.progress(fmt::format("round {} of {}", round, options.rounds));
    base::ByteWriter again;
    const std::uint64_t start_ns = thread_time_ns();
    venue.write_snapshot(again);
    const std::uint64_t written_ns = thread_time_ns();
    venue::Venue restored{venue::Limits{}};
    if (const base::Status status = restored.load_snapshot(again.view()); !status) {
      refusal = status.error().message;
    }
    const std::uint64_t loaded_ns = thread_time_ns();
    write_ms.push_back(static_cast<double>(written_ns - start_ns) / 1e6);
    load_ms.push_back(static_cast<double>(loaded_ns - written_ns) / 1e6);
    base::ByteWriter copy;
    restored.write_snapshot(copy);
    is_equal &= std::ranges::equal(copy.view(), first.view());
  }
  report.check("live orders", static_cast<std::int64_t>(venue.books().live_orders()),
               static_cast<std::int64_t>(options.live_orders));
  report.check("refusal", refusal, std::string("none"));
  report.check("loaded and written again it is the same", is_equal, true);
  report.figure("snapshot", static_cast<double>(first.size()) / 1e6, "MB");
  report.figure("snapshot written", median(write_ms), "ms");
  report.figure_at_most("snapshot loaded", median(load_ms), "ms", 1'000);
  return report;
}

}  // namespace okiagari::bench
