#include "cli/auction_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cstdlib>

#include "wire/decimal_text.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

constexpr InstrumentId kInstrument = 1;

// An order in the call and what is left of it.
struct Resting {
  CallOrder order;
  QuantityLots left = 0;
  bool has_traded = false;
};

const char* word(market::DecidedBy decided) {
  switch (decided) {
    case market::DecidedBy::conditions:
      return "conditions";
    case market::DecidedBy::volume:
      return "volume";
    case market::DecidedBy::surplus:
      return "surplus";
    case market::DecidedBy::pressure:
      return "pressure";
    case market::DecidedBy::reference:
      break;
  }
  return "reference";
}

class CaseRun {
 public:
  CaseRun(const AuctionCase& auction, const NamedRules& rules) : case_(auction), rules_(rules) {}

  AuctionVerdict run() {
    verdict_.line["id"] = case_.id;
    if (!case_.skipped.empty()) {
      verdict_.line["skipped"] = case_.skipped;
      return std::move(verdict_);
    }
    verdict_.line["rules"] = rules_.name;
    if (case_.share) {
      share();
    } else {
      for (const CallStep& step : case_.steps) take(step);
    }
    verdict_.holds = wrong_.empty();
    verdict_.line["holds"] = verdict_.holds;
    if (!wrong_.empty()) verdict_.line["wrong"] = std::move(wrong_);
    return std::move(verdict_);
  }

 private:
  void take(const CallStep& step) {
    switch (step.kind) {
      case CallStep::Kind::orders:
        for (const CallOrder& order : step.orders) resting_.push_back({order, order.lots, false});
        return;
      case CallStep::Kind::indicative:
        return compare(step.expected, crossed(), "indicative price");
      case CallStep::Kind::uncross:
        return uncross(step.expected);
      case CallStep::Kind::trades:
        return compare_trades(step.trades);
      case CallStep::Kind::book:
        return compare_book(step.book);
    }
  }

  // What the call would end with now. Fills' keys are places in resting_, from 1.
  market::Uncrossed crossed() {
    market::Limits limits;
    limits.max_live_orders = static_cast<std::uint32_t>(resting_.size() + 1);
    limits.max_instruments = 1;
    market::OrderBooks books(limits);
    books.add_instrument(kInstrument);
    for (std::size_t i = 0; i < resting_.size(); ++i) {
      const CallOrder& order = resting_[i].order;
      if (resting_[i].left == 0) continue;
      market::Incoming incoming{};
      incoming.key = std::uint64_t{1} << 32 | (i + 1);
      incoming.reference = i + 1;
      incoming.instrument = kInstrument;
      incoming.member = member(order.member);
      incoming.side = order.side;
      incoming.quantity = resting_[i].left;
      incoming.price = order.price_ticks;
      incoming.type = order.kind == CallOrder::Kind::limit ? market::PriceType::limit
                                                           : market::PriceType::market;
      const bool rests = books.rest(incoming);
      ASSERT(rests, "the books are made for all orders");
    }
    return cross(books);
  }

  market::Uncrossed cross(market::OrderBooks& books) {
    const market::PriceRange range{case_.reference_ticks, case_.low_ticks, case_.high_ticks};
    market::CurvePool pool(2 * market::kCurveNodesPerPrice * (books.live_orders() + 1));
    market::CallCurves curves(pool);
    market::count_all(books, kInstrument, range, curves);
    market::Uncrossed result;
    result.price = market::find_auction_price(rules_.uncross.price, curves, range);
    if (result.price.price == 0) return result;
    struct Listener {
      std::vector<market::AuctionFill>& fills;
      void on_fill(const market::Order& order, QuantityLots lots) {
        fills.push_back({order.key, lots});
      }
    } listener{result.fills};
    market::AuctionFiller filler;
    for (const Side side : {Side::buy, Side::sell}) {
      filler.fill(books, kInstrument, side, result.price.volume, rules_.uncross.allocation,
                  listener);
    }
    return result;
  }

