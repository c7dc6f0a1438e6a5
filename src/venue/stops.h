// The stop orders that wait, and which of them trades have reached. They go one by one after the
// command whose trades reached them (stop_triggers.h); those that it is not the turn of any more
// wait for the next command, so what was reached is state.
//
// A trade counts only while its instrument is in the state *full*. Leaving it forgets what was
// reached and did not go; coming back, the last price counts.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "base/types.h"
#include "market/stop_orders.h"
#include "venue/instruments.h"

namespace okiagari::venue {

class Stops {
 public:
  // The lowest and the highest price of trades since the last stop went that was reached.
  struct Reach {
    PriceTicks low = 0;  // 0: none
    PriceTicks high = 0;
  };

  explicit Stops(const market::Limits& limits) : waiting_(limits) { pending_.reserve(64); }

  void add_instrument(InstrumentId instrument) {
    waiting_.add_instrument(instrument);
    reaches_.resize(std::max<std::size_t>(reaches_.size(), std::size_t{instrument} + 1));
  }

  [[nodiscard]] const market::StopOrders& waiting() const { return waiting_; }
  [[nodiscard]] market::StopOrders& waiting() { return waiting_; }
  // False when the shelf is full.
  [[nodiscard]] bool add(Instruments& instruments, const market::Stop& stop);
  void remove(Instruments& instruments, const market::Stop& stop);
  // Of a snapshot; arm() follows.
  [[nodiscard]] bool load(const market::Stop& stop) { return waiting_.add(stop); }
  void reduce(const market::Stop& stop, QuantityLots quantity);
  void rename(const market::Stop& stop, market::OrderKey to);

  // A trade, or the price of the last one.
  void reach(InstrumentId instrument, PriceTicks price) {
    Reach& known = reaches_[instrument];
    if (known.low == 0) {
      pending_.insert(std::lower_bound(pending_.begin(), pending_.end(), instrument), instrument);
      known = {price, price};
    }
    known.low = std::min(known.low, price);
    known.high = std::max(known.high, price);
  }
  // After its state, or what waits for it, has become another one.
  void follow_state(Instruments& instruments, InstrumentId instrument);

  // Puts into the instrument the prices from which its stops go; done here wherever they change.
  void arm(Instruments& instruments, InstrumentId instrument) const;
  // That what the last price has reached was noted.
  [[nodiscard]] bool is_on_its_way(const Instruments& instruments, InstrumentId instrument) const;

  // Instruments of which something was reached, ascending.
  [[nodiscard]] const std::vector<InstrumentId>& pending() const { return pending_; }
  [[nodiscard]] Reach reach_of(InstrumentId instrument) const { return reaches_[instrument]; }
  void forget_reach(InstrumentId instrument);
  // The next one to go: of each side the first whose trigger was reached, of those two the older.
  [[nodiscard]] std::optional<market::Stop> next(InstrumentId instrument) const;

 private:
  market::StopOrders waiting_;
  std::vector<Reach> reaches_;  // by instrument
  std::vector<InstrumentId> pending_;
};

}  // namespace okiagari::venue
