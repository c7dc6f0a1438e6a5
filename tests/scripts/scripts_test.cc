// Goal: the market's rules are what docs/scripts says they are. Method: every script there is
// carried out, and what comes must be what the script expects, line by line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/script_file.h"
#include "cli/script_run.h"
#include "test_places.h"

namespace okiagari::cli {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What is wrong with a script, else its differences.
std::vector<std::string> outcome_of(const std::string& text) {
  const auto script = parse_script(text);
  if (!script.ok()) return {script.error().message};
  const auto outcome = run_script("s", script.value());
  if (!outcome.ok()) return {outcome.error().message};
  return outcome.value().differences;
}

using Lines = std::vector<std::string>;

const std::string kBeginning = "instrument OKIA\n  feed OKIA is full\nmember ANNA\n";

TEST(Scripts, EveryScriptOfTheDocumentationHolds) {
  int scripts = 0;
  const auto folder = std::filesystem::path(OKIAGARI_SOURCE_DIR) / "docs/scripts";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    const std::string text = content_of(entry.path());
    EXPECT_EQ(outcome_of(text), Lines{});
    const auto script = parse_script(text);
    ASSERT_TRUE(script.ok());
    EXPECT_EQ(text_of(script.value()), text);
    std::size_t expected = 0;
    for (const ScriptStep& step : script.value().steps) expected += step.expected.size();
    EXPECT_GT(expected, 5U);
    ++scripts;
  }
  EXPECT_GE(scripts, 9);
}

TEST(Scripts, WhatDoesNotComeAndWhatComesBesidesIsNamedByItsLine) {
  EXPECT_EQ(outcome_of(kBeginning + "ANNA buy 5 OKIA at 10\n"
                                    "  ANNA accepted 1: buy 6 OKIA at 10\n"
                                    "  feed add 1: buy 5 OKIA at 10\n"),
            (Lines{"s:5: - ANNA accepted 1: buy 6 OKIA at 10",
                   "s:5: + ANNA accepted 1: buy 5 OKIA at 10"}));
  EXPECT_EQ(outcome_of(kBeginning + "ANNA buy 5 OKIA at 10\n"
                                    "  ANNA accepted 1: buy 5 OKIA at 10\n"),
            (Lines{"s:6: + feed add 1: buy 5 OKIA at 10"}));
  EXPECT_EQ(outcome_of(kBeginning + "book OKIA\n  nothing\n  bid 5 at 10\n"),
            (Lines{"s:6: - bid 5 at 10"}));
}

TEST(Scripts, OneDifferenceDoesNotHideThatTheRestIsTheSame) {
  EXPECT_EQ(outcome_of(kBeginning + "ANNA sell 5 OKIA at 10\n"
                                    "  ANNA accepted 1: sell 5 OKIA at 10\n"
                                    "  feed add 1: sell 5 OKIA at 10\n"
                                    "ANNA buy 5 OKIA at 10\n"
                                    "  ANNA accepted 2: buy 5 OKIA at 10, does not rest\n"
                                    "  feed execute 1: 5, match 1\n"),
            (Lines{"s:9: + ANNA executed 1: 5 at 10, match 1",
                   "s:9: + ANNA executed 2: 5 at 10, match 1, took"}));
}

TEST(Scripts, AnUpdatedScriptHasNoDifferences) {
  const std::string commands = "# Said before.\n" + kBeginning +
                               "\nANNA buy 5 OKIA at 10\n  wrong\n\n# Said behind.\nbook OKIA\n";
  auto script = parse_script(commands).value();
  const auto outcome = run_script("s", script).value();
  for (std::size_t i = 0; i < script.steps.size(); ++i) {
    script.steps[i].expected.clear();
    for (const std::string& line : outcome.came[i]) script.steps[i].expected.push_back({0, line});
  }
  const std::string updated = text_of(script);
  EXPECT_EQ(outcome_of(updated), Lines{});
  EXPECT_NE(updated.find("# Said behind.\nbook OKIA\n  bid 5 at 10\n"), std::string::npos)
      << updated;
}

TEST(Scripts, ACommandThatIsNoneIsNamedByItsLine) {
  EXPECT_EQ(outcome_of("  early\n").size(), 1U);
  EXPECT_EQ(outcome_of(kBeginning + "# between\nOTTO buy 1 OKIA at 1\n"),
            (Lines{"s:5: 'OTTO' is neither a member nor one of instrument, member, state, limits, "
                   "calls, day, book"}));
  EXPECT_EQ(outcome_of(kBeginning + "ANNA buy x OKIA at 1\n"), (Lines{"s:4: how many are wanted"}));
  EXPECT_EQ(outcome_of(kBeginning + "ANNA buy 1 OKIA at 1.00001\n"),
            (Lines{"s:4: a price with at most four decimals or 'market' is wanted"}));
  EXPECT_EQ(outcome_of(kBeginning + "ANNA buy 1 OKIA at 1 please\n"),
            (Lines{"s:4: 'please' is one word too many"}));
  EXPECT_EQ(outcome_of(kBeginning + "state asleep of OKIA\n"),
            (Lines{"s:4: 'asleep' is no state"}));
  EXPECT_EQ(outcome_of(kBeginning + "member ANNA\n"), (Lines{"s:4: ANNA is taken"}));
}

// An order on what is not listed is the venue's to refuse, not the script's.
TEST(Scripts, WhatTheVenueRefusesIsAnEvent) {
  EXPECT_EQ(outcome_of(kBeginning + "ANNA buy 1 NONE at 1\n"),
            (Lines{"s:5: + ANNA rejected 1: unknown instrument"}));
}

}  // namespace
}  // namespace okiagari::cli
