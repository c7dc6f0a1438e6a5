#include "node/leader_clock.h"

#include <gtest/gtest.h>

#include "node/pending_commands.h"

namespace okiagari::node {
namespace {

TEST(LeaderClockTest, ClockThatIsSetBackDoesNotTurnTheMarketsTimeBack) {
  LeaderClock clock(100);
  EXPECT_EQ(clock.stamp(5'000), 5'000u) << "a new market takes the time as it is";
  EXPECT_EQ(clock.stamp(4'000), 5'000u);
  EXPECT_EQ(clock.stamp(5'050), 5'050u);
}

TEST(LeaderClockTest, ClockFarAheadMovesTheMarketsTimeByOneStepABatch) {
  LeaderClock clock(100);
  clock.restart_after(1'000);
  EXPECT_TRUE(clock.is_behind(1'250));
  EXPECT_EQ(clock.stamp(1'250), 1'100u);
  EXPECT_EQ(clock.stamp(1'250), 1'200u);
  EXPECT_FALSE(clock.is_behind(1'250));
  EXPECT_EQ(clock.stamp(1'250), 1'250u);
}

TEST(LeaderClockTest, NewLeaderWithASlowClockGoesOnFromTheLog) {
  LeaderClock clock(100);
  clock.restart_after(9'000);
  EXPECT_EQ(clock.stamp(8'500), 9'000u);
}

TEST(PendingCommandsTest, BatchesAreBoundedAndKeepTheOrder) {
  PendingCommands pending(1'000);
  for (std::uint64_t number = 1; number <= 200; ++number) {
    venue::Checkpoint command{};
    command.number = number;
    pending.add_own(command);
  }
  EXPECT_EQ(pending.bytes(), 200 * sizeof(venue::Checkpoint));
  std::uint64_t next = 1;
  while (!pending.empty()) {
    const base::Bytes batch = pending.front(77);
    EXPECT_LE(batch.size(), 1'000u);
    base::ByteReader reader(batch);
    venue::BatchHeader header;
    ASSERT_TRUE(reader.object(header));
    EXPECT_EQ(header.size_bytes, batch.size());
    EXPECT_EQ(header.timestamp_ns, 77u);
    for (std::uint32_t i = 0; i < header.count; ++i) {
      venue::Checkpoint command;
      ASSERT_TRUE(reader.object(command));
      EXPECT_EQ(command.number, next++);
    }
    EXPECT_TRUE(reader.at_end());
    pending.pop_front();
  }
  EXPECT_EQ(next, 201u);
  EXPECT_EQ(pending.bytes(), 0u);
}

}  // namespace
}  // namespace okiagari::node
