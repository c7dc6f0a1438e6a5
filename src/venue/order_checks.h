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
  // `freed`: what will be let go when this order is accepted.
  [[nodiscard]] Reason check_funds(const market::Incoming& incoming, Money freed);

 private:
  [[nodiscard]] Reason check_price(const Instrument& instrument, std::uint64_t price_e4,
                                   PriceTicks& price) const;
  [[nodiscard]] Reason check_state(const Instrument& instrument, market::Incoming& incoming) const;
  [[nodiscard]] Money market_cost(const market::Incoming& incoming) const;

  VenueState& state_;
};

}  // namespace okiagari::venue
