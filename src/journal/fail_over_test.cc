#include "journal/fail_over.h"

#include <gtest/gtest.h>

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kStartMs = 10'000;

// Node 2 of three, following node 3 in term 5; node 1 is up.
class FailOverTest : public ::testing::Test {
 protected:
  FailOverTest() : fail_over_(2, timeouts_, kStartMs) {
    fail_over_.link_up(1);
    fail_over_.link_up(3);
    position_.term = 5;
    position_.leader = 3;
    position_.may_stand = true;
    position_.voters = {1, 2, 3};
    EXPECT_FALSE(decides(kStartMs));
  }

  FailOver::Decision turn(std::uint64_t now_ms) { return fail_over_.end_turn(position_, now_ms); }
  bool decides(std::uint64_t now_ms) {
    const FailOver::Decision decision = turn(now_ms);
    return decision.depose || decision.ask_others;
  }
  void agree(Suspicion suspicion, std::uint64_t now_ms) {
    fail_over_.answered({position_.term, 3, suspicion, true}, now_ms);
  }

  Timeouts timeouts_;
  FailOver fail_over_;
  FailOver::Position position_;
};

TEST_F(FailOverTest, TheDeadLeadersLowestSurvivorStandsAtOnceAndTheNextOneLater) {
  FailOver lowest(1, timeouts_, kStartMs);
  lowest.link_up(2);
  lowest.link_up(3);
  static_cast<void>(lowest.end_turn(position_, kStartMs));
  lowest.link_lost(3, kStartMs + 7);
  EXPECT_EQ(lowest.end_turn(position_, kStartMs + 7).depose, FailOver::Cause::reset);

  fail_over_.link_lost(3, kStartMs + 7);
  EXPECT_FALSE(decides(kStartMs + 7));
  EXPECT_EQ(fail_over_.next_deadline_ms(), kStartMs + 7 + timeouts_.take_over_stagger_ms);
  EXPECT_FALSE(decides(kStartMs + 31));
  EXPECT_EQ(turn(kStartMs + 32).depose, FailOver::Cause::reset);
}

TEST_F(FailOverTest, WhoIsAloneDoesNotWaitForTheDead) {
  fail_over_.link_lost(1, kStartMs + 5);
  fail_over_.link_lost(3, kStartMs + 7);
  EXPECT_EQ(turn(kStartMs + 7).depose, FailOver::Cause::reset);
}

TEST_F(FailOverTest, ALinkThatComesBackWithItsLeaderDeposesNobody) {
  fail_over_.link_lost(3, kStartMs + 7);
  fail_over_.leader_heard(3, 5, kStartMs + 20);
  EXPECT_FALSE(decides(kStartMs + 60));
}

TEST_F(FailOverTest, TheDeathOfAFollowerIsNoReason) {
  fail_over_.link_lost(1, kStartMs + 7);
  EXPECT_FALSE(decides(kStartMs + 40));
}

// The other one stood first, but its log was too short: the old leader is still dead.
TEST_F(FailOverTest, AnElectionOfAnotherThatFailsDoesNotEndTheSuspicion) {
  fail_over_.link_lost(3, kStartMs + 7);
  EXPECT_FALSE(decides(kStartMs + 8));
  position_.term = 6;
  position_.leader = 0;
  EXPECT_FALSE(decides(kStartMs + 20));
  EXPECT_EQ(turn(kStartMs + 32).depose, FailOver::Cause::reset);
}

TEST_F(FailOverTest, ANewLeaderEndsTheSuspicion) {
  fail_over_.link_lost(3, kStartMs + 7);
  position_.term = 6;
  position_.leader = 1;
  EXPECT_FALSE(decides(kStartMs + 32));
  EXPECT_FALSE(decides(kStartMs + 100));
}

TEST_F(FailOverTest, SilenceIsOnlyAskedAboutUntilAnotherAgrees) {
  EXPECT_EQ(fail_over_.next_deadline_ms(), kStartMs + timeouts_.silence_ms);
  EXPECT_FALSE(decides(kStartMs + 149));
  EXPECT_EQ(turn(kStartMs + 150).ask_others, Suspicion::silence);
  EXPECT_FALSE(decides(kStartMs + 155)) << "asked already";
  EXPECT_EQ(turn(kStartMs + 170).ask_others, Suspicion::silence) << "asked again";
  EXPECT_FALSE(turn(kStartMs + 5000).depose) << "nobody agreed";
  agree(Suspicion::silence, kStartMs + 5001);
  EXPECT_FALSE(decides(kStartMs + 5001)) << "node 1 goes first";
  EXPECT_EQ(turn(kStartMs + 5026).depose, FailOver::Cause::silence);
}

