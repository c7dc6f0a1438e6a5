#include "cli/auction_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "wire/decimal_text.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

constexpr std::uint32_t kDecimalsMax = 6;
constexpr std::size_t kOrdersMax = 1'000'000;
constexpr std::int64_t kLotsMax = 1'000'000'000;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// A number, or a text that is one, in decimals; empty when it is neither.
std::string decimal_of(const json::value& value) {
  if (value.is_string()) {
    const std::string_view text = view(value.get_string());
    return wire::parse_decimal(text, kDecimalsMax) ? std::string(text) : "";
  }
  if (value.is_double()) return fmt::format("{}", value.get_double());
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  return {};
}

std::uint32_t decimals_in(const json::value& value) {
  std::uint32_t most = 0;
  if (value.is_object()) {
    for (const auto& [key, inner] : value.get_object()) {
      const bool is_name = key == "id" || key == "note" || key == "name";
      if (!is_name) most = std::max(most, decimals_in(inner));
    }
  } else if (value.is_array()) {
    for (const json::value& inner : value.get_array()) most = std::max(most, decimals_in(inner));
  } else if (const std::string text = decimal_of(value); text.find('.') != std::string::npos) {
    for (std::uint32_t decimals = 1; decimals <= kDecimalsMax; ++decimals) {
      if (wire::parse_decimal(text, decimals)) return decimals;
    }
  }
  return most;
}

// Reads one case. The first thing that is wrong is kept, and what follows is of no account.
class CaseReader {
 public:
  explicit CaseReader(const json::object& from, std::string id) : from_(from) {
    case_.id = std::move(id);
    case_.decimals = decimals_in(from);
  }

  // {"algo", "tick", "ref", "buy": [{"px", "qty"}], "sell", "limit_down", "limit_up", "expect"}
  base::Result<AuctionCase> two_lists() {
    case_.rules = rules_of(text(from_, "algo", ""));
    read_tick();
    case_.reference_ticks = optional_price(from_, "ref").value_or(0);
    case_.low_ticks = optional_price(from_, "limit_down").value_or(1);
    case_.high_ticks = optional_price(from_, "limit_up").value_or(kMaxPriceTicks);
    CallStep orders;
    for (const Side side : {Side::buy, Side::sell}) {
      const char* key = side == Side::buy ? "buy" : "sell";
      std::size_t number = 0;
      for (const json::value& value : list(from_, key)) {
        const json::object* object = value.if_object();
        if (object == nullptr) return wrong(key, "a list of objects is wanted");
        CallOrder order;
        order.side = side;
        order.id = text(*object, "id", fmt::format("{}{}", key, ++number));
        order.member = text(*object, "member", order.id);
        order.lots = lots(*object, "qty");
        read_price(*object, "px", order);
        orders.orders.push_back(std::move(order));
      }
    }
    case_.steps.push_back(std::move(orders));
    CallStep end;
    end.kind = CallStep::Kind::uncross;
    if (const json::value* value = from_.if_contains("expect"); value && value->is_object()) {
      read_expected(value->get_object(), "price", "qty", "surplus", end.expected);
    }
    case_.steps.push_back(std::move(end));
    return finished();
  }

  // {"parts": [{"member", "qty"}], "total", "expect": {MEMBER: lots}}
  base::Result<AuctionCase> share() {
    case_.rules = rules_of(text(from_, "algo", ""));
    ShareCase share;
    for (const json::value& value : list(from_, "parts")) {
      const json::object* object = value.if_object();
      if (object == nullptr) return wrong("parts", "a list of objects is wanted");
      share.wanted.emplace_back(text(*object, "member", ""), lots(*object, "qty"));
    }
    share.available = static_cast<std::uint64_t>(lots(from_, "total"));
    read_fills(from_, "expect", share.expected);
    case_.share = std::move(share);
    return finished();
  }

