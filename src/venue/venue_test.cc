// Goal: the venue does what its rules say, whatever comes, and every replica does the same. Method:
// random commands go to the venue, to a second venue, and to the naive venue; lines, balances and
// hashes are compared after every batch. Now and then the venue is replaced by one that was loaded
// from its snapshot.
//
// OKIAGARI_SEED repeats a run; the seed is printed when one fails.
#include "venue/venue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/calendar_day.h"
#include "base/sanitized.h"
#include "venue/naive_venue.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

#ifdef OKIAGARI_IS_SANITIZED
constexpr bool kIsSlow = true;
#else
constexpr bool kIsSlow = false;
#endif
constexpr int kBatches = kIsSlow ? 1'000 : 10'000;

std::uint64_t seed() {
  const char* given = std::getenv("OKIAGARI_SEED");
  return given == nullptr ? 20260101 : std::strtoull(given, nullptr, 10);
}

class Random {
 public:
  explicit Random(std::uint64_t from) : engine_(from) {}
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(engine_() % end); }
  bool percent(std::uint32_t n) { return below(100) < n; }

 private:
  std::mt19937_64 engine_;
};

class VenueTest : public testing::Test {
 protected:
  VenueTest() : VenueTest(Limits{}) {}
  explicit VenueTest(const Limits& the_limits)
      : limits(the_limits), random(seed()), market(limits), twin(limits), naive(limits.steps) {
    market.add_operators();
    twin.add_operators();
  }

  SessionId any_session() {
    return static_cast<SessionId>(random.percent(1) ? 9 : 1 + random.below(4));
  }

  // The next of the session's stream in this batch; now and then a repeat, a gap or an old epoch.
  template <typename Command>
  void send(SessionId id, Command command) {
    if (id <= 4) {
      const NaiveVenue::NaiveSession& session = naive.session(id);
      command.header.gateway = session.gateway;
      command.header.epoch = session.epoch;
      command.header.stream_number = session.next_stream;
      if (random.percent(2)) command.header.stream_number += random.below(3) - 1;
      if (random.percent(1)) --command.header.epoch;
      if (random.percent(1)) command.header.gateway = 2;
    }
    command.header.session = id;
    batch.add(command);
    naive.apply(command);
  }

