#include "check/told_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "check/itch.h"

namespace okiagari::check {
namespace {

// One session's orders, by user reference, as its answers tell them.
class OrdersOfSession {
 public:
  OrdersOfSession(std::uint16_t session, Findings& findings)
      : session_(session), findings_(findings) {}

  void take(const OuchAnswer& answer) {
    switch (answer.type) {
      case kOuchAccepted:
        return add(answer);
      case kOuchReplaced:
        return replace(answer);
      case kOuchTriggered:
        return trigger(answer);
      case kOuchRestated:
        return show(answer);
      case kOuchExecuted:
        return lower(answer, "executed");
      case kOuchCanceled:
        return lower(answer, "cancelled");
      default:
        return;
    }
  }

  void gather(OpenOrders& into) const {
    for (const auto& [user_reference, order] : orders_) {
      if (order.state.open == 0 || order.waits) continue;
      into[order.reference] = order.state;
      if (order.floor != 0) into[order.reference].open = order.shown;
    }
  }

 private:
  struct Order {
    std::uint64_t reference = 0;
    OpenOrder state;
    bool waits = false;       // the feed does not know of it
    std::uint32_t floor = 0;  // of an iceberg, the most that it shows at a time
    std::uint32_t shown = 0;  // of one
  };

  void add(const OuchAnswer& answer) {
    const base::Bytes appendage = base::as_bytes(answer.appendage);
    const Order order{answer.order_reference,
                      {answer.quantity, answer.price_e4, answer.side},
                      !appendage_field(appendage, kTagTrigger).empty(),
                      number_in<std::uint32_t>(appendage, kTagMaxFloor),
                      std::min(answer.quantity, number_in<std::uint32_t>(appendage, kTagMaxFloor))};
    if (!orders_.emplace(answer.user_reference, order).second) {
      findings_.add(Wrong::doubled,
                    fmt::format("session {}: accepted twice: {}", session_, describe(answer)));
    }
  }

  // One that keeps its place shows no more than it did.
  void replace(const OuchAnswer& answer) {
    const auto found = orders_.find(answer.original_user_reference);
    const Order before = found == orders_.end() ? Order{} : found->second;
    orders_.erase(answer.original_user_reference);
    add(answer);
    if (before.reference != answer.order_reference) return;
    std::uint32_t& shown = orders_[answer.user_reference].shown;
    shown = std::min(shown, before.shown);
  }

  void trigger(const OuchAnswer& answer) {
    const auto found = orders_.find(answer.user_reference);
    if (found == orders_.end() || !found->second.waits) {
      findings_.add(Wrong::contradicted,
                    fmt::format("session {}: an order that does not wait is triggered: {}",
                                session_, describe(answer)));
      return;
    }
    found->second.waits = false;
    found->second.reference = answer.order_reference;
  }

  void show(const OuchAnswer& answer) {
    const base::Bytes appendage = base::as_bytes(answer.appendage);
    const auto shown = number_in<std::uint32_t>(appendage, kTagDisplayQuantity);
    const auto found = orders_.find(answer.user_reference);
    const bool hides = found != orders_.end() && found->second.floor != 0;
    if (!hides || found->second.shown != 0 || shown > found->second.floor ||
        shown > found->second.state.open) {
      findings_.add(Wrong::contradicted, fmt::format("session {}: more is shown than hides: {}",
                                                     session_, describe(answer)));
      return;
    }
    found->second.shown = shown;
    found->second.reference = number_in<std::uint64_t>(appendage, kTagSecondReference);
  }

  template <typename Number>
  static Number number_in(base::Bytes appendage, std::uint8_t tag) {
    const base::Bytes field = appendage_field(appendage, tag);
    return field.size() == sizeof(Number) ? base::load_big<Number>(field.data()) : Number{0};
  }

