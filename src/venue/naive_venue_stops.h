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

// The limit of a stop; the reason to refuse it, empty when there is none. So for those that follow.
template <typename Command>
std::string NaiveVenue::take_limit(const Command& c, NaiveStop& stop) {
  stop.is_market = c.price_type == 1;
  stop.order.price = stop.order.side == Side::buy ? TestMarket::kHighLimit : 1;
  if (stop.is_market) return "";
  if (std::string bad = refusal_of_price(c.price_e4); !bad.empty()) return bad;
  stop.order.price = static_cast<PriceTicks>(c.price_e4 / TestMarket::kTickE4);
  return "";
}

template <typename Command>
std::string NaiveVenue::take_trigger(const Command& c, NaiveStop& stop) {
  if (std::string bad = refusal_of_price(c.trigger_e4); !bad.empty()) return bad;
  stop.trigger = static_cast<PriceTicks>(c.trigger_e4 / TestMarket::kTickE4);
  stop.distance = 0;
  return "";
}

template <typename Command>
std::string NaiveVenue::take_distance(const Command& c, NaiveStop& stop) {
  if (c.distance_e4 == 0) return "malformed";
  if (c.distance_e4 > UINT32_MAX) return "price too large";
  if (c.distance_e4 % TestMarket::kTickE4 != 0) return "price off tick";
  stop.distance = static_cast<PriceTicks>(c.distance_e4 / TestMarket::kTickE4);
  return "";
}

inline std::string NaiveVenue::begin_to_trail(NaiveStop& stop) {
  const PriceTicks last = calls_[stop.order.instrument].last_price;
  if (last == 0) return "nothing to follow";
  stop.trigger = stop.order.side == Side::buy ? last + stop.distance : last - stop.distance;
  const bool is_price = 1 <= stop.trigger && stop.trigger <= TestMarket::kHighLimit;
  return is_price ? "" : "price out of limits";
}

inline std::string NaiveVenue::refusal_of_distance(const NaiveStop& stop,
                                                   const NaiveStop* leaving) const {
  std::set<PriceTicks> distances;
  for (const NaiveStop& other : stops_.all) {
    const bool is_beside = other.order.instrument == stop.order.instrument &&
                           other.order.side == stop.order.side && &other != leaving;
    if (is_beside && other.distance != 0) distances.insert(other.distance);
  }
  distances.insert(stop.distance);
  return distances.size() > 256 ? "too many distances" : "";
}

inline bool NaiveVenue::keeps_place(const NaiveStop& stop, const NaiveStop& original) {
  return stop.trigger == original.trigger && stop.distance == original.distance &&
         stop.is_market == original.is_market && stop.order.price == original.order.price &&
         stop.order.quantity <= original.order.quantity &&
         stop.order.time_in_force == original.order.time_in_force &&
         stop.order.last_day == original.order.last_day;
}

inline std::string NaiveVenue::go_by(const NewStop& c, NaiveStop& stop, const NaiveStop*) {
  if (std::string bad = take_trigger(c, stop); !bad.empty()) return bad;
  return refusal_of_state(stop);
}
inline std::string NaiveVenue::go_by(const ReplaceStop& c, NaiveStop& stop, const NaiveStop*) {
  if (std::string bad = take_trigger(c, stop); !bad.empty()) return bad;
  return refusal_of_state(stop);
}
inline std::string NaiveVenue::go_by(const NewTrailingStop& c, NaiveStop& stop, const NaiveStop*) {
  if (std::string bad = take_distance(c, stop); !bad.empty()) return bad;
  if (std::string bad = begin_to_trail(stop); !bad.empty()) return bad;
  if (std::string bad = refusal_of_state(stop); !bad.empty()) return bad;
  return refusal_of_distance(stop, nullptr);
}
inline std::string NaiveVenue::go_by(const ReplaceTrailingStop& c, NaiveStop& stop,
                                     const NaiveStop* original) {
  if (std::string bad = take_distance(c, stop); !bad.empty()) return bad;
  if (keeps_place(stop, *original)) return refusal_of_state(stop);
  if (std::string bad = begin_to_trail(stop); !bad.empty()) return bad;
  if (std::string bad = refusal_of_state(stop); !bad.empty()) return bad;
  return refusal_of_distance(stop, original);
}

