#include "venue/reference_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::ElementsAre;

class ReferenceDataTest : public testing::Test {
 protected:
  // The reason in the answer, which comes last.
  template <typename Command>
  std::string reason(const Command& command) {
    const Lines lines = market.send(command);
    if (lines.empty()) return "no answer";
    const std::string& last = lines.back();
    const std::size_t start = last.rfind(": ") + 2;
    return last.substr(start, last.rfind(", ") - start);
  }
  TestMarket market;
};

TEST_F(ReferenceDataTest, AnInstrumentIsToldToGatewaysAndFeed) {
  EXPECT_THAT(market.send(TestMarket::instrument(3)),
              ElementsAre("gateway 0: instrument 3 is S3, tick 100, full",
                          "feed: instrument 3 is S3, tick 100", "feed: state of 3: full, reason 0",
                          "gateway 0: add instrument 0: done, 1 affected"));
  EXPECT_EQ(market.send(1, TestMarket::order(1, Side::buy, 1, 1, 3)).size(), 2u);
}

TEST_F(ReferenceDataTest, TheFeedBeginsWithItsStart) {
  Venue venue{Limits{}};
  BatchWriter batch;
  batch.add(TestMarket::instrument(1));
  base::ByteWriter events;
  venue.apply_batch(batch.finish(1), events);
  Lines lines;
  for (base::Bytes left = events.view(); !left.empty();) {
    const auto size = base::load_little<std::uint16_t>(left.data());
    lines.push_back(text_of(left.first(size)));
    left = left.subspan(size);
  }
  EXPECT_EQ(lines[1], "feed: system O");
}

TEST_F(ReferenceDataTest, ARepeatChangesNothing) {
  EXPECT_EQ(reason(TestMarket::instrument(2)), "already exists");
  AddMember member{};
  member.member = 1;
  member.firm = {'X', 'X', 'X', 'X'};
  EXPECT_EQ(reason(member), "already exists");
  AddSession session{};
  session.added_session = 1;
  session.member = 2;
  session.default_account = 2;
  EXPECT_EQ(reason(session), "already exists");
  EXPECT_EQ(market.view(1).member, 1);
  EXPECT_EQ(reason(TestMarket::transfer(1, 0, 3, 5)), "already exists");
  EXPECT_EQ(market.total(1, 0), TestMarket::kCash);
}

