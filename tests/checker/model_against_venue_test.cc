// The checker's model of the market and the venue were written twice from the same rules. Here they
// carry out the same commands: every message to every session and to the feed must be the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/checker/made_run.h"

namespace okiagari::checker_test {
namespace {

constexpr std::uint16_t kStateForbids = 0x07;
constexpr std::uint16_t kNothingToFollow = 0x129;
constexpr std::uint16_t kTooManyDistances = 0x12A;

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

std::size_t refusals_of(const MadeRun& run, std::uint16_t reason) {
  const std::vector<std::size_t> rejected = answers_of(run, check::kOuchRejected);
  return static_cast<std::size_t>(std::ranges::count_if(rejected, [&](std::size_t at) {
    check::OuchAnswer answer;
    return check::decode_ouch(run.records[at].bytes, answer) && answer.reason == reason;
  }));
}

// How many orders are told that their day is over.
std::ptrdiff_t left_with_day(const MadeRun& run) {
  return std::ranges::count_if(answers_of(run, check::kOuchCanceled), [&](std::size_t at) {
    return run.records[at].bytes.back() == std::byte{'T'};
  });
}

// What is told of orders whose trigger follows the price, accepted or replaced.
std::vector<std::size_t> following_of(const MadeRun& run, char type) {
  std::vector<std::size_t> places = answers_of(run, type);
  std::erase_if(places, [&](std::size_t at) {
    check::OuchAnswer answer;
    return !check::decode_ouch(run.records[at].bytes, answer) ||
           check::appendage_field(base::as_bytes(answer.appendage), check::kTagTrail).empty();
  });
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
  EXPECT_GT(following_of(run, check::kOuchAccepted).size(), 20U);
  EXPECT_GT(following_of(run, check::kOuchReplaced).size(), 2U);
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

// Of a stop that follows the price: where it begins, and how far behind.
TEST_P(ModelAgainstVenue, ADistanceThatIsToldOtherwiseIsFound) {
  MadeRun run = make_run({.seed = GetParam(), .messages = 3'000});
  for (const char type : {check::kOuchAccepted, check::kOuchReplaced}) {
    const std::vector<std::size_t> following = following_of(run, type);
    ASSERT_FALSE(following.empty()) << type;
    std::vector<std::byte>& bytes = run.records[following[GetParam() % following.size()]].bytes;
    for (const std::size_t from_end : {1U, 11U}) {
      std::byte& byte = bytes[bytes.size() - from_end];
      byte ^= std::byte{1};
      EXPECT_GT(run.judged().findings.total(), 0U) << type << ", " << from_end << " from the end";
      byte ^= std::byte{1};
    }
  }
  EXPECT_EQ(run.judged().findings.total(), 0U);
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
  EXPECT_GT(left_with_day(run), 20);
}

// In most instruments nothing was traded yet.
TEST(ModelAgainstVenueOnce, SaysTheSameOfStopsThatHaveNothingToFollow) {
  const MadeRun run = make_run({.seed = 5, .instruments = 200, .messages = 2'000});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.total(), 0U) << all_words(verdict.findings);
  EXPECT_GT(refusals_of(run, kNothingToFollow), 10U);
}

// More orders than a step of a day's end looks at, and others' commands between the steps.
TEST(ModelAgainstVenueOnce, SaysTheSameOfADayWhoseEndTakesManySteps) {
  const MadeRun run =
      make_run({.seed = 5, .messages = 1'000, .messages_per_control = 20, .resting = 12'000});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.total(), 0U) << all_words(verdict.findings);
  EXPECT_GT(left_with_day(run), 5'000);
}

// A fall reaches more of them than go after one command, and others trade before all have gone.
TEST_P(ModelAgainstVenue, SaysTheSameOfManyStopsThatFollowThePrice) {
  const MadeRun run =
      make_run({.seed = GetParam(), .messages = 1'500, .resting = 500, .following = 2'000});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.total(), 0U) << all_words(verdict.findings);
  EXPECT_GT(following_of(run, check::kOuchAccepted).size(), 1'500U);
  EXPECT_GT(refusals_of(run, kTooManyDistances), 100U);
  EXPECT_GT(answers_of(run, check::kOuchTriggered).size(), 1'200U);
  EXPECT_GT(refusals_of(run, kStateForbids), 0U) << "no stop comes while others go";
}

// A price that does not count moves those that are there only when another one begins with it.
TEST_P(ModelAgainstVenue, SaysTheSameOfStopsThatCameWhereNoPriceCounts) {
  const MadeRun run = make_run({.seed = GetParam(),
                                .messages = 200,
                                .messages_per_control = 1'000,
                                .resting = 500,
                                .following = 500});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.total(), 0U) << all_words(verdict.findings);
  EXPECT_GT(following_of(run, check::kOuchAccepted).size(), 300U);
  EXPECT_GT(answers_of(run, check::kOuchTriggered).size(), 150U);
  EXPECT_GT(left_with_day(run), 350);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelAgainstVenue, testing::Range<std::uint64_t>(1, 11));

}  // namespace
}  // namespace okiagari::checker_test
