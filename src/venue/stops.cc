#include "venue/stops.h"

#include <algorithm>

#include "base/assert.h"

namespace okiagari::venue {

void Stops::arm(Instruments& instruments, InstrumentId id) const {
  Instrument& instrument = instruments[id];
  instrument.buys_go_from = Instrument::kNoStop;
  instrument.sells_go_from = 0;
  if (instrument.state != InstrumentState::full) return;
  for (const PriceTicks from :
       {waiting_.first_trigger(id, Side::buy), waiting_.moves_from(id, Side::sell)}) {
    if (from != 0) instrument.buys_go_from = std::min(instrument.buys_go_from, from);
  }
  instrument.sells_go_from =
      std::max(waiting_.first_trigger(id, Side::sell), waiting_.moves_from(id, Side::buy));
}

bool Stops::is_reached(InstrumentId id, PriceTicks price) const {
  const PriceTicks buy = waiting_.first_trigger(id, Side::buy);
  const PriceTicks sell = waiting_.first_trigger(id, Side::sell);
  return (buy != 0 && price >= buy) || (sell != 0 && price <= sell);
}

bool Stops::is_on_its_way(const Instruments& instruments, InstrumentId id) const {
  const Instrument& instrument = instruments[id];
  const PriceTicks last = instrument.last_price;
  if (instrument.state != InstrumentState::full || last == 0) return true;
  const Reach reach = reaches_[id];
  const bool is_noted = reach.low != 0 && reach.low <= last && last <= reach.high;
  const PriceTicks rises_from = waiting_.moves_from(id, Side::sell);
  const bool moves =
      (rises_from != 0 && last >= rises_from) || last <= waiting_.moves_from(id, Side::buy);
  return is_noted || (!is_reached(id, last) && !moves);
}

bool Stops::add(Instruments& instruments, const market::Stop& stop) {
  if (!waiting_.add(stop)) return false;
  arm(instruments, stop.instrument);
  const Instrument& instrument = instruments[stop.instrument];
  const bool is_full = instrument.state == InstrumentState::full && instrument.last_price != 0;
  const bool is_reached = stop.side == Side::buy ? instrument.last_price >= stop.trigger
                                                 : instrument.last_price <= stop.trigger;
  if (is_full && is_reached) note_reach(stop.instrument, instrument.last_price);
  return true;
}

void Stops::remove(Instruments& instruments, const market::Stop& stop) {
  const bool did_wait = waiting_.remove(stop.key);
  ASSERT(did_wait, "stop {:#x} does not wait", stop.key);
  arm(instruments, stop.instrument);
}

void Stops::reduce(const market::Stop& stop, QuantityLots quantity) {
  const bool is_reduced = waiting_.reduce(stop.key, quantity);
  ASSERT(is_reduced, "stop {:#x} cannot be reduced to {} lots", stop.key, quantity);
}

void Stops::rename(const market::Stop& stop, market::OrderKey to) {
  const bool is_renamed = waiting_.rename(stop.key, to, stop.reference);
  ASSERT(is_renamed, "stop {:#x} cannot be called {:#x}", stop.key, to);
}

void Stops::note_reach(InstrumentId instrument, PriceTicks price) {
  Reach& known = reaches_[instrument];
  if (known.low == 0) {
    pending_.insert(std::lower_bound(pending_.begin(), pending_.end(), instrument), instrument);
    known = {price, price};
  }
  known.low = std::min(known.low, price);
  known.high = std::max(known.high, price);
}

void Stops::count(Instruments& instruments, InstrumentId instrument, PriceTicks price) {
  if (reaches_[instrument].low == 0) {
    follow(instruments, instrument, price, price);
    if (!is_reached(instrument, price)) return;
  }
  note_reach(instrument, price);
}

void Stops::follow(Instruments& instruments, InstrumentId instrument, PriceTicks low,
                   PriceTicks high) {
  const bool has_risen = waiting_.follow(instrument, Side::sell, high);
  const bool has_fallen = waiting_.follow(instrument, Side::buy, low);
  if (has_risen || has_fallen) arm(instruments, instrument);
}

void Stops::follow_state(Instruments& instruments, InstrumentId id) {
  arm(instruments, id);
  forget_reach(id);
  const Instrument& instrument = instruments[id];
  const bool counts = instrument.state == InstrumentState::full && instrument.last_price != 0;
  if (counts) count(instruments, id, instrument.last_price);
}

void Stops::end_reach(Instruments& instruments, InstrumentId id) {
  const Reach reach = reaches_[id];
  forget_reach(id);
  follow(instruments, id, reach.low, reach.high);
  count(instruments, id, instruments[id].last_price);
}

void Stops::forget_reach(InstrumentId instrument) {
  if (reaches_[instrument].low == 0) return;
  reaches_[instrument] = {};
  std::erase(pending_, instrument);
}

std::optional<market::Stop> Stops::next(InstrumentId instrument) const {
  const Reach reach = reaches_[instrument];
  if (reach.low == 0) return std::nullopt;
  const auto buy = waiting_.first(instrument, Side::buy);
  const auto sell = waiting_.first(instrument, Side::sell);
  const bool buy_goes = buy && buy->trigger <= reach.high;
  const bool sell_goes = sell && sell->trigger >= reach.low;
  if (buy_goes && sell_goes) return buy->reference < sell->reference ? buy : sell;
  if (buy_goes) return buy;
  return sell_goes ? sell : std::nullopt;
}

}  // namespace okiagari::venue
