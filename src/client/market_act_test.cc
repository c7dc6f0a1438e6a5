#include "client/market_act.h"

#include <gtest/gtest.h>

#include "venue/venue.h"

namespace okiagari::client {
namespace {

base::KeyPair keys_of(std::uint8_t id) {
  std::array<std::byte, 32> seed{};
  seed[0] = std::byte{id};
  return base::key_pair_from_seed(seed);
}

// A venue with one instrument and operators 1 and 2.
class MarketActTest : public testing::Test {
 protected:
  MarketActTest() {
    venue::AddInstrument listed{};
    listed.instrument = 1;
    listed.symbol = {'A', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
    listed.tick_e4 = 100;
    listed.money_per_tick_lot = 1;
    listed.low_limit = 1;
    listed.high_limit = 1'000;
    listed.state = venue::InstrumentState::full;
    apply(listed);
    for (std::uint8_t id = 1; id <= 2; ++id) {
      venue::AddOperator added{};
      added.operator_id = id;
      added.public_key = keys_of(id).public_key;
      apply(added);
    }
  }
  template <typename Command>
  void apply(Command command) {
    command.header.size_bytes = sizeof command;
    command.header.type = Command::kType;
    command.header.version = venue::kCommandVersion;
    base::ByteWriter batch;
    venue::BatchHeader header{};
    header.version = venue::kBatchVersion;
    header.count = 1;
    header.size_bytes = sizeof header + sizeof command;
    header.timestamp_ns = 1'800'000'000'000'000'000;
    batch.object(header);
    batch.object(command);
    base::ByteWriter events;
    market.apply_batch(batch.view(), events);
  }
  [[nodiscard]] venue::InstrumentState state() const {
    venue::Venue::InstrumentView view;
    EXPECT_TRUE(market.instrument(1, view));
    return view.state;
  }
  venue::Venue market{venue::Limits{}};
};

TEST_F(MarketActTest, WhatTwoPeopleSignedOnTwoMachinesIsCarriedOut) {
  MarketAct stop = make_act(7, venue::Scope::market, 0, venue::InstrumentState::cancel_only, 1, "");
  ASSERT_TRUE(approve_act(stop, 1, keys_of(1).secret_key, 0));
  apply(stop.command);
  ASSERT_EQ(state(), venue::InstrumentState::cancel_only);

  MarketAct act = make_act(7, venue::Scope::market, 0, venue::InstrumentState::full, 2, "T3");
  act.reason = "the cause is gone";
  for (std::uint8_t id = 1; id <= 2; ++id) {
    auto carried = parse_act(to_json(act));
    ASSERT_TRUE(carried.ok()) << carried.error().message;
    act = carried.value();
    ASSERT_TRUE(approve_act(act, id, keys_of(id).secret_key, 1'800'000'060));
  }
  EXPECT_EQ(act.reason, "the cause is gone");
  apply(act.command);
  EXPECT_EQ(state(), venue::InstrumentState::full);
}

TEST_F(MarketActTest, OnePersonSignsOnceAndAThirdHasNoPlace) {
  MarketAct act = make_act(7, venue::Scope::market, 0, venue::InstrumentState::full, 1, "");
  EXPECT_TRUE(approve_act(act, 1, keys_of(1).secret_key, 0));
  EXPECT_FALSE(approve_act(act, 1, keys_of(1).secret_key, 0));
  EXPECT_TRUE(approve_act(act, 2, keys_of(2).secret_key, 0));
  EXPECT_FALSE(approve_act(act, 3, keys_of(3).secret_key, 0));
}

TEST_F(MarketActTest, AnActThatWasAlteredUnderWayIsNotRead) {
  const MarketAct act =
      make_act(7, venue::Scope::instrument, 1, venue::InstrumentState::halted, 1, "");
  std::string text = to_json(act);
  const std::size_t digest = text.find("\"digest\":\"") + 10;
  text[digest] = text[digest] == '0' ? '1' : '0';
  ASSERT_FALSE(parse_act(text).ok());
  EXPECT_EQ(parse_act(text).error().message, "the digest is not that of the command");
  EXPECT_FALSE(parse_act("{}").ok());
  EXPECT_FALSE(parse_act("[").ok());
  EXPECT_FALSE(parse_act(std::string(20'000, ' ')).ok());
}

}  // namespace
}  // namespace okiagari::client
