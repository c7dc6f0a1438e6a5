// The stop orders that wait, and which of them trades have reached. They go one by one after the
// command whose trades reached them (stop_triggers.h); those that it is not the turn of any more
// wait for the next command, so what was reached is state.
//
// A trade counts only while its instrument is in the state *full*. Leaving it forgets what was
// reached and did not go; coming back, the last price counts.
//
// A price that counts moves the triggers of those that trail, and then reaches. From the first one
// that was reached to the last one's going no trigger moves: what stands among those that go would
// have to be sorted anew with each trade of theirs. Then they follow the furthest price of that
// time, and the last price counts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/types.h"
#include "market/stop_orders.h"
#include "venue/instruments.h"

namespace okiagari::venue {

class Stops {
 public:
  // From when a stop was reached until none is left to go: the lowest and the highest price of
  // trades that reached any, or would have moved a trigger.
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
  // Of a snapshot; arm() follows. False when it cannot wait there.
  [[nodiscard]] bool load(const market::Stop& stop) { return waiting_.load(stop); }
  void reduce(const market::Stop& stop, QuantityLots quantity);
  void rename(const market::Stop& stop, market::OrderKey to);

  // A trade at a price from which the instrument said that stops go, or the price of the last one.
  void count(Instruments& instruments, InstrumentId instrument, PriceTicks price);
  // Of a snapshot: that a price reached stops that have not gone.
  void note_reach(InstrumentId instrument, PriceTicks price);
  // After its state, or what waits for it, has become another one.
  void follow_state(Instruments& instruments, InstrumentId instrument);

  // Puts into the instrument the prices from which its stops go or move; done here wherever those
  // change.
  void arm(Instruments& instruments, InstrumentId instrument) const;
  // That what the last price has reached was noted, and that triggers have followed it.
  [[nodiscard]] bool is_on_its_way(const Instruments& instruments, InstrumentId instrument) const;

  // Instruments of which something was reached, ascending.
  [[nodiscard]] const std::vector<InstrumentId>& pending() const { return pending_; }
  [[nodiscard]] Reach reach_of(InstrumentId instrument) const { return reaches_[instrument]; }
  // When none of those is left to go: what trails follows, and others may be reached.
  void end_reach(Instruments& instruments, InstrumentId instrument);
  // The next one to go: of each side the first whose trigger was reached, of those two the older.
  [[nodiscard]] std::optional<market::Stop> next(InstrumentId instrument) const;

 private:
  [[nodiscard]] bool is_reached(InstrumentId instrument, PriceTicks price) const;
  // As far as they trail, on the side of the higher and of the lower price.
  void follow(Instruments& instruments, InstrumentId instrument, PriceTicks low, PriceTicks high);
  void forget_reach(InstrumentId instrument);

  market::StopOrders waiting_;
  std::vector<Reach> reaches_;  // by instrument
  std::vector<InstrumentId> pending_;
};

}  // namespace okiagari::venue