  void lower(const OuchAnswer& answer, const char* how) {
    const auto found = orders_.find(answer.user_reference);
    if (found == orders_.end()) {
      findings_.add(Wrong::contradicted, fmt::format("session {}: an order that does not live is "
                                                     "{}: {}",
                                                     session_, how, describe(answer)));
      return;
    }
    std::uint32_t& open = found->second.state.open;
    if (answer.quantity > open) {
      findings_.add(Wrong::contradicted,
                    fmt::format("session {}: more is {} than the {} that were open: {}", session_,
                                how, open, describe(answer)));
    }
    open -= std::min(open, answer.quantity);
    // What it takes itself, it takes before anything is shown; what is cancelled is hidden first.
    std::uint32_t& shown = found->second.shown;
    if (answer.type == kOuchExecuted && answer.liquidity != 'R') {
      shown -= std::min(shown, answer.quantity);
    } else {
      shown = std::min(shown, open);
    }
    if (open == 0) orders_.erase(found);
  }

  std::uint16_t session_;
  Findings& findings_;
  std::map<std::uint32_t, Order> orders_;
};

void take_feed_message(const ItchMessage& message, OpenOrders& open, Findings& findings) {
  const auto found = open.find(message.reference);
  const bool is_add = message.type == kItchAdd || message.type == kItchAddAttributed;
  if (is_add == (found != open.end())) {
    findings.add(
        is_add ? Wrong::doubled : Wrong::contradicted,
        fmt::format("feed: {}: {}", is_add ? "added twice" : "no such order", describe(message)));
    return;
  }
  if (is_add) {
    open[message.reference] = {message.quantity, message.price_e4, message.side};
  } else if (message.type == kItchReplace) {
    const char side = found->second.side;
    open.erase(found);
    open[message.new_reference] = {message.quantity, message.price_e4, side};
  } else if (message.type == kItchDelete) {
    open.erase(found);
  } else {
    if (message.quantity > found->second.open) {
      findings.add(Wrong::contradicted, fmt::format("feed: more than the {} that were open: {}",
                                                    found->second.open, describe(message)));
    }
    found->second.open -= std::min(found->second.open, message.quantity);
    if (found->second.open == 0) open.erase(found);
  }
}

bool is_about_order(const ItchMessage& message) {
  switch (message.type) {
    case kItchAdd:
    case kItchAddAttributed:
    case kItchExecuted:
    case kItchExecutedAtPrice:
    case kItchCancel:
    case kItchDelete:
    case kItchReplace:
      return true;
    default:
      return false;
  }
}

// One trade, as it was told three times.
struct Told {
  std::uint32_t makers = 0;
  std::uint32_t takers = 0;
  std::uint32_t published = 0;
  std::uint32_t quantity = 0;
  std::uint64_t price_e4 = 0;
  bool differs = false;

