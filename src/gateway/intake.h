// What members send becomes commands for the venue: receipts first, then limits, then translation
// into the stream of undecided commands. What cannot be taken is refused at once, to its sender
// alone.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "gateway/arrivals.h"
#include "gateway/halt_guard.h"
#include "gateway/measures.h"
#include "gateway/options.h"
#include "gateway/order_instruments.h"
#include "gateway/receipt_log.h"
#include "gateway/session.h"
#include "gateway/undecided.h"
#include "venue/command.h"
#include "wire/format_level.h"
#include "wire/ouch.h"
#include "wire/symbols.h"

namespace okiagari::gateway {

class Intake {
 public:
  Intake(const GatewayOptions& options, const wire::Symbols& symbols, UndecidedCommands& undecided,
         Arrivals& arrivals, ReceiptLog& receipts, Measures& measures, const HaltGuard& halts,
         OrderInstruments& orders)
      : options_(options),
        symbols_(symbols),
        undecided_(undecided),
        arrivals_(arrivals),
        receipts_(receipts),
        measures_(measures),
        halts_(halts),
        orders_(orders) {}

  // When the messages that follow arrived, and whether the cluster has been away for too long.
  struct Moment {
    TimestampNs wall_ns = 0;
    std::uint64_t now_ms = 0;
    std::uint64_t now_ns = 0;
    bool cluster_away = false;
    wire::FormatLevel format_level = wire::kLowestFormatLevel;
  };

  // One message of a logged-in session. False when there is no room for its command: nothing has
  // happened, and it is to be brought again. A malformed one ends the session's line.
  [[nodiscard]] bool take(Session& session, base::Bytes message, const Moment& moment);

 private:
  // Why a well-formed message is refused before it is translated; venue_reason: it is not.
  struct Refusal {
    wire::ouch::RejectCode reason = wire::ouch::RejectCode::venue_reason;
    std::uint32_t retry_after_ms = 0;
  };
  [[nodiscard]] Refusal check(Session& session, base::Bytes message, const Moment& moment) const;
  // Of a new order or a replacement, under the halts that are in force here.
  [[nodiscard]] bool is_halted(const Session& session, base::Bytes message) const;
  void note_order(Session& session, const venue::CommandHeader& command);
  void refuse(Session& session, base::Bytes message, std::uint32_t user_reference,
              wire::ouch::RejectCode reason, std::uint32_t retry_after_ms, const Moment& moment);
  void take_query(Session& session, base::Bytes message, const Moment& moment);
  // Milliseconds until the session may send one more, 0: now, and one is used up.
  [[nodiscard]] std::uint32_t throttle(Session& session, std::uint64_t now_ms) const;

  const GatewayOptions& options_;
  const wire::Symbols& symbols_;
  UndecidedCommands& undecided_;
  Arrivals& arrivals_;
  ReceiptLog& receipts_;
  Measures& measures_;
  const HaltGuard& halts_;
  OrderInstruments& orders_;
};

// Answers account queries whose predecessors are all decided and told.
void answer_queries(Session& session, TimestampNs wall_ns);

}  // namespace okiagari::gateway
