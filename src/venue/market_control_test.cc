#include "venue/market_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class MarketControlTest : public testing::Test {
 protected:
  MarketControlTest() { market.add_operators(); }

  InstrumentState state_of(InstrumentId id) const {
    Venue::InstrumentView view;
    EXPECT_TRUE(market.venue.instrument(id, view));
    return view.state;
  }
  static SetInstrumentState change(std::uint64_t number, InstrumentState state,
                                   Scope scope = Scope::instrument, std::uint16_t target = 1) {
    return TestMarket::state_change(number, scope, target, state);
  }
  // The answer to whoever sent it, which comes last.
  std::string answer(const Lines& lines) const { return lines.empty() ? "" : lines.back(); }

  // Sent with the approval of one person.
  Lines by_one(SetInstrumentState command) {
    approve(command, 0, 1, operator_keys(1));
    return market.send(command);
  }

  TestMarket market;
};

TEST_F(MarketControlTest, OnePersonStopsAndEverybodyIsTold) {
  EXPECT_THAT(by_one(change(1, InstrumentState::cancel_only)),
              ElementsAre("feed: state of 1: cancel only, reason 0",
                          "session 1: notice: instrument 1 cancel only, reason 0",
                          "session 2: notice: instrument 1 cancel only, reason 0",
                          "session 3: notice: instrument 1 cancel only, reason 0",
                          "session 4: notice: instrument 1 cancel only, reason 0",
                          "gateway 0: set instrument state 1: done, 1 affected"));
  EXPECT_EQ(state_of(1), InstrumentState::cancel_only);
  EXPECT_THAT(market.buy(1, 1, 10, 500), ElementsAre("session 1: rejected 1: state forbids"));
}

TEST_F(MarketControlTest, OnePersonCannotStart) {
  by_one(change(1, InstrumentState::cancel_only));
  EXPECT_EQ(answer(by_one(change(2, InstrumentState::full))),
            "gateway 0: set instrument state 2: approval missing, 0 affected");
  EXPECT_EQ(state_of(1), InstrumentState::cancel_only);
  SetInstrumentState same_person_twice = change(2, InstrumentState::full);
  approve(same_person_twice, 0, 1, operator_keys(1));
  same_person_twice.approvals[1] = same_person_twice.approvals[0];
  EXPECT_EQ(answer(market.send(same_person_twice)),
            "gateway 0: set instrument state 2: approval missing, 0 affected");
  EXPECT_EQ(answer(market.control(change(2, InstrumentState::full))),
            "gateway 0: set instrument state 2: done, 1 affected");
}

TEST_F(MarketControlTest, LettingCancelsIntoAHaltedBookTakesTwo) {
  by_one(change(1, InstrumentState::halted));
  EXPECT_EQ(answer(by_one(change(2, InstrumentState::cancel_only))),
            "gateway 0: set instrument state 2: approval missing, 0 affected");
  EXPECT_EQ(answer(market.control(change(2, InstrumentState::cancel_only))),
            "gateway 0: set instrument state 2: done, 1 affected");
}

TEST_F(MarketControlTest, AForgedOrAlteredApprovalIsWorthNothing) {
  SetInstrumentState command = change(1, InstrumentState::halted);
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set instrument state 1: approval missing, 0 affected");
  approve(command, 0, 1, operator_keys(2));
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set instrument state 1: approval wrong, 0 affected");
  approve(command, 0, 9, operator_keys(1));
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set instrument state 1: approval wrong, 0 affected");
  // Signed for the other instrument.
  command = change(1, InstrumentState::halted, Scope::instrument, 2);
  approve(command, 0, 1, operator_keys(1));
  command.target = 1;
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set instrument state 1: approval wrong, 0 affected");
  EXPECT_EQ(state_of(1), InstrumentState::full);
}

// A halt that was signed beforehand holds whichever way it comes in.
TEST_F(MarketControlTest, AnApprovalDoesNotDependOnTheWay) {
  SetInstrumentState command = change(1, InstrumentState::halted);
  approve(command, 0, 1, operator_keys(1));
  command.header.gateway = 7;
  EXPECT_EQ(answer(market.send(command)), "gateway 7: set instrument state 1: done, 1 affected");
}

