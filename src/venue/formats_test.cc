// The formats are what is written on disk and sent between processes, so they do not change by
// accident. One file for each format and version: a batch with every kind of command, the events
// that come of it, and the snapshot after it. When a format is changed on purpose its version goes
// up and gets files of its own, beside those of what can still be read; OKIAGARI_WRITE_GOLDEN=1
// writes them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "test_places.h"
#include "venue/snapshot_format.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

static_assert(kCommandVersion == 1 && kEventVersion == 1 && kBatchVersion == 1 &&
              snapshot::kVersion == 4);

// A market of its own from its first command on, every type of command at least once. The second
// edition uses the fields that were reserved at first, and has calls, stops, a day's plan and ends
// of days; the third has icebergs, the fourth stops that trail.
class Scenario {
 public:
  explicit Scenario(int edition)
      : is_second_(edition >= 2), is_third_(edition >= 3), is_fourth_(edition >= 4) {}

  std::string bytes() {
    add_reference_data();
    add_sessions();
    trade();
    if (is_second_) stops();
    if (is_third_) icebergs();
    if (is_fourth_) trailing_stops();
    if (is_second_) call();
    control();
    if (is_second_) plan();
    if (is_second_) days();
    keep_up();
    return std::string(base::as_text(batch_.finish(1'767'225'600'123'456'789)));
  }

