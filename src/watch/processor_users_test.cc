#include "watch/processor_users.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace okiagari::watch {
namespace {

TEST(ProcessorUsers, SomebodyElsesLoadIsToldFromTheMarketsOwnByProcessAndNotByName) {
  ProcessorUsers users;
  const std::map<pid_t, std::string> market = {{10, "node-1"}};
  EXPECT_TRUE(users.take({{10, "okiagari", 1'000, 1}, {20, "okiagari", 5'000, 2}}, market, 10'000)
                  .users.empty());
  const auto shares = users.take(
      {{10, "okiagari", 1'020, 1}, {20, "okiagari", 5'100, 2}, {30, "yes", 60, 3}}, market, 10'200);
  EXPECT_DOUBLE_EQ(shares.market_percent, 10);
  EXPECT_DOUBLE_EQ(shares.others_percent, 80);
  ASSERT_EQ(shares.users.size(), 3u);
  EXPECT_EQ(shares.users[0].entity, "");
  EXPECT_EQ(words_of(shares).en, "okiagari 50 %, yes 30 %, okiagari of node-1 10 %");
}

TEST(ProcessorUsers, AProcessThatTookTheNumberOfAnotherHasUsedItsOwnTimeOnly) {
  ProcessorUsers users;
  (void)users.take({{10, "make", 9'000, 1}}, {}, 10'000);
  const auto shares = users.take({{10, "hog", 50, 2}}, {}, 10'100);
  EXPECT_DOUBLE_EQ(shares.others_percent, 50);
}

TEST(ProcessorUsers, ThisVeryProcessIsAmongThoseOfTheHost) {
  const auto all = read_processes("/proc");
  EXPECT_TRUE(
      std::any_of(all.begin(), all.end(), [](const auto& one) { return one.pid == ::getpid(); }));
}

}  // namespace
}  // namespace okiagari::watch
