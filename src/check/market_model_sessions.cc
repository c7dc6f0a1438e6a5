// Log-ins and log-outs in the model: docs/venue.md a second time.
#include "check/market_model.h"

namespace okiagari::check {
namespace {

constexpr char kSessionAbsent = 'a';
constexpr std::size_t kPastLoginsMax = 4;

}  // namespace

void MarketModel::log_in(const LoggedCommand& command) {
  const auto found = sessions_.find(command.session);
  if (found == sessions_.end() || command.gateway == 0 || command.cancel_on_disconnect > 1) return;
  Session& session = found->second;
  for (const PastLogin& past : session.past_logins) {
    if (past.gateway == command.gateway && past.nonce == command.nonce) return;
  }
  ++session.epoch;
  session.gateway = command.gateway;
  session.next_stream_number = 1;
  session.cancel_on_disconnect = command.cancel_on_disconnect != 0;
  session.owes_cancels = false;
  session.past_logins.insert(session.past_logins.begin(),
                             {command.gateway, session.epoch, command.nonce});
  if (session.past_logins.size() > kPastLoginsMax) session.past_logins.pop_back();
}

void MarketModel::log_out(const LoggedCommand& command) {
  const auto found = sessions_.find(command.session);
  if (found == sessions_.end() || command.logout_reason > 2) return;
  Session& session = found->second;
  const bool may = command.gateway == session.gateway || command.gateway == 0;
  if (command.epoch != session.epoch || session.gateway == 0 || !may) return;
  session.gateway = 0;
  if (command.logout_reason != 1 || !session.cancel_on_disconnect) return;
  if (founded_on_ != 0) {
    session.owes_cancels = true;
    return;
  }
  session.owes_cancels = remove_orders(session, 0, 2, kSessionAbsent) > 0;
}

}  // namespace okiagari::check
