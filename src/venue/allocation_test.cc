// A pause of the allocator is a pause of the market: once the pools have grown to the number of
// live orders, applying commands of sessions must not allocate. Every call of operator new in this
// program is counted; other memory is seen by the allocator's own statistics and by what the pools
// say of themselves.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "base/sanitized.h"
#include "venue/test_market.h"

#ifndef OKIAGARI_IS_SANITIZED

namespace {
std::atomic<std::uint64_t> allocations{0};
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace okiagari::venue {
namespace {

class AllocationTest : public testing::Test {
 protected:
  // Orders that rest, trade, wait for their trigger, are replaced and cancelled, one by one and all
  // at once.
  base::Bytes next_batch() {
    batch.clear();
    for (SessionId id = 1; id <= 3; ++id) {
      const std::uint32_t first = market.view(id).next_user_reference;
      stream_number = market.view(id).next_stream_number;
      for (std::uint32_t n = 0; n < 60; ++n) {
        const Side side = n % 2 == 0 ? Side::buy : Side::sell;
        const std::uint32_t price = side == Side::buy ? 500 - n : 500 + n;
        const InstrumentId instrument = n % 3 == 2 ? 2 : 1;
        send(id, TestMarket::order(first + n, side, 1 + n, price, instrument));
      }
      send(id, TestMarket::stop(first + 60, Side::buy, 5, 0, 530));
      send(id, TestMarket::stop(first + 61, Side::sell, 5, 0, 420));
      send(id, TestMarket::stop_replacement(first + 61, first + 62, 6, 0, 410));
      send(id, TestMarket::order(first + 63, Side::buy, 40, 540));
      send(id, TestMarket::replacement(first + 4, first + 64, 50, 480));
      send(id, TestMarket::trailing_stop(first + 65, Side::sell, 5, 0, 60));
      send(id, TestMarket::trailing_stop(first + 66, Side::buy, 5, 0, 60));
      send(id, TestMarket::trailing_replacement(first + 66, first + 67, 6, 0, 50));
      send(id, TestMarket::cancellation(first + 6));
      send(id, TestMarket::cancellation(first + 8, 3));
      MassCancel all{};
      all.side = 2;
      send(id, all);
    }
    return batch.finish(++market.now_ns);
  }
  template <typename Command>
  void send(SessionId id, Command command) {
    command = market.in_stream(id, command);
    command.header.stream_number = stream_number++;
    batch.add(command);
  }
  std::uint64_t memory_in_use() const {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd + market.venue.books().memory_bytes();
  }

  TestMarket market;
  BatchWriter batch;
  std::uint32_t stream_number = 0;
};

TEST_F(AllocationTest, AfterWarmUpCommandsOfSessionsDoNotAllocate) {
  base::ByteWriter events;
  for (int i = 0; i < 50; ++i) {
    events.clear();
    const base::Bytes bytes = next_batch();
    const std::uint64_t allocations_before = allocations;
    const std::uint64_t memory_before = memory_in_use();
    market.venue.apply_batch(bytes, events);
    if (i >= 3) {
      EXPECT_EQ(allocations, allocations_before);
      EXPECT_EQ(memory_in_use(), memory_before);
    }
  }
  Venue::InstrumentView instrument;
  ASSERT_TRUE(market.venue.instrument(1, instrument));
  EXPECT_GT(instrument.traded_lots, 1'000u);
}

}  // namespace
}  // namespace okiagari::venue

#endif
