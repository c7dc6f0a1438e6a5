// NaiveVenue, what it does with orders that wait for their trigger.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "venue/naive_venue.h"

namespace okiagari::venue {

inline std::string NaiveVenue::refusal_of_waiting(std::uint8_t time_in_force,
                                                  std::uint16_t last_day, std::uint8_t post_only) {
  if (time_in_force > 5 || post_only > 1) return "malformed";
  const bool lasts = time_in_force <= 1 || time_in_force == 5;
  if (!lasts || post_only == 1) return "not supported";
  return refusal_of_time(time_in_force, last_day, 0);
}

inline std::string NaiveVenue::refusal_of_state(const NaiveStop& stop) {
  const InstrumentState state = states_.at(stop.order.instrument);
  if (state == InstrumentState::full && stops_.next(stop.order.instrument) != nullptr) {
    return "state forbids";
  }
  if (state == InstrumentState::auction_call && !calls_[stop.order.instrument].has_rules) {
    return "not supported";
  }
  const bool takes = state == InstrumentState::full || state == InstrumentState::limit_only ||
                     state == InstrumentState::post_only || state == InstrumentState::auction_call;
  if (!takes) return "state forbids";
  return halted_[stop.order.member] ? "member halted" : "";
}

// The price and the trigger of a stop; the reason to refuse them, empty when there is none.
template <typename Command>
std::string NaiveVenue::take_prices(const Command& c, NaiveStop& stop) {
  stop.is_market = c.price_type == 1;
  stop.order.price = stop.order.side == Side::buy ? TestMarket::kHighLimit : 1;
  if (!stop.is_market) {
    if (std::string bad = refusal_of_price(c.price_e4); !bad.empty()) return bad;
    stop.order.price = static_cast<PriceTicks>(c.price_e4 / TestMarket::kTickE4);
  }
  if (std::string bad = refusal_of_price(c.trigger_e4); !bad.empty()) return bad;
  stop.trigger = static_cast<PriceTicks>(c.trigger_e4 / TestMarket::kTickE4);
  return refusal_of_state(stop);
}

inline void NaiveVenue::wait(NaiveStop stop) {
  const PriceTicks last = calls_[stop.order.instrument].last_price;
  const bool counts = states_.at(stop.order.instrument) == InstrumentState::full && last != 0;
  stop.is_reached = counts && stop.goes_at(last);
  last_reference_ = stop.order.reference;
  stops_.all.push_back(stop);
}

inline std::string NaiveVenue::enter_stop(const NewStop& c) {
  const NaiveSession& session = sessions_.at(c.header.session);
  if (std::string bad = refusal_of_waiting(c.time_in_force, c.last_day, c.post_only);
      !bad.empty()) {
    return bad;
  }
  if (c.side > Side::sell || c.price_type > 1 || c.self_trade > 3) return "malformed";
  if (c.instrument < 1 || c.instrument > 2) return "unknown instrument";
  const AccountId account = c.account == 0 ? session.account : c.account;
  const bool is_own =
      account <= 4 && sessions_.at(static_cast<SessionId>(account)).member == session.member;
  if (!is_own) return "unknown account";
  if (std::string bad = refusal_of_quantity(c.quantity); !bad.empty()) return bad;
  NaiveStop stop;
  stop.order.key = key(c.header.session, c.user_reference);
  stop.order.reference = last_reference_ + 1;
  stop.order.quantity = c.quantity;
  stop.order.account = account;
  stop.order.instrument = c.instrument;
  stop.order.member = session.member;
  stop.order.side = c.side;
  stop.order.type = market::PriceType::limit;
  stop.order.time_in_force = static_cast<market::TimeInForce>(c.time_in_force);
  stop.order.last_day = c.time_in_force == 5 ? c.last_day : 0;
  stop.order.self_trade = static_cast<market::SelfTradePrevention>(c.self_trade);
  stop.order.post_only = false;
  if (std::string bad = take_prices(c, stop); !bad.empty()) return bad;
  if (std::string bad = refusal_of_funds(stop.order, 0); !bad.empty()) return bad;
  say(c.header.session, "stop accepted {}: {} {} of {} at {} from {}, reference {}",
      c.user_reference, name_of(c.side), c.quantity, c.instrument,
      static_cast<std::uint32_t>(c.price_e4), +c.trigger_e4, stop.order.reference);
  wait(stop);
  return "";
}

inline std::string NaiveVenue::replace_stop(const ReplaceStop& as_sent) {
  NaiveStop* found = stops_.find(key(as_sent.header.session, as_sent.original_user_reference));
  if (found == nullptr) return "unknown order";
  const ReplaceStop c = with_time_of(as_sent, found->order);
  if (c.price_type > 1) return "malformed";
  if (std::string bad = refusal_of_waiting(c.time_in_force, c.last_day, c.post_only);
      !bad.empty()) {
    return bad;
  }
  if (std::string bad = refusal_of_quantity(c.quantity); !bad.empty()) return bad;
  NaiveStop stop = *found;
  stop.order.key = key(c.header.session, c.user_reference);
  stop.order.quantity = c.quantity;
  stop.order.time_in_force = static_cast<market::TimeInForce>(c.time_in_force);
  stop.order.last_day = c.last_day;
  if (std::string bad = take_prices(c, stop); !bad.empty()) return bad;
  const bool keeps_place = stop.trigger == found->trigger && stop.is_market == found->is_market &&
                           stop.order.price == found->order.price &&
                           stop.order.quantity <= found->order.quantity &&
                           stop.order.time_in_force == found->order.time_in_force &&
                           stop.order.last_day == found->order.last_day;
  if (!keeps_place) {
    const bool is_buy = stop.order.side == Side::buy;
    const Money freed =
        is_buy ? value(found->order.price, found->order.quantity) : Money{found->order.quantity};
    if (std::string bad = refusal_of_funds(stop.order, freed); !bad.empty()) return bad;
    stop.order.reference = last_reference_ + 1;
  }
  say(c.header.session, "stop replaced {} by {}: {} {} of {} at {} from {}, reference {}",
      c.original_user_reference, c.user_reference, name_of(stop.order.side), c.quantity,
      stop.order.instrument, static_cast<std::uint32_t>(c.price_e4), c.trigger_e4,
      stop.order.reference);
  if (keeps_place) {
    *found = stop;
  } else {
    stops_.remove(found->order.key);
    wait(stop);
  }
  return "";
}

inline void NaiveVenue::cancel_stop(const CancelOrder& c, NaiveStop& stop) {
  if (!takes_cancels(stop.order.instrument)) {
    return reject_cancel(c.header.session, c.user_reference, "state forbids");
  }
  if (c.quantity >= stop.order.quantity) return;
  say(c.header.session, "canceled {}: {} gone, {} left, by member", c.user_reference,
      stop.order.quantity - c.quantity, c.quantity);
  stop.order.quantity = c.quantity;
  if (c.quantity == 0) stops_.remove(stop.order.key);
}

inline void NaiveVenue::let_stops_go() {
  std::uint32_t gone = 0;
  for (InstrumentId id = 1; id <= 2; ++id) {
    while (NaiveStop* next = stops_.next(id)) {
      if (gone++ == Steps{}.stops_triggered) return;
      const NaiveStop stop = *next;
      stops_.remove(stop.order.key);
      go(stop);
    }
  }
}

inline void NaiveVenue::go(const NaiveStop& stop) {
  market::Incoming order = stop.order;
  const auto session = static_cast<SessionId>(order.key >> 32);
  const auto reference = static_cast<std::uint32_t>(order.key);
  if (halted_[order.member]) {
    return say(session, "canceled {}: {} gone, 0 left, halted", reference, order.quantity);
  }
  order.reference = last_reference_ + 1;
  if (stop.is_market) order.time_in_force = market::TimeInForce::immediate_or_cancel;
  const std::string head =
      fmt::format("triggered {}: {} {} of {} after {}", reference, name_of(order.side),
                  order.quantity, order.instrument, e4(calls_[order.instrument].last_price));
  EXPECT_EQ(submit(order, head, nullptr), "") << "no limits have changed";
}

inline std::pair<std::uint32_t, std::uint32_t> NaiveVenue::cancel_stops(SessionId session,
                                                                        InstrumentId instrument,
                                                                        std::uint8_t side,
                                                                        const std::string& reason) {
  std::uint32_t removed = 0;
  std::uint32_t left = 0;
  for (const NaiveStop& stop : std::vector<NaiveStop>(stops_.all)) {
    if (stop.order.key >> 32 != session) continue;
    if (instrument != 0 && stop.order.instrument != instrument) continue;
    if (side != 2 && static_cast<std::uint8_t>(stop.order.side) != side) continue;
    if (!takes_cancels(stop.order.instrument)) {
      ++left;
      continue;
    }
    say(session, "canceled {}: {} gone, 0 left, {}", static_cast<std::uint32_t>(stop.order.key),
        stop.order.quantity, reason);
    stops_.remove(stop.order.key);
    ++removed;
  }
  return {removed, left};
}

}  // namespace okiagari::venue
