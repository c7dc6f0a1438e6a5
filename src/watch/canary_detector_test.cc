#include "watch/canary_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class CanaryDetectorTest : public testing::Test {
 protected:
  CanaryDetectorTest() {
    canary_.feed_connected(1, true, now());
    canary_.feed_connected(2, true, now());
    now_ms_ += 10;
  }
  [[nodiscard]] Moment now() const { return at(now_ms_); }
  [[nodiscard]] std::uint64_t now_ns() const { return now_ms_ * 1'000'000; }

  // One order, answered after so long, seen on these feeds.
  void trade(GatewayId gateway, std::uint64_t took_ms, const std::vector<NodeId>& feeds = {1, 2}) {
    const std::uint32_t order = ++order_;
    canary_.sent(gateway, order, now(), now_ns());
    now_ms_ += took_ms;
    const OrderReference reference = 1'000 + order;
    canary_.acknowledged(gateway, order, reference, now(), now_ns());
    for (const NodeId node : feeds) canary_.on_feed(node, reference, "", now(), now_ns());
    canary_.cancelled(gateway, order);
    canary_.tick(now());
    now_ms_ += 50;
  }
  void wait(std::uint64_t for_ms) {
    for (const std::uint64_t end_ms = now_ms_ + for_ms; now_ms_ < end_ms; now_ms_ += 10) {
      canary_.tick(now());
    }
  }

  Told told_;
  Reporter reporter_{"test", told_.sink()};
  ClusterDetector cluster_{{1, 2}, {}, reporter_};
  CanaryDetector canary_{{1, 2}, {1, 2}, {}, cluster_, reporter_};
  std::uint64_t now_ms_ = 1'000;
  std::uint32_t order_ = 0;
};

TEST_F(CanaryDetectorTest, OrdersThatAreAnsweredAreNoNews) {
  for (int i = 0; i < 100; ++i) trade(static_cast<GatewayId>(1 + i % 2), 2);
  EXPECT_THAT(told_.all, IsEmpty());
  EXPECT_TRUE(canary_.picture(1).serves);
  EXPECT_EQ(canary_.picture(1).median_ms, 2);
}

TEST_F(CanaryDetectorTest, OrderWithoutAnAnswerFailsAtItsGatewayAndTheOtherGoesOn) {
  canary_.sent(1, ++order_, now(), now_ns());
  trade(2, 1);
  wait(600);
  EXPECT_THAT(told_.entities_of(signal::canary_failed), ElementsAre("gateway-1"));
  EXPECT_THAT(told_.entities_of(signal::acknowledgements_stopped), IsEmpty());
  EXPECT_NE(canary_.waiting_since_ms(), 0u);
  canary_.acknowledged(1, 1, 7, now(), now_ns());
  EXPECT_THAT(told_.signals(), Contains(signal::canary_good));
}

TEST_F(CanaryDetectorTest, WhenNoGatewayAnswersTheMarketHasStopped) {
  canary_.sent(1, ++order_, now(), now_ns());
  canary_.sent(2, ++order_, now(), now_ns());
  wait(600);
  EXPECT_THAT(told_.entities_of(signal::canary_failed),
              UnorderedElementsAre("gateway-1", "gateway-2"));
  EXPECT_THAT(told_.entities_of(signal::acknowledgements_stopped), ElementsAre("market"));
}

TEST_F(CanaryDetectorTest, SlowAgainstItsOwnPastIsToldAfterAFewAndOnce) {
  for (int i = 0; i < 60; ++i) trade(1, 2);
  trade(1, 80);
  EXPECT_THAT(told_.all, IsEmpty()) << "one slow order is chance";
  for (int i = 0; i < 20; ++i) trade(1, 2);
  for (int i = 0; i < 10; ++i) trade(1, 80);
  ASSERT_THAT(told_.signals(), ElementsAre(signal::canary_slow));
  EXPECT_EQ(told_.all[0].baseline, 2);
  EXPECT_EQ(told_.all[0].value, 80);
}