TEST_F(FailOverTest, TheLeadersNextWordEndsTheSuspicionOfSilence) {
  EXPECT_TRUE(turn(kStartMs + 150).ask_others);
  agree(Suspicion::silence, kStartMs + 151);
  fail_over_.leader_heard(3, 5, kStartMs + 152);
  EXPECT_FALSE(decides(kStartMs + 180));
  EXPECT_TRUE(turn(kStartMs + 302).ask_others);
  EXPECT_FALSE(turn(kStartMs + 400).depose) << "the former answer is of no use";
}

TEST_F(FailOverTest, AnswersOfAnotherTermOrToAnotherQuestionDoNotCount) {
  EXPECT_TRUE(turn(kStartMs + 150).ask_others);
  fail_over_.answered({4, 3, Suspicion::silence, true}, kStartMs + 151);
  fail_over_.answered({5, 1, Suspicion::silence, true}, kStartMs + 151);
  fail_over_.answered({5, 3, Suspicion::no_progress, true}, kStartMs + 151);
  fail_over_.answered({5, 3, Suspicion::silence, false}, kStartMs + 151);
  EXPECT_FALSE(turn(kStartMs + 200).depose);
}

TEST_F(FailOverTest, OnesOwnLatenessIsNotTheLeadersSilence) {
  fail_over_.was_late(kStartMs + 500);
  EXPECT_FALSE(decides(kStartMs + 500));
  EXPECT_FALSE(decides(kStartMs + 649));
  EXPECT_TRUE(turn(kStartMs + 650).ask_others);
}

TEST_F(FailOverTest, ALeaderThatSpeaksButCommitsNothingIsRelieved) {
  position_.last_index = 8;
  position_.commit_index = 7;
  EXPECT_FALSE(decides(kStartMs + 10));
  for (std::uint64_t now_ms = kStartMs + 20; now_ms < kStartMs + 610; now_ms += 20) {
    fail_over_.leader_heard(3, 5, now_ms);
    EXPECT_FALSE(decides(now_ms));
  }
  fail_over_.leader_heard(3, 5, kStartMs + 610);
  EXPECT_EQ(turn(kStartMs + 610).ask_others, Suspicion::no_progress);
  agree(Suspicion::no_progress, kStartMs + 611);
  fail_over_.leader_heard(3, 5, kStartMs + 620);
  EXPECT_EQ(turn(kStartMs + 640).depose, FailOver::Cause::no_progress);
}

// The day the only server that could be elected, elected once more, was deposed at its first word
// for what it had not committed in its term before, and nobody led any more.
TEST_F(FailOverTest, WhoIsElectedAgainIsGivenTheTimeOfANewLeader) {
  position_.last_index = 9;
  position_.commit_index = 4;
  static_cast<void>(turn(kStartMs + 1));
  const std::uint64_t stuck_ms = kStartMs + 1 + timeouts_.no_progress_ms;
  fail_over_.leader_heard(3, 5, stuck_ms);
  EXPECT_TRUE(turn(stuck_ms).ask_others);
  agree(Suspicion::no_progress, stuck_ms);
  // Votes are asked for in the next term before its leader is known.
  position_.term = 6;
  position_.leader = 0;
  position_.may_stand = false;
  EXPECT_FALSE(decides(stuck_ms));
  position_.leader = 3;
  position_.may_stand = true;
  fail_over_.leader_heard(3, 6, stuck_ms + 5);
  EXPECT_FALSE(decides(stuck_ms + 5));
  EXPECT_FALSE(decides(stuck_ms + 5 + timeouts_.take_over_stagger_ms));
}

TEST_F(FailOverTest, ACommitIsProgress) {
  position_.last_index = 8;
  position_.commit_index = 6;
  EXPECT_FALSE(decides(kStartMs + 10));
  position_.commit_index = 7;
  fail_over_.leader_heard(3, 5, kStartMs + 500);
  EXPECT_FALSE(decides(kStartMs + 500));
  fail_over_.leader_heard(3, 5, kStartMs + 1000);
  EXPECT_FALSE(decides(kStartMs + 1000));
  fail_over_.leader_heard(3, 5, kStartMs + 1100);
  EXPECT_TRUE(turn(kStartMs + 1100).ask_others);
}