 private:
  void add_reference_data() {
    batch_.add(TestMarket::instrument(1));
    AddInstrument second = TestMarket::instrument(2);
    if (is_second_) second.segment = 7;
    batch_.add(second);
    for (std::uint16_t id = 1; id <= 2; ++id) {
      AddMember member{};
      member.member = id;
      member.firm = {'A', 'B', 'C', static_cast<char>('0' + id)};
      batch_.add(member);
      AddAccount account{};
      account.account = id;
      account.member = id;
      batch_.add(account);
      batch_.add(TestMarket::transfer(id, 0, 1, (Money{3} << 70) + 12'345));
      batch_.add(TestMarket::transfer(id, 1, 2, 1'000));
    }
    for (std::uint8_t id = 1; id <= 2; ++id) {
      AddOperator added{};
      added.operator_id = id;
      added.public_key = operator_keys(id).public_key;
      batch_.add(added);
    }
    if (!is_second_) return;
    AddOperator stopper{};
    stopper.operator_id = 3;
    stopper.stop_only = 1;
    stopper.public_key = operator_keys(3).public_key;
    batch_.add(stopper);
  }
  void add_sessions() {
    for (SessionId id = 1; id <= 2; ++id) {
      AddSession session{};
      session.added_session = id;
      session.member = id;
      session.default_account = id;
      batch_.add(session);
      batch_.add(TestMarket::login(id, 1, 100 + id, true));
    }
    batch_.add(TestMarket::login(2, 2, 0x0123456789ABCDEF, true));
    epochs_[2] = 2;
    batch_.add(TestMarket::login(9, 1, 1));
  }
  template <typename Command>
  void in_stream(SessionId session, Command command) {
    command.header.session = session;
    command.header.gateway = session;
    command.header.epoch = epochs_[session];
    command.header.stream_number = ++streams_[session];
    batch_.add(command);
  }
  void trade() {
    NewOrder first = TestMarket::order(1, Side::buy, 100, 500);
    first.client_order_id = {'c', 'l', 'i', 'e', 'n', 't', '-', '1'};
    first.account = 1;
    first.time_in_force = 1;
    first.self_trade = 1;
    in_stream(1, first);
    in_stream(2, TestMarket::order(3, Side::sell, 30, 500));
    in_stream(1, TestMarket::order(2, Side::buy, 50, 490));
    in_stream(1, TestMarket::replacement(2, 4, 60, 480));
    in_stream(1, TestMarket::replacement(1, 5, 90, 500));
    in_stream(1, TestMarket::cancellation(5, 20));
    in_stream(1, TestMarket::cancellation(77));
    in_stream(2, TestMarket::order(4, Side::sell, 10, 600));
    in_stream(2, TestMarket::order(5, Side::sell, 10'000, 600));
    MassCancel all{};
    all.side = 1;
    all.user_reference = 6;
    in_stream(2, all);
    in_stream(2, TestMarket::order(8, Side::buy, 1, 100));
    streams_[2] = 50;
    in_stream(2, TestMarket::order(9, Side::buy, 1, 100));
  }
  void change_state(std::uint64_t number, InstrumentState state) {
    SetInstrumentState change = TestMarket::state_change(number, Scope::instrument, 1, state);
    approve(change, 0, 1, operator_keys(1));
    approve(change, 1, 2, operator_keys(2));
    batch_.add(change);
  }
  // One that goes at once, one that is replaced and waits, and one of another time in force.
  void stops() {
    in_stream(1, TestMarket::stop(10, Side::buy, 5, 400, 500));
    NewStop waits = TestMarket::stop(11, Side::buy, 6, 700, 650);
    waits.client_order_id = {'w', 'a', 'i', 't', 's'};
    waits.self_trade = 2;
    in_stream(1, waits);
    in_stream(1, TestMarket::stop_replacement(11, 12, 8, 700, 660));
    NewStop at_market = TestMarket::stop(13, Side::sell, 3, 0, 300);
    at_market.time_in_force = 1;
    in_stream(1, at_market);
  }
  // One that trades through two peaks, is replaced, and lives longer than the day.
  void icebergs() {
    NewIceberg hides = TestMarket::iceberg(14, Side::sell, 20, 505, 5);
    hides.time_in_force = 1;
    hides.client_order_id = {'h', 'i', 'd', 'e', 's'};
    in_stream(1, hides);
    in_stream(1, TestMarket::order(15, Side::buy, 12, 505));
    ReplaceIceberg shows_less = TestMarket::iceberg_replacement(14, 16, 18, 505, 4);
    shows_less.time_in_force = kTimeInForceAsBefore;
    in_stream(1, shows_less);
  }
  // One whose trigger has moved, that is replaced and lives longer than the day.
  void trailing_stops() {
    NewTrailingStop follows = TestMarket::trailing_stop(17, Side::buy, 9, 700, 40);
    follows.time_in_force = 1;
    follows.client_order_id = {'t', 'r', 'a', 'i', 'l', 's'};
    in_stream(1, follows);
    in_stream(1, TestMarket::order(18, Side::sell, 1, 500));
    ReplaceTrailingStop less = TestMarket::trailing_replacement(17, 19, 4, 700, 40);
    less.time_in_force = kTimeInForceAsBefore;
    in_stream(1, less);
  }
  // One call that is uncrossed, and one that is open when the snapshot is written.
  void call() {
    SetAuctionRules rules{};
    rules.instrument = 1;
    rules.price_method = 1;
    rules.allocation = 1;
    rules.takes_market_orders = 1;
    rules.collar_unit = 2;
    rules.collar = 1'000;
    rules.collar_step = 500;
    rules.extensions_max = 2;
    rules.base_price = 510;
    rules.call_s = 300;
    rules.extension_s = 180;
    rules.random_end_s = 30;
    batch_.add(rules);
    change_state(4, InstrumentState::auction_call);
    in_stream(1, TestMarket::order(20, Side::buy, 20, 600));
    NewOrder at_market = TestMarket::order(21, Side::sell, 25, 0);
    at_market.price_type = 1;
    in_stream(1, at_market);
    in_stream(1, TestMarket::order(22, Side::sell, 10, 520));
    change_state(5, InstrumentState::full);
    change_state(6, InstrumentState::auction_call);
    in_stream(1, TestMarket::order(23, Side::buy, 7, 530));
    at_market.user_reference = 24;
    in_stream(1, at_market);
    NewOrder at_auction = TestMarket::order(25, Side::buy, 9, 520);
    at_auction.time_in_force = 4;
    in_stream(1, at_auction);
  }
  void control() {
    SetInstrumentState halt =
        TestMarket::state_change(7, Scope::instrument, 2, InstrumentState::halted);
    halt.reason = 42;
    if (is_second_) {
      halt.scope = Scope::segment;
      halt.target = 7;
      approve(halt, 0, 3, operator_keys(3), 1'767'225'660);
    } else {
      approve(halt, 0, 1, operator_keys(1));
    }
    batch_.add(halt);
    SetPriceLimits limits{};
    limits.control_number = 8;
    limits.instrument = 1;
    limits.low = 100;
    limits.high = 900;
    approve(limits, 0, 1, operator_keys(1));
    approve(limits, 1, 2, operator_keys(2));
    batch_.add(limits);
    TradeBust bust{};
    bust.control_number = 9;
    bust.match = 1;
    batch_.add(bust);
    Logout absent{};
    absent.header.session = 2;
    absent.header.gateway = 2;
    absent.header.epoch = 2;
    absent.reason = LogoutReason::absent;
    batch_.add(absent);
  }
  void plan() {
    SetTradingPlan plan{};
    plan.control_number = 10;
    plan.day = 20260101;
    plan.count = 2;
    plan.phases[0].at_ns = 1'767'225'700'000'000'000;
    plan.phases[0].reason = 43;
    plan.phases[0].state = InstrumentState::closed;
    plan.phases[1].at_ns = 1'767'225'800'000'000'000;
    plan.phases[1].target = 7;
    plan.phases[1].scope = Scope::segment;
    plan.phases[1].state = InstrumentState::full;
    if (is_second_) {
      plan.count = 3;
      plan.phases[2].at_ns = 1'767'225'900'000'000'000;
      plan.phases[2].state = kDayEnd;
    }
    approve(plan, 0, 1, operator_keys(1));
    approve(plan, 1, 2, operator_keys(2), 1'767'225'660);
    batch_.add(plan);
    batch_.add(AdvancePlan{});
  }
  // An order and a stop of a date, both replaced, and the end of a day.
  void days() {
    NewOrder dated = TestMarket::order(30, Side::buy, 4, 410);
    dated.time_in_force = 5;
    dated.last_day = 20'500;
    in_stream(1, dated);
    ReplaceOrder later = TestMarket::replacement(30, 31, 4, 420);
    later.time_in_force = 5;
    later.last_day = 20'501;
    in_stream(1, later);
    NewStop waits = TestMarket::stop(32, Side::sell, 2, 300, 310);
    waits.time_in_force = 5;
    waits.last_day = 20'502;
    in_stream(1, waits);
    ReplaceStop longer = TestMarket::stop_replacement(32, 33, 1, 300, 310);
    longer.time_in_force = kTimeInForceAsBefore;
    in_stream(1, longer);
    EndDay end{};
    end.control_number = 11;
    end.day = 20251231;
    approve(end, 0, 1, operator_keys(1));
    approve(end, 1, 2, operator_keys(2));
    batch_.add(end);
  }
  void keep_up() {
    Quarantine quarantine{};
    quarantine.sequence = 1'000;
    batch_.add(quarantine);
    if (is_second_) {
      CheckpointInSteps in_steps{};
      in_steps.number = 2;
      in_steps.orders_max = 2;
      batch_.add(in_steps);
    }
    Checkpoint checkpoint{};
    checkpoint.number = 1;
    batch_.add(checkpoint);
    Attest attest{};
    attest.node = 3;
    attest.checkpoint = 1;
    attest.sequence = batch_.count();
    attest.state_hash = 0x1111;
    attest.scrub_hash = 0x2222;
    attest.chain[31] = std::byte{0x33};
    batch_.add(attest);
    batch_.add(NoOperation{});
  }

  bool is_second_;
  bool is_third_;
  bool is_fourth_;
  BatchWriter batch_;
  std::uint32_t epochs_[3] = {0, 1, 1};
  std::uint32_t streams_[3] = {};
};

std::string in_lines(base::Bytes bytes) {
  std::string text;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(32, bytes.size()))) {
    text += base::to_hex(bytes.first(std::min<std::size_t>(32, bytes.size()))) + "\n";
  }
  return text;
}

std::string golden_path(const std::string& name) {
  return std::string(OKIAGARI_SOURCE_DIR) + "/src/venue/golden/" + name;
}

// Of a version that is only read any more.
std::string golden_as_it_is(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(golden_path(name)).rdbuf();
  return text.str();
}

std::string golden(const std::string& name, base::Bytes now) {
  if (std::getenv("OKIAGARI_WRITE_GOLDEN") != nullptr) {
    std::ofstream(golden_path(name)) << in_lines(now);
  }
  return golden_as_it_is(name);
}

class FormatsTest : public testing::TestWithParam<int> {
 protected:
  FormatsTest() : batch(Scenario(GetParam()).bytes()) {
    venue.apply_batch(base::as_bytes(batch), events);
    venue.write_snapshot(snapshot);
  }
  static std::string name(const std::string& format) {
    return fmt::format("{}_v{}.hex", format, GetParam());
  }
  std::string batch;
  Venue venue{Limits{}};
  base::ByteWriter events;
  base::ByteWriter snapshot;
};

INSTANTIATE_TEST_SUITE_P(Editions, FormatsTest, testing::Values(1, 2, 3, 4));

TEST_P(FormatsTest, CommandsAreWhatTheyWere) {
  EXPECT_EQ(in_lines(base::as_bytes(batch)), golden(name("commands"), base::as_bytes(batch)));
}

TEST_P(FormatsTest, EventsAreWhatTheyWere) {
  EXPECT_EQ(in_lines(events.view()), golden(name("events"), events.view()));
}

TEST_P(FormatsTest, SnapshotsAreReadAndWrittenInTheNewestVersion) {
  std::string hex = GetParam() < 4 ? golden_as_it_is(name("snapshot"))
                                   : golden(name("snapshot"), snapshot.view());
  std::erase(hex, '\n');
  std::string bytes(hex.size() / 2, '\0');
  ASSERT_TRUE(base::from_hex(hex, std::as_writable_bytes(std::span(bytes))));
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(base::as_bytes(bytes));
  ASSERT_TRUE(status.ok()) << status.error().message;
  base::ByteWriter again;
  restored.write_snapshot(again);
  EXPECT_EQ(in_lines(again.view()), in_lines(snapshot.view()));
  if (GetParam() == 4) {
    EXPECT_EQ(base::as_text(again.view()), bytes);
  }
  EXPECT_TRUE(restored.check_invariants().ok());
}

TEST_P(FormatsTest, TheGoldenFilesHoldEveryTypeOfCommandAndEvent) {
  std::set<int> commands;
  for (std::size_t offset = sizeof(BatchHeader); offset < batch.size();) {
    CommandHeader header;
    std::memcpy(&header, batch.data() + offset, sizeof header);
    commands.insert(static_cast<int>(header.type));
    offset += header.size_bytes;
  }
  std::set<int> all_commands{1,  2,  3,  4,  16, 17, 32, 33, 34, 48,
                             49, 50, 51, 52, 53, 64, 65, 66, 67};
  if (GetParam() >= 2) all_commands.insert({5, 6, 35, 36, 37, 54, 68});
  if (GetParam() >= 3) all_commands.insert({7, 8});
  if (GetParam() >= 4) all_commands.insert({9, 10});
  EXPECT_EQ(commands, all_commands);
  std::set<int> seen;
  for (base::Bytes left = events.view(); !left.empty();) {
    EventHeader header;
    std::memcpy(&header, left.data(), sizeof header);
    seen.insert(static_cast<int>(header.type));
    EXPECT_EQ(text_of(left.first(header.size_bytes)).find("unknown type"), std::string::npos);
    left = left.subspan(header.size_bytes);
  }
  std::set<int> expected{1,  2,  3,  4,  5,  6,  7,  32, 33, 34, 35, 36,
                         37, 38, 39, 64, 65, 66, 67, 68, 69, 70, 71};
  if (GetParam() >= 2) expected.insert({8, 9, 10, 40, 72, 73, 74, 75});
  if (GetParam() >= 3) expected.insert({11, 12, 13});
  if (GetParam() >= 4) expected.insert({14, 15});
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace okiagari::venue