TEST_F(CanaryDetectorTest, TakeOverCountsFromTheFirstOrderSentAfterTheLossAndOnAFeed) {
  trade(1, 2);
  const std::uint32_t before = ++order_;
  canary_.sent(1, before, now(), now_ns());
  now_ms_ += 5;
  canary_.loss_began("process.gone of node-1", now());
  now_ms_ += 30;
  canary_.acknowledged(1, before, 500, now(), now_ns());
  EXPECT_THAT(told_.all, IsEmpty()) << "it may have been the old leader's last";
  const std::uint32_t after = ++order_;
  canary_.sent(1, after, now(), now_ns());
  now_ms_ += 3;
  canary_.acknowledged(1, after, 501, now(), now_ns());
  EXPECT_THAT(told_.all, IsEmpty()) << "not out yet";
  canary_.on_feed(2, 501, "", now(), now_ns());
  ASSERT_THAT(told_.signals(), ElementsAre(signal::fail_over_observed));
  EXPECT_EQ(told_.all[0].entity, "gateway-1");
  EXPECT_THAT(told_.all[0].statement, HasSubstr("on the feed of node-2"));
  EXPECT_TRUE(canary_.is_observing_loss()) << "the other gateway has not shown it";
  trade(2, 1);
  EXPECT_FALSE(canary_.is_observing_loss());
}

TEST_F(CanaryDetectorTest, AfterALossUnderAHaltThePathIsSeenToWorkAlthoughNothingIsTaken) {
  canary_.loss_began("process.gone of node-1", now());
  const auto reject = [&] {
    canary_.sent(1, ++order_, now(), now_ns());
    canary_.rejected(1, order_, "halted", now(), now_ns());
    now_ms_ += 50;
  };
  for (int i = 0; i < 40; ++i) reject();
  EXPECT_THAT(told_.entities_of(signal::fail_over_observed), IsEmpty()) << "it may be lifted";
  reject();
  ASSERT_THAT(told_.entities_of(signal::fail_over_observed), ElementsAre("gateway-1"));
  EXPECT_THAT(told_.all.back().statement, HasSubstr("rejected (halted), so on no feed"));
}

TEST_F(CanaryDetectorTest, ARejectedOrderAfterALossIsNotTheLastWord) {
  canary_.loss_began("process.gone of node-1", now());
  canary_.sent(1, ++order_, now(), now_ns());
  canary_.rejected(1, order_, "halted", now(), now_ns());
  trade(1, 1);
  trade(2, 1);
  EXPECT_THAT(told_.entities_of(signal::fail_over_observed), ElementsAre("gateway-1", "gateway-2"));
}

TEST_F(CanaryDetectorTest, FeedThatLacksAnAcknowledgedOrderIsSilentAndThatIsNotTheOthersFault) {
  trade(1, 1, {1});
  wait(1'500);
  EXPECT_THAT(told_.entities_of(signal::feed_silent), ElementsAre("feed node-2"));
  trade(1, 1);
  EXPECT_THAT(told_.entities_of(signal::canary_good), ElementsAre("feed node-2"));
}

TEST_F(CanaryDetectorTest, OrderThatIsOnTheFeedBeforeItsAcknowledgementIsSeenToo) {
  canary_.sent(1, ++order_, now(), now_ns());
  canary_.on_feed(1, 77, "", now(), now_ns());
  canary_.on_feed(2, 77, "", now(), now_ns());
  canary_.acknowledged(1, order_, 77, now(), now_ns());
  wait(1'500);
  EXPECT_THAT(told_.all, IsEmpty());
}

TEST_F(CanaryDetectorTest, OrderThatIsOtherwiseOnTheFeedThanItWasEnteredIsTold) {
  canary_.on_feed(1, 77, "price 5", now(), now_ns());
  ASSERT_THAT(told_.signals(), ElementsAre(signal::feed_differs));
  EXPECT_THAT(told_.all[0].statement, HasSubstr("price 5"));
}

TEST_F(CanaryDetectorTest, RefusalsInARowAreToldOnce) {
  for (int i = 0; i < 10; ++i) {
    canary_.sent(1, ++order_, now(), now_ns());
    canary_.refused(1, order_, "the gateway's reason 7", now());
  }
  EXPECT_THAT(told_.entities_of(signal::refusals_high), ElementsAre("gateway-1"));
}

}  // namespace
}  // namespace okiagari::watch
