// What must be known before anybody can trade: instruments, members, accounts, sessions, operators;
// and money and lots that come in or go out.
//
// While a venue has no operator it is being founded and takes these commands from anyone. After
// that they must come from the operator's side (gateway 0); and once the operators have acted on
// the market, their number is closed, because a new key could approve in their place.
//
// Identifiers are dense: each new one is one above the last. A lower one exists already; a repeat
// of a command therefore changes nothing.
#pragma once

#include <cstdint>

#include "venue/call_auctions.h"
#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/state.h"

namespace okiagari::venue {

class ReferenceData {
 public:
  ReferenceData(VenueState& state, EventWriter& events, CallAuctions& auctions)
      : state_(state), events_(events), auctions_(auctions) {}

  void add(const AddInstrument& command);
  void add(const AddMember& command);
  void add(const AddAccount& command);
  void add(const AddSession& command);
  void add(const AddOperator& command);
  void adjust(const AdjustFunds& command);
  void set(const SetAuctionRules& command);

 private:
  [[nodiscard]] Reason check_sender(const CommandHeader& header) const;
  // Whether `number` is the next after `count` of at most `count_max`.
  [[nodiscard]] static Reason check_next(std::uint32_t number, std::uint32_t count,
                                         std::uint32_t count_max);
  [[nodiscard]] Reason check(const AddInstrument& command) const;
  [[nodiscard]] Reason check(const AddMember& command) const;
  [[nodiscard]] Reason check(const AddAccount& command) const;
  [[nodiscard]] Reason check(const AddSession& command) const;
  [[nodiscard]] Reason check(const AddOperator& command) const;
  [[nodiscard]] Reason check(const AdjustFunds& command) const;
  [[nodiscard]] Reason check(const SetAuctionRules& command) const;
  void publish(InstrumentId instrument);

  VenueState& state_;
  EventWriter& events_;
  CallAuctions& auctions_;
};

}  // namespace okiagari::venue