  void take(std::uint32_t told_quantity) {
    if (quantity != 0 && quantity != told_quantity) differs = true;
    quantity = told_quantity;
  }
  void take_price(std::uint64_t told_price_e4) {
    if (price_e4 != 0 && price_e4 != told_price_e4) differs = true;
    price_e4 = told_price_e4;
  }
};

void judge_trade(std::uint64_t match, const Told& told, Findings& findings) {
  const std::string words =
      fmt::format("match {}: told to {} makers, {} takers and {} times to the public", match,
                  told.makers, told.takers, told.published);
  if (told.makers == 0 || told.takers == 0 || told.published == 0) {
    findings.add(Wrong::lost, words);
  }
  if (told.makers > 1 || told.takers > 1 || told.published > 1) {
    findings.add(Wrong::doubled, words);
  }
  if (told.differs) {
    findings.add(Wrong::contradicted,
                 fmt::format("match {}: told with different sizes or prices", match));
  }
}

// One auction: each of its orders is told to its member and on the feed, there without what an
// iceberg had not displayed, and the cross is once their sum, bought and sold.
struct ToldAuction {
  std::uint32_t executions = 0;
  std::uint64_t lots = 0;
  std::uint32_t published = 0;
  std::uint64_t published_lots = 0;
  std::uint32_t crosses = 0;
  std::uint64_t volume = 0;
  std::set<std::uint64_t> prices_e4;
};

void judge_auction(std::uint64_t match, const ToldAuction& told, Findings& findings) {
  const std::string words = fmt::format(
      "auction {}: {} executions of {} lots told to members, {} of {} on the feed, {} crosses of "
      "{}",
      match, told.executions, told.lots, told.published, told.published_lots, told.crosses,
      told.volume);
  if (told.executions < told.published || told.crosses == 0) findings.add(Wrong::lost, words);
  if (told.executions > told.published || told.crosses > 1) findings.add(Wrong::doubled, words);
  const bool adds_up = told.lots == 2 * told.volume && told.published_lots <= told.lots;
  if (!adds_up || told.prices_e4.size() != 1) findings.add(Wrong::contradicted, words);
}

bool is_same_order(const OpenOrder& to_member, const OpenOrder& on_feed) {
  // A market sell of a call stands at 0 on the feed, before all limits.
  OpenOrder as_on_feed = to_member;
  const bool is_market_sell = to_member.side == 'S' && to_member.price_e4 == kOuchMarketPrice;
  if (is_market_sell) as_on_feed.price_e4 = 0;
  return as_on_feed == on_feed;
}

}  // namespace

OpenOrders open_by_members(const std::map<std::uint16_t, SessionHistory>& sessions,
                           Findings& findings) {
  OpenOrders open;
  for (const auto& [id, session] : sessions) {
    OrdersOfSession orders(id, findings);
    for (const Answered& answered : session.live) orders.take(answered.answer);
    orders.gather(open);
  }
  return open;
}

OpenOrders open_by_feed(const std::vector<base::Bytes>& feed, Findings& findings) {
  OpenOrders open;
  for (const base::Bytes bytes : feed) {
    ItchMessage message;
    if (!decode_itch(bytes, message)) {
      findings.add(Wrong::contradicted, "feed: a message of no known type");
    } else if (is_about_order(message)) {
      take_feed_message(message, open, findings);
    }
  }
  return open;
}

void compare_trades(const std::map<std::uint16_t, SessionHistory>& sessions,
                    const std::vector<base::Bytes>& feed, Findings& findings) {
  std::map<std::uint64_t, Told> trades;
  std::map<std::uint64_t, ToldAuction> auctions;
  for (const auto& [id, session] : sessions) {
    for (const Answered& answered : session.live) {
      const OuchAnswer& answer = answered.answer;
      if (answer.type != kOuchExecuted) continue;
      if (answer.liquidity == kOuchInAuction) {
        ToldAuction& auction = auctions[answer.match];
        ++auction.executions;
        auction.lots += answer.quantity;
        auction.prices_e4.insert(answer.price_e4);
        continue;
      }
      Told& told = trades[answer.match];
      ++(answer.liquidity == 'R' ? told.takers : told.makers);
      told.take(answer.quantity);
      told.take_price(answer.price_e4);
    }
  }
  for (const base::Bytes bytes : feed) {
    ItchMessage message;
    if (!decode_itch(bytes, message)) continue;
    if (message.type == kItchExecutedAtPrice) {
      ToldAuction& auction = auctions[message.match];
      ++auction.published;
      auction.published_lots += message.quantity;
      auction.prices_e4.insert(message.price_e4);
    } else if (message.type == kItchCross) {
      ToldAuction& auction = auctions[message.match];
      ++auction.crosses;
      auction.volume += message.volume;
      auction.prices_e4.insert(message.price_e4);
    }
    if (message.type != kItchExecuted) continue;
    Told& told = trades[message.match];
    ++told.published;
    told.take(message.quantity);
  }
  for (const auto& [match, told] : trades) judge_trade(match, told, findings);
  for (const auto& [match, told] : auctions) judge_auction(match, told, findings);
}

void compare_open_orders(const OpenOrders& members, const OpenOrders& feed, Findings& findings) {
  for (const auto& [reference, order] : members) {
    const auto found = feed.find(reference);
    if (found == feed.end()) {
      findings.add(Wrong::lost, fmt::format("order {} is open and not on the feed", reference));
    } else if (!is_same_order(order, found->second)) {
      findings.add(
          Wrong::contradicted,
          fmt::format("order {}: {} at {} to its member, {} at {} on the feed", reference,
                      order.open, order.price_e4, found->second.open, found->second.price_e4));
    }
  }
  for (const auto& [reference, order] : feed) {
    if (members.contains(reference)) continue;
    findings.add(Wrong::contradicted,
                 fmt::format("order {} is on the feed and not open", reference));
  }
}

}  // namespace okiagari::check
