// A venue that a recording is played through, order by order, and what it made of it: trades,
// books, the market data that it would have published. What was done to it is also kept as order
// flow, for a market that runs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "recordings/flow_file.h"
#include "recordings/local_venue.h"
#include "wire/symbols.h"

namespace okiagari::recordings {

class RecordedMarket {
 public:
  // A trade with a resting order.
  struct Hit {
    std::uint32_t user_reference = 0;  // of the resting order
    QuantityLots lots = 0;
    std::int64_t price_ticks = 0;
  };

  // Every message of market data, as ITCH 5.0.
  using Feed = std::function<void(base::Bytes message)>;

  // `keeps_flow`: up to kFlowRecordsMax records, what is more is left out and counted.
  explicit RecordedMarket(bool keeps_flow = false, Feed feed = nullptr);

  // Numbered from 1. A tick is the recording's smallest step of price.
  InstrumentId list(const FlowInstrument& instrument);
  // Of what comes next. The recording's beginning is the first time that was set.
  void set_time(TimestampNs time_ns);
  // A day order; trades first with what it meets, see hits(). Its user reference.
  std::uint32_t rest(InstrumentId instrument, Side side, std::int64_t price_ticks,
                     QuantityLots lots);
  // An immediate-or-cancel order; what it traded with is in hits().
  void take(InstrumentId instrument, Side side, std::int64_t price_ticks, QuantityLots lots);
  // 0 takes it out.
  void lower(std::uint32_t user_reference, QuantityLots remaining);
  void set_state(InstrumentId instrument, venue::InstrumentState state);

  // Of the last order, in order.
  [[nodiscard]] const std::vector<Hit>& hits() const { return hits_; }
  struct First {
    std::uint32_t user_reference = 0;
    QuantityLots lots = 0;
    std::int64_t price_ticks = 0;
  };
  // The order that the next taker meets.
  [[nodiscard]] std::optional<First> first(InstrumentId instrument, Side side) const;
  [[nodiscard]] std::optional<market::Level> best(InstrumentId instrument, Side side) const;
  // At most so many, best first.
  [[nodiscard]] std::vector<market::Level> levels(InstrumentId instrument, Side side,
                                                  std::size_t most) const;
  // Commands that the venue refused, and why it refused the first of them.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  [[nodiscard]] venue::Reason first_refusal() const { return first_refusal_; }
  [[nodiscard]] std::uint64_t trades() const { return trades_; }

  static constexpr std::size_t kFlowRecordsMax = 50'000'000;
  [[nodiscard]] const Flow& flow() const { return flow_; }
  [[nodiscard]] Flow take_flow() { return std::move(flow_); }
  [[nodiscard]] std::uint64_t left_out_of_flow() const { return left_out_of_flow_; }

 private:
  void on_event(const venue::EventHeader& event);
  void note(FlowAction action, InstrumentId instrument, Side side, std::uint32_t order,
            std::int64_t price_ticks, QuantityLots lots);
  void refuse(venue::Reason reason);

  Feed feed_;
  bool keeps_flow_;
  wire::Symbols symbols_;
  LocalVenue venue_;
  SessionId resting_session_ = 0;
  SessionId taking_session_ = 0;
  std::vector<InstrumentId> instrument_of_;  // by user reference of what rested, from 1
  std::uint32_t taking_references_ = 0;
  std::vector<Hit> hits_;
  std::uint64_t refused_ = 0;
  venue::Reason first_refusal_ = venue::Reason::none;
  std::uint64_t trades_ = 0;
  std::optional<TimestampNs> first_ns_;
  TimestampNs time_ns_ = 0;
  Flow flow_;
  std::uint64_t left_out_of_flow_ = 0;
};

}  // namespace okiagari::recordings
