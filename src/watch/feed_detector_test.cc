#include "watch/feed_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Way = FeedDetector::Way;
constexpr std::array<NodeId, 3> kNodes = {1, 2, 3};

class FeedDetectorTest : public testing::Test {
 protected:
  void say(NodeId node, Way way, std::uint64_t number, std::string_view message) {
    feed_.said(node, way, number, base::as_bytes(message), at(now_ms_));
  }
  void everybody_says(std::uint64_t number, std::string_view message) {
    for (const NodeId node : kNodes) {
      say(node, Way::stream, number, message);
      say(node, Way::line, number, message);
    }
  }
  void wait(std::uint64_t for_ms) {
    now_ms_ += for_ms;
    feed_.tick(at(now_ms_));
  }

  std::uint64_t now_ms_ = 1'000;
  Told told_;
  Reporter reporter_{"desk", told_.sink()};
  FeedDetector feed_{{1, 2, 3}, FeedLimits{}, reporter_};
};

TEST_F(FeedDetectorTest, WhoSaysTheSameAsEverybodyIsNotAccused) {
  for (std::uint64_t number = 1; number < 200'000; number += 1'000) {
    everybody_says(number, std::to_string(number));
  }
  wait(10'000);
  EXPECT_THAT(told_.all, IsEmpty());
}

TEST_F(FeedDetectorTest, ALineThatSaysOtherBytesIsNamedEvenWhenItWasTheFirstToSpeak) {
  say(2, Way::line, 7, "something else");
  for (const NodeId node : kNodes) say(node, Way::stream, 7, "what all say");
  say(1, Way::line, 7, "what all say");
  wait(499);
  EXPECT_THAT(told_.all, IsEmpty());
  wait(1);
  ASSERT_THAT(told_.entities_of(signal::feed_differs), ElementsAre("feed node-2"));
  EXPECT_THAT(told_.all[0].statement, HasSubstr("message 7 of the feed says one thing from the "
                                                "line of node-2 and another from node-1, the line "
                                                "of node-1, node-2, node-3"));
}

TEST_F(FeedDetectorTest, TwoThatDifferAreBothNamedBecauseNobodyKnowsWhichIsRight) {
  say(1, Way::line, 7, "one");
  say(3, Way::line, 7, "other");
  wait(500);
  EXPECT_THAT(told_.entities_of(signal::feed_differs), ElementsAre("feed node-1", "feed node-3"));
  EXPECT_THAT(told_.all[0].statement, HasSubstr("cannot be told from here"));
}

TEST_F(FeedDetectorTest, AServerIsAccusedOnceAMinuteHoweverMuchItSays) {
  for (std::uint64_t number = 1; number <= 100; ++number) {
    everybody_says(number, "same");
    say(1, Way::stream, number, "else");
  }
  wait(500);
  EXPECT_EQ(told_.all.size(), 1u);
  wait(60'000);
  everybody_says(200, "same");
  say(1, Way::stream, 200, "else");
  wait(500);
  EXPECT_EQ(told_.all.size(), 2u);
}

TEST_F(FeedDetectorTest, AStreamThatCatchesUpIsNotHeldAgainstWhatIsLongPast) {
  everybody_says(1, "first");
  everybody_says(1 + (1 << 16), "much later");
  say(2, Way::stream, 1, "first");
  wait(1'000);
  EXPECT_THAT(told_.all, IsEmpty());
}

TEST_F(FeedDetectorTest, AGapIsSaidOnceWhenNobodyFillsItInTime) {
  feed_.missing_on_lines(42, at(1'000));
  feed_.missing_on_lines(0, at(2'900));
  feed_.missing_on_lines(50, at(3'000));
  feed_.missing_on_lines(50, at(4'999));
  EXPECT_THAT(told_.all, IsEmpty()) << "the first was filled, the second is young";
  feed_.missing_on_lines(50, at(5'000));
  feed_.missing_on_lines(50, at(6'000));
  ASSERT_THAT(told_.signals(), ElementsAre(signal::feed_gap));
  EXPECT_THAT(told_.all[0].statement, HasSubstr("message 50"));
}

}  // namespace
}  // namespace okiagari::watch
