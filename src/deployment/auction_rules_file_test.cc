// Goal: every rule set that the project ships is one, and a wrong one is refused with its place.
#include "deployment/auction_rules_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "test_places.h"

namespace okiagari::deployment {
namespace {

TEST(AuctionRulesFileTest, EveryMarketOfTheConfigurationDiffersByItsFileAlone) {
  const std::filesystem::path folder = std::filesystem::path(OKIAGARI_SOURCE_DIR) / "config/rules";
  for (const char* name : {"tokyo", "jpx-derivatives", "xetra", "euronext", "asx", "crypto"}) {
    const auto rules = load_auction_rules((folder / (std::string(name) + ".toml")).string());
    EXPECT_TRUE(rules.ok()) << rules.error().message;
  }
}

TEST(AuctionRulesFileTest, AFileIsTheCommandThatItSays) {
  const auto rules = parse_auction_rules(R"(
price = "largest volume"
candidates = "named prices"
allocation = "members in turn"
market_orders = true
[collar]
ticks = 30
step = 20
extensions = 2
[times]
call_s = 600
extension_s = 120
random_end_s = 30
)",
                                         "here");
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  const venue::SetAuctionRules& command = rules.value();
  EXPECT_EQ(command.price_method, 1);
  EXPECT_EQ(command.candidates, 1);
  EXPECT_EQ(command.allocation, 1);
  EXPECT_EQ(command.takes_market_orders, 1);
  EXPECT_EQ(command.collar_unit, 1);
  EXPECT_EQ(std::uint32_t{command.collar}, 30u);
  EXPECT_EQ(std::uint32_t{command.collar_step}, 20u);
  EXPECT_EQ(command.extensions_max, 2);
  EXPECT_EQ(std::uint32_t{command.call_s}, 600u);
  EXPECT_EQ(std::uint32_t{command.extension_s}, 120u);
  EXPECT_EQ(std::uint32_t{command.random_end_s}, 30u);
}

TEST(AuctionRulesFileTest, WhatIsNoRuleIsRefusedWithItsPlace) {
  const auto refusal = [](std::string_view text) {
    const auto rules = parse_auction_rules(text, "rules.toml");
    return rules.ok() ? std::string() : rules.error().message;
  };
  EXPECT_NE(refusal("price = \"dutch\"").find("three conditions"), std::string::npos);
  EXPECT_NE(refusal("[collar]\nticks = 1\nten_thousandths = 1"), "");
  EXPECT_NE(refusal("colar = 1").find("rules.toml"), std::string::npos);
}

}  // namespace
}  // namespace okiagari::deployment
