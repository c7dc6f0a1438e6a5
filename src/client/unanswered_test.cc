#include "client/unanswered.h"

#include <gtest/gtest.h>

#include <string>

namespace okiagari::client {
namespace {

// What would be sent again, as text.
std::string left(const Unanswered& unanswered) {
  std::string text;
  unanswered.for_each([&](base::Bytes message) { text += base::as_text(message); });
  return text;
}

TEST(Unanswered, AnswerSettlesEverythingSentBefore) {
  Unanswered unanswered;
  unanswered.add({'O', 1}, base::as_bytes("a"));
  unanswered.add({'X', 1}, base::as_bytes("b"));  // of what is gone already: gets no answer
  unanswered.add({'O', 2}, base::as_bytes("c"));
  unanswered.add({'O', 3}, base::as_bytes("d"));
  unanswered.answer_order(2);
  EXPECT_EQ(left(unanswered), "d");
}

TEST(Unanswered, AnswerThatIsToldAgainSettlesNothing) {
  Unanswered unanswered;
  unanswered.add({'O', 5}, base::as_bytes("a"));
  unanswered.answer_order(4);
  unanswered.answer_order(6);
  EXPECT_EQ(left(unanswered), "a");
}

TEST(Unanswered, CancelBehindAnOrderIsNotSettledByAnOlderOnesAnswer) {
  Unanswered unanswered;
  unanswered.add({'O', 9}, base::as_bytes("a"));
  unanswered.add({'X', 4}, base::as_bytes("b"));
  unanswered.answer_cancel(4);  // by a mass cancel of before
  EXPECT_EQ(left(unanswered), "ab");
  unanswered.answer_order(9);
  unanswered.answer_cancel(4);
  EXPECT_EQ(left(unanswered), "");
  EXPECT_EQ(unanswered.count(), 0U);
}

TEST(Unanswered, RefusedMessageIsNotSentAgainAndTheOthersAre) {
  Unanswered unanswered;
  for (std::uint32_t i = 1; i <= 3; ++i)
    unanswered.add({'O', i}, base::as_bytes("abc").subspan(i - 1, 1));
  unanswered.refuse({'O', 2});
  EXPECT_EQ(left(unanswered), "ac");
}

TEST(Unanswered, OrderIsKeptWhileTheRingGrowsAroundItsEnd) {
  Unanswered unanswered;
  std::uint32_t sent = 0;
  std::uint32_t answered = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 17; ++i) {
      const std::uint32_t number = ++sent;
      unanswered.add({'O', number}, base::object_bytes(number));
    }
    for (int i = 0; i < 7; ++i) unanswered.answer_order(++answered);
  }
  std::uint32_t expected = answered;
  unanswered.for_each([&](base::Bytes message) {
    EXPECT_EQ(base::load_little<std::uint32_t>(message.data()), ++expected);
  });
  EXPECT_EQ(expected, sent);
}

}  // namespace
}  // namespace okiagari::client
