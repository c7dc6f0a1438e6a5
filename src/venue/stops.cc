#include "venue/stops.h"

#include "base/assert.h"

namespace okiagari::venue {

void Stops::arm(Instruments& instruments, InstrumentId id) const {
  Instrument& instrument = instruments[id];
  const bool counts = instrument.state == InstrumentState::full;
  const PriceTicks buy = counts ? waiting_.first_trigger(id, Side::buy) : 0;
  instrument.buys_go_from = buy == 0 ? Instrument::kNoStop : buy;
  instrument.sells_go_from = counts ? waiting_.first_trigger(id, Side::sell) : 0;
}

bool Stops::is_on_its_way(const Instruments& instruments, InstrumentId id) const {
  const Instrument& instrument = instruments[id];
  const PriceTicks last = instrument.last_price;
  const bool is_reached =
      last != 0 && (last >= instrument.buys_go_from || last <= instrument.sells_go_from);
  const Reach reach = reaches_[id];
  return !is_reached || (reach.low != 0 && reach.low <= last && last <= reach.high);
}

bool Stops::add(Instruments& instruments, const market::Stop& stop) {
  if (!waiting_.add(stop)) return false;
  arm(instruments, stop.instrument);
  const Instrument& instrument = instruments[stop.instrument];
  const bool is_full = instrument.state == InstrumentState::full && instrument.last_price != 0;
  const bool is_reached = stop.side == Side::buy ? instrument.last_price >= stop.trigger
                                                 : instrument.last_price <= stop.trigger;
  if (is_full && is_reached) reach(stop.instrument, instrument.last_price);
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

void Stops::follow_state(Instruments& instruments, InstrumentId id) {
  arm(instruments, id);
  forget_reach(id);
  const Instrument& instrument = instruments[id];
  const PriceTicks last = instrument.last_price;
  const bool is_reached =
      last != 0 && (last >= instrument.buys_go_from || last <= instrument.sells_go_from);
  if (is_reached) reach(id, last);
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
