// What an order must pass before the book sees it, in a fixed order; the first check that fails
// names the reason. Nothing here changes anything, but that a buyer's position is opened.
//
// New order: fields, session's numbers, instrument, account, quantity, price, state of the
// instrument, member, funds. Replacement: fields, session's numbers, quantity, price, state,
// member, funds.
#pragma once

#include <cstdint>

#include "market/order_books.h"
#include "venue/command.h"
#include "venue/event.h"
#include "venue/state.h"

namespace okiagari::venue {

class OrderChecks {
 public:
  explicit OrderChecks(VenueState& state) : state_(state) {}

  // All but funds; fills `incoming` when it says Reason::none.
  [[nodiscard]] Reason check_new(const NewOrder& command, const Session& session,
                                 market::Incoming& incoming) const;
  // The same for what shall take the place of `original`; what it has executed counts.
  [[nodiscard]] Reason check_replacement(const ReplaceOrder& command, const market::Order& original,
                                         market::Incoming& incoming) const;
  // Whether an order that was found good may show only that much at a time.
  [[nodiscard]] static Reason check_display(const market::Incoming& incoming);
  // Of orders that wait for their trigger; those fill `stop`.
  [[nodiscard]] Reason check_stop(const NewStop& command, const Session& session,
                                  market::Stop& stop) const;
  [[nodiscard]] Reason check_stop(const NewTrailingStop& command, const Session& session,
                                  market::Stop& stop) const;
  [[nodiscard]] Reason check_stop(const ReplaceStop& command, const market::Stop& original,
                                  market::Stop& stop) const;
  [[nodiscard]] Reason check_stop(const ReplaceTrailingStop& command, const market::Stop& original,
                                  market::Stop& stop) const;
  // Whether what takes the place of `original` keeps it: nothing but its quantity becomes less.
  [[nodiscard]] static bool keeps_place(const market::Stop& stop, const market::Stop& original);
  [[nodiscard]] Reason check_funds(const market::Stop& stop, Money freed);
  // `freed`: what will be let go when this order is accepted.
  [[nodiscard]] Reason check_funds(const market::Incoming& incoming, Money freed);

 private:
  // Far enough from the end for all that can happen to a session's live orders.
  static constexpr std::uint32_t kSessionNumbersMax = 0xF000'0000;

  // How long an order shall be good, as its command has it.
  struct Validity {
    std::uint8_t time_in_force;
    std::uint16_t last_day;

    // Once it was checked.
    [[nodiscard]] market::TimeInForce type() const {
      return static_cast<market::TimeInForce>(time_in_force);
    }
    [[nodiscard]] std::uint16_t day() const {
      return type() == market::TimeInForce::good_till_date ? last_day : std::uint16_t{0};
    }
  };
  template <typename Command, typename Order>
  [[nodiscard]] static Validity validity_of(const Command& replacement, const Order& original) {
    if (replacement.time_in_force == kTimeInForceAsBefore) {
      return {static_cast<std::uint8_t>(original.time_in_force), original.last_day};
    }
    return {replacement.time_in_force, replacement.last_day};
  }

  [[nodiscard]] static Reason check_quantity(QuantityLots quantity);
  // Of a new order: what does not depend on the state of its instrument.
  [[nodiscard]] Reason check_terms(const NewOrder& command, const Session& session,
                                   market::Incoming& incoming) const;
  [[nodiscard]] Reason check_waiting(const Validity& validity, std::uint8_t post_only) const;
  // Of a stop: all but what it goes by.
  template <typename Command>
  [[nodiscard]] Reason check_stop_terms(const Command& command, const Session& session,
                                        market::Stop& stop) const;
  template <typename Command>
  [[nodiscard]] Reason check_stop_terms(const Command& command, const market::Stop& original,
                                        market::Stop& stop) const;
  [[nodiscard]] static Reason check_distance(const Instrument& instrument,
                                             std::uint64_t distance_e4, PriceTicks& distance);
  // That it may follow the price from the last one on; its trigger is the first one then.
  [[nodiscard]] Reason begin_to_trail(market::Stop& stop) const;
  [[nodiscard]] Reason check_state(const market::Stop& stop) const;
  [[nodiscard]] Reason check_time(const Validity& validity, InstrumentId instrument) const;
  [[nodiscard]] Reason check_price(const Instrument& instrument, std::uint64_t price_e4,
                                   PriceTicks& price) const;
  [[nodiscard]] Reason check_state(const Instrument& instrument, market::Incoming& incoming) const;
  [[nodiscard]] static Reason check_call(const Auction& auction, market::Incoming& incoming);
  [[nodiscard]] Money market_cost(const market::Incoming& incoming) const;

  VenueState& state_;
};

}  // namespace okiagari::venue
