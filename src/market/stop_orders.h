// Orders that wait beside the books until a price is reached. What belongs here: which of them is
// the next to go at a price, by its trigger and then by its age, how the triggers of those that
// trail move, and each by its name and owner. What does not: when a price counts, money, and what
// becomes of an order that goes.
//
// They lie on a shelf that is itself a set of order books, two for each instrument. In the first
// are those whose trigger is fixed, each at its trigger; in the second those that trail, each at
// its distance. Buys are on the side whose best price is the lowest, sells on the other. So the
// first in the queue of the best price is the first to go of those that are fixed. Of those that
// trail it is the first in the queue of one of the distances: within one of them the older is never
// behind, because it has seen every price that a newer one has (price_trail.h). So costs and bounds
// are those of resting orders (docs/market.md), but for a look at each distance.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "market/order.h"
#include "market/order_books.h"
#include "market/price_trail.h"

namespace okiagari::market {

struct Stop {
  OrderKey key;
  OrderReference reference;  // rises with the order of entry
  PriceTicks trigger;        // a buy goes when a price is there or above, a sell there or below
  PriceTicks distance = 0;   // of one that trails: of its trigger from the price; 0: it is fixed
  PriceTicks price;          // its limit; of a market order the worst price that it may cost
  QuantityLots quantity;
  AccountId account;
  InstrumentId instrument;
  MemberId member;
  Side side;
  PriceType type;
  TimeInForce time_in_force;  // one that lasts
  SelfTradePrevention self_trade;
  std::uint16_t last_day = 0;  // of good_till_date: days since the epoch

  [[nodiscard]] bool trails() const { return distance != 0; }
  // Of one that trails: the price that its trigger is away from.
  [[nodiscard]] PriceTicks followed() const {
    return side == Side::sell ? trigger + distance : trigger - distance;
  }
};

class StopOrders {
 public:
  // At most so many wait, however many orders the books may hold.
  static constexpr std::uint32_t kWaitingMax = 1'000'000;
  // At most so many different distances of one instrument and side at a time: each is looked at
  // when the next to go is asked for.
  static constexpr std::uint32_t kDistancesMax = 256;
  // The shelf has two books for each, and numbers them as instruments are.
  static constexpr std::uint16_t kInstrumentsMax = 32'767;

  explicit StopOrders(const Limits& limits);

  void add_instrument(InstrumentId instrument);

  // Behind those of the same trigger or distance. One that trails begins with followed(), which
  // counts for the others of its side too. False when the key waits already or the shelf is full.
  [[nodiscard]] bool add(const Stop& stop);
  // As add(), of a snapshot; false also when the others have not seen what it follows, or when
  // there are too many distances.
  [[nodiscard]] bool load(const Stop& stop);
  [[nodiscard]] std::optional<Stop> find(OrderKey key) const;
  // False when it does not wait.
  bool remove(OrderKey key);
  // Both keep its place.
  [[nodiscard]] bool reduce(OrderKey key, QuantityLots quantity) {
    return shelf_.reduce(key, quantity);
  }
  [[nodiscard]] bool rename(OrderKey from, OrderKey to, OrderReference reference) {
    return shelf_.rename(from, to, reference);
  }
  // Whether another stop of that distance may come, when `leaving` goes for it. Asks for what waits
  // alone, not for what did.
  [[nodiscard]] bool takes_distance(InstrumentId instrument, Side side, PriceTicks distance,
                                    const Stop* leaving) const;

  // The price counts for the triggers of those of that side that trail. Whether it moved any.
  bool follow(InstrumentId instrument, Side side, PriceTicks price);
  // From which price on it does: a sell's trigger moves at this price or above, a buy's at this one
  // or below; 0 when none of that side trails.
  [[nodiscard]] PriceTicks moves_from(InstrumentId instrument, Side side) const;

  // The next one to go of that side, as its price comes nearer.
  [[nodiscard]] std::optional<Stop> first(InstrumentId instrument, Side side) const;
  // Its trigger; 0 when none of that side waits.
  [[nodiscard]] PriceTicks first_trigger(InstrumentId instrument, Side side) const {
    const Order* order = shelf_.front(book_of(instrument, false), opposite(side));
    const PriceTicks trailing = trailing_of(instrument, side).trigger;
    if (order == nullptr) return trailing;
    return trailing != 0 && comes_first(side, trailing, order->price) ? trailing : order->price;
  }

