// The calls that are open: the sums of their orders at every price, kept current with the books.
// All of it follows from the books and the instruments; a snapshot does not have it.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "market/auction_price.h"
#include "market/call_curves.h"
#include "market/order_books.h"
#include "venue/instruments.h"

namespace okiagari::venue {

// What an auction's price is looked for in; the reference is the last price, or the base price
// before there is one.
[[nodiscard]] market::PriceRange price_range(const Instrument& instrument, const Auction& auction);

class Calls {
 public:
  explicit Calls(std::uint32_t live_orders_max) : live_orders_max_(live_orders_max) {}
  ~Calls() = default;
  Calls(Calls&&) = default;
  // The calls that were open go before their pool does.
  Calls& operator=(Calls&& other) noexcept {
    calls_ = std::move(other.calls_);
    pool_ = std::move(other.pool_);
    touched_ = std::move(other.touched_);
    live_orders_max_ = other.live_orders_max_;
    return *this;
  }

  // Counts what rests already. The instrument's limits may not change while its call is open.
  void open(const Instruments& instruments, InstrumentId id, const market::OrderBooks& books);
  void close(InstrumentId id);
  [[nodiscard]] bool is_open(InstrumentId id) const {
    return id < calls_.size() && calls_[id] != nullptr;
  }

  // An order of the instrument has come to rest, or so much of it has left. Only while it is open.
  void count_in(const Instrument& instrument, const market::Order& order, QuantityLots lots);
  void count_out(const Instrument& instrument, const market::Order& order, QuantityLots lots);

  // Where the call would end now.
  [[nodiscard]] market::AuctionPrice price(const Instruments& instruments, InstrumentId id) const;

  // Calls that orders have come to or left since the list was cleared, each once.
  [[nodiscard]] const std::vector<InstrumentId>& touched() const { return touched_; }
  void clear_touched();
  // Whether an order for the auction alone may be in it; that there is none is certain.
  [[nodiscard]] bool may_hold_at_auction(InstrumentId id) const {
    return calls_[id]->may_hold_at_auction;
  }
  // What was last told of a call.
  [[nodiscard]] market::AuctionPrice& told(InstrumentId id) { return calls_[id]->told; }

  // Compares with sums made anew. Slow.
  [[nodiscard]] base::Status check(const Instruments& instruments,
                                   const market::OrderBooks& books) const;

 private:
  struct Call {
    explicit Call(market::CurvePool& pool) : curves(pool) {}
    market::CallCurves curves;
    market::AuctionPrice told;
    bool is_touched = false;
    bool may_hold_at_auction = false;
  };

  void touch(Call& call, InstrumentId id) {
    if (call.is_touched) return;
    call.is_touched = true;
    touched_.push_back(id);
  }

  std::uint32_t live_orders_max_;
  std::unique_ptr<market::CurvePool> pool_;   // made with the first call; outlives the calls
  std::vector<std::unique_ptr<Call>> calls_;  // by instrument; null: it is in no call
  std::vector<InstrumentId> touched_;
};

}  // namespace okiagari::venue
