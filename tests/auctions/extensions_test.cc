// Goal: how often a call is extended, what is shown meanwhile and when it opens is what the markets
// publish. Method: each case of extensions/ is a call of the venue itself, with the market's rule
// file or the widths of the case: two orders make the price, and the calendar tries to open once in
// each period.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "cli/auction_rule_sets.h"
#include "test_places.h"
#include "venue/test_market.h"

namespace okiagari::cli {
namespace {

namespace json = boost::json;
using venue::InstrumentState;
using venue::Lines;
using venue::TestMarket;

constexpr InstrumentId kInstrument = 3;
constexpr PriceTicks kHighestTicks = 10'000;

struct Told {
  std::vector<PriceTicks> quotes;  // the end of the collar that blocked, at each try
  PriceTicks low = 0;
  PriceTicks high = 0;
  PriceTicks traded_at = 0;
};

std::uint32_t number(const json::object& from, const char* key) {
  const json::value* value = from.if_contains(key);
  return value == nullptr ? 0 : static_cast<std::uint32_t>(value->as_int64());
}

venue::SetAuctionRules rules_of(const json::object& from) {
  venue::SetAuctionRules rules{};
  if (const json::value* name = from.if_contains("rules")) {
    auto found = find_auction_command(std::string(name->as_string()));
    EXPECT_TRUE(found.ok()) << found.error().message;
    if (found) rules = found.value();
  } else {
    rules.collar_unit = 1;
    rules.collar = number(from, "ticks");
    rules.collar_step = number(from, "step");
    rules.extension_s = number(from, "extension_s");
  }
  rules.instrument = kInstrument;
  rules.base_price = static_cast<PriceTicks>(number(from, "reference"));
  return rules;
}

class Call {
 public:
  explicit Call(const venue::SetAuctionRules& rules) {
    market_.add_operators();
    venue::AddInstrument listed = TestMarket::instrument(kInstrument);
    listed.high_limit = kHighestTicks;
    market_.send(listed);
    market_.send(TestMarket::transfer(2, kInstrument, 10, 1'000));
    market_.send(rules);
    take(market_.set_state(kInstrument, InstrumentState::auction_call));
  }
  void cross_at(PriceTicks price) {
    market_.send(1, TestMarket::order(1, Side::buy, 10, price, kInstrument));
    market_.send(2, TestMarket::order(1, Side::sell, 10, price, kInstrument));
    price_ = price;
  }
  // Until it opens, at most `tries` times.
  const Told& open(int tries) {
    for (int i = 0; i < tries && told_.traded_at == 0; ++i) {
      const PriceTicks quote = price_ > told_.high ? told_.high : told_.low;
      const Lines lines = market_.set_state(kInstrument, InstrumentState::full);
      take(lines);
      if (told_.traded_at == 0) told_.quotes.push_back(quote);
    }
    return told_;
  }

 private:
  void take(const Lines& lines) {
    static const std::regex collar(R"(feed: collar of 3: (\d+) to (\d+), .*)");
    static const std::regex cross(R"(feed: cross of 3: 10 at (\d+), .*)");
    const auto ticks = [](const std::string& price_e4) {
      return static_cast<PriceTicks>(std::stoul(price_e4) / TestMarket::kTickE4);
    };
    for (const std::string& line : lines) {
      std::smatch found;
      if (std::regex_match(line, found, collar)) {
        told_.low = ticks(found[1]);
        told_.high = ticks(found[2]);
      } else if (std::regex_match(line, found, cross)) {
        told_.traded_at = ticks(found[1]);
      }
    }
  }

  TestMarket market_;
  PriceTicks price_ = 0;
  Told told_;
};

void run(const json::object& from) {
  SCOPED_TRACE(std::string(from.at("id").as_string()));
  const venue::SetAuctionRules rules = rules_of(from);
  const auto price = static_cast<PriceTicks>(number(from, "price"));
  Call call(rules);
  call.cross_at(price);
  const Told& told = call.open(20);
  const json::object& expected = from.at("expect").as_object();
  std::vector<PriceTicks> quotes;
  for (const json::value& quote : expected.at("quotes").as_array()) {
    quotes.push_back(static_cast<PriceTicks>(quote.as_int64()));
  }
  EXPECT_EQ(told.quotes, quotes);
  EXPECT_EQ(told.quotes.size() * rules.extension_s / 60, number(expected, "minutes"));
  EXPECT_EQ(told.traded_at, price);
  if (const json::value* collar = expected.if_contains("collar")) {
    EXPECT_EQ(told.low, collar->as_array()[0].as_int64());
    EXPECT_EQ(told.high, collar->as_array()[1].as_int64());
  }
}

TEST(AuctionExtensions, CallsAreExtendedAsTheMarketsPublish) {
  const auto folder = std::filesystem::path(OKIAGARI_SOURCE_DIR) / "tests/auctions/extensions";
  std::size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const json::value root = json::parse(text);
    for (const json::value& one : root.as_object().at("cases").as_array()) {
      run(one.as_object());
      ++cases;
    }
  }
  EXPECT_GE(cases, 13u);
}

}  // namespace
}  // namespace okiagari::cli
