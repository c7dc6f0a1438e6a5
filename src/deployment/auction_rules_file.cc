#include "deployment/auction_rules_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>

#include "base/settings.h"
#include "market/auction_limits.h"

namespace okiagari::deployment {

namespace {

constexpr std::uint64_t kSecondsMax = 86'400;

// Which of the words it is, from 0; the first when it is not there.
std::uint8_t choice(base::Settings& table, std::string_view key,
                    std::initializer_list<std::string_view> words) {
  std::string word;
  if (!table.text(key, word)) return 0;
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) {
    std::string known;
    for (const std::string_view one : words) {
      known += fmt::format("{}\"{}\"", known.empty() ? "" : " or ", one);
    }
    table.refuse(key, fmt::format("'{}' is {}", key, known));
    return 0;
  }
  return static_cast<std::uint8_t>(found - words.begin());
}

// A field of a packed command cannot be read into.
std::uint32_t number(base::Settings& table, std::string_view key, std::uint64_t most) {
  std::uint32_t value = 0;
  table.integer(key, value, 0, most);
  return value;
}

void read_collar(base::Settings table, venue::SetAuctionRules& rules) {
  const std::uint32_t ticks = number(table, "ticks", kMaxPriceTicks);
  const std::uint32_t part = number(table, "ten_thousandths", 10'000);
  rules.collar_step = number(table, "step", kMaxPriceTicks);
  rules.extensions_max = static_cast<std::uint8_t>(number(table, "extensions", 255));
  if (ticks != 0 && part != 0) {
    table.refuse("ticks", "a collar is in 'ticks' or in 'ten_thousandths' of the reference");
  }
  const market::WidthUnit unit = ticks != 0  ? market::WidthUnit::ticks
                                 : part != 0 ? market::WidthUnit::ten_thousandths
                                             : market::WidthUnit::none;
  rules.collar_unit = static_cast<std::uint8_t>(unit);
  rules.collar = ticks + part;
}

base::Result<venue::SetAuctionRules> read(base::Result<base::Settings> settings) {
  if (!settings) return settings.error();
  base::Settings& root = settings.value();
  venue::SetAuctionRules rules{};
  rules.price_method = choice(root, "price", {"three conditions", "largest volume"});
  rules.candidates =
      choice(root, "candidates", {"every tick", "named prices", "named prices and reference"});
  rules.allocation = choice(root, "allocation", {"by time", "members in turn"});
  bool takes_market_orders = false;
  root.flag("market_orders", takes_market_orders);
  rules.takes_market_orders = takes_market_orders ? 1 : 0;
  read_collar(root.table("collar"), rules);
  base::Settings times = root.table("times");
  rules.call_s = number(times, "call_s", kSecondsMax);
  rules.extension_s = number(times, "extension_s", kSecondsMax);
  rules.random_end_s = number(times, "random_end_s", kSecondsMax);
  if (base::Status status = root.finish(); !status) return status.error();
  return rules;
}

}  // namespace

base::Result<venue::SetAuctionRules> load_auction_rules(const std::string& path) {
  return read(base::Settings::load(path));
}

base::Result<venue::SetAuctionRules> parse_auction_rules(std::string_view text,
                                                         const std::string& origin) {
  return read(base::Settings::parse(text, origin));
}

}  // namespace okiagari::deployment
