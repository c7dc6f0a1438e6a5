#include "venue/session_control.h"

#include <algorithm>

namespace okiagari::venue {

void SessionControl::login(const Login& command) {
  Session* session = state_.sessions.find(command.header.session);
  if (session == nullptr) return refuse(command, Reason::unknown_session);
  if (command.header.gateway == 0 || command.cancel_on_disconnect > 1) {
    return refuse(command, Reason::malformed);
  }
  const PastLogin* past = session->find_login(command.header.gateway, command.nonce);
  if (past == nullptr) {
    begin_epoch(command, *session);
  } else if (past->epoch != session->epoch || !session->is_logged_in()) {
    return tell_fenced(command.header.gateway, session->id, past->epoch);
  }
  accept(command, *session);
}

void SessionControl::begin_epoch(const Login& command, Session& session) {
  const GatewayId gateway = command.header.gateway;
  if (session.is_logged_in() && session.gateway != gateway) {
    tell_fenced(session.gateway, session.id, session.epoch);
  }
  ++session.epoch;
  session.gateway = gateway;
  session.next_stream_number = 1;
  session.cancel_on_disconnect = command.cancel_on_disconnect != 0;
  session.owes_cancels = false;
  std::copy_backward(session.past_logins.begin(), session.past_logins.end() - 1,
                     session.past_logins.end());
  session.past_logins[0] = PastLogin{gateway, session.epoch, command.nonce};
}

void SessionControl::accept(const Login& command, const Session& session) {
  LoginAccepted& accepted = events_.to_gateway<LoginAccepted>(session.gateway, session.id);
  accepted.nonce = command.nonce;
  accepted.epoch = session.epoch;
  accepted.next_session_number = session.next_session_number;
  accepted.next_user_reference = session.numbers.next();
}

void SessionControl::refuse(const Login& command, Reason reason) {
  LoginRefused& refused =
      events_.to_gateway<LoginRefused>(command.header.gateway, command.header.session);
  refused.nonce = command.nonce;
  refused.reason = reason;
}

void SessionControl::tell_fenced(GatewayId gateway, SessionId session, std::uint32_t epoch) {
  events_.to_gateway<SessionFenced>(gateway, session).epoch = epoch;
}

void SessionControl::logout(const Logout& command) {
  const CommandHeader& header = command.header;
  Session* session = state_.sessions.find(header.session);
  if (session == nullptr) return events_.answer(header, 0, Reason::unknown_session);
  if (command.reason > LogoutReason::by_operator) {
    return events_.answer(header, 0, Reason::malformed);
  }
  // Gateway 0 is the operator, who may end any epoch.
  const bool is_own = header.gateway == session->gateway || header.gateway == 0;
  if (header.epoch != session->epoch || !(is_own || !session->is_logged_in())) {
    return tell_fenced(header.gateway, session->id, header.epoch);
  }
  if (!session->is_logged_in()) return events_.answer(header, header.epoch, Reason::none);

  if (session->gateway != header.gateway) {
    tell_fenced(session->gateway, session->id, session->epoch);
  }
  session->gateway = 0;
  std::uint32_t removed = 0;
  const bool must_cancel = command.reason == LogoutReason::absent && session->cancel_on_disconnect;
  if (must_cancel && state_.foundation.is_held) {
    session->owes_cancels = true;
  } else if (must_cancel) {
    const OrderRemoval::Count count = removal_.cancel_all(*session, Reason::session_absent);
    session->owes_cancels = count.left > 0;
    removed = count.removed;
  }
  events_.answer(header, header.epoch, Reason::none, removed);
}

void SessionControl::cancel_what_is_owed() {
  for (std::uint32_t id = 1; id <= state_.sessions.count(); ++id) {
    Session& session = state_.sessions[static_cast<SessionId>(id)];
    if (!session.owes_cancels) continue;
    session.owes_cancels = removal_.cancel_all(session, Reason::session_absent).left > 0;
  }
}

}  // namespace okiagari::venue
