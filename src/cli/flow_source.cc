#include "cli/flow_source.h"

#include "check/ouch.h"

namespace okiagari::cli {

std::vector<deployment::InstrumentPlace> instruments_of(const recordings::Flow& flow) {
  std::vector<deployment::InstrumentPlace> places;
  for (const recordings::FlowInstrument& instrument : flow.instruments) {
    deployment::InstrumentPlace place;
    place.instrument = static_cast<InstrumentId>(places.size() + 1);
    place.symbol = instrument.symbol;
    place.tick_e4 = 1;
    place.high_ticks = kMaxPriceTicks;
    places.push_back(std::move(place));
  }
  return places;
}

FlowSource::FlowSource(const recordings::Flow& flow, std::size_t members, double speed)
    : flow_(flow), members_(members), speed_(speed), user_references_(flow.orders) {}

std::uint64_t FlowSource::due_ns() const {
  if (speed_ <= 0 || is_over()) return 0;
  const std::uint32_t since_first_ms = flow_.records[next_].time_ms - flow_.records.front().time_ms;
  return static_cast<std::uint64_t>(since_first_ms * 1e6 / speed_);
}

std::optional<std::size_t> FlowSource::next_member() const {
  if (is_over()) return std::nullopt;
  const recordings::FlowRecord& record = flow_.records[next_];
  // An order's own member also lowers it; who takes is anybody.
  return (record.action == recordings::FlowAction::take ? next_ : record.order) % members_;
}

void FlowSource::write(std::uint32_t user_reference, base::ByteWriter& into) const {
  const recordings::FlowRecord& record = flow_.records[next_];
  if (record.action == recordings::FlowAction::reduce) {
    return check::encode_ouch(into, check::OuchCancel{user_references_[record.order], record.lots});
  }
  check::OuchEnter order;
  order.user_reference = user_reference;
  order.side = record.side == Side::buy ? 'B' : 'S';
  order.quantity = record.lots;
  order.symbol = check::padded_symbol(flow_.instruments[record.instrument].symbol);
  order.price_e4 = static_cast<std::uint64_t>(record.price_ticks);
  // OUCH 5.0: '0' is a day order, '3' immediate or cancel.
  order.time_in_force = record.action == recordings::FlowAction::take ? '3' : '0';
  order.client_order_id = check::padded_client_order_id("recorded");
  check::encode_ouch(into, order);
}

void FlowSource::sent(std::uint32_t user_reference) {
  const recordings::FlowRecord& record = flow_.records[next_++];
  if (record.action == recordings::FlowAction::add) user_references_[record.order] = user_reference;
}

}  // namespace okiagari::cli
