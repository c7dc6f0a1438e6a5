// The state machine of the market: commands in, events out, nothing else. What belongs here:
// members, accounts and their money, sessions and exactly-once numbers, instrument states, market
// control, the state hash, snapshots. What does not: bytes of any outside protocol, files, sockets,
// clocks, threads.
//
// Two venues that applied the same batches are equal byte for byte in snapshot, hashes and events.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/types.h"
#include "market/auction_price.h"
#include "market/order_books.h"
#include "market/stop_orders.h"
#include "venue/command.h"
#include "venue/event.h"

namespace okiagari::venue {

// How much is done with one command of what may be more; the rest comes with the next ones. Neither
// state nor settings: a log means what it means under these. Tests take less, so that few orders
// make many steps.
struct Steps {
  std::uint32_t stops_triggered = 256;
  std::uint32_t day_end_looks = 4'096;  // at orders
  std::uint32_t calls_ended = 32;       // by the clock
};

// The same on every replica; a snapshot written under others is refused.
struct Limits {
  market::Limits books;
  std::uint16_t max_members = 4'096;
  std::uint16_t max_sessions = 16'384;
  std::uint32_t max_accounts = 65'536;
  std::uint32_t max_positions = 4'000'000;  // (account, instrument) pairs that ever held something
  std::uint16_t max_nodes = 16;             // that attest to a checkpoint, whatever their numbers
  // How many nodes vote in the cluster; decides what a majority of attestations is. Not state.
  std::uint16_t voters = 3;
  Steps steps;
};

// Which command is being applied, for a memory-mapped word that outlives the process: the word
// holds the sequence while apply runs and 0 between commands. See Quarantine.
using AboutToApplyWord = std::uint64_t;

class Venue {
 public:
  explicit Venue(const Limits& limits);
  ~Venue();
  Venue(Venue&&) noexcept;
  Venue& operator=(Venue&&) noexcept;

  // Applies one batch and appends its events to `events`. A malformed batch or command is refused
  // by an event or by nothing, the same on every replica; it never stops the venue.
  void apply_batch(base::Bytes batch, base::ByteWriter& events);

  // The word to keep; null for none. Owned by the caller, must outlive the venue.
  void set_about_to_apply(AboutToApplyWord* word);

  // What the last checkpoint of the last batch found, for the replica's attestation; number 0 if
  // the batch held none. `sequence`, hashes as in Attest.
  struct CheckpointFinding {
    std::uint64_t number = 0;
    Sequence sequence = 0;
    std::uint64_t state_hash = 0;
    std::uint64_t scrub_hash = 0;
    bool conserved = true;  // what came in equals what is there
  };
  [[nodiscard]] CheckpointFinding last_checkpoint() const;

  // Outcome of comparing the attestations of one checkpoint, once a majority has attested.
  enum class Agreement : std::uint8_t { undecided, agrees, in_minority, no_majority };
  [[nodiscard]] Agreement agreement(NodeId node) const;

  [[nodiscard]] Sequence last_sequence() const;
  [[nodiscard]] std::uint64_t last_event_number() const;
  [[nodiscard]] std::uint64_t last_feed_number() const;
  [[nodiscard]] TimestampNs last_timestamp_ns() const;
  // Running hash over all commands and events so far.
  [[nodiscard]] std::uint64_t state_hash() const;

  struct SessionView {
    MemberId member = 0;
    GatewayId gateway = 0;
    std::uint32_t epoch = 0;
    std::uint32_t next_stream_number = 1;
    std::uint32_t next_session_number = 1;
    std::uint32_t next_user_reference = 1;
  };
  // False when there is no such session.
  [[nodiscard]] bool session(SessionId session, SessionView& view) const;

  // False when there is no such account or asset (0: cash in minor units, else an instrument's
  // lots).
  struct BalanceView {
    Money total = 0;
    Money reserved = 0;  // for live orders
  };
  [[nodiscard]] bool balance(AccountId account, InstrumentId asset, BalanceView& view) const;

  // False when there is no such instrument.
  struct InstrumentView {
    std::array<char, 8> symbol{};
    InstrumentState state = InstrumentState::closed;
    std::uint32_t tick_e4 = 0;
    PriceTicks low_limit = 0;
    PriceTicks high_limit = 0;
    PriceTicks last_price = 0;  // 0 before the first trade
    std::uint64_t traded_lots = 0;
    std::uint16_t segment = 0;
  };
  [[nodiscard]] bool instrument(InstrumentId instrument, InstrumentView& view) const;

  // An instrument's call as it stands: where it would end now. False when it is in none.
  struct CallView {
    market::AuctionPrice price;  // its price 0: nothing would trade
    PriceTicks collar_low = 0;
    PriceTicks collar_high = 0;
    std::uint32_t extensions = 0;
    TimestampNs ends_at_ns = 0;  // by the clock; 0: when somebody says so
  };
  [[nodiscard]] bool call(InstrumentId instrument, CallView& view) const;

  // False when there is no such member.
  struct MemberView {
    std::array<char, 4> firm{};
    bool halted = false;
  };
  [[nodiscard]] bool member(MemberId member, MemberView& view) const;
  // The day's plan, and when advance_plan has something to do: a phase of it, or a call's end.
  struct PlanView {
    std::uint64_t control_number = 0;  // 0: there is none
    std::uint32_t day = 0;
    std::uint16_t phases = 0;
    std::uint16_t done = 0;
    TimestampNs next_at_ns = 0;   // 0: nothing is left to do
    std::uint32_t ended_day = 0;  // the last one that ended, 20261126; 0: none did
    bool is_ending_day = false;   // advance_plan has more to do, at once
  };
  [[nodiscard]] PlanView plan() const;

  // Of the last act of market control that was carried out.
  [[nodiscard]] std::uint64_t last_control_number() const;

  // Events (reference_*; unnumbered) that tell a gateway what exists.
  void describe(GatewayId gateway, base::ByteWriter& events) const;

  [[nodiscard]] const market::OrderBooks& books() const;
  // Beside the books: what waits for its trigger.
  [[nodiscard]] const market::StopOrders& waiting_stops() const;
  // Whether some of those were reached, more than one command lets go: they go on with the next.
  [[nodiscard]] bool has_stops_to_go() const;

  // Everything, in one deterministic form with version and trailing hash: equal states give equal
  // bytes.
  void write_snapshot(base::ByteWriter& into) const;
  // Replaces the state. The error names the offset and what is wrong; the venue is then as before.
  [[nodiscard]] base::Status load_snapshot(base::Bytes snapshot);

  // Holds the market from now on, as the first thing of a rebuilt cluster: no order is taken and no
  // reference data, until the act of this digest has come through the log with two approvals.
  void hold_for(const base::Digest& act);
  [[nodiscard]] bool is_held() const;
  // The act that the cluster was rebuilt for; null when it never was.
  [[nodiscard]] const base::Digest* founding_act() const;
  // How many different known people have approved `act`; -1 when an approval is not good.
  [[nodiscard]] int count_approvals(const base::Digest& act,
                                    std::span<const Approval> approvals) const;

  // Recomputes everything that is derivable (reservations, conservation, books against index) from
  // scratch and compares; the error says what differs. Slow: for verify and tests.
  [[nodiscard]] base::Status check_invariants() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What an act is known by: the command with its approvals zeroed, under a domain prefix.
[[nodiscard]] base::Digest approval_digest(base::Bytes command_with_approvals);
// What an approver signs whose approval holds until then; 0, for good: the act's digest itself.
[[nodiscard]] base::Digest approved_digest(const base::Digest& act, std::uint32_t accept_until_s);

}  // namespace okiagari::venue
