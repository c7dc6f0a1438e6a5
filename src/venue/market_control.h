// What the people who run the market do to it: halts, phase changes, price limits. Every act
// carries its approvals; one of a single person may stop, two different people are needed to start.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/session_control.h"
#include "venue/state.h"

namespace okiagari::venue {

class MarketControl {
 public:
  MarketControl(VenueState& state, EventWriter& events, SessionControl& sessions)
      : state_(state), events_(events), sessions_(sessions) {}

  // `raw`: the command as it came, which is what the approvals were given for.
  void set_state(const SetInstrumentState& command, base::Bytes raw);
  void set_price_limits(const SetPriceLimits& command, base::Bytes raw);
  void bust_trade(const TradeBust& command);

  // Stops an instrument without anybody's approval: a command of its was quarantined.
  void halt(InstrumentId instrument, Reason reason);

 private:
  [[nodiscard]] Reason check_target(const SetInstrumentState& command) const;
  // Number and approvals; `count` is how many different people approve.
  template <typename Command>
  [[nodiscard]] Reason check_approvals(const Command& command, base::Bytes raw, int needed,
                                       int& count) const;
  [[nodiscard]] Reason apply(const SetInstrumentState& command, int approvals,
                             std::uint32_t& affected);
  std::uint32_t apply_to_market(const SetInstrumentState& command, int approvals);
  void apply_to_member(const SetInstrumentState& command);
  bool change_state(InstrumentId instrument, InstrumentState state, std::uint32_t reason);
  void tell_sessions(InstrumentId instrument, const SetInstrumentState& command, MemberId member);
  void tell_feed_of_hours(InstrumentState state);

  VenueState& state_;
  EventWriter& events_;
  SessionControl& sessions_;
};

}  // namespace okiagari::venue
