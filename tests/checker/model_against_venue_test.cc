// The checker's model of the market and the venue were written twice from the same rules. Here they
// carry out the same commands: every message to every session and to the feed must be the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/checker/made_run.h"

namespace okiagari::checker_test {
namespace {

std::string all_words(const check::Findings& findings) {
  std::string text;
  for (const auto kind : {check::Wrong::lost, check::Wrong::doubled, check::Wrong::reordered,
                          check::Wrong::contradicted, check::Wrong::unknown}) {
    for (const std::string& words : findings.words(kind)) {
      text += std::string(check::name_of(kind)) + ": " + words + "\n";
    }
  }
  return text;
}

std::vector<std::size_t> answers_of(const MadeRun& run, char type) {
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < run.records.size(); ++at) {
    const MadeRecord& record = run.records[at];
    const bool is_answer = record.event == check::HistoryEvent::answered;
    if (is_answer && record.bytes[0] == static_cast<std::byte>(type)) places.push_back(at);
  }
  return places;
}

class ModelAgainstVenue : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ModelAgainstVenue, SaysTheSame) {
  const MadeRun run = make_run({.seed = GetParam(), .messages = 4'000});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.total(), 0U) << all_words(verdict.findings);
  EXPECT_EQ(verdict.figures.messages_sent, 4'000U);
  EXPECT_GT(verdict.figures.trades, 500U);
  EXPECT_GT(verdict.figures.refusals_for_funds, 0U);
  EXPECT_GT(answers_of(run, check::kOuchTriggered).size(), 20U);
  EXPECT_GT(answers_of(run, check::kOuchRestated).size(), 20U);
}

// Of a stop that goes: at another price, in another's place, never.
TEST_P(ModelAgainstVenue, ATriggerThatIsToldOtherwiseIsFound) {
  MadeRun run = make_run({.seed = GetParam(), .messages = 1'000});
  const std::vector<std::size_t> triggered = answers_of(run, check::kOuchTriggered);
  ASSERT_FALSE(triggered.empty());
  MadeRecord& record = run.records[triggered[GetParam() % triggered.size()]];
  for (const std::size_t byte : {12U, 16U, 24U, 32U, 33U}) {
    record.bytes[byte] ^= std::byte{1};
    EXPECT_GT(run.judged().findings.total(), 0U) << "byte " << byte;
    record.bytes[byte] ^= std::byte{1};
  }
  EXPECT_EQ(run.judged().findings.total(), 0U);
  run.records.erase(run.records.begin() +
                    static_cast<std::ptrdiff_t>(&record - run.records.data()));
  EXPECT_GT(run.judged().findings.total(), 0U);
}

// Of what an iceberg shows next: of another order, for another reason, under another number, more.
TEST_P(ModelAgainstVenue, APeakThatIsToldOtherwiseIsFound) {
  MadeRun run = make_run({.seed = GetParam(), .messages = 1'000});
  const std::vector<std::size_t> shown = answers_of(run, check::kOuchRestated);
  ASSERT_FALSE(shown.empty());
  MadeRecord& record = run.records[shown[GetParam() % shown.size()]];
  ASSERT_EQ(record.bytes.size(), 32U);
  for (const std::size_t byte : {12U, 13U, 25U, 31U}) {
    record.bytes[byte] ^= std::byte{1};
    EXPECT_GT(run.judged().findings.total(), 0U) << "byte " << byte;
    record.bytes[byte] ^= std::byte{1};
  }
  EXPECT_EQ(run.judged().findings.total(), 0U);
}

TEST_P(ModelAgainstVenue, SaysTheSameUnderHaltsOfEveryKind) {
  const MadeRun run = make_run({.seed = GetParam(), .messages = 6'000, .messages_per_control = 20});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.total(), 0U) << all_words(verdict.findings);
  EXPECT_GT(verdict.figures.trades, 50U);
  const std::vector<std::size_t> canceled = answers_of(run, check::kOuchCanceled);
  const auto is_over = [&](std::size_t at) {
    return run.records[at].bytes.back() == std::byte{'T'};
  };
  EXPECT_GT(std::count_if(canceled.begin(), canceled.end(), is_over), 20);
}

// More orders than a step of a day's end looks at, and others' commands between the steps.
TEST(ModelAgainstVenueOnce, SaysTheSameOfADayWhoseEndTakesManySteps) {
  const MadeRun run =
      make_run({.seed = 5, .messages = 1'000, .messages_per_control = 20, .resting = 12'000});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.total(), 0U) << all_words(verdict.findings);
  const std::vector<std::size_t> canceled = answers_of(run, check::kOuchCanceled);
  const auto is_over = [&](std::size_t at) {
    return run.records[at].bytes.back() == std::byte{'T'};
  };
  EXPECT_GT(std::count_if(canceled.begin(), canceled.end(), is_over), 5'000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelAgainstVenue, testing::Range<std::uint64_t>(1, 11));

}  // namespace
}  // namespace okiagari::checker_test