  // {"orders": [{"side", "type", "limit", "qty"}]} and one of its "cases".
  base::Result<AuctionCase> one_list(const json::object& asked) {
    case_.decimals = std::max(case_.decimals, decimals_in(asked));
    case_.rules = text(from_, "rules", "");
    read_tick();
    case_.reference_ticks = optional_price(asked, "reference_price").value_or(0);
    case_.low_ticks = optional_price(from_, "limit_down").value_or(1);
    case_.high_ticks = optional_price(from_, "limit_up").value_or(kMaxPriceTicks);
    CallStep orders;
    read_orders(from_, orders);
    case_.steps.push_back(std::move(orders));
    CallStep end;
    end.kind = CallStep::Kind::uncross;
    read_expected(asked, "expected_price", "expected_volume", "expected_surplus", end.expected);
    read_fills(asked, "expected_fills", end.expected.fills);
    case_.steps.push_back(std::move(end));
    return finished();
  }

  // {"steps": [{"orders"}, {"indicative_price"}, {"uncross"}, {"trades"}, {"book"}]}
  base::Result<AuctionCase> scenario() {
    case_.rules = text(from_, "rules", "euronext");
    read_tick();
    case_.reference_ticks = optional_price(from_, "reference_price").value_or(0);
    case_.is_continuous_next = text(from_, "mode", "") == "Continuous";
    if (text(from_, "phase", "CoreCall") != "CoreCall") {
      case_.skipped = "continuous trading, no auction";
      return finished();
    }
    for (const json::value& value : list(from_, "steps")) {
      const json::object* object = value.if_object();
      if (object == nullptr || object->size() != 1) return wrong("steps", "objects of one key");
      read_step(*object);
    }
    return finished();
  }

 private:
  base::Error wrong(std::string_view key, std::string_view what) const {
    return {fmt::format("{}: '{}': {}", case_.id, key, what)};
  }
  void refuse(std::string_view key, std::string_view what) {
    if (error_.empty()) error_ = wrong(key, what).message;
  }
  base::Result<AuctionCase> finished() {
    if (!error_.empty()) return base::Error{error_};
    if (case_.low_ticks > case_.high_ticks) {
      return wrong("limit_down", "a price that is not above limit_up is wanted");
    }
    return std::move(case_);
  }

  static std::string rules_of(std::string_view algorithm) {
    if (algorithm == "ITAYOSE3" || algorithm == "SIMULT_RR") return "tokyo";
    return algorithm == "MAXVOL5" || algorithm == "FIFO" ? "jpx-derivatives"
                                                         : std::string(algorithm);
  }

  std::string text(const json::object& from, std::string_view key, std::string_view otherwise) {
    const json::value* value = from.if_contains(key);
    if (value == nullptr || value->is_null()) return std::string(otherwise);
    if (!value->is_string()) {
      refuse(key, "text is wanted");
      return {};
    }
    return std::string(view(value->get_string()));
  }

  json::array list(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    if (value == nullptr || !value->is_array() || value->get_array().size() > kOrdersMax) {
      refuse(key, "a list of at most a million is wanted");
      return {};
    }
    return value->get_array();
  }

  std::int64_t whole(const json::value& value, std::string_view key) {
    if (value.is_int64()) return value.get_int64();
    refuse(key, "a whole number is wanted");
    return 0;
  }

  QuantityLots lots(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    const std::int64_t number = value == nullptr ? 0 : whole(*value, key);
    if (number <= 0 || number > kLotsMax) {
      refuse(key, fmt::format("a whole number from 1 to {} is wanted", kLotsMax));
      return 0;
    }
    return static_cast<QuantityLots>(number);
  }

  void read_tick() {
    const json::value* value = from_.if_contains("tick");
    if (value == nullptr) return;
    const auto units = wire::parse_decimal(decimal_of(*value), case_.decimals);
    if (!units || units->is_negative || units->size == 0) return refuse("tick", "is no price");
    case_.tick_units = units->size;
  }

  PriceTicks price_of(const json::value& value, std::string_view key) {
    const auto units = wire::parse_decimal(decimal_of(value), case_.decimals);
    const std::uint64_t ticks = units ? units->size / case_.tick_units : 0;
    const bool is_price = units && !units->is_negative && units->size % case_.tick_units == 0 &&
                          ticks > 0 && ticks <= static_cast<std::uint64_t>(kMaxPriceTicks);
    if (is_price) return static_cast<PriceTicks>(ticks);
    refuse(key, "is no price of whole ticks");
    return 0;
  }

  std::optional<PriceTicks> optional_price(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return price_of(*value, key);
  }

