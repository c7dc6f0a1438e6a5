#include "cli/run_measures.h"

#include <gtest/gtest.h>

#include "check/ouch.h"

namespace okiagari::cli {
namespace {

// One session's orders, each answered at a time of its own.
class GapsTest : public testing::Test {
 protected:
  void acknowledge(double at_ms) {
    ++reference_;
    const auto time_ns = static_cast<std::uint64_t>(at_ms * 1e6);
    std::vector<std::byte> order(47);
    order[0] = std::byte{'O'};
    put_reference(order, 1);
    history_.add(check::HistoryEvent::sent, 1, time_ns - 1, reference_, order);
    std::vector<std::byte> answer(29);
    answer[0] = std::byte{check::kOuchRejected};
    put_reference(answer, 9);
    history_.add(check::HistoryEvent::answered, 1, time_ns, reference_, answer);
  }
  void put_reference(std::vector<std::byte>& message, std::size_t at) const {
    for (std::size_t i = 0; i < 4; ++i) {
      message[at + i] = static_cast<std::byte>(reference_ >> (24 - 8 * i));
    }
  }

  check::History history_;
  std::uint32_t reference_ = 0;
};

TEST_F(GapsTest, GapOfAFaultBeginsSoonAfterItAndAnotherPauseIsToldApart) {
  for (const double at_ms : {90, 99, 101, 110, 700, 730, 1'000, 1'010, 1'400}) acknowledge(at_ms);
  const std::vector<Gap> gaps = gaps_after(history_, {100'000'000, 900'000'000});
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_DOUBLE_EQ(gaps[0].length_ms, 590) << "answers under way came in until 110";
  EXPECT_DOUBLE_EQ(gaps[0].later_ms, 30);
  EXPECT_DOUBLE_EQ(gaps[0].later_begins_ms, 600);
  EXPECT_DOUBLE_EQ(gaps[1].length_ms, 390) << "it begins within what belongs to the fault";
}

TEST_F(GapsTest, PauseLongAfterTheFaultIsNotItsGap) {
  for (double at_ms = 95; at_ms < 500; at_ms += 5) acknowledge(at_ms);
  acknowledge(900);
  const std::vector<Gap> gaps = gaps_after(history_, {100'000'000});
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_DOUBLE_EQ(gaps[0].length_ms, 5);
  EXPECT_DOUBLE_EQ(gaps[0].later_ms, 405);
}

TEST_F(GapsTest, TheDayAPauseAtTheFlowsEndHidAQuickFailOver) {
  acknowledge(99);
  for (double at_ms = 120; at_ms <= 400; at_ms += 5) acknowledge(at_ms);
  acknowledge(460);
  RunTimes times;
  times.killed_ns = 100'000'000;
  times.ended_ns = 500'000'000;
  RunRecord record;
  measure_run(history_, times, record);
  EXPECT_DOUBLE_EQ(record.gap_ms(), 21);
  EXPECT_DOUBLE_EQ(record.later_pause_ms, 60);
  EXPECT_GT(record.after.p50_ms, 0);
}

}  // namespace
}  // namespace okiagari::cli
