#include "watch/vantage_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Two places with orders through two gateways, twice a second.
class VantageDetectorTest : public testing::Test {
 protected:
  struct Place {
    bool works = true;        // its orders are answered
    bool has_noticed = true;  // and if not, it knows
  };
  void run(std::uint64_t for_ms) {
    for (const std::uint64_t end_ms = now_ms_ + for_ms; now_ms_ < end_ms; now_ms_ += 500) {
      const Moment moment = at(now_ms_);
      if (is_other_heard_) detector_.heard(view("lookout", there_, there_answers_), moment);
      detector_.tick(view("desk-1", here_, here_answers_), moment);
    }
  }

  Place here_;
  Place there_;
  bool is_other_heard_ = true;
  Told told_;

 private:
  static VantageView view(const std::string& name, const Place& place, std::uint64_t& answers) {
    if (place.works) ++answers;
    const bool is_serving = place.works || !place.has_noticed;
    return {.name = name, .gateways = {{1, is_serving, answers}, {2, is_serving, answers}}};
  }

  std::uint64_t now_ms_ = 1'000;
  std::uint64_t here_answers_ = 0;
  std::uint64_t there_answers_ = 0;
  Reporter reporter_{"desk-1.vantage", told_.sink()};
  VantageDetector detector_{"desk-1", VantageLimits{}, reporter_};
};

TEST_F(VantageDetectorTest, TwoPlacesThatSeeTheSameSayNothing) {
  run(60'000);
  EXPECT_THAT(told_.all, IsEmpty());
}

TEST_F(VantageDetectorTest, WhereOnlyOurOrdersFailOurViewIsBroken) {
  run(5'000);
  here_.works = false;
  run(1'500);
  EXPECT_THAT(told_.all, IsEmpty()) << "a fail-over reaches one place before the other";
  run(500);
  ASSERT_THAT(told_.signals(), ElementsAre(signal::vantage_disagrees));
  EXPECT_EQ(told_.all[0].entity, "desk-1");
  EXPECT_THAT(told_.all[0].statement,
              HasSubstr("orders of desk-1 through gateway-1 and gateway-2 fail, and those of "
                        "lookout there are answered at the same time"));
  run(60'000);
  EXPECT_EQ(told_.all.size(), 1u) << "once for as long as it lasts";
}

TEST_F(VantageDetectorTest, OrdersThatAreNoLongerSentAreNotTakenForAnsweredOnes) {
  run(5'000);
  here_ = {.works = false, .has_noticed = false};
  run(5'000);
  EXPECT_THAT(told_.entities_of(signal::vantage_disagrees), ElementsAre("desk-1"));
}

TEST_F(VantageDetectorTest, WhereOnlyTheOthersOrdersFailTheirViewIsBroken) {
  run(5'000);
  there_.works = false;
  run(5'000);
  EXPECT_THAT(told_.entities_of(signal::vantage_disagrees), ElementsAre("lookout"));
}

TEST_F(VantageDetectorTest, WhereBothFailItIsTheMarket) {
  run(5'000);
  here_.works = false;
  there_.works = false;
  run(5'000);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::canary_failed, signal::canary_failed));
  EXPECT_THAT(told_.entities_of(signal::canary_failed), ElementsAre("gateway-1", "gateway-2"));
  EXPECT_THAT(told_.all[0].statement, HasSubstr("fail from two places"));
}

TEST_F(VantageDetectorTest, APlaceThatIsNotHeardSaysNothingOfTheMarketAndIsMissed) {
  run(5'000);
  is_other_heard_ = false;
  here_.works = false;
  run(60'000);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::vantage_silent));
  EXPECT_EQ(told_.all[0].entity, "lookout");
}

TEST_F(VantageDetectorTest, WhoHasJustBegunIsNotTakenForBroken) {
  here_.works = false;
  run(9'000);
  EXPECT_THAT(told_.all, IsEmpty());
  run(10'000);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::vantage_disagrees));
}

TEST(VantageView, IsReadAsItWasWritten) {
  const VantageView view{.name = "lookout", .gateways = {{1, true, 17}, {2, false, 3}}};
  const auto read = parse_vantage_view(vantage_view_text(view));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().name, "lookout");
  ASSERT_EQ(read.value().gateways.size(), 2u);
  EXPECT_TRUE(read.value().gateways[0].is_serving);
  EXPECT_EQ(read.value().gateways[1].answers, 3u);
}

TEST(VantageView, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"name":"","gateways":[]})", R"({"name":"a b","gateways":[]})",
        R"({"name":"a"})", R"({"name":"a","gateways":[1]})",
        R"({"name":"a","gateways":[{"gateway":0,"serving":true,"answers":1}]})",
        R"({"name":"a","gateways":[{"gateway":1,"serving":1,"answers":1}]})",
        R"({"name":"a","gateways":[{"gateway":1,"serving":true,"answers":-1}]})"}) {
    EXPECT_FALSE(parse_vantage_view(text).ok()) << text;
  }
}

}  // namespace
}  // namespace okiagari::watch
