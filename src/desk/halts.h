// Halts ordered through the desk. One person may stop; so may the playbook when nobody decides. An
// order goes out by two roads at once, the market's log and the gateways' guard, and is in effect
// when one of them proves it.
//
// An order stays in force until the market and the gateways say themselves that nothing is stopped
// by it any more: who lifts a halt may do so without the desk.
//
// Entries: halt.order {incident, scope, target, state, reason}; halt.seen {asked_ns, sequence,
// instruments, stopped_count, stopped, members, guards, guards_unknown}; halt.effect from the
// outbox.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"

namespace okiagari::desk {

struct Halt {
  std::uint64_t number = 0;  // of the desk's orders, from 1
  std::string incident;
  std::string scope;   // market, segment, instrument, member
  std::string target;  // empty for the market
  std::string state;   // cancel_only, or halted when integrity is in doubt
  std::string reason;
  std::string by;
  TimestampNs ordered_ns = 0;
  TimestampNs in_effect_ns = 0;  // 0: not yet
  TimestampNs over_ns = 0;       // 0: not seen to be lifted
  // Per road: what it answered, with log position or last accepted numbers.
  std::map<std::string, boost::json::object> proofs;
};

// What the market and its gateways say is stopped, as it was seen last.
struct StopsSeen {
  struct Instrument {
    std::string symbol;
    std::int64_t segment = 0;
    std::string state;
  };
  TimestampNs asked_ns = 0;  // 0: nobody has looked yet
  std::uint64_t sequence = 0;
  std::uint64_t instruments = 0;  // that there are
  std::uint64_t stopped_count = 0;
  std::vector<Instrument> stopped;    // the first of them
  std::vector<std::int64_t> members;  // that are stopped
  std::uint64_t guards = 0;           // gateways that obey halts of their own
  std::uint64_t guards_unknown = 0;   // gateways that do not say

  [[nodiscard]] bool is_any() const { return stopped_count + members.size() + guards != 0; }
};

class Halts final : public Part {
 public:
  static constexpr std::size_t kStoppedMax = 500;

  // Whether anything is stopped: by the desk's orders that were not seen lifted, or by what the
  // market says.
  [[nodiscard]] bool is_any_in_force() const;
  // Whether nobody can trade because of it.
  [[nodiscard]] bool is_market_stopped() const;
  [[nodiscard]] bool is_segment_stopped(std::int64_t segment) const;
  [[nodiscard]] bool is_instrument_stopped(std::string_view symbol) const;
  // Of the whole market's halt: "halted" when one of them is so hard, else "cancel_only".
  [[nodiscard]] std::string_view market_state() const;
  [[nodiscard]] const StopsSeen& seen() const { return seen_; }
  // Orders in effect that were not seen to be lifted.
  [[nodiscard]] std::vector<const Halt*> in_force() const;
  // Whether an entry "halt.seen" with this body would show that an order was lifted.
  [[nodiscard]] bool lifts_any(const boost::json::object& body) const;

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"halt"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  base::Status order(const Entry& entry, Context& context);
  base::Status take_effect(const Entry& entry, Context& context);
  base::Status see(const Entry& entry, Context& context);
  [[nodiscard]] static bool is_lifted(const Halt& halt, const StopsSeen& seen);

  std::map<std::uint64_t, Halt> halts_;
  StopsSeen seen_;
};

}  // namespace okiagari::desk