TEST_F(MarketControlTest, AnOldActIsNotCarriedOutAgain) {
  SetInstrumentState halt = change(5, InstrumentState::halted);
  by_one(halt);
  EXPECT_EQ(answer(by_one(halt)),
            "gateway 0: set instrument state 5: stale control number, 0 affected");
  market.control(change(6, InstrumentState::full));
  EXPECT_EQ(answer(by_one(halt)),
            "gateway 0: set instrument state 5: stale control number, 0 affected");
  EXPECT_EQ(state_of(1), InstrumentState::full);
}

TEST_F(MarketControlTest, TheWholeMarketStopsAndWhatIsShutStaysShut) {
  by_one(change(1, InstrumentState::halted));
  const Lines lines = by_one(change(2, InstrumentState::cancel_only, Scope::market, 0));
  EXPECT_EQ(answer(lines), "gateway 0: set instrument state 2: done, 1 affected");
  EXPECT_THAT(lines, Contains("session 3: notice: instrument 0 cancel only, reason 0"));
  EXPECT_EQ(state_of(1), InstrumentState::halted);
  EXPECT_EQ(state_of(2), InstrumentState::cancel_only);
  EXPECT_THAT(market.control(change(3, InstrumentState::full, Scope::market, 0)),
              Contains("feed: system Q"));
  EXPECT_EQ(state_of(1), InstrumentState::full);
  EXPECT_EQ(state_of(2), InstrumentState::full);
  EXPECT_THAT(market.control(change(4, InstrumentState::closed, Scope::market, 0)),
              Contains("feed: system M"));
}

TEST_F(MarketControlTest, AStoppedMemberMayCancelButNotEnter) {
  market.buy(1, 1, 10, 500);
  EXPECT_THAT(by_one(change(1, InstrumentState::halted, Scope::member, 1)),
              ElementsAre("session 1: notice: instrument 0 halted, reason 0",
                          "session 4: notice: instrument 0 halted, reason 0",
                          "gateway 0: set instrument state 1: done, 1 affected"));
  EXPECT_THAT(market.buy(1, 2, 10, 500), ElementsAre("session 1: rejected 2: member halted"));
  EXPECT_THAT(market.send(4, TestMarket::order(1, Side::sell, 1, 900)),
              ElementsAre("session 4: rejected 1: member halted"));
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 3, 5, 500)),
              ElementsAre("session 1: rejected 3: member halted"));
  EXPECT_EQ(market.buy(2, 1, 10, 500).size(), 2u);
  EXPECT_EQ(market.cancel(1, 1).size(), 2u);
  EXPECT_EQ(answer(by_one(change(2, InstrumentState::full, Scope::member, 1))),
            "gateway 0: set instrument state 2: approval missing, 0 affected");
  market.control(change(2, InstrumentState::full, Scope::member, 1));
  EXPECT_EQ(market.buy(1, 4, 10, 500).size(), 2u);
}

TEST_F(MarketControlTest, WrongTargetsHaveTheirReasons) {
  const auto reason = [&](SetInstrumentState command) {
    const Lines lines = market.control(command);
    EXPECT_EQ(lines.size(), 1u);
    return lines[0].substr(lines[0].find(": ", 11) + 2);
  };
  EXPECT_EQ(reason(change(1, InstrumentState::halted, Scope::instrument, 9)),
            "unknown instrument, 0 affected");
  EXPECT_EQ(reason(change(1, InstrumentState::halted, Scope::instrument, 0)),
            "unknown instrument, 0 affected");
  EXPECT_EQ(reason(change(1, InstrumentState::halted, Scope::member, 9)),
            "unknown account, 0 affected");
  EXPECT_EQ(reason(change(1, InstrumentState::post_only, Scope::member, 1)),
            "not supported, 0 affected");
  EXPECT_EQ(reason(change(1, InstrumentState::halted, Scope::market, 1)), "malformed, 0 affected");
  EXPECT_EQ(reason(change(1, static_cast<InstrumentState>(8))), "malformed, 0 affected");
  EXPECT_EQ(reason(change(1, InstrumentState::halted, static_cast<Scope>(4))),
            "malformed, 0 affected");
}

