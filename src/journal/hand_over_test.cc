#include "journal/hand_over.h"

#include <gtest/gtest.h>

namespace okiagari::journal {
namespace {

using Step = HandOver::Step;

TEST(HandOver, TheTargetIsToldOnlyWhenItHasEverything) {
  HandOver hand_over(400);
  EXPECT_FALSE(hand_over.is_under_way());
  hand_over.begin(2, 1000);
  EXPECT_TRUE(hand_over.is_under_way());
  EXPECT_EQ(hand_over.next_deadline_ms(), 1400U);
  EXPECT_EQ(hand_over.end_turn(10, 7, false, 1001), Step::none);
  EXPECT_EQ(hand_over.end_turn(10, 10, false, 1002), Step::transfer_now);
  EXPECT_EQ(hand_over.end_turn(10, 10, true, 1003), Step::none);
  hand_over.end();
  EXPECT_FALSE(hand_over.is_under_way());
}

TEST(HandOver, OneThatLagsTooLongIsGivenUp) {
  HandOver hand_over(400);
  hand_over.begin(2, 1000);
  EXPECT_EQ(hand_over.end_turn(10, 7, false, 1399), Step::none);
  EXPECT_EQ(hand_over.end_turn(10, 7, false, 1400), Step::give_up);
}

TEST(HandOver, OneThatDoesNotTakeOverIsGivenUpWhenTheCoreDoes) {
  HandOver hand_over(400);
  hand_over.begin(2, 1000);
  EXPECT_EQ(hand_over.end_turn(10, 10, false, 1000), Step::transfer_now);
  EXPECT_EQ(hand_over.end_turn(10, 10, true, 1399), Step::none);
  EXPECT_EQ(hand_over.end_turn(10, 10, false, 1400), Step::give_up);
}

}  // namespace
}  // namespace okiagari::journal