  void uncross(const CallExpected& expected) {
    const market::Uncrossed result = crossed();
    compare(expected, result, "price");
    std::vector<std::pair<std::size_t, QuantityLots>> buys;
    std::vector<std::pair<std::size_t, QuantityLots>> sells;
    json::array fills;
    for (const market::AuctionFill& fill : result.fills) {
      const std::size_t at = static_cast<std::uint32_t>(fill.key) - 1;
      Resting& resting = resting_[at];
      resting.left -= fill.lots;
      resting.has_traded = true;
      filled_[resting.order.id] += fill.lots;
      (resting.order.side == Side::buy ? buys : sells).emplace_back(at, fill.lots);
      fills.emplace_back(json::object{{"id", resting.order.id},
                                      {"side", resting.order.side == Side::buy ? "buy" : "sell"},
                                      {"qty", fill.lots}});
    }
    verdict_.line["fills"] = std::move(fills);
    for (const auto& [id, lots] : expected.fills) {
      const QuantityLots got = filled_.contains(id) ? filled_[id] : 0;
      if (got != lots) wrong(fmt::format("{} gets {}, expected {}", id, got, lots));
    }
    pair_up(buys, sells, result.price.price);
    if (result.price.price != 0) end_call(result.price.price);
  }

  // Who traded with whom: both sides in their order.
  void pair_up(std::vector<std::pair<std::size_t, QuantityLots>>& buys,
               std::vector<std::pair<std::size_t, QuantityLots>>& sells, PriceTicks price) {
    std::size_t sell = 0;
    for (auto& [buy, wanted] : buys) {
      while (wanted > 0 && sell < sells.size()) {
        const QuantityLots lots = std::min(wanted, sells[sell].second);
        trades_.push_back(
            {resting_[buy].order.member, resting_[sells[sell].first].order.member, price, lots});
        wanted -= lots;
        sells[sell].second -= lots;
        if (sells[sell].second == 0) ++sell;
      }
    }
  }

  void end_call(PriceTicks price) {
    for (Resting& resting : resting_) {
      if (resting.order.kind != CallOrder::Kind::market_to_limit) continue;
      if (!resting.has_traded && !case_.is_continuous_next) continue;
      resting.order.kind = CallOrder::Kind::limit;
      resting.order.price_ticks = price;
    }
    std::erase_if(resting_, [](const Resting& resting) { return resting.left == 0; });
  }

  void compare(const CallExpected& expected, const market::Uncrossed& result, const char* what) {
    const market::AuctionPrice& found = result.price;
    const bool is_there = found.price != 0;
    const std::uint64_t volume = is_there ? found.volume : 0;
    json::object& line = verdict_.line;
    line["price"] = is_there ? json::value(text_of(found.price)) : json::value(nullptr);
    line["volume"] = volume;
    if (is_there) {
      line["surplus"] = found.surplus;
      line["candidates"] = json::array{text_of(found.lowest), text_of(found.highest)};
      line["decided_by"] = word(found.decided_by);
    }
    if (expected.price_ticks && *expected.price_ticks != found.price) {
      wrong(fmt::format("{} is {}, expected {}", what, text_of(found.price),
                        text_of(*expected.price_ticks)));
    }
    if (expected.price_range &&
        (found.price < expected.price_range->first || found.price > expected.price_range->second)) {
      wrong(fmt::format("{} is {}, expected within {} and {}", what, text_of(found.price),
                        text_of(expected.price_range->first),
                        text_of(expected.price_range->second)));
    }
    if (expected.candidates) {
      const auto [lowest, highest] = *expected.candidates;
      const bool is_same = is_there ? found.lowest == lowest && found.highest == highest
                                    : lowest == 0 && highest == 0;
      if (!is_same) wrong("the candidates are not those expected");
    }
    number("volume", expected.volume, volume);
    number("surplus", expected.surplus, is_there ? found.surplus : 0);
    const std::int64_t surplus = is_there ? found.surplus : 0;
    const auto size = static_cast<std::uint64_t>(std::abs(surplus));
    number("buy_left", expected.buy_left, surplus > 0 ? size : 0);
    number("sell_left", expected.sell_left, surplus < 0 ? size : 0);
  }

