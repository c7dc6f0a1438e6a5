#include "journal/line_choice.h"

#include <gtest/gtest.h>

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kNow = 100'000;

LineChoice both_open() {
  LineChoice choice;
  choice.opened(Network::a);
  choice.opened(Network::b);
  return choice;
}

TEST(LineChoice, NetworkAIsTakenFirstAndChosenOnce) {
  LineChoice choice = both_open();
  EXPECT_EQ(choice.choose(kNow), Network::a);
  EXPECT_FALSE(choice.choose(kNow).has_value()) << "nothing has changed";
  EXPECT_EQ(choice.used(), Network::a);
}

TEST(LineChoice, WithoutALineThereIsNothingToChoose) {
  LineChoice choice;
  EXPECT_FALSE(choice.choose(kNow).has_value());
  choice.opened(Network::b);
  EXPECT_EQ(choice.choose(kNow), Network::b);
  choice.lost(Network::b, kNow);
  EXPECT_FALSE(choice.choose(kNow).has_value());
  EXPECT_FALSE(choice.used().has_value());
}

TEST(LineChoice, ItStaysWhereItIsWhenTheFormerLineIsBack) {
  LineChoice choice = both_open();
  ASSERT_EQ(choice.choose(kNow), Network::a);
  choice.lost(Network::a, kNow);
  EXPECT_EQ(choice.choose(kNow), Network::b);
  choice.opened(Network::a);
  EXPECT_FALSE(choice.choose(kNow + 1).has_value());
  choice.lost(Network::a, kNow + 2);
  choice.opened(Network::a);
  EXPECT_FALSE(choice.choose(kNow + 3).has_value());
  EXPECT_EQ(choice.used(), Network::b);
}

TEST(LineChoice, TheSameLineIsChosenAnewWhenItIsTheOnlyOneThatComesBack) {
  LineChoice choice;
  choice.opened(Network::a);
  ASSERT_EQ(choice.choose(kNow), Network::a);
  choice.lost(Network::a, kNow);
  ASSERT_FALSE(choice.choose(kNow).has_value());
  choice.opened(Network::a);
  EXPECT_EQ(choice.choose(kNow + 20), Network::a) << "a new connection has to be greeted over";
}

TEST(LineChoice, ALineThatWasLostThreeTimesWithinTenSecondsIsDistrustedForThirty) {
  LineChoice choice;
  for (const std::uint64_t at_ms : {kNow, kNow + 5'000, kNow + 9'999}) {
    EXPECT_FALSE(choice.is_distrusted(Network::a, at_ms));
    choice.opened(Network::a);
    choice.lost(Network::a, at_ms);
  }
  EXPECT_TRUE(choice.is_distrusted(Network::a, kNow + 9'999));
  EXPECT_TRUE(choice.is_distrusted(Network::a, kNow + 39'998));
  EXPECT_FALSE(choice.is_distrusted(Network::a, kNow + 39'999));
  EXPECT_FALSE(choice.is_distrusted(Network::b, kNow + 9'999));
}

TEST(LineChoice, LossesThatAreFarApartAreNoReasonForDistrust) {
  LineChoice choice;
  for (const std::uint64_t at_ms : {kNow, kNow + 5'000, kNow + 10'000}) {
    choice.opened(Network::a);
    choice.lost(Network::a, at_ms);
  }
  EXPECT_FALSE(choice.is_distrusted(Network::a, kNow + 10'000));
}

TEST(LineChoice, ADistrustedLineIsUsedWhileItIsTheOnlyOneAndLeftOnceForTheOther) {
  LineChoice choice;
  for (int loss = 0; loss < 3; ++loss) {
    choice.opened(Network::a);
    ASSERT_EQ(choice.choose(kNow), Network::a);
    choice.lost(Network::a, kNow);
  }
  choice.opened(Network::a);
  EXPECT_EQ(choice.choose(kNow + 1), Network::a);
  choice.opened(Network::b);
  EXPECT_EQ(choice.choose(kNow + 2), Network::b);
  EXPECT_FALSE(choice.choose(kNow + 40'000).has_value()) << "trusted again, and not gone back to";
}

// Else of two lines that flap by turns the one that flaps now would be tried again and again.
TEST(LineChoice, ADistrustedLineIsNotLeftForOneThatWasLostJustNow) {
  LineChoice choice;
  for (int loss = 0; loss < 3; ++loss) {
    choice.opened(Network::a);
    choice.lost(Network::a, kNow);
  }
  choice.opened(Network::b);
  ASSERT_EQ(choice.choose(kNow), Network::b);
  choice.opened(Network::a);
  choice.lost(Network::b, kNow + 1'000);
  ASSERT_EQ(choice.choose(kNow + 1'000), Network::a);
  choice.opened(Network::b);
  EXPECT_FALSE(choice.choose(kNow + 10'999).has_value());
  EXPECT_EQ(choice.choose(kNow + 11'000), Network::b);
}

TEST(LineChoice, ItGoesAlongWithThePeerAtMostOnceInASecond) {
  LineChoice choice = both_open();
  EXPECT_FALSE(choice.goes_along(Network::b, kNow)) << "it uses none yet";
  ASSERT_EQ(choice.choose(kNow), Network::a);
  EXPECT_FALSE(choice.goes_along(Network::a, kNow)) << "it is there";
  EXPECT_TRUE(choice.goes_along(Network::b, kNow));
  EXPECT_EQ(choice.used(), Network::b);
  EXPECT_FALSE(choice.goes_along(Network::a, kNow + 999));
  EXPECT_TRUE(choice.goes_along(Network::a, kNow + 1'000));
  choice.lost(Network::b, kNow + 1'001);
  EXPECT_FALSE(choice.goes_along(Network::b, kNow + 5'000)) << "it cannot";
}

// Else the end that went along would go back to it, and take the peer along.
TEST(LineChoice, TheLineThatThePeerHasLeftCountsAsLost) {
  LineChoice choice = both_open();
  ASSERT_EQ(choice.choose(kNow), Network::a);
  for (int loss = 0; loss < 3; ++loss) {
    choice.lost(Network::b, kNow);
    choice.opened(Network::b);
  }
  ASSERT_TRUE(choice.goes_along(Network::b, kNow));
  EXPECT_FALSE(choice.choose(kNow + 9'999).has_value());
  EXPECT_EQ(choice.choose(kNow + 10'000), Network::a) << "which B, distrusted, is left for";
}

TEST(LineChoice, BetweenTwoDistrustedLinesItStaysWhereItIs) {
  LineChoice choice;
  for (int loss = 0; loss < 3; ++loss) {
    for (const Network network : kNetworks) {
      choice.opened(network);
      choice.lost(network, kNow);
    }
  }
  choice.opened(Network::b);
  ASSERT_EQ(choice.choose(kNow), Network::b);
  choice.opened(Network::a);
  EXPECT_FALSE(choice.choose(kNow).has_value());
}

}  // namespace
}  // namespace okiagari::journal