inline std::string NaiveVenue::as_trailing(const NaiveStop& stop, std::string line) {
  if (stop.distance == 0) return line;
  return fmt::format("trailing {}, distance {}", line, e4(stop.distance));
}

inline void NaiveVenue::wait(NaiveStop stop) {
  const PriceTicks last = calls_[stop.order.instrument].last_price;
  const bool counts = states_.at(stop.order.instrument) == InstrumentState::full && last != 0;
  stop.is_reached = counts && stop.goes_at(last);
  last_reference_ = stop.order.reference;
  stops_.add(stop, last);
}

template <typename Command>
std::string NaiveVenue::enter_stop(const Command& c) {
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
  if (std::string bad = take_limit(c, stop); !bad.empty()) return bad;
  if (std::string bad = go_by(c, stop, nullptr); !bad.empty()) return bad;
  if (std::string bad = refusal_of_funds(stop.order, 0); !bad.empty()) return bad;
  say(c.header.session, "{}",
      as_trailing(stop, fmt::format("stop accepted {}: {} {} of {} at {} from {}, reference {}",
                                    c.user_reference, name_of(c.side), +c.quantity, +c.instrument,
                                    static_cast<std::uint32_t>(c.price_e4), e4(stop.trigger),
                                    stop.order.reference)));
  wait(stop);
  return "";
}

template <typename Command>
std::string NaiveVenue::replace_stop(const Command& as_sent) {
  NaiveStop* found = stops_.find(key(as_sent.header.session, as_sent.original_user_reference));
  if (found == nullptr) return "unknown order";
  const Command c = with_time_of(as_sent, found->order);
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
  if (std::string bad = take_limit(c, stop); !bad.empty()) return bad;
  if (std::string bad = go_by(c, stop, found); !bad.empty()) return bad;
  const bool keeps = keeps_place(stop, *found);
  if (!keeps) {
    const bool is_buy = stop.order.side == Side::buy;
    const Money freed =
        is_buy ? value(found->order.price, found->order.quantity) : Money{found->order.quantity};
    if (std::string bad = refusal_of_funds(stop.order, freed); !bad.empty()) return bad;
    stop.order.reference = last_reference_ + 1;
  }
  say(c.header.session, "{}",
      as_trailing(stop, fmt::format("stop replaced {} by {}: {} {} of {} at {} from {}, "
                                    "reference {}",
                                    +c.original_user_reference, +c.user_reference,
                                    name_of(stop.order.side), +c.quantity, stop.order.instrument,
                                    static_cast<std::uint32_t>(c.price_e4), e4(stop.trigger),
                                    stop.order.reference)));
  if (keeps) {
    *found = stop;
  } else {
    stops_.remove(found->order.key);
    wait(stop);
  }
  return "";
}

inline void NaiveVenue::apply(const NewStop& c) {
  if (!admit(c.header, "new stop")) return;
  if (!take_number(c.header, c.user_reference, true)) return;
  const std::string reason = enter_stop(c);
  if (!reason.empty()) reject(c.header.session, c.user_reference, reason);
}
inline void NaiveVenue::apply(const NewTrailingStop& c) {
  if (!admit(c.header, "new trailing stop")) return;
  if (!take_number(c.header, c.user_reference, true)) return;
  const std::string reason = enter_stop(c);
  if (!reason.empty()) reject(c.header.session, c.user_reference, reason);
}
inline void NaiveVenue::apply(const ReplaceStop& c) {
  if (!admit(c.header, "replace stop")) return;
  if (!take_number(c.header, c.user_reference, true)) return;
  const std::string reason = replace_stop(c);
  if (!reason.empty()) reject(c.header.session, c.user_reference, reason);
}
inline void NaiveVenue::apply(const ReplaceTrailingStop& c) {
  if (!admit(c.header, "replace trailing stop")) return;
  if (!take_number(c.header, c.user_reference, true)) return;
  const std::string reason = replace_stop(c);
  if (!reason.empty()) reject(c.header.session, c.user_reference, reason);
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
    while (stops_.is_going(id)) {
      const NaiveStop* next = stops_.next(id);
      if (next == nullptr) {
        stops_.end_going(id, calls_[id].last_price);
        continue;
      }
      if (gone++ == steps_.stops_triggered) return;
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
