// Worked examples of auctions. Goal: the market's own books and rules give the price, the volume,
// the surplus and every fill that the market which published an example gives. Method: every file
// beside this one and every one under OKIAGARI_SHARED_DATA, as `okiagari auction` runs it.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/auction_case.h"
#include "cli/auction_rule_sets.h"
#include "cli/auction_run.h"
#include "test_places.h"

namespace okiagari::cli {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Counts {
  int cases = 0;
  int skipped = 0;
};

void run_all(const std::filesystem::path& folder, Counts& counts) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const auto cases = parse_auction_cases(content_of(entry.path()));
    ASSERT_TRUE(cases.ok()) << cases.error().message;
    for (const AuctionCase& auction : cases.value()) {
      const auto rules = find_auction_rules(auction.rules.empty() ? "xetra" : auction.rules);
      ASSERT_TRUE(rules.ok()) << rules.error().message;
      const AuctionVerdict verdict = run_auction_case(auction, rules.value());
      EXPECT_TRUE(verdict.holds) << boost::json::serialize(verdict.line);
      auction.skipped.empty() ? ++counts.cases : ++counts.skipped;
    }
  }
}

TEST(AuctionVectors, TheExamplesBesideThisTestHold) {
  Counts counts;
  run_all(std::filesystem::path(OKIAGARI_SOURCE_DIR) / "tests/auctions", counts);
  EXPECT_GE(counts.cases, 30);
  EXPECT_EQ(counts.skipped, 0);
}

TEST(AuctionVectors, TheExamplesOfTheSharedDataHold) {
  const char* named = std::getenv("OKIAGARI_SHARED_DATA");
  const std::filesystem::path folder =
      std::filesystem::path(named != nullptr ? named : OKIAGARI_SHARED_DATA) / "auctions";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no examples: set OKIAGARI_SHARED_DATA to the folder with auctions/";
  }
  Counts counts;
  run_all(folder, counts);
  EXPECT_GT(counts.cases, 0);
}

// The judge is seen to fail, at each thing that it compares.
TEST(AuctionVectors, AWrongExpectationIsFound) {
  const auto verdict_of = [](const std::string& expected) {
    const auto cases = parse_auction_cases(R"({"id":"x","rules":"xetra","orders":[)"
                                           R"({"side":"buy","limit":101,"qty":5,"id":"b"},)"
                                           R"({"side":"sell","limit":100,"qty":3,"id":"s"}],)" +
                                           expected + "}");
    EXPECT_TRUE(cases.ok()) << cases.error().message;
    const AuctionVerdict verdict =
        run_auction_case(cases.value().at(0), find_auction_rules("xetra").value());
    const auto* wrong = verdict.line.if_contains("wrong");
    return wrong == nullptr ? std::string() : boost::json::serialize(*wrong);
  };
  EXPECT_EQ(verdict_of(R"("expected_price":101,"expected_volume":3,"expected_surplus":2)"), "");
  EXPECT_EQ(verdict_of(R"("expected_price":100)"), R"(["price is 101, expected 100"])");
  EXPECT_EQ(verdict_of(R"("expected_price":null)"), R"(["price is 101, expected none"])");
  EXPECT_EQ(verdict_of(R"("expected_volume":4)"), R"(["volume is 3, expected 4"])");
  EXPECT_EQ(verdict_of(R"("expected_surplus":-2)"), R"(["surplus is 2, expected -2"])");
  EXPECT_EQ(verdict_of(R"("expected_fills":{"b":5})"), R"(["b gets 3, expected 5"])");
  EXPECT_EQ(verdict_of(R"("expected_price_range":[99,100])"),
            R"(["price is 101, expected within 99 and 100"])");
}

TEST(AuctionVectors, WhatIsWrongInAFileIsNamed) {
  const auto refusal = [](std::string_view text) {
    const auto cases = parse_auction_cases(text);
    return cases.ok() ? std::string() : cases.error().message;
  };
  EXPECT_EQ(refusal("[]"), "is no JSON object");
  EXPECT_EQ(refusal(R"({"id":"x"})"), "x: 'orders': a list of at most a million is wanted");
  EXPECT_EQ(refusal(R"({"id":"x","orders":[{"side":"by","limit":1,"qty":1}]})"),
            "x: 'side': buy or sell is wanted");
  EXPECT_EQ(refusal(R"({"id":"x","orders":[{"side":"buy","limit":1,"qty":0}]})"),
            "x: 'qty': a whole number from 1 to 1000000000 is wanted");
  EXPECT_EQ(refusal(R"({"id":"x","tick":0.5,"orders":[{"side":"buy","limit":1.2,"qty":1}]})"),
            "x: 'limit': is no price of whole ticks");
  EXPECT_EQ(refusal(R"({"id":"x","limit_down":9,"limit_up":8,"orders":[]})"),
            "x: 'limit_down': a price that is not above limit_up is wanted");
}

}  // namespace
}  // namespace okiagari::cli
