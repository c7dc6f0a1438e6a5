// The checker's model of the market and the venue were written twice from the same rules. Here they
// carry out the same commands: every message to every session and to the feed must be the same.
#include <gtest/gtest.h>

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

class ModelAgainstVenue : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ModelAgainstVenue, SaysTheSame) {
  const MadeRun run = make_run({.seed = GetParam(), .messages = 4'000});
  const check::Verdict verdict = run.judged();
  EXPECT_EQ(verdict.findings.total(), 0U) << all_words(verdict.findings);
  EXPECT_EQ(verdict.figures.messages_sent, 4'000U);
  EXPECT_GT(verdict.figures.trades, 500U);
  EXPECT_GT(verdict.figures.refusals_for_funds, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelAgainstVenue, testing::Range<std::uint64_t>(1, 11));

}  // namespace
}  // namespace okiagari::checker_test
