// Log-ins and log-outs: epochs that fence older gateways, and cancel on disconnect.
#pragma once

#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/order_removal.h"
#include "venue/state.h"

namespace okiagari::venue {

class SessionControl {
 public:
  SessionControl(VenueState& state, EventWriter& events, OrderRemoval& removal)
      : state_(state), events_(events), removal_(removal) {}

  void login(const Login& command);
  void logout(const Logout& command);

  // The sender's epoch of that session has ended.
  void tell_fenced(GatewayId gateway, SessionId session, std::uint32_t epoch);

  // Instruments take cancels again: carries out what sessions are owed.
  void cancel_what_is_owed();

 private:
  void refuse(const Login& command, Reason reason);
  void accept(const Login& command, const Session& session);
  void begin_epoch(const Login& command, Session& session);

  VenueState& state_;
  EventWriter& events_;
  OrderRemoval& removal_;
};

}  // namespace okiagari::venue