  template <typename T>
  void number(const char* what, const std::optional<T>& expected, T found) {
    if (expected && *expected != found) {
      wrong(fmt::format("{} is {}, expected {}", what, found, *expected));
    }
  }

  void compare_trades(const std::vector<CallTrade>& expected) {
    json::array trades;
    for (const CallTrade& trade : trades_) {
      trades.emplace_back(json::object{{"buyer", trade.buyer},
                                       {"seller", trade.seller},
                                       {"price", text_of(trade.price_ticks)},
                                       {"qty", trade.lots}});
    }
    verdict_.line["trades"] = std::move(trades);
    if (trades_ != expected) wrong("the trades are not those expected");
  }

  // Orders as they queue: without a price first, then from the best, by time at one price.
  std::vector<CallRow> book() const {
    std::vector<CallRow> rows;
    for (const Side side : {Side::buy, Side::sell}) {
      std::vector<const Resting*> orders;
      for (const Resting& resting : resting_) {
        if (resting.order.side == side) orders.push_back(&resting);
      }
      const auto rank = [side](const Resting* resting) -> std::int64_t {
        if (resting->order.kind != CallOrder::Kind::limit) return -kMaxPriceTicks - 1;
        const std::int64_t price = resting->order.price_ticks;
        return side == Side::buy ? -price : price;
      };
      std::stable_sort(orders.begin(), orders.end(),
                       [&](const Resting* a, const Resting* b) { return rank(a) < rank(b); });
      for (const Resting* resting : orders) {
        const CallOrder& order = resting->order;
        const std::string price = order.kind == CallOrder::Kind::limit ? text_of(order.price_ticks)
                                  : order.kind == CallOrder::Kind::market ? "MO"
                                                                          : "MTL";
        rows.push_back({side, order.member, resting->left, price});
      }
    }
    return rows;
  }

  void compare_book(const std::vector<CallRow>& expected) {
    const std::vector<CallRow> rows = book();
    json::array shown;
    for (const CallRow& row : rows) {
      shown.emplace_back(
          json::array{row.side == Side::buy ? "buy" : "sell", row.member, row.lots, row.price});
    }
    verdict_.line["book"] = std::move(shown);
    if (rows != expected) wrong("the book is not the one expected");
  }

  void share() {
    std::vector<market::Claim> claims;
    for (const auto& [name, wanted] : case_.share->wanted) {
      claims.push_back({member(name), wanted});
    }
    market::Allocator allocator;
    const auto given =
        allocator.allocate(rules_.uncross.allocation, claims, case_.share->available);
    json::object fills;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const std::string& name = case_.share->wanted[i].first;
      filled_[name] += given[i];
      fills[name] = filled_[name];
    }
    verdict_.line["fills"] = std::move(fills);
    for (const auto& [name, lots] : case_.share->expected) {
      const QuantityLots got = filled_.contains(name) ? filled_[name] : 0;
      if (got != lots) wrong(fmt::format("{} gets {}, expected {}", name, got, lots));
    }
  }

  MemberId member(const std::string& name) {
    const auto number = static_cast<MemberId>(members_.size() + 1);
    return members_.try_emplace(name, number).first->second;
  }
  [[nodiscard]] std::string text_of(PriceTicks price) const {
    if (price == 0) return "none";
    return wire::decimal_text(static_cast<std::uint64_t>(price) * case_.tick_units, case_.decimals);
  }
  void wrong(const std::string& what) { wrong_.emplace_back(what); }

  const AuctionCase& case_;
  const NamedRules& rules_;
  std::vector<Resting> resting_;  // in order of entry
  std::map<std::string, MemberId> members_;
  std::map<std::string, QuantityLots> filled_;
  std::vector<CallTrade> trades_;
  json::array wrong_;
  AuctionVerdict verdict_;
};

}  // namespace

AuctionVerdict run_auction_case(const AuctionCase& auction, const NamedRules& rules) {
  return CaseRun(auction, rules).run();
}

}  // namespace okiagari::cli
