#include "wire/format_level.h"

#include <gtest/gtest.h>

#include "venue/names.h"
#include "venue/venue.h"

namespace okiagari::wire {
namespace {

template <typename Command>
Command make() {
  Command command{};
  command.header.size_bytes = sizeof command;
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  return command;
}

template <typename Command>
FormatLevel level_of_object(const Command& command) {
  return level_of(base::object_bytes(command));
}

TEST(FormatLevel, EveryCommandIsOfTheLevelAtWhichItCame) {
  EXPECT_EQ(level_of_object(make<venue::NewOrder>()), kLowestFormatLevel);
  EXPECT_EQ(level_of_object(make<venue::CancelOrder>()), kLowestFormatLevel);
  EXPECT_EQ(level_of_object(make<venue::Checkpoint>()), kLowestFormatLevel);
  EXPECT_EQ(level_of_object(make<venue::SetAuctionRules>()), kCallsLevel);
  EXPECT_EQ(level_of_object(make<venue::NewStop>()), kStopsLevel);
  EXPECT_EQ(level_of_object(make<venue::ReplaceStop>()), kStopsLevel);
  EXPECT_EQ(level_of_object(make<venue::SetTradingPlan>()), kStopsLevel);
  EXPECT_EQ(level_of_object(make<venue::EndDay>()), kDayEndLevel);
  EXPECT_EQ(level_of_object(make<venue::CheckpointInSteps>()), kDayEndLevel);
  EXPECT_EQ(level_of_object(make<venue::NewIceberg>()), kIcebergsLevel);
  EXPECT_EQ(level_of_object(make<venue::ReplaceIceberg>()), kIcebergsLevel);
  EXPECT_EQ(level_of_object(make<venue::NewTrailingStop>()), kTrailingStopsLevel);
  EXPECT_EQ(level_of_object(make<venue::ReplaceTrailingStop>()), kTrailingStopsLevel);
}

TEST(FormatLevel, AFieldThatGotAMeaningLaterIsOfThatLevel) {
  auto order = make<venue::NewOrder>();
  order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::at_auction);
  EXPECT_EQ(level_of_object(order), kCallsLevel);
  order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_date);
  EXPECT_EQ(level_of_object(order), kDayEndLevel);
  auto replacement = make<venue::ReplaceOrder>();
  replacement.time_in_force = venue::kTimeInForceAsBefore;
  EXPECT_EQ(level_of_object(replacement), kLowestFormatLevel);
  replacement.last_day = 20'000;
  EXPECT_EQ(level_of_object(replacement), kDayEndLevel);
  auto stop = make<venue::NewStop>();
  stop.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_date);
  EXPECT_EQ(level_of_object(stop), kDayEndLevel);
  auto plan = make<venue::SetTradingPlan>();
  plan.phases[0].state = venue::kDayEnd;
  EXPECT_EQ(level_of_object(plan), kDayEndLevel);
}

// The compiler misses one in the table too, but not one that was left out of the enumeration.
TEST(FormatLevel, NoCommandIsMissingInTheTable) {
  const std::string_view unknown = venue::name_of(static_cast<venue::CommandType>(255));
  for (int type = 0; type < 256; ++type) {
    auto command = make<venue::NoOperation>();
    command.header.type = static_cast<venue::CommandType>(type);
    const bool is_known = venue::name_of(command.header.type) != unknown;
    EXPECT_EQ(level_of_object(command) != kUnknownFormatLevel, is_known) << "type " << type;
    EXPECT_TRUE(!is_known || level_of_object(command) <= kNewestFormatLevel) << "type " << type;
  }
}

TEST(FormatLevel, AnUnknownCommandIsAboveAll) {
  auto command = make<venue::NoOperation>();
  command.header.type = static_cast<venue::CommandType>(255);
  EXPECT_EQ(level_of_object(command), kUnknownFormatLevel);
}

TEST(FormatLevel, OnlyANodesNoOperationSaysWhichLevelIsInForce) {
  const venue::NoOperation statement = level_statement(3);
  EXPECT_TRUE(is_level_statement(statement.header));
  EXPECT_EQ(level_of_object(statement), 3);
  EXPECT_EQ(level_of_object(make<venue::NoOperation>()), kLowestFormatLevel);
  venue::NoOperation of_gateway = level_statement(3);
  of_gateway.header.gateway = 1;
  EXPECT_EQ(level_of_object(of_gateway), kLowestFormatLevel);
  venue::NoOperation absurd = level_statement(3);
  absurd.header.epoch = UINT32_MAX;
  EXPECT_EQ(level_of_object(absurd), kUnknownFormatLevel);
}

}  // namespace
}  // namespace okiagari::wire
