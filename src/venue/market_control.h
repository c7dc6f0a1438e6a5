// What the people who run the market do to it: halts, phase changes, price limits. Every act
// carries its approvals; one of a single person may stop, two different people are needed to start.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "venue/call_auctions.h"
#include "venue/call_ends.h"
#include "venue/command.h"
#include "venue/day_expiry.h"
#include "venue/event_writer.h"
#include "venue/session_control.h"
#include "venue/state.h"

namespace okiagari::venue {

class MarketControl {
 public:
  MarketControl(VenueState& state, EventWriter& events, SessionControl& sessions,
                CallAuctions& auctions, CallEnds& ends, DayExpiry& expiry)
      : state_(state),
        events_(events),
        sessions_(sessions),
        auctions_(auctions),
        ends_(ends),
        expiry_(expiry) {}

  // `raw`: the command as it came, which is what the approvals were given for.
  void set_state(const SetInstrumentState& command, base::Bytes raw);
  void set_price_limits(const SetPriceLimits& command, base::Bytes raw);
  void bust_trade(const TradeBust& command);
  void set_plan(const SetTradingPlan& command, base::Bytes raw);
  void advance_plan(const AdvancePlan& command);
  void end_day(const EndDay& command, base::Bytes raw);

  // Releases a held market, its instruments open for cancels alone.
  void found_cluster(const FoundCluster& command, base::Bytes raw);

  // Stops an instrument without anybody's approval: a command of its was quarantined.
  void halt(InstrumentId instrument, Reason reason);

 private:
  // By whose word a state changes. The day's plan has two people's, but what was stopped apart from
  // it stays stopped.
  struct Authority {
    int starters = 0;
    bool is_plan = false;
  };
  [[nodiscard]] bool may_change(const Instrument& instrument, InstrumentState to,
                                Authority authority) const;
  [[nodiscard]] Reason check_target(const SetInstrumentState& command) const;
  [[nodiscard]] Reason check_plan(const SetTradingPlan& command) const;
  // Of a phase that ends the plan's day.
  [[nodiscard]] Reason check_day_end(const SetTradingPlan& command, std::size_t phase) const;
  // Carries out what is due; Reason::nothing_due when nothing is.
  [[nodiscard]] Reason carry_out_due(std::uint32_t& affected);
  void hold_what_is_stopped();
  // Number and approvals; `starters` is how many different people approve who may start.
  template <typename Command>
  [[nodiscard]] Reason check_approvals(const Command& command, base::Bytes raw, int needed,
                                       int& starters) const;
  [[nodiscard]] Reason apply(const SetInstrumentState& command, Authority authority,
                             std::uint32_t& affected);
  [[nodiscard]] Reason check_founding(const FoundCluster& command, base::Bytes raw) const;
  // All instruments, or those of a segment.
  std::uint32_t apply_to_many(const SetInstrumentState& command, Authority authority);
  void apply_to_member(const SetInstrumentState& command);
  // What must happen to an instrument's call first; a reason other than none: the state stays.
  [[nodiscard]] Reason prepare_call(InstrumentId instrument, const SetInstrumentState& command,
                                    Authority authority);
  // A call that is extended is tried again after its time.
  [[nodiscard]] Reason uncross(InstrumentId instrument, InstrumentState then, std::uint32_t reason);
  // Ends the calls whose time has come; Reason::nothing_due when there are none.
  [[nodiscard]] Reason end_due_calls(std::uint32_t& affected);
  [[nodiscard]] Reason end_due_call(InstrumentId instrument, std::uint32_t& affected);
  bool change_state(InstrumentId instrument, InstrumentState state, std::uint32_t reason,
                    Authority authority);
  void tell_sessions(InstrumentId instrument, const SetInstrumentState& command, MemberId member);
  void tell_feed_of_hours(InstrumentState state);

  VenueState& state_;
  EventWriter& events_;
  SessionControl& sessions_;
  CallAuctions& auctions_;
  CallEnds& ends_;
  DayExpiry& expiry_;
};

}  // namespace okiagari::venue
