// The venue once more, as plainly as its rules can be put: no pools, no counters kept up to date,
// every reservation added up anew. Given the same commands it says, line by line, what the venue
// must say. For the market of test_market.h; what it leaves out (reference data, checkpoints) has
// tests of its own.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "market/naive_books.h"
#include "market/naive_uncross.h"
#include "venue/naive_stops.h"
#include "venue/names.h"
#include "venue/stop_triggers.h"
#include "venue/test_market.h"

namespace okiagari::venue {

class NaiveVenue {
 public:
  using Key = market::OrderKey;
  using Resting = market::NaiveBooks::Resting;

  struct NaiveSession {
    MemberId member = 0;
    AccountId account = 0;
    GatewayId gateway = TestMarket::kGateway;
    std::uint32_t epoch = 1;
    std::uint32_t next_stream = 1;
    std::uint32_t messages = 0;
    bool cancel_on_disconnect = false;
    bool owes_cancels = false;
    std::uint32_t mark = 0;
    std::uint32_t floor = 1;
    std::set<std::uint32_t> applied;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> gaps;
    std::vector<std::tuple<GatewayId, std::uint64_t, std::uint32_t>> logins;
  };

  explicit NaiveVenue(const Steps& steps = Steps{}) : books_(1'000'000), steps_(steps) {
    for (InstrumentId id = 1; id <= 2; ++id) {
      books_.add_instrument(id);
      books_.set_price_limits(id, 1, TestMarket::kHighLimit);
      states_[id] = InstrumentState::full;
      calls_[id];
    }
    for (SessionId id = 1; id <= 4; ++id) {
      NaiveSession& session = sessions_[id];
      session.member = id == 4 ? MemberId{1} : id;
      session.account = id;
      session.logins = {{TestMarket::kGateway, id, 1}};
      totals_[{id, 0}] = TestMarket::kCash;
      totals_[{id, 1}] = totals_[{id, 2}] = TestMarket::kLots;
    }
  }

  [[nodiscard]] Lines take_lines() { return std::exchange(lines_, {}); }
  [[nodiscard]] const NaiveSession& session(SessionId id) const { return sessions_.at(id); }
  [[nodiscard]] Money total(AccountId account, InstrumentId asset) {
    return totals_[{account, asset}];
  }
  [[nodiscard]] std::vector<Resting> live() const {
    std::vector<Resting> all;
    for (InstrumentId id = 1; id <= 2; ++id) {
      for (const Side side : {Side::buy, Side::sell}) {
        for (const Resting& resting : books_.orders(id, side)) all.push_back(resting);
      }
    }
    return all;
  }
  [[nodiscard]] const std::vector<NaiveStop>& waiting() const { return stops_.all; }
  [[nodiscard]] Money reserved(AccountId account, InstrumentId asset) const {
    Money sum = 0;
    for (const Resting& resting : live()) {
      if (resting.order.account != account) continue;
      const bool is_buy = resting.order.side == Side::buy;
      if (is_buy && asset == 0) sum += value(paid_at_most(resting.order), resting.open());
      if (!is_buy && asset == resting.order.instrument) sum += resting.open();
    }
    for (const NaiveStop& stop : stops_.all) {
      if (stop.order.account != account) continue;
      const bool is_buy = stop.order.side == Side::buy;
      if (is_buy && asset == 0) sum += value(stop.order.price, stop.order.quantity);
      if (!is_buy && asset == stop.order.instrument) sum += stop.order.quantity;
    }
    return sum;
  }