TEST_F(FailOverTest, AgreesOnlyToWhatItSeesItself) {
  const SuspectQuery query{5, 3, Suspicion::silence};
  EXPECT_FALSE(fail_over_.answer(query, kStartMs + 100).agrees);
  EXPECT_TRUE(fail_over_.answer(query, kStartMs + 120).agrees) << "two heartbeats of slack";
  EXPECT_FALSE(fail_over_.answer({4, 3, Suspicion::silence}, kStartMs + 120).agrees);
  EXPECT_FALSE(fail_over_.answer({5, 1, Suspicion::silence}, kStartMs + 120).agrees);
  EXPECT_FALSE(fail_over_.answer({5, 3, Suspicion::no_progress}, kStartMs + 5000).agrees);
  fail_over_.link_lost(3, kStartMs + 1);
  EXPECT_TRUE(fail_over_.answer(query, kStartMs + 2).agrees) << "it saw the connection end";
}

TEST_F(FailOverTest, TheAccusedDoesNotAgree) {
  FailOver accused(3, timeouts_, kStartMs);
  static_cast<void>(accused.end_turn(position_, kStartMs));
  EXPECT_FALSE(accused.answer({5, 3, Suspicion::silence}, kStartMs + 5000).agrees);
}

TEST_F(FailOverTest, WhoMayNotStandDoesNot) {
  position_.may_stand = false;
  fail_over_.link_lost(1, kStartMs);
  fail_over_.link_lost(3, kStartMs);
  EXPECT_FALSE(decides(kStartMs + 1000));
}

// So often that its own word is no longer enough.
class FlappingLinkTest : public FailOverTest {
 protected:
  FlappingLinkTest() {
    fail_over_.link_lost(1, kStartMs);
    for (std::uint32_t i = 0; i < timeouts_.max_depositions_per_minute; ++i) depose(false);
    now_ms_ += 100;
  }
  void depose(bool with_confirmation) {
    now_ms_ += 100;
    fail_over_.link_lost(3, now_ms_);
    if (with_confirmation) {
      EXPECT_TRUE(turn(now_ms_).ask_others);
      agree(Suspicion::silence, now_ms_);
    }
    EXPECT_EQ(turn(now_ms_).depose, FailOver::Cause::reset);
    fail_over_.stands(now_ms_);
    ++position_.term;
    fail_over_.leader_is_known();
    fail_over_.leader_heard(3, position_.term, now_ms_ + 1);
    static_cast<void>(turn(now_ms_ + 1));
  }

  std::uint64_t now_ms_ = kStartMs;
};

TEST_F(FlappingLinkTest, UnseatsALeaderOnlySoOftenWhomTheOthersStillHear) {
  fail_over_.link_lost(3, now_ms_);
  const FailOver::Decision decision = turn(now_ms_);
  EXPECT_FALSE(decision.depose);
  EXPECT_EQ(decision.ask_others, Suspicion::silence);
  fail_over_.answered({position_.term, 3, Suspicion::silence, false}, now_ms_);
  EXPECT_FALSE(turn(now_ms_ + 1).depose);
  EXPECT_EQ(turn(kStartMs + 100 + 60'000).depose, FailOver::Cause::reset) << "a minute later";
}

TEST_F(FlappingLinkTest, DoesNotKeepADeadLeaderInOfficeWhenAnotherHasLostItToo) {
  fail_over_.link_lost(3, now_ms_);
  EXPECT_EQ(turn(now_ms_).ask_others, Suspicion::silence);
  agree(Suspicion::silence, now_ms_);
  EXPECT_EQ(turn(now_ms_).depose, FailOver::Cause::reset);
}

TEST_F(FlappingLinkTest, UnseatsNobodyForEverWhateverOthersSay) {
  const std::uint32_t left =
      timeouts_.max_confirmed_depositions_per_minute - timeouts_.max_depositions_per_minute;
  for (std::uint32_t i = 0; i < left; ++i) depose(true);
  fail_over_.link_lost(3, now_ms_ + 100);
  EXPECT_FALSE(decides(now_ms_ + 100));
  EXPECT_EQ(fail_over_.next_deadline_ms(), kStartMs + 100 + 60'000);
}

TEST_F(FailOverTest, HurryEndsWithALeaderOrAfterAWhile) {
  fail_over_.stands(kStartMs);
  EXPECT_TRUE(fail_over_.is_in_a_hurry());
  EXPECT_FALSE(fail_over_.gives_up(kStartMs + 399));
  EXPECT_TRUE(fail_over_.gives_up(kStartMs + 400));
  EXPECT_FALSE(fail_over_.gives_up(kStartMs + 500)) << "told once";
  fail_over_.stands(kStartMs + 1000);
  fail_over_.leader_is_known();
  EXPECT_FALSE(fail_over_.gives_up(kStartMs + 5000));
}

}  // namespace
}  // namespace okiagari::journal