  std::uint32_t new_reference(SessionId id) {
    if (id > 4) return 1;
    const std::uint32_t next = naive.session(id).mark + 1;
    if (random.percent(3)) return next + random.below(4);
    if (random.percent(2)) return next - random.below(std::min(next, 200u));
    if (random.percent(1)) return random.below(next);
    return next;
  }
  std::uint32_t live_reference(SessionId id) {
    std::vector<std::uint32_t> references;
    for (const auto& resting : naive.live()) {
      if (resting.order.key >> 32 == id) {
        references.push_back(static_cast<std::uint32_t>(resting.order.key));
      }
    }
    for (const NaiveStop& stop : naive.waiting()) {
      if (stop.order.key >> 32 == id) {
        references.push_back(static_cast<std::uint32_t>(stop.order.key));
      }
    }
    if (references.empty() || random.percent(5)) return random.below(200);
    return references[random.below(static_cast<std::uint32_t>(references.size()))];
  }
  std::uint64_t any_price_e4() {
    if (random.percent(1)) return random.below(200'000);
    if (random.percent(1)) return std::uint64_t{random.below(2'000)} * TestMarket::kTickE4;
    if (random.percent(1)) return (std::uint64_t{1} << 32) + random.below(1'000);
    return std::uint64_t{490 + random.below(21)} * TestMarket::kTickE4;
  }
  QuantityLots any_quantity() {
    if (random.percent(1)) return 0;
    if (random.percent(1)) return kMaxQuantityLots + random.below(2);
    if (random.percent(5)) return 1 + random.below(9'000);
    return 1 + random.below(50);
  }

  // So many out of a hundred for a day, the others for whatever it is; dates about the present one.
  template <typename Command>
  void draw_time(Command& c, std::uint32_t day_percent) {
    c.time_in_force = static_cast<std::uint8_t>(random.percent(day_percent) ? 0 : random.below(7));
    if (random.percent(30)) c.last_day = static_cast<std::uint16_t>(random.below(2));
    if (c.time_in_force == 5) c.last_day = static_cast<std::uint16_t>(day - 1 + random.below(5));
  }
  void send_new_order() {
    const SessionId id = any_session();
    NewOrder c{};
    c.user_reference = new_reference(id);
    c.quantity = any_quantity();
    c.price_e4 = any_price_e4();
    c.account = random.percent(90) ? 0 : random.below(6);
    c.instrument =
        static_cast<InstrumentId>(random.percent(97) ? 1 + random.below(2) : random.below(5));
    c.side = static_cast<Side>(random.percent(99) ? random.below(2) : 2);
    c.price_type = random.percent(10) ? 1 : 0;
    draw_time(c, 75);
    c.self_trade = static_cast<std::uint8_t>(random.percent(99) ? random.below(4) : 4);
    c.post_only = random.percent(5) ? 1 : 0;
    send(id, c);
  }
  void send_iceberg() {
    const SessionId id = any_session();
    NewIceberg c{};
    c.user_reference = new_reference(id);
    c.quantity = any_quantity();
    c.price_e4 = any_price_e4();
    c.instrument =
        static_cast<InstrumentId>(random.percent(97) ? 1 + random.below(2) : random.below(5));
    c.side = static_cast<Side>(random.below(2));
    c.price_type = random.percent(2) ? 1 : 0;
    draw_time(c, 75);
    c.self_trade = static_cast<std::uint8_t>(random.below(4));
    c.post_only = random.percent(5) ? 1 : 0;
    c.display = random.below(random.percent(80) ? 10 : 100);
    send(id, c);
  }
  void send_iceberg_replacement() {
    const SessionId id = any_session();
    ReplaceIceberg c{};
    c.original_user_reference = live_reference(id);
    c.user_reference = new_reference(id);
    c.quantity = any_quantity();
    c.price_e4 = any_price_e4();
    c.time_in_force = random.percent(80) ? kTimeInForceAsBefore : std::uint8_t{3};
    c.display = random.below(10);
    send(id, c);
  }
  void send_replacement() {
    const SessionId id = any_session();
    ReplaceOrder c{};
    c.original_user_reference = live_reference(id);
    c.user_reference = new_reference(id);
    c.quantity = any_quantity();
    c.price_e4 = any_price_e4();
    draw_time(c, 60);
    if (random.percent(40)) c.time_in_force = kTimeInForceAsBefore;
    c.post_only = random.percent(5) ? 1 : 0;
    send(id, c);
  }
  // Any of a stop's fields but its trigger are those of an order.
  template <typename Command>
  void draw_stop(Command& c) {
    c.quantity = any_quantity();
    c.price_e4 = any_price_e4();
    c.trigger_e4 = any_price_e4();
    c.price_type = static_cast<std::uint8_t>(random.percent(70) ? 0 : random.below(3));
    draw_time(c, 70);
    c.post_only = random.percent(2) ? 1 : 0;
  }
  void send_new_stop() {
    const SessionId id = any_session();
    NewStop c{};
    c.user_reference = new_reference(id);
    draw_stop(c);
    c.account = random.percent(95) ? 0 : random.below(6);
    c.instrument =
        static_cast<InstrumentId>(random.percent(97) ? 1 + random.below(2) : random.below(5));
    c.side = static_cast<Side>(random.percent(99) ? random.below(2) : 2);
    c.self_trade = static_cast<std::uint8_t>(random.percent(99) ? random.below(4) : 4);
    send(id, c);
  }
  void send_stop_replacement() {
    const SessionId id = any_session();
    std::vector<NaiveStop> own = naive.waiting();
    std::erase_if(own, [&](const NaiveStop& stop) { return stop.order.key >> 32 != id; });
    ReplaceStop c{};
    c.user_reference = new_reference(id);
    c.original_user_reference = live_reference(id);
    draw_stop(c);
    if (!own.empty() && random.percent(90)) {
      const NaiveStop& stop = own[random.below(static_cast<std::uint32_t>(own.size()))];
      c.original_user_reference = static_cast<std::uint32_t>(stop.order.key);
      if (random.percent(50)) {
        c.trigger_e4 = static_cast<std::uint64_t>(stop.trigger) * TestMarket::kTickE4;
        c.price_e4 = static_cast<std::uint64_t>(stop.order.price) * TestMarket::kTickE4;
        c.price_type = stop.is_market ? 1 : 0;
        c.time_in_force = random.percent(50) ? static_cast<std::uint8_t>(stop.order.time_in_force)
                                             : kTimeInForceAsBefore;
        c.last_day = stop.order.last_day;
      }
    }
    send(id, c);
  }
  std::uint64_t any_distance_e4() {
    if (random.percent(1)) return random.below(2'000);
    if (random.percent(1)) return (std::uint64_t{1} << 32) + random.below(1'000);
    return std::uint64_t{1 + random.below(random.percent(97) ? 8 : 800)} * TestMarket::kTickE4;
  }
  void send_trailing_stop() {
    const SessionId id = any_session();
    NewTrailingStop c{};
    c.user_reference = new_reference(id);
    c.quantity = any_quantity();
    c.price_e4 = any_price_e4();
    c.distance_e4 = any_distance_e4();
    c.price_type = static_cast<std::uint8_t>(random.percent(50) ? 0 : random.below(3));
    draw_time(c, 70);
    c.instrument =
        static_cast<InstrumentId>(random.percent(97) ? 1 + random.below(2) : random.below(5));
    c.side = static_cast<Side>(random.percent(99) ? random.below(2) : 2);
    c.self_trade = static_cast<std::uint8_t>(random.below(4));
    send(id, c);
  }
  void send_trailing_replacement() {
    const SessionId id = any_session();
    std::vector<NaiveStop> own = naive.waiting();
    std::erase_if(own, [&](const NaiveStop& stop) { return stop.order.key >> 32 != id; });
    ReplaceTrailingStop c{};
    c.user_reference = new_reference(id);
    c.original_user_reference = live_reference(id);
    c.quantity = any_quantity();
    c.price_e4 = any_price_e4();
    c.distance_e4 = any_distance_e4();
    draw_time(c, 70);
    if (!own.empty() && random.percent(90)) {
      const NaiveStop& stop = own[random.below(static_cast<std::uint32_t>(own.size()))];
      c.original_user_reference = static_cast<std::uint32_t>(stop.order.key);
      if (random.percent(50)) {
        if (stop.distance != 0) {
          c.distance_e4 = static_cast<std::uint64_t>(stop.distance) * TestMarket::kTickE4;
        }
        c.price_e4 = static_cast<std::uint64_t>(stop.order.price) * TestMarket::kTickE4;
        c.price_type = stop.is_market ? 1 : 0;
        c.time_in_force = kTimeInForceAsBefore;
        if (random.percent(50)) c.quantity = 1 + random.below(stop.order.quantity);
      }
    }
    send(id, c);
  }
  void send_cancel() {
    const SessionId id = any_session();
    CancelOrder c{};
    c.user_reference = live_reference(id);
    c.quantity = random.percent(70) ? 0 : random.below(50);
    send(id, c);
  }
  void send_mass_cancel() {
    const SessionId id = any_session();
    MassCancel c{};
    c.instrument = static_cast<InstrumentId>(random.below(4));
    c.side = static_cast<std::uint8_t>(random.below(4));
    c.user_reference = random.percent(30) ? 0 : new_reference(id);
    send(id, c);
  }
  void send_login_or_logout() {
    const auto id = static_cast<SessionId>(1 + random.below(4));
    const bool is_absent = naive.session(id).gateway == 0;
    if (is_absent || random.percent(50)) {
      const Login c = TestMarket::login(id, static_cast<GatewayId>(1 + random.below(2)),
                                        random.below(20), random.percent(50));
      batch.add(c);
      naive.apply(c);
    } else {
      Logout c{};
      c.header.session = id;
      c.header.gateway = random.percent(90) ? naive.session(id).gateway : GatewayId{2};
      c.header.epoch = naive.session(id).epoch - (random.percent(10) ? 1 : 0);
      c.reason = static_cast<LogoutReason>(random.below(2));
      batch.add(c);
      naive.apply(c);
    }
  }
  void send_control() {
    SetInstrumentState c{};
    c.control_number = ++market.control_number;
    // Mostly back to trading, so that something happens.
    if (random.percent(30)) {
      c.scope = Scope::member;
      c.target = static_cast<std::uint16_t>(1 + random.below(3));
      c.state = random.percent(30) ? InstrumentState::halted : InstrumentState::full;
    } else {
      c.scope = Scope::instrument;
      c.target = static_cast<std::uint16_t>(1 + random.below(2));
      c.state = random.percent(60) ? InstrumentState::full
                                   : static_cast<InstrumentState>(random.below(8));
    }
    approve(c, 0, 1, operator_keys(1));
    approve(c, 1, 2, operator_keys(2));
    batch.add(c);
    naive.apply(c);
  }
  // A call is opened, or ends, far more often than a state is changed otherwise.
  void send_call_or_uncross() {
    const InstrumentState states[] = {InstrumentState::auction_call, InstrumentState::full,
                                      InstrumentState::limit_only, InstrumentState::uncross};
    SetInstrumentState c = TestMarket::state_change(++market.control_number, Scope::instrument,
                                                    static_cast<std::uint16_t>(1 + random.below(2)),
                                                    states[random.below(4)]);
    approve(c, 0, 1, operator_keys(1));
    approve(c, 1, 2, operator_keys(2));
    batch.add(c);
    naive.apply(c);
  }
  void send_auction_rules() {
    SetAuctionRules c{};
    c.instrument = static_cast<InstrumentId>(1 + random.below(2));
    c.price_method = static_cast<std::uint8_t>(random.below(2));
    c.candidates = static_cast<std::uint8_t>(random.below(3));
    c.allocation = static_cast<std::uint8_t>(random.below(2));
    c.takes_market_orders = random.percent(80) ? 1 : 0;
    c.collar_unit = static_cast<std::uint8_t>(random.below(3));
    c.extensions_max = static_cast<std::uint8_t>(random.below(3));
    c.base_price = static_cast<PriceTicks>(random.percent(50) ? 0 : 495 + random.below(10));
    c.collar = c.collar_unit == 2 ? random.below(100) : random.below(5);
    c.collar_step = c.collar_unit == 2 ? random.below(50) : random.below(3);
    batch.add(c);
    naive.apply(c);
  }
  void send_day_end() {
    if (random.percent(80)) ++day;
    EndDay c{};
    c.control_number = ++market.control_number;
    c.day = random.percent(5) ? 20261131 : base::year_month_day_of(day);
    approve(c, 0, 1, operator_keys(1));
    approve(c, 1, 2, operator_keys(2));
    batch.add(c);
    naive.apply(c);
  }
  void send_anything() {
    send_one_command();
    naive.end_command();
  }
  void send_one_command() {
    const std::uint32_t n = random.below(1'000);
    if (n < 7) return send_call_or_uncross();
    if (n < 9) return send_auction_rules();
    if (n < 11) return send_day_end();
    if (n < 40) return send_new_stop();
    if (n < 70) return send_trailing_stop();
    if (n < 80) return send_stop_replacement();
    if (n < 90) return send_trailing_replacement();
    if (n < 170) return send_iceberg();
    if (n < 200) return send_iceberg_replacement();
    if (n < 600) return send_new_order();
    if (n < 740) return send_replacement();
    if (n < 940) return send_cancel();
    if (n < 950) return send_mass_cancel();
    if (n < 980) return send_login_or_logout();
    send_control();
  }

  void expect_same_balances() {
    for (AccountId account = 1; account <= 4; ++account) {
      for (InstrumentId asset = 0; asset <= 2; ++asset) {
        EXPECT_TRUE(market.total(account, asset) == naive.total(account, asset));
        EXPECT_TRUE(market.reserved(account, asset) == naive.reserved(account, asset));
      }
    }
  }

  void replace_by_snapshot() {
    const std::string written = market.snapshot();
    Venue restored{limits};
    const base::Status status = restored.load_snapshot(base::as_bytes(written));
    ASSERT_TRUE(status.ok()) << status.error().message;
    market.venue = std::move(restored);
    EXPECT_EQ(market.snapshot(), written);
  }

  Limits limits;
  Random random;
  TestMarket market;
  TestMarket twin;
  NaiveVenue naive;
  BatchWriter batch;
  std::uint16_t day = 20'000;  // the last one that ended, or was to
};

TEST_F(VenueTest, ItDoesWhatTheNaiveVenueDoes) {
  std::map<std::string, int> seen;
  std::uint64_t commands = 0;
  int crosses = 0;
  int triggered = 0;
  int expired = 0;
  int shown = 0;
  for (int i = 0; i < kBatches && !HasFailure(); ++i) {
    batch.clear();
    const std::uint32_t count = 1 + random.below(12);
    for (std::uint32_t n = 0; n < count; ++n) send_anything();
    naive.end_batch();
    const Lines lines = market.apply(batch);
    EXPECT_EQ(lines, naive.take_lines()) << "seed " << seed() << ", batch " << i;
    EXPECT_EQ(market.commands, count);
    expect_same_balances();
    twin.apply(batch);
    EXPECT_EQ(twin.venue.state_hash(), market.venue.state_hash());
    if (random.percent(1)) replace_by_snapshot();
    commands += count;
    for (const std::string& line : lines) {
      ++seen[line.substr(line.rfind(": ") + 2)];
      crosses += line.starts_with("feed: cross of ") ? 1 : 0;
      expired += line.ends_with(", day over") ? 1 : 0;
      shown += line.find(": shown ") != std::string::npos ? 1 : 0;
      triggered += line.find(": triggered ") != std::string::npos ? 1 : 0;
    }
  }
  EXPECT_EQ(market.snapshot(), twin.snapshot());
  // What never came up was not tested.
  for (const char* reason :
       {"would trade", "cannot fill", "insufficient funds", "insufficient position",
        "number never arrived", "number too old", "price off tick", "price too large",
        "price out of limits", "state forbids", "member halted", "unknown order", "unknown account",
        "unknown instrument", "malformed", "not supported", "outside collar, 0 affected",
        "day has ended", "too many peaks"}) {
    EXPECT_TRUE(kIsSlow || seen[reason] > 0) << reason;
  }
  EXPECT_GT(crosses, kIsSlow ? 0 : 40);
  EXPECT_GT(triggered, kIsSlow ? 10 : 100);
  EXPECT_GT(shown, kIsSlow ? 10 : 1'000);
  EXPECT_GT(expired, kIsSlow ? 10 : 500);
  RecordProperty("commands", std::to_string(commands));
}

// Where one stop goes with a command, most of them wait for their turn; trades, cancels, states and
// snapshots come in between.
class OneByOneVenueTest : public VenueTest {
 protected:
  OneByOneVenueTest() : VenueTest(one_by_one()) {}
  static Limits one_by_one() {
    Limits bounded;
    bounded.steps.stops_triggered = 1;
    return bounded;
  }
  void send_one() {
    const std::uint32_t n = random.below(1'000);
    if (n < 10) return send_call_or_uncross();
    if (n < 160) return send_new_stop();
    if (n < 360) return send_trailing_stop();
    if (n < 400) return send_stop_replacement();
    if (n < 460) return send_trailing_replacement();
    if (n < 850) return send_new_order();
    if (n < 990) return send_cancel();
    send_control();
  }
};

TEST_F(OneByOneVenueTest, StopsThatWaitForTheirTurnGoAsThoseOfTheNaiveVenue) {
  int trailing = 0;
  int pending = 0;
  int replaced = 0;
  for (int i = 0; i < kBatches && !HasFailure(); ++i) {
    batch.clear();
    const std::uint32_t count = 1 + random.below(6);
    for (std::uint32_t n = 0; n < count; ++n) {
      send_one();
      naive.end_command();
    }
    naive.end_batch();
    const Lines lines = market.apply(batch);
    EXPECT_EQ(lines, naive.take_lines()) << "seed " << seed() << ", batch " << i;
    expect_same_balances();
    twin.apply(batch);
    EXPECT_EQ(twin.venue.state_hash(), market.venue.state_hash());
    pending += market.venue.has_stops_to_go() ? 1 : 0;
    for (const std::string& line : lines) {
      trailing += line.find(": trailing stop accepted") != std::string::npos ? 1 : 0;
      replaced += line.find(": trailing stop replaced") != std::string::npos ? 1 : 0;
    }
    if (random.percent(2)) replace_by_snapshot();
  }
  EXPECT_EQ(market.snapshot(), twin.snapshot());
  EXPECT_GT(trailing, kIsSlow ? 100 : 1'000);
  EXPECT_GT(replaced, kIsSlow ? 10 : 100);
  EXPECT_GT(pending, kIsSlow ? 20 : 200);
}

// Whatever bytes a gateway sends, the venue holds together and every replica does the same.
TEST_F(VenueTest, GarbageChangesNothingItMayNotChange) {
  const std::uint8_t types[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 16, 17, 32, 33, 34,
                                36, 37, 48, 49, 50, 51, 52, 53, 54, 64, 65, 66, 67, 99};
  for (int i = 0; i < kBatches && !HasFailure(); ++i) {
    batch.clear();
    for (std::uint32_t n = 0; n < 4; ++n) {
      std::array<std::byte, 256> bytes{};
      for (std::byte& byte : bytes) {
        // Small numbers name things that there are.
        byte = std::byte(random.percent(50)   ? 0
                         : random.percent(80) ? random.below(5)
                                              : random.below(256));
      }
      CommandHeader header{};
      const std::uint16_t sizes[] = {16, 24, 32, 48, 56, 60, 64, 68, 72, 88, 176, 184};
      header.size_bytes = sizes[random.below(12)];
      header.type = static_cast<CommandType>(types[random.below(29)]);
      header.version = random.percent(95) ? 1 : 2;
      header.session = any_session();
      header.gateway = static_cast<GatewayId>(random.below(3));
      if (header.session <= 4) {
        const Venue::SessionView view = market.view(header.session);
        header.epoch = view.epoch;
        header.stream_number = view.next_stream_number + random.below(2);
        if (random.percent(80)) header.gateway = view.gateway;
      }
      std::memcpy(bytes.data(), &header, sizeof header);
      batch.add_raw(base::Bytes(bytes).first(header.size_bytes));
    }
    market.apply(batch);
    twin.apply(batch);
    EXPECT_EQ(twin.venue.state_hash(), market.venue.state_hash()) << "seed " << seed();
    if (random.percent(1)) replace_by_snapshot();
  }
  EXPECT_EQ(market.snapshot(), twin.snapshot());
}

}  // namespace
}  // namespace okiagari::venue
