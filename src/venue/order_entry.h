// New orders and replacements: exactly-once numbers, checks, matching, answers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/match_recorder.h"
#include "venue/order_checks.h"
#include "venue/state.h"

namespace okiagari::venue {

class OrderEntry {
 public:
  OrderEntry(VenueState& state, EventWriter& events)
      : state_(state), events_(events), checks_(state) {}

  void enter(const NewOrder& command, Session& session) { enter(command, 0, session); }
  void enter(const NewIceberg& command, Session& session);
  // Keeps its priority when the price stays, what it shows at a time stays, and the quantity does
  // not grow; else it is a new order in the place of the old one, which lives on unchanged if the
  // new one is refused.
  void replace(const ReplaceOrder& command, Session& session) {
    replace(command, std::nullopt, session);
  }
  void replace(const ReplaceIceberg& command, Session& session) {
    replace(command, QuantityLots{command.display}, session);
  }

  // Its number is used up and `reason` is its answer.
  void refuse(const NewOrder& command, Session& session, Reason reason);
  void refuse(const ReplaceOrder& command, Session& session, Reason reason);

  // For whoever else takes what is numbered like an order.

  // Names the order that an answer is for.
  struct Name {
    std::uint32_t user_reference;
    std::uint32_t stream_number;
    std::array<char, 14> client_order_id;
  };
  template <typename Command>
  static Name name_of(const Command& command) {
    return {command.user_reference, command.header.stream_number, command.client_order_id};
  }

  // False when the number is not fresh; then it is answered, or is a repeat that needs no answer.
  [[nodiscard]] bool take_number(const Name& order, Session& session);
  void reject(const Name& order, Session& session, Reason reason);

 private:
  // `display`: of an iceberg, the most that it shows at a time; 0: it is none. Of a replacement,
  // nothing: as much as the order whose place it takes.
  void enter(const NewOrder& command, QuantityLots display, Session& session);
  void replace(const ReplaceOrder& command, std::optional<QuantityLots> display, Session& session);
  [[nodiscard]] Reason try_to_enter(const NewOrder& command, QuantityLots display,
                                    Session& session);
  [[nodiscard]] Reason try_to_replace(const ReplaceOrder& command,
                                      std::optional<QuantityLots> display, Session& session);
  [[nodiscard]] market::Submitted submit(const market::Incoming& incoming, MatchRecorder& recorder);
  void count_out(const market::Order& order, QuantityLots lots);
  void end_original(const market::Order& original, const ReplaceOrder& command, Session& session);
  void tell_reduced(const market::Order& original, const market::Incoming& incoming,
                    const ReplaceOrder& command, OrderReplaced& replaced);
  void reduce_original(const market::Order& original, const market::Incoming& incoming,
                       const ReplaceOrder& command, Session& session);

  VenueState& state_;
  EventWriter& events_;
  OrderChecks checks_;
};

}  // namespace okiagari::venue
