// Holds what members sent against what the journal carried out: everything that was sent and not
// refused by a gateway must have been applied once, unchanged and in the order sent, and nothing
// else.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/bytes.h"
#include "check/findings.h"
#include "check/logged_command.h"
#include "check/market_model.h"
#include "check/session_history.h"

namespace okiagari::check {

// By session, what the journal holds of it in order.
struct LoggedOfSession {
  LoggedCommand command;
  Disposition disposition{};
};
using LoggedBySession = std::map<std::uint16_t, std::vector<LoggedOfSession>>;

using InstrumentIds = std::map<Symbol, std::uint16_t>;

// The command that a member's message asks for; false when it is none. Only what the member decides
// is set, not who forwarded it.
[[nodiscard]] bool command_of(base::Bytes message, const InstrumentIds& instruments,
                              LoggedCommand& command);

void compare_sent_and_logged(std::uint16_t session, const SessionHistory& history,
                             const std::vector<LoggedOfSession>& logged,
                             const InstrumentIds& instruments, const MarketModel& model,
                             Findings& findings);

}  // namespace okiagari::check
