#include "gateway/arrivals.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace okiagari::gateway {
namespace {

TEST(Arrivals, EachCommandHasItsOwnTimeInOrder) {
  std::mt19937 random(5);
  Arrivals arrivals;
  std::deque<std::uint64_t> plain;
  std::uint64_t now_ns = 1;
  for (int step = 0; step < 100'000; ++step) {
    if (random() % 2 == 0 && plain.size() < 3'000) {
      now_ns += random() % 3;
      arrivals.add(now_ns);
      plain.push_back(now_ns);
    } else if (!plain.empty()) {
      ASSERT_EQ(arrivals.oldest_ns(), plain.front());
      ASSERT_EQ(arrivals.remove_oldest(), plain.front());
      plain.pop_front();
    }
  }
}

TEST(Arrivals, TooManyTimesMakeTheNewestOlderAndLoseNone) {
  Arrivals arrivals;
  for (std::uint64_t time = 1; time <= 10'000; ++time) arrivals.add(time);
  for (std::uint64_t time = 1; time <= 10'000; ++time) {
    EXPECT_EQ(arrivals.remove_oldest(), std::min<std::uint64_t>(time, 4'096));
  }
  EXPECT_EQ(arrivals.oldest_ns(), 0U);
}

}  // namespace
}  // namespace okiagari::gateway
