// Recorded evidence sets, one file each, and the hypothesis that must come first. Two of them are
// days of real markets; those named unknown_* are made to seduce, and must not be told with
// confidence.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "cause/cause_table.h"
#include "cause/hypotheses.h"
#include "cause/packed_files.h"
#include "cause/ranking_json.h"
#include "test_places.h"

namespace okiagari::cause {
namespace {

const std::string kCases = std::string(OKIAGARI_SOURCE_DIR) + "/tests/cause/cases";

std::vector<std::string> names_of_cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kCases)) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class RecordedCase : public testing::TestWithParam<std::string> {};

TEST_P(RecordedCase, ComesToTheHypothesisThatHappened) {
  const auto text = read_whole(kCases + "/" + GetParam() + ".json");
  ASSERT_TRUE(text.ok());
  const auto file = case_from_json(text.value());
  ASSERT_TRUE(file.ok()) << file.error().message;
  const boost::json::value parsed = boost::json::parse(text.value());
  const boost::json::object& expected = parsed.at("expected").as_object();
  const Ranking ranking = rank_hypotheses(CauseTable::builtin(), file.value());
  ASSERT_FALSE(ranking.hypotheses.empty());
  const Hypothesis& first = ranking.hypotheses.front();
  SCOPED_TRACE(boost::json::serialize(to_json(ranking)));
  if (expected.at("cause").as_string() != "unknown_or_unsure") {
    EXPECT_EQ(first.cause, std::string_view(expected.at("cause").as_string()));
  }
  if (const auto* entity = expected.if_contains("entity")) {
    EXPECT_EQ(first.entity, std::string_view(entity->as_string()));
  }
  if (const auto* confident = expected.if_contains("confident")) {
    EXPECT_EQ(ranking.is_confident, confident->as_bool());
  }
}

INSTANTIATE_TEST_SUITE_P(AllCases, RecordedCase, testing::ValuesIn(names_of_cases()),
                         [](const auto& chosen) { return chosen.param; });

}  // namespace
}  // namespace okiagari::cause
