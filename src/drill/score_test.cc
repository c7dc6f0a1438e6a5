#include "drill/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cause/cause_table.h"

namespace okiagari::drill {
namespace {

using testing::HasSubstr;
using testing::Not;

ToldCause told(const char* cause, const char* cause_class, bool is_confident = false) {
  return {cause, cause_class, "node-1", is_confident ? "supported" : "proposed", 0.8, is_confident};
}

DrillResult result_of(Fault fault, std::vector<ToldCause> causes) {
  DrillResult result;
  result.fault = fault;
  result.first = Answer{1'500, causes};
  result.last = Answer{4'000, std::move(causes)};
  result.incident_ms = 80;
  result.is_taken_back = true;
  return result;
}

Score score_of(Fault fault, std::vector<ToldCause> causes) {
  const DrillResult result = result_of(fault, std::move(causes));
  return score(result, result.last);
}

TEST(ScoreTest, TheCauseItselfIsRightInEveryWay) {
  const Score score = score_of(Fault::disk_full, {told("disk_full", "overload", true)});
  EXPECT_TRUE(score.class_right && score.cause_right && score.among_three);
  EXPECT_FALSE(score.confidently_wrong());
}

TEST(ScoreTest, AnotherCauseOfTheSameClassIsHalfRight) {
  const Score score = score_of(Fault::disk_full, {told("memory_exhausted", "overload", true)});
  EXPECT_TRUE(score.class_right);
  EXPECT_FALSE(score.cause_right || score.among_three || score.confidently_wrong());
}

TEST(ScoreTest, AWrongClassWithConfidenceIsTheWorstThereIs) {
  const Score score = score_of(Fault::disk_full,
                               {told("hang", "software_bug", true), told("disk_full", "overload")});
  EXPECT_TRUE(score.confidently_wrong());
  EXPECT_TRUE(score.among_three);
  EXPECT_FALSE(score.wrong_without_confidence());
}

TEST(ScoreTest, UnknownIsNotWrong) {
  const Score unknown = score_of(Fault::disk_full, {told("unknown", "unknown")});
  EXPECT_TRUE(unknown.is_unknown);
  EXPECT_FALSE(unknown.confidently_wrong() || unknown.wrong_without_confidence());
  DrillResult silent;
  silent.fault = Fault::disk_full;
  EXPECT_EQ(score(silent, silent.last).first, kNothingSaid);
  EXPECT_TRUE(score(silent, silent.last).is_unknown);
}

TEST(ScoreTest, FourthPlaceIsNotAmongThree) {
  const auto other = told("hang", "software_bug");
  EXPECT_FALSE(
      score_of(Fault::disk_full, {other, other, other, told("disk_full", "overload")}).among_three);
}

TEST(ScoreTest, ConfusionTableHasARowForEachFaultAndTheRatesOfAll) {
  const std::vector<DrillResult> results = {
      result_of(Fault::leader_crash, {told("killed_from_outside", "human_error", true)}),
      result_of(Fault::leader_crash, {told("hang", "software_bug", true)}),
      result_of(Fault::disk_full, {told("unknown", "unknown")}),
      result_of(Fault::disk_full, {told("disk_error", "hardware")})};
  const std::string table = confusion_table(results);
  EXPECT_THAT(table, HasSubstr("| Leader crash | **1** |"));
  EXPECT_THAT(table, HasSubstr("| Disk full | | | 1 | 1 | 0/2 |"));
  EXPECT_THAT(table, HasSubstr("| confidently wrong | 1 of 4 (25 %) |"));
  EXPECT_THAT(table, HasSubstr("| wrong, but not with confidence | 1 of 4 (25 %) |"));
  EXPECT_THAT(table, HasSubstr("| unknown, or nothing said | 1 of 4 (25 %) |"));
  EXPECT_THAT(table, HasSubstr("top-1) | 1 of 4 (25 %) |"));
  EXPECT_THAT(table, Not(HasSubstr("Memory hog"))) << "it was not inflicted";
  EXPECT_EQ(tally_json(results).at("all").at("drills").to_number<int>(), 4);
}

// A name that the desk cannot say would make every drill of that fault wrong.
TEST(FaultTest, EveryRightAnswerIsOneThatTheDeskCanGive) {
  for (const FaultCard& card : fault_cards()) {
    EXPECT_EQ(fault_of(card.name), card.fault);
    EXPECT_EQ(&card_of(card.fault), &card);
    for (const std::string_view name : card.right_causes) {
      const cause::Cause* cause = cause::CauseTable::builtin().find(name);
      ASSERT_NE(cause, nullptr) << name;
      EXPECT_EQ(cause::to_string(cause->cause_class), card.right_class) << name;
    }
  }
}

TEST(DrillResultTest, IsReadBackAsItWasWritten) {
  DrillResult result =
      result_of(Fault::one_way_loss, {told("link_one_way", "network_or_attack", true)});
  result.seed = 77;
  result.target = "node-2";
  result.evidence = {"+0.10 s  link.one_way"};
  const auto read = result_from_json(boost::json::serialize(to_json(result)));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(to_json(read.value()), to_json(result));
  EXPECT_FALSE(result_from_json("{\"fault\":\"flood of locusts\"}").ok());
  EXPECT_FALSE(result_from_json("[]").ok());
}

}  // namespace
}  // namespace okiagari::drill
