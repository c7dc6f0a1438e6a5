#include "cli/flow_source.h"

#include <gtest/gtest.h>

namespace okiagari::cli {
namespace {

recordings::Flow two_orders() {
  recordings::Flow flow;
  flow.instruments.push_back({"ALPHA", 4, 0});
  flow.orders = 2;
  for (const std::uint32_t time_ms : {500u, 2'500u}) {
    recordings::FlowRecord record;
    record.time_ms = time_ms;
    record.order = static_cast<std::uint32_t>(flow.records.size());
    record.price_ticks = 100;
    record.lots = 1;
    flow.records.push_back(record);
  }
  return flow;
}

TEST(FlowSource, MessagesAreDueAtTheRecordedTimesFromTheFirstOn) {
  const recordings::Flow flow = two_orders();
  FlowSource source(flow, 1, 1);
  EXPECT_EQ(source.due_ns(), 0u);
  source.sent(1);
  EXPECT_EQ(source.due_ns(), 2'000'000'000u);
}

TEST(FlowSource, TenTimesAsFastIsATenthOfTheTime) {
  const recordings::Flow flow = two_orders();
  FlowSource source(flow, 1, 10);
  source.sent(1);
  EXPECT_EQ(source.due_ns(), 200'000'000u);
}

TEST(FlowSource, WithoutASpeedEverythingIsDueAtOnce) {
  const recordings::Flow flow = two_orders();
  FlowSource source(flow, 1);
  source.sent(1);
  EXPECT_EQ(source.due_ns(), 0u);
  source.sent(2);
  EXPECT_TRUE(source.is_over());
  EXPECT_FALSE(source.next_member().has_value());
}

}  // namespace
}  // namespace okiagari::cli
