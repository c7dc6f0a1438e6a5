#include "venue/calls.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "market/uncross.h"

namespace okiagari::venue {

market::PriceRange price_range(const Instrument& instrument, const Auction& auction) {
  const PriceTicks known =
      instrument.last_price != 0 ? instrument.last_price : auction.rules.base_price;
  // Nobody can be asked for a price that the day does not allow.
  return {
      .reference = known == 0 ? 0 : std::clamp(known, instrument.low_limit, instrument.high_limit),
      .low = instrument.low_limit,
      .high = instrument.high_limit};
}

void Calls::open(const Instruments& instruments, InstrumentId id, const market::OrderBooks& books) {
  if (pool_ == nullptr) {
    pool_ =
        std::make_unique<market::CurvePool>(market::kCurveNodesPerPrice * (live_orders_max_ + 1));
  }
  if (calls_.size() <= id) calls_.resize(std::size_t{id} + 1);
  ASSERT(calls_[id] == nullptr, "instrument {} is in a call already", id);
  calls_[id] = std::make_unique<Call>(*pool_);
  market::count_all(books, id, price_range(instruments[id], instruments.auction(id)),
                    calls_[id]->curves);
  // One that a snapshot had.
  calls_[id]->may_hold_at_auction =
      books.front(id, Side::buy) != nullptr || books.front(id, Side::sell) != nullptr;
  touch(*calls_[id], id);
}

void Calls::close(InstrumentId id) {
  if (calls_[id]->is_touched) std::erase(touched_, id);
  calls_[id].reset();
}

void Calls::count_in(const Instrument& instrument, const market::Order& order, QuantityLots lots) {
  Call& call = *calls_[order.instrument];
  market::count_in(call.curves, order.side, order.price, lots,
                   {.low = instrument.low_limit, .high = instrument.high_limit});
  call.may_hold_at_auction |= order.time_in_force == market::TimeInForce::at_auction;
  touch(call, order.instrument);
}

void Calls::count_out(const Instrument& instrument, const market::Order& order, QuantityLots lots) {
  Call& call = *calls_[order.instrument];
  market::count_out(call.curves, order.side, order.price, lots,
                    {.low = instrument.low_limit, .high = instrument.high_limit});
  touch(call, order.instrument);
}

market::AuctionPrice Calls::price(const Instruments& instruments, InstrumentId id) const {
  const Auction& auction = instruments.auction(id);
  return market::find_auction_price(auction.rules.uncross.price, calls_[id]->curves,
                                    price_range(instruments[id], auction));
}

void Calls::clear_touched() {
  for (const InstrumentId id : touched_) calls_[id]->is_touched = false;
  touched_.clear();
}

base::Status Calls::check(const Instruments& instruments, const market::OrderBooks& books) const {
  market::CurvePool pool(2 * market::kCurveNodesPerPrice * (books.live_orders() + 1));
  for (std::uint32_t number = 1; number <= instruments.count(); ++number) {
    const auto id = static_cast<InstrumentId>(number);
    const bool is_there = is_open(id);
    if (is_there != instruments[id].is_called) {
      return base::Error{fmt::format("instrument {} is in a call, or not, by one list alone", id)};
    }
    if (!is_there) continue;
    const market::PriceRange range = price_range(instruments[id], instruments.auction(id));
    market::CallCurves anew(pool);
    market::count_all(books, id, range, anew);
    const market::CallCurves& kept = calls_[id]->curves;
    for (PriceTicks price = 1; price != 0;
         price = anew.at_or_above(price + 1, market::CurveSides::both)) {
      if (anew.demand(price) != kept.demand(price) || anew.supply(price) != kept.supply(price)) {
        return base::Error{
            fmt::format("the sums of instrument {} at {} are not its orders'", id, price)};
      }
    }
    const market::AuctionPrice now = this->price(instruments, id);
    const market::AuctionPrice& told = calls_[id]->told;
    if (now.price != told.price || now.volume != told.volume || now.surplus != told.surplus) {
      return base::Error{fmt::format("the indicative price of instrument {} is an old one", id)};
    }
  }
  return {};
}

}  // namespace okiagari::venue