  void apply(const NewOrder& c) {
    if (!admit(c.header, "new order")) return;
    if (!take_number(c.header, c.user_reference, true)) return;
    const std::string reason = enter(c, 0);
    if (!reason.empty()) reject(c.header.session, c.user_reference, reason);
  }
  void apply(const NewIceberg& c);
  void apply(const ReplaceOrder& c) {
    if (!admit(c.header, "replace order")) return;
    if (!take_number(c.header, c.user_reference, true)) return;
    const std::string reason = replace(c, kDisplayAsBefore);
    if (!reason.empty()) reject(c.header.session, c.user_reference, reason);
  }
  void apply(const ReplaceIceberg& c);
  void apply(const NewStop& c);
  void apply(const NewTrailingStop& c);
  void apply(const ReplaceStop& c);
  void apply(const ReplaceTrailingStop& c);
  void apply(const CancelOrder& c) {
    if (!admit(c.header, "cancel order")) return;
    const Resting* found = books_.find(key(c.header.session, c.user_reference));
    NaiveStop* stop = stops_.find(key(c.header.session, c.user_reference));
    if (stop != nullptr) return cancel_stop(c, *stop);
    if (found == nullptr) return reject_cancel(c.header.session, c.user_reference, "unknown order");
    const Resting order = *found;
    if (!takes_cancels(order.order.instrument)) {
      return reject_cancel(c.header.session, c.user_reference, "state forbids");
    }
    if (c.quantity >= order.open()) return;
    touch(order.order.instrument);
    say(c.header.session, "canceled {}: {} gone, {} left, by member", c.user_reference,
        order.open() - c.quantity, c.quantity);
    if (c.quantity == 0) {
      feed("delete {}", order.order.reference);
      books_.cancel(order.order.key);
    } else {
      reduce(order, c.quantity);
    }
  }
  void apply(const MassCancel& c) {
    if (!admit(c.header, "mass cancel")) return;
    if (c.user_reference != 0 && !take_number(c.header, c.user_reference, false)) return;
    const SessionId id = c.header.session;
    if (c.side > 2) return reject_cancel(id, c.user_reference, "malformed");
    if (c.instrument > 2) return reject_cancel(id, c.user_reference, "unknown instrument");
    if (cancel_all(id, c.instrument, c.side, "by member").second > 0) {
      reject_cancel(id, c.user_reference, "state forbids");
    }
  }
  void apply(const Login& c) {
    NaiveSession& session = sessions_.at(c.header.session);
    for (const auto& [gateway, nonce, epoch] : session.logins) {
      if (gateway != c.header.gateway || nonce != c.nonce) continue;
      if (epoch != session.epoch || session.gateway == 0) {
        return about(gateway, c.header.session, "fenced: epoch {}", epoch);
      }
      return accept_login(c);
    }
    if (session.gateway != 0 && session.gateway != c.header.gateway) {
      about(session.gateway, c.header.session, "fenced: epoch {}", session.epoch);
    }
    session.gateway = c.header.gateway;
    ++session.epoch;
    session.next_stream = 1;
    session.cancel_on_disconnect = c.cancel_on_disconnect == 1;
    session.owes_cancels = false;
    session.logins.insert(session.logins.begin(), {c.header.gateway, c.nonce, session.epoch});
    if (session.logins.size() > 4) session.logins.pop_back();
    accept_login(c);
  }
  void apply(const Logout& c) {
    const SessionId id = c.header.session;
    NaiveSession& session = sessions_.at(id);
    const bool may_end = c.header.gateway == session.gateway || session.gateway == 0;
    if (c.header.epoch != session.epoch || !may_end) {
      return about(c.header.gateway, id, "fenced: epoch {}", c.header.epoch);
    }
    std::uint32_t removed = 0;
    if (session.gateway != 0) {
      session.gateway = 0;
      if (c.reason == LogoutReason::absent && session.cancel_on_disconnect) {
        const auto [gone, left] = cancel_all(id, 0, 2, "session absent");
        session.owes_cancels = left > 0;
        removed = gone;
      }
    }
    about(c.header.gateway, id, "logout {}: done, {} affected", session.epoch, removed);
  }
  // Approved by two.
  void apply(const SetInstrumentState& c) {
    const InstrumentId id = c.target;
    std::uint32_t affected = 0;
    if (c.scope == Scope::member) {
      affected = 1;
      halted_[c.target] = c.state != InstrumentState::full;
      notify(0, c.state, c.target);
    } else if (const std::string reason = prepare_call(id, c.state); !reason.empty()) {
      if (reason == "outside collar") cancel_what_is_owed();
      lines_.push_back(fmt::format("gateway 0: set instrument state {}: {}, 0 affected",
                                   c.control_number, reason));
      return;
    } else if (states_.at(id) != c.state) {
      affected = 1;
      states_[id] = c.state;
      stops_.forget(id);
      if (c.state == InstrumentState::full && calls_[id].last_price != 0) {
        stops_.count(id, calls_[id].last_price);
      }
      feed("state of {}: {}, reason 0", id, name_of(c.state));
      notify(id, c.state, 0);
    }
    cancel_what_is_owed();
    lines_.push_back(fmt::format("gateway 0: set instrument state {}: done, {} affected",
                                 c.control_number, affected));
  }
  void apply(const SetAuctionRules& c) {
    const bool is_called = calls_[c.instrument].is_called;
    if (!is_called) {
      calls_[c.instrument].has_rules = true;
      calls_[c.instrument].rules = c;
      if (states_.at(c.instrument) == InstrumentState::auction_call) open_call(c.instrument);
    }
    lines_.push_back(fmt::format("gateway 0: set auction rules {}: {}, {} affected", c.instrument,
                                 is_called ? "state forbids" : "done", is_called ? 0 : 1));
  }

  void apply(const EndDay& c);

  // After each command.
  void end_command() {
    let_stops_go();
    for (const InstrumentId id : std::exchange(touched_calls_, {})) {
      NaiveCall& call = calls_[id];
      if (!call.is_called) continue;
      const auto now = price_of_call(id);
      if (now == call.told) continue;
      call.told = now;
      feed("indicative of {}: {} at {}, surplus {}, reference {}", id, now.volume, e4(now.price),
           now.surplus, e4(range_of(id).reference));
    }
  }

  void end_batch() {
    for (const SessionId id : touched_) {
      const NaiveSession& session = sessions_.at(id);
      if (session.gateway == 0) continue;
      about(session.gateway, id, "decided: {} of epoch {}", session.next_stream - 1, session.epoch);
    }
    touched_.clear();
    told_gap_.clear();
  }

