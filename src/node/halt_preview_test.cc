#include "node/halt_preview.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "venue/test_market.h"
#include "wire/big_endian.h"

namespace okiagari::node {
namespace {

namespace json = boost::json;

// Sessions 1 and 4 are of member 1; instruments 1 and 2 are in no segment, 3 is in segment 9.
class HaltPreviewTest : public testing::Test {
 protected:
  HaltPreviewTest() {
    market.add_operators();
    venue::AddInstrument command = venue::TestMarket::instrument(3);
    command.segment = 9;
    market.send(command);
    market.buy(1, 1, 10, 500);
    market.sell(2, 1, 10, 600);
    market.send(4, venue::TestMarket::order(1, Side::buy, 1, 400, 3));
  }
  json::value ask(venue::Scope scope, std::uint16_t target, std::string_view symbol = "") const {
    wire::PreviewRequest request;
    request.scope = static_cast<std::uint8_t>(scope);
    request.target = target;
    request.symbol = wire::alpha<8>(symbol);
    return json::parse(halt_preview(market.venue, request));
  }
  static std::uint64_t number(const json::value& from, const char* key) {
    return from.at(key).to_number<std::uint64_t>();
  }
  venue::TestMarket market;
};

TEST_F(HaltPreviewTest, EachScopeCountsItsOwn) {
  const json::value all = ask(venue::Scope::market, 0);
  EXPECT_EQ(number(all, "instruments"), 3u);
  EXPECT_EQ(number(all, "orders"), 3u);
  EXPECT_EQ(all.at("sessions").as_array().size(), 4u);
  EXPECT_EQ(number(all.at("states"), "full"), 3u);

  const json::value one = ask(venue::Scope::instrument, 0, "S1");
  EXPECT_EQ(number(one, "target"), 1u);
  EXPECT_EQ(number(one, "orders"), 2u);

  const json::value segment = ask(venue::Scope::segment, 9);
  EXPECT_EQ(number(segment, "instruments"), 1u);
  EXPECT_EQ(number(segment, "orders"), 1u);

  const json::value member = ask(venue::Scope::member, 1);
  EXPECT_EQ(number(member, "orders"), 2u);
  EXPECT_EQ(member.at("sessions").as_array().size(), 2u);
  EXPECT_EQ(member.at("members").as_array().size(), 1u);
}

// No trade triggers them while the halt lasts: a market of which the preview shows only what rests
// is not the one that is stopped.
TEST_F(HaltPreviewTest, StopsThatWaitAreHitAndCountedBesideWhatRests) {
  market.send(1, venue::TestMarket::stop(2, Side::buy, 5, 700, 650));
  market.send(3, venue::TestMarket::stop(1, Side::sell, 5, 0, 450));
  const json::value all = ask(venue::Scope::market, 0);
  EXPECT_EQ(number(all, "orders"), 3u);
  EXPECT_EQ(number(all, "waiting_stops"), 2u);
  const json::value one = ask(venue::Scope::instrument, 1);
  EXPECT_EQ(number(one, "orders"), 2u);
  EXPECT_EQ(number(one, "waiting_stops"), 2u);
  EXPECT_EQ(number(ask(venue::Scope::segment, 9), "waiting_stops"), 0u);

  const json::value first = ask(venue::Scope::member, 1);
  EXPECT_EQ(number(first, "waiting_stops"), 1u);
  EXPECT_EQ(number(first.at("members").at(0), "waiting_stops"), 1u);
  EXPECT_EQ(number(first.at("members").at(0), "orders"), 2u);
  const json::value third = ask(venue::Scope::member, 3);
  EXPECT_EQ(number(third, "waiting_stops"), 1u);
  EXPECT_EQ(number(third, "orders"), 0u);
  EXPECT_EQ(number(third, "instruments"), 1u) << "it has nothing but a stop there";
  EXPECT_EQ(number(ask(venue::Scope::market, kPreviewInShort), "waiting_stops"), 0u);
}

TEST_F(HaltPreviewTest, WhatThereIsNotHitsNobody) {
  const json::value none = ask(venue::Scope::instrument, 0, "NONE");
  EXPECT_EQ(number(none, "target"), 0u);
  EXPECT_EQ(number(none, "instruments"), 0u);
  EXPECT_EQ(number(ask(venue::Scope::segment, 8), "orders"), 0u);
}

TEST_F(HaltPreviewTest, SaysWhereAHaltTookEffect) {
  market.set_state(1, venue::InstrumentState::cancel_only);
  const json::value after = ask(venue::Scope::instrument, 1);
  EXPECT_EQ(number(after, "control_number"), market.control_number);
  EXPECT_EQ(number(after, "sequence"), market.venue.last_sequence());
  EXPECT_EQ(number(after.at("sessions").at(0), "last_user_reference"), 1u);
  EXPECT_EQ(number(after.at("states"), "cancel only"), 1u);
}

TEST_F(HaltPreviewTest, TheMarketInShortSaysWhatIsStoppedAndWhoIsWhereWithoutCountingOrders) {
  const json::value open = ask(venue::Scope::market, kPreviewInShort);
  EXPECT_EQ(number(open, "orders"), 0u);
  EXPECT_EQ(number(open, "instruments"), 3u);
  EXPECT_TRUE(open.at("stopped").as_array().empty());
  EXPECT_EQ(open.at("sessions").as_array().size(), 4u);
  market.set_state(3, venue::InstrumentState::cancel_only);
  const json::value after = ask(venue::Scope::market, kPreviewInShort);
  ASSERT_EQ(after.at("stopped").as_array().size(), 1u);
  EXPECT_EQ(number(after.at("stopped").at(0), "segment"), 9u);
  EXPECT_EQ(after.at("stopped").at(0).at("state"), "cancel only");
}

}  // namespace
}  // namespace okiagari::node
