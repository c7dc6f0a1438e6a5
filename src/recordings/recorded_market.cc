#include "recordings/recorded_market.h"

#include <algorithm>

#include "wire/itch_venue.h"

namespace okiagari::recordings {

namespace {

template <typename Event>
const Event& as(const venue::EventHeader& event) {
  return reinterpret_cast<const Event&>(event);
}

}  // namespace

RecordedMarket::RecordedMarket(bool keeps_flow, Feed feed)
    : feed_(std::move(feed)),
      keeps_flow_(keeps_flow),
      venue_([this](const venue::EventHeader& event) { on_event(event); }) {
  // Two sessions of one member, so that a taker's numbers are not in the way of those that rest.
  const MemberId member = venue_.add_member("REC");
  resting_session_ = venue_.add_session(member);
  taking_session_ = venue_.add_session(member);
}

InstrumentId RecordedMarket::list(const FlowInstrument& instrument) {
  flow_.instruments.push_back(instrument);
  return venue_.list(instrument.symbol);
}

void RecordedMarket::set_time(TimestampNs time_ns) {
  time_ns_ = std::max(time_ns_, time_ns);
  if (!first_ns_) first_ns_ = time_ns_;
  venue_.set_time(time_ns_);
}

std::uint32_t RecordedMarket::rest(InstrumentId instrument, Side side, std::int64_t price_ticks,
                                   QuantityLots lots) {
  venue::NewOrder order{};
  instrument_of_.push_back(instrument);
  order.user_reference = static_cast<std::uint32_t>(instrument_of_.size());
  order.quantity = lots;
  order.price_e4 = static_cast<std::uint64_t>(price_ticks);
  order.instrument = instrument;
  order.side = side;
  hits_.clear();
  venue_.apply_from(resting_session_, order);
  note(FlowAction::add, instrument, side, order.user_reference - 1, price_ticks, lots);
  return order.user_reference;
}

void RecordedMarket::take(InstrumentId instrument, Side side, std::int64_t price_ticks,
                          QuantityLots lots) {
  venue::NewOrder order{};
  order.user_reference = ++taking_references_;
  order.quantity = lots;
  order.price_e4 = static_cast<std::uint64_t>(price_ticks);
  order.instrument = instrument;
  order.side = side;
  order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::immediate_or_cancel);
  hits_.clear();
  venue_.apply_from(taking_session_, order);
  note(FlowAction::take, instrument, side, 0, price_ticks, lots);
}

void RecordedMarket::lower(std::uint32_t user_reference, QuantityLots remaining) {
  venue::CancelOrder cancel{};
  cancel.user_reference = user_reference;
  cancel.quantity = remaining;
  venue_.apply_from(resting_session_, cancel);
  note(FlowAction::reduce, instrument_of_.at(user_reference - 1), Side::buy, user_reference - 1, 0,
       remaining);
}

void RecordedMarket::set_state(InstrumentId instrument, venue::InstrumentState state) {
  venue::SetInstrumentState control{};
  control.scope = venue::Scope::instrument;
  control.state = state;
  control.target = instrument;
  venue_.control(control);
}

std::optional<RecordedMarket::First> RecordedMarket::first(InstrumentId instrument,
                                                           Side side) const {
  const market::Order* order = venue_.venue().books().front(instrument, side);
  if (order == nullptr) return std::nullopt;
  return First{static_cast<std::uint32_t>(order->key), order->remaining, order->price};
}

std::optional<market::Level> RecordedMarket::best(InstrumentId instrument, Side side) const {
  market::Level level{};
  if (!venue_.venue().books().best(instrument, side, level)) return std::nullopt;
  return level;
}

std::vector<market::Level> RecordedMarket::levels(InstrumentId instrument, Side side,
                                                  std::size_t most) const {
  std::vector<market::Level> levels;
  venue_.venue().books().levels(instrument, side, most, levels);
  return levels;
}

void RecordedMarket::note(FlowAction action, InstrumentId instrument, Side side,
                          std::uint32_t order, std::int64_t price_ticks, QuantityLots lots) {
  flow_.orders = static_cast<std::uint32_t>(instrument_of_.size());
  if (!keeps_flow_) return;
  if (flow_.records.size() >= kFlowRecordsMax) {
    ++left_out_of_flow_;
    return;
  }
  FlowRecord record;
  record.time_ms = static_cast<std::uint32_t>((time_ns_ - first_ns_.value_or(0)) / 1'000'000);
  record.action = action;
  record.side = side;
  record.instrument = static_cast<std::uint16_t>(instrument - 1);
  record.order = order;
  record.price_ticks = static_cast<PriceTicks>(price_ticks);
  record.lots = lots;
  flow_.records.push_back(record);
}

void RecordedMarket::refuse(venue::Reason reason) {
  if (refused_++ == 0) first_refusal_ = reason;
}

void RecordedMarket::on_event(const venue::EventHeader& event) {
  using venue::EventType;
  if (event.type == EventType::order_executed) {
    const auto& executed = as<venue::OrderExecuted>(event);
    if (executed.aggressor == 1) return;
    ++trades_;
    hits_.push_back(
        {executed.user_reference, executed.quantity, static_cast<std::int64_t>(executed.price_e4)});
  } else if (event.type == EventType::order_rejected) {
    refuse(as<venue::OrderRejected>(event).reason);
  } else if (event.type == EventType::cancel_rejected) {
    refuse(as<venue::CancelRejected>(event).reason);
  } else if (event.type == EventType::stream_gap) {
    refuse(venue::Reason::number_never_arrived);
  } else if (event.type == EventType::control_result) {
    const venue::Reason reason = as<venue::ControlResult>(event).reason;
    if (reason != venue::Reason::none) refuse(reason);
  }
  if (event.feed_number == 0) return;
  if (event.type == EventType::feed_instrument) {
    const auto& listed = as<venue::FeedInstrument>(event);
    symbols_.add(listed.instrument, listed.symbol);
  }
  if (!feed_) return;
  std::byte message[wire::itch::kMessageBytesMax];
  const std::size_t size = wire::itch::itch_from_event(event, symbols_, message);
  if (size > 0) feed_({message, size});
}

}  // namespace okiagari::recordings