 private:
  struct NaiveCall {
    bool has_rules = false;
    bool is_called = false;
    SetAuctionRules rules{};
    PriceTicks last_price = 0;
    PriceTicks low = 1;
    PriceTicks high = kMaxPriceTicks;
    int extensions = 0;
    market::NaiveAuction::Outcome told;
  };

  static std::uint32_t e4(PriceTicks price) {
    return static_cast<std::uint32_t>(price) * TestMarket::kTickE4;
  }
  static bool is_market(const market::Incoming& order) {
    return order.price == market::market_price(order.side);
  }
  static bool is_at_auction(const market::Incoming& order) {
    return order.time_in_force == market::TimeInForce::at_auction;
  }
  static bool rests_for_good(const market::Incoming& order) {
    return order.time_in_force <= market::TimeInForce::good_till_cancel ||
           order.time_in_force == market::TimeInForce::good_till_date;
  }
  static PriceTicks paid_at_most(const market::Incoming& order) {
    return is_market(order) ? TestMarket::kHighLimit : order.price;
  }
  static std::uint32_t shown_price_e4(const market::Incoming& order) {
    return is_market(order) ? static_cast<std::uint32_t>(order.price) : e4(order.price);
  }
  void touch(InstrumentId id) {
    if (!calls_[id].is_called) return;
    if (std::find(touched_calls_.begin(), touched_calls_.end(), id) == touched_calls_.end()) {
      touched_calls_.push_back(id);
    }
  }
  market::PriceRange range_of(InstrumentId id) {
    const NaiveCall& call = calls_[id];
    PriceTicks reference = call.last_price != 0 ? call.last_price : call.rules.base_price;
    if (reference > TestMarket::kHighLimit) reference = TestMarket::kHighLimit;
    return {.reference = reference, .low = 1, .high = TestMarket::kHighLimit};
  }
  market::UncrossRules rules_of(InstrumentId id) {
    const SetAuctionRules& rules = calls_[id].rules;
    market::UncrossRules result;
    result.price.method = rules.price_method == 0 ? market::PriceRule::Method::three_conditions
                                                  : market::PriceRule::Method::largest_volume;
    result.price.candidates = static_cast<market::PriceRule::Candidates>(rules.candidates);
    result.allocation = rules.allocation == 0 ? market::AllocationRule::fifo
                                              : market::AllocationRule::members_in_turn;
    return result;
  }
  // In order of entry.
  std::vector<market::NaiveClaim> claims(InstrumentId id) const {
    std::vector<Resting> resting = books_.orders(id, Side::buy);
    for (const Resting& sell : books_.orders(id, Side::sell)) resting.push_back(sell);
    std::sort(resting.begin(), resting.end(),
              [](const Resting& a, const Resting& b) { return a.entry < b.entry; });
    std::vector<market::NaiveClaim> all;
    for (const Resting& one : resting) {
      all.push_back({one.order.key, one.order.member, one.order.side,
                     is_market(one.order) ? 0 : one.order.price, std::int64_t{one.open()}});
    }
    return all;
  }
  market::NaiveAuction::Outcome price_of_call(InstrumentId id) {
    return market::naive_price(claims(id), rules_of(id), range_of(id));
  }
  PriceTicks width(InstrumentId id, std::uint32_t amount) {
    const PriceTicks reference = range_of(id).reference;
    const std::uint8_t unit = calls_[id].rules.collar_unit;
    if (unit == 0 || amount == 0 || reference == 0) return 0;
    if (unit == 1) return static_cast<PriceTicks>(amount);
    return std::max(1, static_cast<PriceTicks>(std::int64_t{reference} * amount / 10'000));
  }
  void tell_collar(InstrumentId id) {
    const NaiveCall& call = calls_[id];
    feed("collar of {}: {} to {}, reference {}, extension {}", id, e4(std::max(call.low, 1)),
         e4(std::min<PriceTicks>(call.high, TestMarket::kHighLimit)), e4(range_of(id).reference),
         call.extensions);
  }
  void open_call(InstrumentId id) {
    NaiveCall& call = calls_[id];
    call.is_called = true;
    call.extensions = 0;
    call.told = {};
    call.low = 1;
    call.high = kMaxPriceTicks;
    if (const PriceTicks half = width(id, call.rules.collar); half > 0) {
      call.low = std::max(1, range_of(id).reference - half);
      call.high = range_of(id).reference + half;
      tell_collar(id);
    }
    touch(id);
  }
  // The reason to leave the state as it is; empty when there is none.
  std::string prepare_call(InstrumentId id, InstrumentState state) {
    NaiveCall& call = calls_[id];
    const bool opens_trading = state == InstrumentState::full ||
                               state == InstrumentState::limit_only ||
                               state == InstrumentState::post_only;
    if (!call.has_rules) return "";
    if (state == InstrumentState::auction_call && !call.is_called) open_call(id);
    if (state == InstrumentState::closed && call.is_called) expire_orders_of_call(id);
    if (state == InstrumentState::uncross && !call.is_called) return "state forbids";
    if (!call.is_called || (state != InstrumentState::uncross && !opens_trading)) return "";
    return uncross(id);
  }
  std::string uncross(InstrumentId id) {
    NaiveCall& call = calls_[id];
    const auto outcome = price_of_call(id);
    if (outcome.price == 0) {
      bool has_market = false;
      PriceTicks bid = 0;
      PriceTicks ask = kMaxPriceTicks;
      for (const market::NaiveClaim& order : claims(id)) {
        if (order.price == 0) {
          has_market = true;
        } else if (order.side == Side::buy) {
          bid = std::max(bid, order.price);
        } else {
          ask = std::min(ask, order.price);
        }
      }
      if (bid >= ask || (has_market && call.rules.price_method == 0)) return "no auction price";
    } else if (outcome.price < call.low || outcome.price > call.high) {
      if (call.rules.extensions_max == 0 || call.extensions < call.rules.extensions_max) {
        const PriceTicks step = width(id, call.rules.collar_step);
        if (outcome.price < call.low) call.low = std::max(1, call.low - step);
        if (outcome.price > call.high) call.high += step;
        ++call.extensions;
        tell_collar(id);
        return "outside collar";
      }
    }
    call.is_called = false;
    if (outcome.price != 0) trade_at(id, outcome);
    expire_orders_of_call(id);
    return "";
  }
  void trade_at(InstrumentId id, const market::NaiveAuction::Outcome& outcome) {
    const std::uint64_t match = ++last_match_;
    calls_[id].last_price = outcome.price;
    const auto all = claims(id);
    for (const Side side : {Side::buy, Side::sell}) {
      const auto given = market::naive_fills(all, side, outcome.volume, rules_of(id).allocation);
      for (const Resting& resting : books_.orders(id, side)) {
        const auto found = given.find(resting.order.key);
        if (found == given.end()) continue;
        const auto lots = static_cast<QuantityLots>(found->second);
        const auto session = static_cast<SessionId>(resting.order.key >> 32);
        say(session, "executed {}: {} at {}, {} left, match {}, in the auction",
            static_cast<std::uint32_t>(resting.order.key), lots, e4(outcome.price),
            resting.open() - lots, match);
        feed("execute {}: {} at {}, match {}", resting.order.reference,
             std::min(lots, resting.remaining), e4(outcome.price), match);
        executed_[resting.order.key] += lots;
        const Money paid = value(outcome.price, lots);
        const bool is_buy = side == Side::buy;
        totals_[{resting.order.account, 0}] += is_buy ? -paid : paid;
        totals_[{resting.order.account, id}] += is_buy ? Money{lots} : -Money{lots};
        if (books_.execute(resting.order.key, lots)) {
          const Resting left = *books_.find(resting.order.key);
          books_.replenish(left.order.key, ++last_reference_);
          tell_shown(left, last_reference_);
        }
      }
    }
    feed("cross of {}: {} at {}, match {}", id, outcome.volume, e4(outcome.price), match);
  }
  void expire_orders_of_call(InstrumentId id) {
    for (const Side side : {Side::buy, Side::sell}) {
      for (const Resting& resting : books_.orders(id, side)) {
        if (!is_market(resting.order) && !is_at_auction(resting.order)) continue;
        touch(id);
        say(static_cast<SessionId>(resting.order.key >> 32),
            "canceled {}: {} gone, 0 left, auction ended",
            static_cast<std::uint32_t>(resting.order.key), resting.remaining);
        feed("delete {}", resting.order.reference);
        books_.cancel(resting.order.key);
      }
    }
  }
  void cancel_what_is_owed() {
    for (auto& [session_id, session] : sessions_) {
      if (!session.owes_cancels) continue;
      session.owes_cancels = cancel_all(session_id, 0, 2, "session absent").second > 0;
    }
  }

  static Key key(SessionId session, std::uint32_t reference) {
    return Key{session} << 32 | reference;
  }
  static Money value(PriceTicks price, std::uint64_t lots) {
    return Money{price} * static_cast<std::int64_t>(lots) * TestMarket::kMoneyPerTickLot;
  }

  template <typename... Args>
  void say(SessionId session, fmt::format_string<Args...> text, Args&&... args) {
    ++sessions_.at(session).messages;
    lines_.push_back(fmt::format("session {}: ", session) +
                     fmt::format(text, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void about(GatewayId gateway, SessionId session, fmt::format_string<Args...> text,
             Args&&... args) {
    lines_.push_back(fmt::format("gateway {} about session {}: ", gateway, session) +
                     fmt::format(text, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void feed(fmt::format_string<Args...> text, Args&&... args) {
    lines_.push_back("feed: " + fmt::format(text, std::forward<Args>(args)...));
  }
  void reject(SessionId session, std::uint32_t reference, const std::string& reason) {
    say(session, "rejected {}: {}", reference, reason);
  }
  void reject_cancel(SessionId session, std::uint32_t reference, const std::string& reason) {
    say(session, "cancel rejected {}: {}", reference, reason);
  }
  void accept_login(const Login& c) {
    const NaiveSession& session = sessions_.at(c.header.session);
    about(session.gateway, c.header.session,
          "login accepted: epoch {}, next message {}, next reference {}", session.epoch,
          session.messages + 1, session.mark + 1);
  }
  void notify(InstrumentId instrument, InstrumentState state, MemberId member) {
    for (const auto& [id, session] : sessions_) {
      if (session.gateway == 0 || (member != 0 && session.member != member)) continue;
      say(id, "notice: instrument {} {}, reason 0", instrument, name_of(state));
    }
  }

  bool admit(const CommandHeader& header, const std::string& name) {
    const auto found = sessions_.find(header.session);
    if (found == sessions_.end()) {
      about(header.gateway, header.session, "{} 0: unknown session, 0 affected", name);
      return false;
    }
    NaiveSession& session = found->second;
    if (session.gateway == 0 || header.gateway != session.gateway ||
        header.epoch != session.epoch) {
      about(header.gateway, header.session, "fenced: epoch {}", header.epoch);
      return false;
    }
    if (std::find(touched_.begin(), touched_.end(), header.session) == touched_.end()) {
      touched_.push_back(header.session);
    }
    if (header.stream_number == session.next_stream) {
      ++session.next_stream;
      return true;
    }
    if (header.stream_number > session.next_stream && told_gap_.insert(header.session).second) {
      about(session.gateway, header.session, "gap: expected {} of epoch {}", session.next_stream,
            session.epoch);
    }
    return false;
  }

  bool take_number(const CommandHeader& header, std::uint32_t number, bool is_order) {
    NaiveSession& session = sessions_.at(header.session);
    const auto refuse = [&](const std::string& reason) {
      if (is_order) {
        reject(header.session, number, reason);
      } else {
        reject_cancel(header.session, number, reason);
      }
      return false;
    };
    if (number == 0) return refuse("malformed");
    if (number > session.mark) {
      if (number > session.mark + 1) session.gaps.push_back({session.mark + 1, number - 1});
      if (session.gaps.size() > 64) {
        session.floor = session.gaps.front().second + 1;
        session.gaps.erase(session.gaps.begin());
      }
      session.mark = number;
      session.applied.insert(number);
      return true;
    }
    if (number < session.floor) {
      const Key name = key(header.session, number);
      const bool lives = is_order && (books_.find(name) != nullptr || stops_.find(name) != nullptr);
      return lives ? false : refuse("number too old");
    }
    return session.applied.contains(number) ? false : refuse("number never arrived");
  }

  bool takes_cancels(InstrumentId instrument) const {
    return states_.at(instrument) != InstrumentState::halted &&
           states_.at(instrument) != InstrumentState::uncross;
  }

  std::pair<std::uint32_t, std::uint32_t> cancel_all(SessionId session, InstrumentId instrument,
                                                     std::uint8_t side, const std::string& reason) {
    std::uint32_t removed = 0;
    std::uint32_t left = 0;
    for (const Key name : books_.keys_of_owner(session)) {
      const Resting order = *books_.find(name);
      if (instrument != 0 && order.order.instrument != instrument) continue;
      if (side != 2 && static_cast<std::uint8_t>(order.order.side) != side) continue;
      if (!takes_cancels(order.order.instrument)) {
        ++left;
        continue;
      }
      touch(order.order.instrument);
      say(session, "canceled {}: {} gone, 0 left, {}", static_cast<std::uint32_t>(name),
          order.open(), reason);
      feed("delete {}", order.order.reference);
      books_.cancel(name);
      ++removed;
    }
    const auto [stops_removed, stops_left] = cancel_stops(session, instrument, side, reason);
    return {removed + stops_removed, left + stops_left};
  }

  // The reason to refuse, empty when there is none.
  std::string refusal_of_price(std::uint64_t price_e4) const {
    if (price_e4 > UINT32_MAX) return "price too large";
    if (price_e4 % TestMarket::kTickE4 != 0) return "price off tick";
    const std::uint64_t ticks = price_e4 / TestMarket::kTickE4;
    return ticks < 1 || ticks > TestMarket::kHighLimit ? "price out of limits" : "";
  }
  static std::string refusal_of_quantity(QuantityLots quantity) {
    if (quantity == 0) return "quantity zero";
    return quantity > kMaxQuantityLots ? "quantity too large" : "";
  }
  std::string refusal_of_state(market::Incoming& order) const {
    const bool is_limit = order.type == market::PriceType::limit;
    const bool rests = is_limit && rests_for_good(order);
    const InstrumentState state = states_.at(order.instrument);
    const bool lasts = rests_for_good(order) || is_at_auction(order);
    if (state == InstrumentState::auction_call) {
      if (!calls_.at(order.instrument).has_rules) return "not supported";
      order.post_only = false;
      if (!is_limit) order.price = market::market_price(order.side);
    }
    const bool takes_market = calls_.at(order.instrument).rules.takes_market_orders == 1;
    const bool may =
        (state == InstrumentState::auction_call && lasts && (is_limit || takes_market)) ||
        state == InstrumentState::full || (state == InstrumentState::limit_only && is_limit) ||
        (state == InstrumentState::post_only && rests);
    if (state == InstrumentState::post_only) order.post_only = true;
    if (!may) return "state forbids";
    const auto halted = halted_.find(order.member);
    return halted != halted_.end() && halted->second ? "member halted" : "";
  }
  std::string refusal_of_funds(const market::Incoming& order, Money freed) {
    if (order.side == Side::sell) {
      const Money free = totals_[{order.account, order.instrument}] -
                         reserved(order.account, order.instrument) + freed;
      return free < order.quantity ? "insufficient position" : "";
    }
    const Money free = totals_[{order.account, 0}] - reserved(order.account, 0) + freed;
    const bool is_called = calls_[order.instrument].is_called;
    Money needed = value(is_called ? paid_at_most(order) : order.price, order.quantity);
    if (order.type == market::PriceType::market && !is_called) {
      // Tried out on a copy of the books.
      struct Listener {
        Money cost = 0;
        void on_fill(const Resting& maker, QuantityLots lots) {
          cost += value(maker.order.price, lots);
        }
        void on_self_trade_cancel(const Resting&) {}
      } listener;
      market::NaiveBooks copy = copy_of_books();
      market::Incoming trial = order;
      trial.time_in_force = market::TimeInForce::immediate_or_cancel;
      copy.submit(trial, listener);
      needed = listener.cost;
    }
    return free < needed ? "insufficient funds" : "";
  }
  market::NaiveBooks copy_of_books() const {
    market::NaiveBooks copy(1'000'000);
    for (InstrumentId id = 1; id <= 2; ++id) {
      copy.add_instrument(id);
      copy.set_price_limits(id, 1, TestMarket::kHighLimit);
    }
    for (Resting resting : live()) {
      resting.order.quantity = resting.open();
      copy.rest(resting.order);
      copy.set_displayed(resting.order.key, resting.remaining);
    }
    return copy;
  }

  static constexpr QuantityLots kDisplayAsBefore = UINT32_MAX;
  // `display`: 0 when it is no iceberg.
  std::string enter(const NewOrder& c, QuantityLots display) {
    using market::PriceType;
    using market::TimeInForce;
    const NaiveSession& session = sessions_.at(c.header.session);
    if (c.side > Side::sell || c.price_type > 1 || c.time_in_force > 5 || c.self_trade > 3 ||
        c.post_only > 1) {
      return "malformed";
    }
    if (std::string bad = refusal_of_time(c.time_in_force, c.last_day, c.instrument);
        !bad.empty()) {
      return bad;
    }
    const bool lasts = c.time_in_force <= 1 || c.time_in_force == 5;
    if (c.post_only == 1 && (c.price_type == 1 || !lasts)) return "not supported";
    if (c.instrument < 1 || c.instrument > 2) return "unknown instrument";
    const AccountId account = c.account == 0 ? session.account : c.account;
    const bool is_own =
        account <= 4 && sessions_.at(static_cast<SessionId>(account)).member == session.member;
    if (!is_own) return "unknown account";
    if (std::string bad = refusal_of_quantity(c.quantity); !bad.empty()) return bad;
    if (c.price_type == 0) {
      if (std::string bad = refusal_of_price(c.price_e4); !bad.empty()) return bad;
    }
    market::Incoming order{};
    order.key = key(c.header.session, c.user_reference);
    order.reference = last_reference_ + 1;
    order.price = static_cast<PriceTicks>(c.price_e4 / TestMarket::kTickE4);
    order.quantity = c.quantity;
    order.account = account;
    order.instrument = c.instrument;
    order.member = session.member;
    order.side = c.side;
    order.type = static_cast<PriceType>(c.price_type);
    order.time_in_force = static_cast<TimeInForce>(c.time_in_force);
    order.self_trade = static_cast<market::SelfTradePrevention>(c.self_trade);
    order.post_only = c.post_only == 1;
    order.last_day = c.time_in_force == 5 ? c.last_day : 0;
    order.display = display;
    if (std::string bad = refusal_of_state(order); !bad.empty()) return bad;
    if (std::string bad = refusal_of_display(order); !bad.empty()) return bad;
    if (std::string bad = refusal_of_funds(order, 0); !bad.empty()) return bad;
    const std::string head = fmt::format("accepted {}: {} {} of {} at {}", c.user_reference,
                                         name_of(c.side), c.quantity, c.instrument, c.price_e4);
    return submit(order, head, nullptr);
  }

  // Of stop orders: naive_venue_stops.h.
  std::string refusal_of_waiting(std::uint8_t time_in_force, std::uint16_t last_day,
                                 std::uint8_t post_only);
  std::string refusal_of_state(const NaiveStop& stop);
  template <typename Command>
  std::string take_limit(const Command& c, NaiveStop& stop);
  template <typename Command>
  std::string take_trigger(const Command& c, NaiveStop& stop);
  template <typename Command>
  std::string take_distance(const Command& c, NaiveStop& stop);
  std::string begin_to_trail(NaiveStop& stop);
  std::string refusal_of_distance(const NaiveStop& stop, const NaiveStop* leaving) const;
  static bool keeps_place(const NaiveStop& stop, const NaiveStop& original);
  std::string go_by(const NewStop& c, NaiveStop& stop, const NaiveStop* original);
  std::string go_by(const ReplaceStop& c, NaiveStop& stop, const NaiveStop* original);
  std::string go_by(const NewTrailingStop& c, NaiveStop& stop, const NaiveStop* original);
  std::string go_by(const ReplaceTrailingStop& c, NaiveStop& stop, const NaiveStop* original);
  static std::string as_trailing(const NaiveStop& stop, std::string line);
  void wait(NaiveStop stop);
  template <typename Command>
  std::string enter_stop(const Command& c);
  template <typename Command>
  std::string replace_stop(const Command& as_sent);
  void cancel_stop(const CancelOrder& c, NaiveStop& stop);
  std::pair<std::uint32_t, std::uint32_t> cancel_stops(SessionId session, InstrumentId instrument,
                                                       std::uint8_t side,
                                                       const std::string& reason);
  void let_stops_go();
  void go(const NaiveStop& stop);

  // Of icebergs: naive_venue_icebergs.h.
  static std::string refusal_of_display(const market::Incoming& order);
  void tell_shown(const Resting& iceberg, OrderReference reference);
  void reduce(const Resting& order, QuantityLots open);
  static std::string shows(const market::Incoming& order);

  // Of days: naive_venue_days.h.
  std::string refusal_of_time(std::uint8_t time_in_force, std::uint16_t last_day, InstrumentId id);
  template <typename Command>
  static Command with_time_of(Command replacement, const market::Incoming& original);
  bool is_over(const market::Incoming& order) const;
  std::uint32_t expire_orders_of(InstrumentId id);

  std::string replace(const ReplaceOrder& as_sent, QuantityLots display) {
    const Resting* found =
        books_.find(key(as_sent.header.session, as_sent.original_user_reference));
    if (found == nullptr) return "unknown order";
    const Resting old = *found;
    const ReplaceOrder c = with_time_of(as_sent, old.order);
    if (c.time_in_force > 5 || c.post_only > 1) return "malformed";
    if (std::string bad = refusal_of_time(c.time_in_force, c.last_day, old.order.instrument);
        !bad.empty()) {
      return bad;
    }
    const bool lasts = c.time_in_force <= 1 || c.time_in_force == 5;
    if (c.post_only == 1 && !lasts) return "not supported";
    if (std::string bad = refusal_of_quantity(c.quantity); !bad.empty()) return bad;
    if (std::string bad = refusal_of_price(c.price_e4); !bad.empty()) return bad;
    const QuantityLots executed = executed_[old.order.key];
    market::Incoming order = old.order;
    order.key = key(c.header.session, c.user_reference);
    order.reference = last_reference_ + 1;
    order.price = static_cast<PriceTicks>(c.price_e4 / TestMarket::kTickE4);
    order.quantity = c.quantity > executed ? c.quantity - executed : 0;
    order.time_in_force = static_cast<market::TimeInForce>(c.time_in_force);
    order.last_day = c.last_day;
    order.type = market::PriceType::limit;
    order.post_only = c.post_only == 1;
    if (std::string bad = refusal_of_state(order); !bad.empty()) return bad;
    touch(order.instrument);
    if (order.quantity == 0) {
      say(c.header.session, "canceled {}: {} gone, 0 left, by member", c.original_user_reference,
          old.open());
      feed("delete {}", old.order.reference);
      books_.cancel(old.order.key);
      return "";
    }
    if (display != kDisplayAsBefore) order.display = display;
    if (std::string bad = refusal_of_display(order); !bad.empty()) return bad;
    const std::string head = fmt::format(
        "replaced {} by {}: {} {} of {} at {}", c.original_user_reference, c.user_reference,
        name_of(order.side), order.quantity, order.instrument, c.price_e4);
    if (order.price == old.order.price && order.quantity <= old.open() &&
        order.display == old.order.display && order.time_in_force == old.order.time_in_force &&
        order.last_day == old.order.last_day) {
      say(c.header.session, "{}, reference {}, lives{}", head, old.order.reference, shows(order));
      reduce(old, order.quantity);
      books_.rename(old.order.key, order.key, old.order.reference);
      executed_[order.key] = executed;
      return "";
    }
    const bool is_buy = order.side == Side::buy;
    const Money freed = is_buy ? value(paid_at_most(old.order), old.open()) : Money{old.open()};
    if (std::string bad = refusal_of_funds(order, freed); !bad.empty()) return bad;
    executed_[order.key] = executed;
    return submit(order, head, &old);
  }

  // The lines of trades are collected while matching; what comes before them is known only after.
  struct Trades {
    NaiveVenue& venue;
    market::Incoming order;
    QuantityLots left;
    std::vector<std::function<void()>> lines{};

    void on_fill(const Resting& maker, QuantityLots lots) {
      left -= lots;
      lines.push_back(
          [this, maker, lots, remaining = left] { venue.trade(order, maker, lots, remaining); });
    }
    void on_self_trade_cancel(const Resting& maker) {
      lines.push_back([this, maker] {
        venue.say(static_cast<SessionId>(maker.order.key >> 32),
                  "canceled {}: {} gone, 0 left, self trade",
                  static_cast<std::uint32_t>(maker.order.key), maker.open());
        venue.feed("delete {}", maker.order.reference);
      });
    }
    OrderReference on_replenish(const Resting& maker, QuantityLots /*shown*/) {
      OrderReference& last = venue.last_reference_;
      last = std::max(last, order.reference) + 1;
      lines.push_back([this, maker, reference = last] { venue.tell_shown(maker, reference); });
      return last;
    }
  };

  void trade(const market::Incoming& taker, const Resting& maker, QuantityLots lots,
             QuantityLots taker_left) {
    const std::uint64_t match = ++last_match_;
    const auto price_e4 = static_cast<std::uint32_t>(maker.order.price) * TestMarket::kTickE4;
    say(static_cast<SessionId>(maker.order.key >> 32), "executed {}: {} at {}, {} left, match {}",
        static_cast<std::uint32_t>(maker.order.key), lots, price_e4, maker.open() - lots, match);
    say(static_cast<SessionId>(taker.key >> 32),
        "executed {}: {} at {}, {} left, match {}, aggressor",
        static_cast<std::uint32_t>(taker.key), lots, price_e4, taker_left, match);
    feed("execute {}: {}, match {}", maker.order.reference, lots, match);
    calls_[taker.instrument].last_price = maker.order.price;
    if (states_.at(taker.instrument) == InstrumentState::full) {
      stops_.count(taker.instrument, maker.order.price);
    }
    executed_[maker.order.key] += lots;
    executed_[taker.key] += lots;
    const bool taker_buys = taker.side == Side::buy;
    const AccountId buyer = taker_buys ? taker.account : maker.order.account;
    const AccountId seller = taker_buys ? maker.order.account : taker.account;
    totals_[{buyer, 0}] -= value(maker.order.price, lots);
    totals_[{seller, 0}] += value(maker.order.price, lots);
    totals_[{buyer, taker.instrument}] += lots;
    totals_[{seller, taker.instrument}] -= lots;
  }

  market::Submitted rest(const market::Incoming& order) {
    EXPECT_TRUE(books_.rest(order));
    touch(order.instrument);
    return {.result = market::SubmitResult::done, .resting = order.quantity};
  }

  std::string submit(const market::Incoming& order, const std::string& head, const Resting* old) {
    Trades trades{*this, order, order.quantity};
    const bool is_called = calls_[order.instrument].is_called;
    const market::Submitted result = is_called ? rest(order) : books_.submit(order, trades);
    if (result.result == market::SubmitResult::would_trade) return "would trade";
    if (result.result == market::SubmitResult::cannot_fill) return "cannot fill";
    EXPECT_EQ(result.result, market::SubmitResult::done);
    last_reference_ = std::max(last_reference_, order.reference);
    const auto session = static_cast<SessionId>(order.key >> 32);
    say(session, "{}, reference {}{}{}", head, order.reference, result.resting > 0 ? ", lives" : "",
        shows(order));
    const QuantityLots shown =
        order.display == 0 ? result.resting : std::min(order.display, result.resting);
    const bool meets_nobody = trades.lines.empty();
    if (old != nullptr && (!meets_nobody || result.resting == 0)) {
      feed("delete {}", old->order.reference);
    }
    for (const auto& line : trades.lines) line();
    const std::uint32_t price_e4 = is_called ? shown_price_e4(order) : e4(order.price);
    if (result.resting > 0 && old != nullptr && meets_nobody) {
      feed("replace {} by {}: {} at {}", old->order.reference, order.reference, shown, price_e4);
    } else if (result.resting > 0) {
      feed("add {}: {} {} of {} at {}", order.reference, name_of(order.side), shown,
           order.instrument, price_e4);
    }
    if (result.dropped > 0) {
      say(session, "canceled {}: {} gone, 0 left, {}", static_cast<std::uint32_t>(order.key),
          result.dropped,
          result.dropped_by_self_trade_prevention ? "self trade" : "immediate rest");
    }
    if (old != nullptr) books_.cancel(old->order.key);
    return "";
  }

  market::NaiveBooks books_;
  Steps steps_;
  NaiveStops stops_;
  std::map<InstrumentId, InstrumentState> states_;
  std::map<InstrumentId, NaiveCall> calls_;
  std::vector<InstrumentId> touched_calls_;
  std::map<MemberId, bool> halted_;
  std::map<SessionId, NaiveSession> sessions_;
  std::map<std::pair<AccountId, InstrumentId>, Money> totals_;
  std::map<Key, QuantityLots> executed_;
  OrderReference last_reference_ = 0;
  MatchNumber last_match_ = 0;
  std::uint16_t ended_day_ = 0;
  std::vector<SessionId> touched_;
  std::set<SessionId> told_gap_;
  Lines lines_;
};

}  // namespace okiagari::venue

#include "venue/naive_venue_days.h"
#include "venue/naive_venue_icebergs.h"
#include "venue/naive_venue_stops.h"