  // A price, or a word for an order without one.
  void read_price(const json::object& from, std::string_view key, CallOrder& order) {
    const json::value* value = from.if_contains(key);
    const std::string_view word =
        value != nullptr && value->is_string() ? view(value->get_string()) : std::string_view{};
    if (value == nullptr) {
      refuse(key, "is missing");
    } else if (word == "MKT" || word == "MO") {
      order.kind = CallOrder::Kind::market;
    } else if (word == "MTL") {
      order.kind = CallOrder::Kind::market_to_limit;
    } else {
      order.price_ticks = price_of(*value, key);
    }
  }

  void read_orders(const json::object& from, CallStep& into) {
    std::size_t number = 0;
    for (const json::value& value : list(from, "orders")) {
      const json::object* object = value.if_object();
      if (object == nullptr) return refuse("orders", "a list of objects is wanted");
      CallOrder order;
      const std::string side = text(*object, "side", "");
      if (side != "buy" && side != "sell") return refuse("side", "buy or sell is wanted");
      order.side = side == "buy" ? Side::buy : Side::sell;
      order.lots = lots(*object, "qty");
      order.member = text(*object, "member", text(*object, "broker", ""));
      const std::string name = order.member.empty() ? side : order.member;
      order.id = text(*object, "id", fmt::format("{}{}", name, ++number));
      if (order.member.empty()) order.member = order.id;
      const std::string type = text(*object, "type", object->contains("price") ? "" : "limit");
      if (type == "market") {
        order.kind = CallOrder::Kind::market;
      } else if (type == "market_to_limit") {
        order.kind = CallOrder::Kind::market_to_limit;
      } else {
        read_price(*object, object->contains("price") ? "price" : "limit", order);
      }
      into.orders.push_back(std::move(order));
    }
  }

  void read_expected(const json::object& from, std::string_view price, std::string_view volume,
                     std::string_view surplus, CallExpected& into) {
    if (const json::value* value = from.if_contains(price)) {
      into.price_ticks = value->is_null() ? 0 : price_of(*value, price);
    }
    if (const json::value* value = from.if_contains(volume)) {
      into.volume = static_cast<std::uint64_t>(whole(*value, volume));
    }
    if (const json::value* value = from.if_contains(surplus)) into.surplus = whole(*value, surplus);
    const auto left = [&](std::string_view key, std::optional<std::uint64_t>& to) {
      if (const json::value* value = from.if_contains(key)) {
        to = static_cast<std::uint64_t>(whole(*value, key));
      }
    };
    left("buy_left", into.buy_left);
    left("sell_left", into.sell_left);
    const auto pair = [&](std::string_view key, auto& to) {
      if (!from.contains(key)) return;
      const json::array both = list(from, key);
      if (both.empty()) {
        to = {0, 0};
      } else if (both.size() == 2) {
        to = {price_of(both[0], key), price_of(both[1], key)};
      } else {
        refuse(key, "two prices are wanted");
      }
    };
    pair("candidates", into.candidates);
    pair("expected_price_range", into.price_range);
  }

  void read_fills(const json::object& from, std::string_view key,
                  std::map<std::string, QuantityLots>& into) {
    const json::value* value = from.if_contains(key);
    if (value == nullptr) return;
    if (!value->is_object()) return refuse(key, "an object is wanted");
    for (const auto& [id, filled] : value->get_object()) {
      into[std::string(id)] = static_cast<QuantityLots>(whole(filled, key));
    }
  }

  void read_step(const json::object& from) {
    CallStep step;
    if (from.contains("orders")) {
      read_orders(from, step);
    } else if (const json::value* price = from.if_contains("indicative_price")) {
      step.kind = CallStep::Kind::indicative;
      step.expected.price_ticks = price->is_null() ? 0 : price_of(*price, "indicative_price");
    } else if (from.contains("uncross")) {
      step.kind = CallStep::Kind::uncross;
    } else if (from.contains("trades")) {
      step.kind = CallStep::Kind::trades;
      for (const json::value& value : list(from, "trades")) {
        const json::object* object = value.if_object();
        if (object == nullptr) return refuse("trades", "a list of objects is wanted");
        step.trades.push_back({text(*object, "buyer", ""), text(*object, "seller", ""),
                               optional_price(*object, "price").value_or(0), lots(*object, "qty")});
      }
    } else if (from.contains("book")) {
      step.kind = CallStep::Kind::book;
      read_book(from, Side::buy, step.book);
      read_book(from, Side::sell, step.book);
    } else {
      return refuse("steps", "orders, indicative_price, uncross, trades or book is wanted");
    }
    case_.steps.push_back(std::move(step));
  }

