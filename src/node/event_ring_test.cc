#include "node/event_ring.h"

#include <gtest/gtest.h>

#include <random>

namespace okiagari::node {
namespace {

TEST(EventRingTest, NewestEventsAreKeptWholeAndInOrderWhateverTheirSizes) {
  std::mt19937 random(1);
  EventRing ring(10'000);
  std::uint64_t number = 0;
  for (int batch = 0; batch < 5'000; ++batch) {
    base::ByteWriter events;
    for (std::size_t count = random() % 30; count > 0; --count) {
      venue::EventHeader header{};
      header.size_bytes = static_cast<std::uint16_t>(sizeof header + random() % 60);
      header.event_number = ++number;
      events.object(header);
      (void)events.extend(header.size_bytes - sizeof header);
    }
    ring.append(events.view(), number);
    ASSERT_EQ(ring.last(), number);
    ASSERT_LE(ring.oldest(), number + 1);
    const std::uint64_t kept = number + 1 - ring.oldest();
    const std::uint64_t after = kept == 0 ? number : number - random() % (kept + 1);
    std::uint64_t next = after + 1;
    ring.for_each_after(after, [&](const venue::EventHeader& event) {
      ASSERT_EQ(+event.event_number, next);
      ++next;
    });
    ASSERT_EQ(next, number + 1);
  }
  EXPECT_GT(number - ring.oldest(), 60u) << "the ring keeps most of what fits";
}

TEST(EventRingTest, BatchThatIsLargerThanTheRingLeavesNothingRecent) {
  EventRing ring(100);
  base::ByteWriter events;
  for (std::uint64_t number = 1; number <= 5; ++number) {
    venue::EventHeader header{};
    header.size_bytes = sizeof header;
    header.event_number = number;
    events.object(header);
  }
  ring.append(events.view(), 5);
  EXPECT_EQ(ring.oldest(), 6u);
  ring.for_each_after(0, [](const venue::EventHeader&) { FAIL(); });
}

}  // namespace
}  // namespace okiagari::node