  [[nodiscard]] std::uint32_t count() const { return shelf_.live_orders(); }
  // Calls visit(const Stop&) for those that are fixed and then for those that trail, in the order
  // of triggers, of distances, and of age.
  template <typename Visitor>
  void for_each(InstrumentId instrument, Side side, Visitor&& visit) const {
    for (const bool trails : {false, true}) {
      shelf_.for_each_order(book_of(instrument, trails), opposite(side),
                            [&](const Order& order) { visit(stop_of(order)); });
    }
  }
  // As OrderBooks::walk_on; visit(const Stop&). The places are those of the shelf.
  template <typename Visitor>
  void walk_on(std::uint32_t stops_max, Visitor&& visit) {
    shelf_.walk_on(stops_max, [&](const Order& order) { visit(stop_of(order)); });
  }
  // `side` is that of the shelf.
  struct WalkPlace {
    OrderKey key = 0;
    InstrumentId instrument = 1;
    Side side = Side::buy;
    bool trails = false;
  };
  [[nodiscard]] WalkPlace walk_place() const;
  [[nodiscard]] bool set_walk_place(const WalkPlace& place);
  // As OrderBooks::for_each_order_behind(), of those that trail or of the others; the price of a
  // place is a distance or a trigger.
  template <typename Visitor>
  void for_each_behind(const QueuePlace& place, InstrumentId instrument, Side side, bool trails,
                       Visitor&& visit) const {
    QueuePlace on_shelf = place;
    if (trails) on_shelf.price = level_of(side, place.price);
    shelf_.for_each_order_behind(on_shelf, book_of(instrument, trails), opposite(side),
                                 [&](const Order& order) { return visit(stop_of(order)); });
  }
  // Keys of one owner's (key >> 32), oldest first, appended to `into`.
  void keys_of_owner(std::uint32_t owner, std::vector<OrderKey>& into) const {
    shelf_.keys_of_owner(owner, into);
  }
  // All, oldest first, appended to `into`. Slow, for snapshots.
  void by_entry(std::vector<Stop>& into) const;

  [[nodiscard]] base::Status check_invariants() const;

 private:
  // Those of one instrument and side that trail.
  struct Trailing {
    explicit Trailing(Side side) : trail(side) {}
    PriceTrail trail;
    PriceTicks trigger = 0;  // of the first of them to go; 0: there are none
  };

  [[nodiscard]] static InstrumentId book_of(InstrumentId instrument, bool trails) {
    return static_cast<InstrumentId>(2 * instrument + (trails ? 1 : 0));
  }
  // Where a distance lies in its book, so that the shortest is the best. It undoes itself.
  [[nodiscard]] static PriceTicks level_of(Side side, PriceTicks distance) {
    return side == Side::buy ? distance : kMaxPriceTicks + 1 - distance;
  }
  [[nodiscard]] static PriceTicks trigger_of(Side side, PriceTicks followed, PriceTicks distance) {
    return side == Side::sell ? followed - distance : followed + distance;
  }
  // Whether a price comes to trigger `a` before it comes to `b`.
  [[nodiscard]] static bool comes_first(Side side, PriceTicks a, PriceTicks b) {
    return side == Side::buy ? a < b : a > b;
  }
  [[nodiscard]] Trailing& trailing_of(InstrumentId instrument, Side side) {
    return trailing_[instrument][static_cast<std::size_t>(side)];
  }
  [[nodiscard]] const Trailing& trailing_of(InstrumentId instrument, Side side) const {
    return trailing_[instrument][static_cast<std::size_t>(side)];
  }
  [[nodiscard]] Stop stop_of(const Order& order) const;
  // Of those that trail.
  struct First {
    const Order* order = nullptr;  // of the shelf; null when there is none
    PriceTicks trigger = 0;
  };
  [[nodiscard]] First first_trailing(InstrumentId instrument, Side side) const;
  [[nodiscard]] base::Status check_trailing(InstrumentId instrument, Side side) const;

  OrderBooks shelf_;
  std::vector<std::array<Trailing, 2>> trailing_;  // by instrument, then by side
};

}  // namespace okiagari::market