  // One column of the table: [member, lots, price] or null.
  void read_book(const json::object& from, Side side, std::vector<CallRow>& into) {
    const char* key = side == Side::buy ? "bid" : "ask";
    for (const json::value& value : list(from, "book")) {
      const json::object* row = value.if_object();
      const json::value* cell = row == nullptr ? nullptr : row->if_contains(key);
      if (cell == nullptr) return refuse("book", "rows with bid and ask are wanted");
      if (cell->is_null()) continue;
      const json::array* parts = cell->if_array();
      const bool is_row = parts != nullptr && parts->size() == 3 && (*parts)[0].is_string() &&
                          (*parts)[1].is_int64() && (*parts)[2].is_string();
      if (!is_row) return refuse("book", "[member, lots, \"price\"] is wanted");
      into.push_back({side, std::string(view((*parts)[0].get_string())),
                      static_cast<QuantityLots>((*parts)[1].get_int64()),
                      std::string(view((*parts)[2].get_string()))});
    }
  }

  const json::object& from_;
  AuctionCase case_;
  std::string error_;
};

std::string id_of(const json::object& from, std::size_t number) {
  const json::value* id = from.if_contains("id");
  return id != nullptr && id->is_string() ? std::string(view(id->get_string()))
                                          : fmt::format("case {}", number);
}

// The cases of one element of a list.
base::Status read_element(const json::object& from, std::size_t number,
                          std::vector<AuctionCase>& into) {
  const std::string id = id_of(from, number);
  const auto add = [&](base::Result<AuctionCase> read) -> base::Status {
    if (!read) return read.error();
    into.push_back(std::move(read.value()));
    return {};
  };
  if (from.contains("parts")) return add(CaseReader(from, id).share());
  if (from.contains("steps")) return add(CaseReader(from, id).scenario());
  if (from.contains("buy") || from.contains("sell")) return add(CaseReader(from, id).two_lists());
  if (from.contains("incoming")) {
    AuctionCase continuous;
    continuous.id = id;
    continuous.skipped = "continuous trading, no auction";
    return add(std::move(continuous));
  }
  const json::value* cases = from.if_contains("cases");
  if (cases == nullptr) return add(CaseReader(from, id).one_list(from));
  if (!cases->is_array()) return base::Error{id + ": 'cases': a list is wanted"};
  std::size_t part = 0;
  for (const json::value& asked : cases->get_array()) {
    ++part;
    if (!asked.is_object()) return base::Error{id + ": 'cases': a list of objects is wanted"};
    const std::string name =
        cases->get_array().size() == 1 ? id : fmt::format("{} case {}", id, part);
    if (base::Status status = add(CaseReader(from, name).one_list(asked.get_object())); !status) {
      return status;
    }
  }
  return {};
}

}  // namespace

base::Result<std::vector<AuctionCase>> parse_auction_cases(std::string_view text) {
  boost::system::error_code error;
  const json::value root = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !root.is_object()) return base::Error{"is no JSON object"};
  std::vector<AuctionCase> cases;
  const json::object& object = root.get_object();
  bool has_list = false;
  for (const char* key : {"auction", "allocation", "examples", "scenarios"}) {
    const json::value* list = object.if_contains(key);
    if (list == nullptr || !list->is_array()) continue;
    has_list = true;
    std::size_t number = 0;
    for (const json::value& element : list->get_array()) {
      if (!element.is_object()) return base::Error{fmt::format("'{}': objects are wanted", key)};
      base::Status status = read_element(element.get_object(), ++number, cases);
      if (!status) return status.error();
    }
  }
  if (!has_list) {
    if (base::Status status = read_element(object, 1, cases); !status) return status.error();
  }
  return cases;
}

}  // namespace okiagari::cli
