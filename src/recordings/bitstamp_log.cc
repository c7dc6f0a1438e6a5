#include "recordings/bitstamp_log.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "wire/decimal_text.h"

namespace okiagari::recordings {

namespace {

namespace json = boost::json;

constexpr std::size_t kLevelsMax = 10'000;
// A price or an amount beyond this is none; sums of them stay within 64 bits.
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 50;

// Decimal text, or a number as trades have it.
std::optional<std::uint64_t> size_of(const json::value* value, std::uint32_t decimals) {
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    const auto parsed = wire::parse_decimal(value->get_string(), decimals);
    if (!parsed || parsed->is_negative || parsed->size > kSizeMax) return std::nullopt;
    return parsed->size;
  }
  if (!value->is_number()) return std::nullopt;
  const double scaled = value->to_number<double>() * std::pow(10.0, decimals);
  if (!(scaled >= 0 && scaled <= static_cast<double>(kSizeMax))) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(scaled));
}

std::optional<std::uint64_t> number_of(const json::value* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code wrong;
  const auto number = value->to_number<std::uint64_t>(wrong);
  if (wrong) return std::nullopt;
  return number;
}

bool read_price_and_lots(const json::object& body, BitstampLine& line) {
  const auto price = size_of(body.if_contains("price"), kBitstampPriceDecimals);
  const auto lots = size_of(body.if_contains("amount"), kBitstampLotDecimals);
  if (!price || !lots) return false;
  line.price_ticks = static_cast<std::int64_t>(*price);
  line.lots = *lots;
  return true;
}

bool read_order(const json::object& body, BitstampLine& line) {
  const auto order = number_of(body.if_contains("id"));
  const auto side = number_of(body.if_contains("order_type"));
  if (!order || !side || *side > 1 || !read_price_and_lots(body, line)) return false;
  line.order = *order;
  line.side = *side == 0 ? Side::buy : Side::sell;
  return true;
}

bool read_levels(const json::value* list, std::vector<BitstampLevel>& into) {
  if (list == nullptr || !list->is_array() || list->get_array().size() > kLevelsMax) return false;
  for (const json::value& level : list->get_array()) {
    if (!level.is_array() || level.get_array().size() != 2) return false;
    const auto price = size_of(&level.get_array()[0], kBitstampPriceDecimals);
    const auto lots = size_of(&level.get_array()[1], kBitstampLotDecimals);
    if (!price || !lots) return false;
    into.push_back({static_cast<std::int64_t>(*price), *lots});
  }
  return true;
}

bool read_body(const json::object& body, BitstampLine& line) {
  line.levels[0].clear();
  line.levels[1].clear();
  switch (line.event) {
    case BitstampEvent::trade:
      return read_price_and_lots(body, line);
    case BitstampEvent::order_book:
      return read_levels(body.if_contains("bids"), line.levels[0]) &&
             read_levels(body.if_contains("asks"), line.levels[1]);
    default:
      return read_order(body, line);
  }
}

std::optional<BitstampEvent> event_of(std::string_view name) {
  static const std::map<std::string_view, BitstampEvent> kEvents = {
      {"order_created", BitstampEvent::order_created},
      {"order_changed", BitstampEvent::order_changed},
      {"order_deleted", BitstampEvent::order_deleted},
      {"trade", BitstampEvent::trade},
      {"order_book", BitstampEvent::order_book}};
  const auto found = kEvents.find(name);
  if (found == kEvents.end()) return std::nullopt;
  return found->second;
}

base::Error wrong(const LineReader& lines, std::string_view what) {
  return {fmt::format("{}:{}: {}; is this a log of Bitstamp's channels?", lines.path(),
                      lines.line_number(), what)};
}

}  // namespace

base::Result<bool> read_bitstamp(LineReader& lines, BitstampLine& line) {
  std::string_view text;
  auto more = lines.next(text);
  if (!more || !more.value()) return more;
  const std::size_t after_time = text.find(' ');
  const std::size_t after_event = text.find(' ', after_time + 1);
  if (after_time == text.npos || after_event == text.npos) {
    return wrong(lines, "a line is a time, an event and its body");
  }
  std::int64_t time_ms = 0;
  // Times until the year 2262 fit as nanoseconds.
  if (!parse_integer(text.substr(0, after_time), time_ms) || time_ms < 0 ||
      time_ms > 9'000'000'000'000) {
    return wrong(lines, "a time that is not in milliseconds");
  }
  line.time_ns = static_cast<TimestampNs>(time_ms) * 1'000'000;
  const auto event = event_of(text.substr(after_time + 1, after_event - after_time - 1));
  if (!event) return wrong(lines, "an unknown event");
  line.event = *event;
  boost::system::error_code bad;
  const json::value body = json::parse(text.substr(after_event + 1), bad);
  if (bad || !body.is_object()) return wrong(lines, "a body that is no JSON object");
  if (!read_body(body.get_object(), line)) return wrong(lines, "a body with a field that is wrong");
  return true;
}

}  // namespace okiagari::recordings
