#include "cli/replay_tally.h"

#include <gtest/gtest.h>

#include "wire/ouch.h"
#include "wire/ouch_venue.h"

namespace okiagari::cli {
namespace {

namespace ouch = wire::ouch;
using check::HistoryEvent;

class ReplayTallyTest : public testing::Test {
 protected:
  ReplayTallyTest() {
    history_.hand_to([this](const check::HistoryRecord& record) { tally_.take(record); });
  }
  template <typename Message>
  void add(HistoryEvent event, std::uint64_t time_ns, const Message& message) {
    history_.add(event, 1, time_ns, 0, base::object_bytes(message));
  }
  void enter(std::uint32_t number, std::uint64_t time_ns) {
    ouch::EnterOrder order;
    order.user_reference = number;
    add(HistoryEvent::sent, time_ns, order);
  }
  void reject(std::uint32_t number, std::uint64_t time_ns) {
    ouch::Rejected rejected;
    rejected.user_reference = number;
    rejected.reason = static_cast<std::uint16_t>(ouch::code_of(venue::Reason::insufficient_funds));
    add(HistoryEvent::answered, time_ns, rejected);
  }
  [[nodiscard]] bool holds() const {
    base::Report report("replay flow", 0);
    tally_.report(report);
    return report.holds();
  }

  check::History history_;
  ReplayTally tally_;
};

TEST_F(ReplayTallyTest, AnsweredOrdersHold) {
  history_.add(HistoryEvent::begun, 1, 0, 1);
  enter(1, 1'000);
  ouch::Accepted accepted;
  accepted.user_reference = 1;
  add(HistoryEvent::answered, 5'000, accepted);
  EXPECT_EQ(tally_.sent(), 1u);
  EXPECT_EQ(tally_.acknowledged(), 1u);
  EXPECT_TRUE(holds());
  EXPECT_EQ(history_.size(), 0u) << "a long replay must not fill the memory";
}

TEST_F(ReplayTallyTest, RefusalsAreCountedByTheirNamesAndDoNotHold) {
  history_.add(HistoryEvent::begun, 1, 0, 1);
  enter(1, 1'000);
  reject(1, 2'000);
  enter(2, 3'000);
  ouch::LocalRefusal refusal;
  refusal.refused_type = 'O';
  refusal.user_reference = 2;
  refusal.reason = static_cast<std::uint16_t>(ouch::RejectCode::throttled);
  add(HistoryEvent::refused, 4'000, refusal);
  EXPECT_EQ(tally_.refused_by_venue().at("insufficient funds"), 1u);
  EXPECT_EQ(tally_.refused_by_gateways().at("more messages a second than agreed"), 1u);
  EXPECT_FALSE(holds());
}

TEST_F(ReplayTallyTest, MessageWithoutAnAnswerIsLost) {
  history_.add(HistoryEvent::begun, 1, 0, 1);
  enter(1, 1'000);
  add(HistoryEvent::gave_up, 2'000, ouch::EnterOrder{});
  EXPECT_EQ(tally_.lost(), 1u);
  EXPECT_FALSE(holds());
}

// A session that has traded before is told of that first.
TEST_F(ReplayTallyTest, WhatWasAnsweredBeforeTheReplayIsNotCounted) {
  reject(1, 1'000);
  history_.add(HistoryEvent::begun, 1, 0, 1);
  EXPECT_TRUE(tally_.refused_by_venue().empty());
  EXPECT_TRUE(holds());
}

}  // namespace
}  // namespace okiagari::cli