TEST_F(MarketControlTest, AnApprovalThatHasRunOutIsWorthNothing) {
  const auto until_s = static_cast<std::uint32_t>(market.now_ns / 1'000'000'000 + 10);
  SetInstrumentState command = change(1, InstrumentState::cancel_only);
  approve(command, 0, 1, operator_keys(1), until_s);
  market.now_ns += 12'000'000'000;
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set instrument state 1: approval expired, 0 affected");
  // Nor does it hold longer because somebody wrote another time into it.
  command.approvals[0].accept_until_s = until_s + 60;
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set instrument state 1: approval wrong, 0 affected");
  command.approvals[0].accept_until_s = 0;
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set instrument state 1: approval wrong, 0 affected");
  EXPECT_EQ(state_of(1), InstrumentState::full);
  approve(command, 0, 1, operator_keys(1), until_s + 60);
  EXPECT_EQ(answer(market.send(command)), "gateway 0: set instrument state 1: done, 1 affected");
}

TEST_F(MarketControlTest, OfTwoApprovalsTheOneThatHasRunOutSpoilsTheStart) {
  by_one(change(1, InstrumentState::cancel_only));
  SetInstrumentState command = change(2, InstrumentState::full);
  market.now_ns += 1'000'000'000'000;
  const auto now_s = static_cast<std::uint32_t>(market.now_ns / 1'000'000'000);
  approve(command, 0, 1, operator_keys(1), now_s + 100);
  approve(command, 1, 2, operator_keys(2), now_s - 1);
  EXPECT_EQ(answer(market.send(command)),
            "gateway 0: set instrument state 2: approval expired, 0 affected");
  approve(command, 1, 2, operator_keys(2), now_s + 100);
  EXPECT_EQ(answer(market.send(command)), "gateway 0: set instrument state 2: done, 1 affected");
}

// The desk's key is on a machine that may be broken into: it may stop the market, never start it.
TEST_F(MarketControlTest, AKeyThatMayOnlyStopIsNotCountedForStarting) {
  market.add_stopper();
  SetInstrumentState stop = change(1, InstrumentState::cancel_only);
  approve(stop, 0, 3, operator_keys(3));
  EXPECT_EQ(answer(market.send(stop)), "gateway 0: set instrument state 1: done, 1 affected");
  SetInstrumentState start = change(2, InstrumentState::full);
  approve(start, 0, 1, operator_keys(1));
  approve(start, 1, 3, operator_keys(3));
  EXPECT_EQ(answer(market.send(start)),
            "gateway 0: set instrument state 2: approval missing, 0 affected");
  // Nor does it open a halted book for cancels, or unlock a market-wide step up.
  start = change(2, InstrumentState::cancel_only, Scope::market, 0);
  by_one(change(3, InstrumentState::halted));
  start.control_number = 4;
  approve(start, 0, 1, operator_keys(1));
  approve(start, 1, 3, operator_keys(3));
  EXPECT_EQ(answer(market.send(start)), "gateway 0: set instrument state 4: done, 1 affected");
  EXPECT_EQ(state_of(1), InstrumentState::halted);
  EXPECT_EQ(state_of(2), InstrumentState::cancel_only);
}

TEST_F(MarketControlTest, WhoMayOnlyStopIsSaidByZeroOrOne) {
  AddOperator command{};
  command.operator_id = 7;
  command.stop_only = 2;
  EXPECT_THAT(market.send(command),
              ElementsAre("gateway 0: add operator 0: malformed, 0 affected"));
}

class SegmentTest : public testing::Test {
 protected:
  // Instruments 3 and 4 are in segment 9; 1 and 2 in none.
  SegmentTest() {
    market.add_operators();
    for (const InstrumentId id : {InstrumentId{3}, InstrumentId{4}}) {
      AddInstrument command = TestMarket::instrument(id);
      command.segment = 9;
      listed = market.send(command);
    }
  }
  Lines by_one(std::uint64_t number, InstrumentState state, std::uint16_t segment) {
    SetInstrumentState command = TestMarket::state_change(number, Scope::segment, segment, state);
    approve(command, 0, 1, operator_keys(1));
    return market.send(command);
  }
  TestMarket market;
  Lines listed;
};

TEST_F(SegmentTest, StopsAndStartsAsOneAndLeavesTheRestAlone) {
  EXPECT_THAT(listed, Contains("gateway 0: instrument 4 is in segment 9"));
  EXPECT_THAT(by_one(1, InstrumentState::cancel_only, 9),
              ElementsAre("feed: state of 3: cancel only, reason 0",
                          "feed: state of 4: cancel only, reason 0",
                          "session 1: notice: instrument 9 cancel only, reason 0",
                          "session 2: notice: instrument 9 cancel only, reason 0",
                          "session 3: notice: instrument 9 cancel only, reason 0",
                          "session 4: notice: instrument 9 cancel only, reason 0",
                          "gateway 0: set instrument state 1: done, 2 affected"));
  EXPECT_EQ(market.buy(1, 1, 10, 500).size(), 2u);
  EXPECT_THAT(market.send(1, TestMarket::order(2, Side::buy, 1, 500, 3)),
              ElementsAre("session 1: rejected 2: state forbids"));
  EXPECT_EQ(by_one(2, InstrumentState::full, 9).back(),
            "gateway 0: set instrument state 2: approval missing, 0 affected");
  EXPECT_EQ(
      market.control(TestMarket::state_change(2, Scope::segment, 9, InstrumentState::full)).back(),
      "gateway 0: set instrument state 2: done, 2 affected");
  EXPECT_EQ(market.send(1, TestMarket::order(3, Side::buy, 1, 500, 3)).size(), 2u);
}

TEST_F(SegmentTest, OneThatNobodyBelongsToIsRefusedByName) {
  EXPECT_EQ(by_one(1, InstrumentState::halted, 8).back(),
            "gateway 0: set instrument state 1: unknown segment, 0 affected");
  EXPECT_EQ(by_one(1, InstrumentState::halted, 0).back(),
            "gateway 0: set instrument state 1: unknown segment, 0 affected");
}

TEST_F(SegmentTest, SurvivesASnapshot) {
  Venue restored{Limits{}};
  const base::Status loaded = restored.load_snapshot(base::as_bytes(market.snapshot()));
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  market.venue = std::move(restored);
  EXPECT_EQ(by_one(1, InstrumentState::halted, 9).back(),
            "gateway 0: set instrument state 1: done, 2 affected");
}

TEST_F(MarketControlTest, EachStateTakesTheOrdersThatItsTableAllows) {
  struct Case {
    InstrumentState state;
    bool limit, market, post_only, immediate;
  };
  const Case cases[] = {
      {InstrumentState::halted, false, false, false, false},
      {InstrumentState::cancel_only, false, false, false, false},
      {InstrumentState::post_only, true, false, true, false},
      {InstrumentState::auction_call, true, false, true, false},
      {InstrumentState::uncross, false, false, false, false},
      {InstrumentState::limit_only, true, false, true, true},
      {InstrumentState::full, true, true, true, true},
      {InstrumentState::closed, false, false, false, false},
  };
  SetAuctionRules rules{};
  rules.instrument = 1;
  market.send(rules);
  for (const Case& c : cases) {
    market.set_state(1, InstrumentState::full);
    if (c.state == InstrumentState::uncross) market.set_state(1, InstrumentState::auction_call);
    market.set_state(1, c.state);
    const auto is_accepted = [&](auto prepare) {
      NewOrder order = TestMarket::order(market.view(1).next_user_reference, Side::buy, 1, 100);
      prepare(order);
      return market.send(1, order)[0].find("accepted") != std::string::npos;
    };
    const auto name = static_cast<int>(c.state);
    EXPECT_EQ(is_accepted([](NewOrder&) {}), c.limit) << name;
    EXPECT_EQ(is_accepted([](NewOrder& o) { o.price_type = 1; }), c.market) << name;
    EXPECT_EQ(is_accepted([](NewOrder& o) { o.post_only = 1; }), c.post_only) << name;
    EXPECT_EQ(is_accepted([](NewOrder& o) { o.time_in_force = 2; }), c.immediate) << name;
  }
}

TEST_F(MarketControlTest, InPostOnlyNothingTrades) {
  market.sell(2, 1, 10, 500);
  market.set_state(1, InstrumentState::post_only);
  EXPECT_THAT(market.buy(1, 1, 10, 500), ElementsAre("session 1: rejected 1: would trade"));
  EXPECT_EQ(market.buy(1, 2, 10, 499).size(), 2u);
}

TEST_F(MarketControlTest, AReplacementIsAnEntryToo) {
  market.buy(1, 1, 10, 500);
  market.set_state(1, InstrumentState::cancel_only);
  EXPECT_THAT(market.send(1, TestMarket::replacement(1, 2, 5, 500)),
              ElementsAre("session 1: rejected 2: state forbids"));
  EXPECT_EQ(market.cancel(1, 1, 5).size(), 2u);
}

class PriceLimitsTest : public MarketControlTest {
 protected:
  static SetPriceLimits limits(std::uint64_t number, PriceTicks low, PriceTicks high,
                               InstrumentId instrument = 1) {
    SetPriceLimits command{};
    command.control_number = number;
    command.instrument = instrument;
    command.low = low;
    command.high = high;
    return command;
  }
};

TEST_F(PriceLimitsTest, TwoPeopleMoveThem) {
  market.sell(2, 1, 5, 900);
  SetPriceLimits by_one_person = limits(1, 400, 600);
  approve(by_one_person, 1, 2, operator_keys(2));
  EXPECT_THAT(market.send(by_one_person),
              ElementsAre("gateway 0: set price limits 1: approval missing, 0 affected"));
  EXPECT_THAT(market.control(limits(1, 400, 600)),
              ElementsAre("gateway 0: set price limits 1: done, 1 affected"));
  EXPECT_THAT(market.buy(1, 1, 1, 399), ElementsAre("session 1: rejected 1: price out of limits"));
  EXPECT_THAT(market.buy(1, 2, 1, 601), ElementsAre("session 1: rejected 2: price out of limits"));
  EXPECT_EQ(market.buy(1, 3, 1, 600).size(), 2u);
  // A market order does not walk beyond them.
  NewOrder order = TestMarket::order(4, Side::buy, 1, 0);
  order.price_type = 1;
  EXPECT_EQ(market.send(1, order)[1], "session 1: canceled 4: 1 gone, 0 left, immediate rest");
}

TEST_F(PriceLimitsTest, ImpossibleLimitsAreRefused) {
  const auto refused = [&](const SetPriceLimits& command, const std::string& reason) {
    EXPECT_THAT(market.control(command),
                ElementsAre("gateway 0: set price limits 1: " + reason + ", 0 affected"));
  };
  refused(limits(1, 0, 600), "price out of limits");
  refused(limits(1, 600, 400), "price out of limits");
  refused(limits(1, 1, kMaxPriceTicks), "price out of limits");  // times the tick: too large
  refused(limits(1, 1, 600, 3), "unknown instrument");
}

TEST_F(MarketControlTest, ABustIsRefusedByName) {
  TradeBust command{};
  command.control_number = 1;
  EXPECT_THAT(market.control(command),
              ElementsAre("gateway 0: trade bust 1: not supported, 0 affected"));
}

TEST(ApprovalDigest, CoversTheActAndNothingElse) {
  SetInstrumentState command =
      TestMarket::state_change(1, Scope::instrument, 1, InstrumentState::halted);
  approve(command, 0, 1, operator_keys(1));
  const auto digest = [&] { return approval_digest(base::object_bytes(command)); };
  const base::Digest act = digest();
  SetInstrumentState other = command;
  command.header.session = 3;
  command.header.gateway = 4;
  command.header.epoch = 5;
  command.header.stream_number = 6;
  command.approvals[1].operator_id = 2;
  EXPECT_EQ(digest(), act);
  for (std::size_t byte = sizeof(CommandHeader); byte < sizeof command - 144; ++byte) {
    command = other;
    reinterpret_cast<std::byte*>(&command)[byte] ^= std::byte{1};
    EXPECT_NE(digest(), act) << byte;
  }
  command = other;
  command.header.type = CommandType::set_price_limits;
  EXPECT_NE(digest(), act);
}

}  // namespace
}  // namespace okiagari::venue