TEST_F(ReferenceDataTest, ImpossibleInstrumentsAreRefused) {
  const auto with = [&](auto change) {
    AddInstrument command = TestMarket::instrument(3);
    change(command);
    return reason(command);
  };
  EXPECT_EQ(with([](auto& c) { c.instrument = 0; }), "malformed");
  EXPECT_EQ(with([](auto& c) { c.instrument = 4; }), "malformed");
  EXPECT_EQ(with([](auto& c) { c.instrument = 10'001; }), "bound reached");
  EXPECT_EQ(with([](auto& c) { c.symbol[0] = ' '; }), "malformed");
  EXPECT_EQ(with([](auto& c) { c.symbol[3] = '\n'; }), "malformed");
  EXPECT_EQ(with([](auto& c) { c.tick_e4 = 0; }), "price out of limits");
  EXPECT_EQ(with([](auto& c) { c.money_per_tick_lot = 0; }), "malformed");
  EXPECT_EQ(with([](auto& c) { c.low_limit = 0; }), "price out of limits");
  EXPECT_EQ(with([](auto& c) { c.high_limit = 0; }), "price out of limits");
  // The highest price must fit the feed's 32 bits.
  EXPECT_EQ(with([](auto& c) { c.high_limit = 42'949'673; }), "price out of limits");
  EXPECT_EQ(with([](auto& c) { c.state = static_cast<InstrumentState>(8); }), "malformed");
  EXPECT_EQ(with([](auto& c) { c.high_limit = 42'949'672; }), "done");
}

// Members and listeners know symbols only: they could not say which of the two they mean.
TEST_F(ReferenceDataTest, ASecondInstrumentOfOneSymbolIsRefusedAndChangesNothing) {
  AddInstrument second = TestMarket::instrument(3);
  second.symbol = TestMarket::instrument(1).symbol;
  EXPECT_THAT(market.send(second),
              ElementsAre("gateway 0: add instrument 0: symbol taken, 0 affected"));
  Venue::InstrumentView view;
  EXPECT_FALSE(market.venue.instrument(3, view));
  EXPECT_EQ(reason(TestMarket::transfer(1, 3, 9, 5)), "unknown instrument");
  // The number is still free, and so is a symbol that only begins alike.
  second.symbol[7] = 'X';
  EXPECT_EQ(reason(second), "done");
  EXPECT_EQ(reason(second), "already exists");
}

TEST_F(ReferenceDataTest, NothingBelongsToNobody) {
  AddAccount account{};
  account.account = 5;
  account.member = 9;
  EXPECT_EQ(reason(account), "unknown account");
  AddSession session{};
  session.added_session = 5;
  session.member = 2;
  session.default_account = 1;
  EXPECT_EQ(reason(session), "unknown account");
  session.default_account = 0;
  EXPECT_EQ(reason(session), "unknown account");
  EXPECT_EQ(reason(TestMarket::transfer(9, 0, 1, 5)), "unknown account");
  EXPECT_EQ(reason(TestMarket::transfer(1, 3, 9, 5)), "unknown instrument");
  EXPECT_EQ(reason(TestMarket::transfer(1, 0, 0, 5)), "malformed");
}

TEST_F(ReferenceDataTest, FundsGoOutOnlyIfTheyAreFree) {
  market.buy(1, 1, 10, 500);
  const Money reserved = market.reserved(1, 0);
  EXPECT_EQ(reason(TestMarket::transfer(1, 0, 9, -(TestMarket::kCash - reserved) - 1)),
            "insufficient funds");
  EXPECT_EQ(reason(TestMarket::transfer(1, 0, 9, -(TestMarket::kCash - reserved))), "done");
  EXPECT_EQ(reason(TestMarket::transfer(1, 1, 10, -(TestMarket::kLots + 1))),
            "insufficient position");
  EXPECT_EQ(market.total(1, 0), reserved);
}

// Once there are operators, a gateway that was taken over cannot add money, sessions or operators.
TEST_F(ReferenceDataTest, AfterTheFoundingOnlyTheOperatorsSideAddsAnything) {
  AddMember member{};
  member.header.gateway = 5;
  member.member = 4;
  member.firm = {'F', 'O', 'U', 'R'};
  EXPECT_EQ(reason(member), "done");
  market.add_operators();
  member.member = 5;
  EXPECT_EQ(reason(member), "approval missing");
  AdjustFunds funds = TestMarket::transfer(1, 0, 9, 5);
  funds.header.gateway = 5;
  EXPECT_EQ(reason(funds), "approval missing");
  funds.header.gateway = 0;
  EXPECT_EQ(reason(funds), "done");
}

TEST_F(ReferenceDataTest, OnceTheOperatorsHaveActedTheirNumberIsClosed) {
  market.add_operators();
  AddOperator command{};
  command.operator_id = 3;
  EXPECT_EQ(reason(command), "done");
  command.operator_id = 1;
  EXPECT_EQ(reason(command), "already exists");
  command.operator_id = 0;
  EXPECT_EQ(reason(command), "malformed");
  market.set_state(1, InstrumentState::halted);
  command.operator_id = 4;
  EXPECT_EQ(reason(command), "approval missing");
}

TEST_F(ReferenceDataTest, AGatewayThatComesIsToldWhatThereIs) {
  const std::uint64_t hash = market.venue.state_hash();
  base::ByteWriter events;
  market.venue.describe(7, events);
  Lines lines;
  for (base::Bytes left = events.view(); !left.empty();) {
    EventHeader header;
    std::memcpy(&header, left.data(), sizeof header);
    EXPECT_EQ(header.event_number, 0u);
    lines.push_back(text_of(left.first(header.size_bytes)));
    left = left.subspan(header.size_bytes);
  }
  EXPECT_THAT(
      lines,
      ElementsAre("gateway 7: instrument 1 is S1, tick 100, full",
                  "gateway 7: instrument 2 is S2, tick 100, full",
                  "gateway 7: session 1 is of member 1", "gateway 7: session 2 is of member 2",
                  "gateway 7: session 3 is of member 3", "gateway 7: session 4 is of member 1"));
  EXPECT_EQ(market.venue.state_hash(), hash);
}

}  // namespace
}  // namespace okiagari::venue
