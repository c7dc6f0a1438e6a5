#include "node/level_in_force.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/batch_writer.h"

namespace okiagari::node {
namespace {

using ::testing::HasSubstr;

template <typename Command>
std::vector<std::byte> batch_of(Command command) {
  command.header.size_bytes = sizeof command;
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  venue::BatchWriter writer;
  writer.add_raw(base::object_bytes(command));
  const base::Bytes bytes = writer.finish(1);
  return {bytes.begin(), bytes.end()};
}

TEST(LevelInForce, TheLogRaisesItAndNothingLowersIt) {
  LevelInForce level(wire::kDayEndLevel);
  EXPECT_EQ(level.in_force(), wire::kLowestFormatLevel);
  EXPECT_TRUE(level.take_batch(batch_of(venue::NewStop{})).ok());
  EXPECT_EQ(level.in_force(), wire::kStopsLevel);
  EXPECT_TRUE(level.take_batch(batch_of(venue::NewOrder{})).ok());
  EXPECT_EQ(level.in_force(), wire::kStopsLevel);
  EXPECT_TRUE(level.take_batch(batch_of(wire::level_statement(wire::kDayEndLevel))).ok());
  EXPECT_EQ(level.in_force(), wire::kDayEndLevel);
  EXPECT_TRUE(level.take_snapshot(0).ok()) << "of before there were levels";
  EXPECT_EQ(level.in_force(), wire::kDayEndLevel);
}

TEST(LevelInForce, WhoKnowsLessThanTheLogStopsAndIsToldWhatToInstall) {
  LevelInForce level(wire::kCallsLevel);
  EXPECT_TRUE(level.take_batch(batch_of(venue::SetAuctionRules{})).ok());
  const base::Status held = level.take_batch(batch_of(venue::NewStop{}));
  ASSERT_FALSE(held.ok());
  EXPECT_THAT(held.error().message,
              HasSubstr("format level 3, and this server understands level 2"));
  EXPECT_THAT(held.error().message, HasSubstr("take `format_level` out"));
  EXPECT_EQ(level.in_force(), wire::kCallsLevel);
  const base::Status newer = level.take_snapshot(wire::kNewestFormatLevel + 1);
  ASSERT_FALSE(newer.ok());
  EXPECT_THAT(newer.error().message, HasSubstr("install the program of the other servers"));
}

// Nobody lets such a one in without a statement before it; old logs may hold one.
TEST(LevelInForce, ACommandThatNobodyKnowsIsReplayedAsItWasRefused) {
  LevelInForce level(wire::kNewestFormatLevel);
  std::vector<std::byte> batch = batch_of(venue::NoOperation{});
  batch[sizeof(venue::BatchHeader) + 2] = std::byte{250};
  EXPECT_TRUE(level.take_batch(batch).ok());
  EXPECT_EQ(level.in_force(), wire::kLowestFormatLevel);
}

TEST(LevelInForce, WhatWasStatedCountsForTheLeaderUntilItLeadsNoMore) {
  LevelInForce level(wire::kDayEndLevel);
  level.stated(wire::kStopsLevel);
  EXPECT_EQ(level.let_in(), wire::kStopsLevel);
  EXPECT_EQ(level.in_force(), wire::kLowestFormatLevel) << "it may never come into the log";
  level.leadership_lost();
  EXPECT_EQ(level.let_in(), wire::kLowestFormatLevel);
}

TEST(LevelInForce, TheServerThatUnderstandsLeastCountsAlsoOneThatHasNoVote) {
  journal::Configuration servers = journal::voters_only({1, 2, 3});
  servers.push_back({4, journal::ServerRole::standby, 0xA4, "at=somewhere"});
  const LeastServer own{1, 4};
  ToldLevels told = {{2, 4}, {3, 4}, {4, 3}};
  EXPECT_EQ(least_server(servers, told, own, false).node, 4);
  EXPECT_EQ(least_server(servers, told, own, false).level, 3);
  told.erase(4);
  EXPECT_EQ(least_server(servers, told, own, false).level, wire::kLowestFormatLevel)
      << "one that never told is of before there were levels";
  EXPECT_EQ(least_server(servers, told, own, true).level, 4) << "nobody is older than a new market";
  told = {{2, 4}, {3, 4}, {4, 4}, {9, 1}};
  EXPECT_EQ(least_server(servers, told, own, false).level, 4) << "9 is no server";
  EXPECT_EQ(words_of_refusal({3, 2}, 4),
            "server 3 understands format level 2, this needs 4: renew it first");
}

// Those of members are numbered below 16. Without a stand-in its stream would have a gap.
TEST(LevelInForce, EveryCommandOfAStreamThatMayBeKeptOutHasAStandIn) {
  for (int type = 1; type < 16; ++type) {
    venue::CommandHeader header{};
    header.size_bytes = sizeof header;
    header.type = static_cast<venue::CommandType>(type);
    const wire::FormatLevel level = wire::level_of(base::object_bytes(header));
    if (level == wire::kLowestFormatLevel || level == wire::kUnknownFormatLevel) continue;
    EXPECT_TRUE(has_stand_in(header)) << "type " << type;
  }
}

TEST(LevelInForce, AStandInKeepsItsPlaceInTheStreamAndItsNumber) {
  venue::NewStop stop{};
  stop.header = {sizeof stop, venue::CommandType::new_stop, 1, 7, 2, 5, 31};
  stop.user_reference = 12;
  stop.instrument = 3;
  const StandIn order(stop.header);
  alignas(8) const auto entered = reinterpret_cast<const venue::NewOrder&>(order.command());
  EXPECT_EQ(entered.header.type, venue::CommandType::new_order);
  EXPECT_EQ(entered.header.size_bytes, sizeof(venue::NewOrder));
  EXPECT_EQ(entered.header.stream_number, 31U);
  EXPECT_EQ(entered.user_reference, 12U);
  EXPECT_EQ(entered.instrument, 0) << "none: the venue refuses it";
  EXPECT_EQ(wire::level_of(base::object_bytes(entered)), wire::kLowestFormatLevel);

  venue::NewTrailingStop trailing{};
  trailing.header = {sizeof trailing, venue::CommandType::new_trailing_stop, 1, 7, 2, 5, 32};
  trailing.user_reference = 14;
  const StandIn followed(trailing.header);
  EXPECT_EQ(followed.command().type, venue::CommandType::new_order);
  EXPECT_EQ(+reinterpret_cast<const venue::NewOrder&>(followed.command()).user_reference, 14U);

  venue::ReplaceTrailingStop follows{};
  follows.header = {sizeof follows, venue::CommandType::replace_trailing_stop, 1, 7, 2, 5, 33};
  follows.original_user_reference = 14;
  follows.user_reference = 15;
  const StandIn other(follows.header);
  EXPECT_EQ(other.command().type, venue::CommandType::replace_order);
  EXPECT_EQ(+reinterpret_cast<const venue::ReplaceOrder&>(other.command()).user_reference, 15U);

  venue::ReplaceOrder dated{};
  dated.header = {sizeof dated, venue::CommandType::replace_order, 1, 7, 2, 5, 32};
  dated.original_user_reference = 12;
  dated.user_reference = 13;
  dated.last_day = 20'000;
  const StandIn replacement(dated.header);
  alignas(8) const auto replaced =
      reinterpret_cast<const venue::ReplaceOrder&>(replacement.command());
  EXPECT_EQ(replaced.user_reference, 13U);
  EXPECT_EQ(replaced.original_user_reference, 0U) << "no order";
  EXPECT_EQ(wire::level_of(base::object_bytes(replaced)), wire::kLowestFormatLevel);
}

}  // namespace
}  // namespace okiagari::node
