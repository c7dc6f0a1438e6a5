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
#include <string>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/types.h"
#include "market/order_books.h"
#include "venue/command.h"
#include "venue/event.h"

namespace okiagari::venue {

// The same on every replica; a snapshot written under others is refused.
struct Limits {
  market::Limits books;
  std::uint16_t max_members = 4'096;
  std::uint16_t max_sessions = 16'384;
  std::uint32_t max_accounts = 65'536;
  std::uint32_t max_positions = 4'000'000;  // (account, instrument) pairs that ever held something
  std::uint16_t max_nodes = 16;
  // How many nodes vote in the cluster; decides what a majority of attestations is. Not state.
  std::uint16_t voters = 3;
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
  };
  [[nodiscard]] bool instrument(InstrumentId instrument, InstrumentView& view) const;

  // Events (reference_instrument, reference_session; unnumbered) that tell a gateway what exists.
  void describe(GatewayId gateway, base::ByteWriter& events) const;

  [[nodiscard]] const market::OrderBooks& books() const;

  // Everything, in one deterministic form with version and trailing hash: equal states give equal
  // bytes.
  void write_snapshot(base::ByteWriter& into) const;
  // Replaces the state. The error names the offset and what is wrong; the venue is then as before.
  [[nodiscard]] base::Status load_snapshot(base::Bytes snapshot);

  // Recomputes everything that is derivable (reservations, conservation, books against index) from
  // scratch and compares; the error says what differs. Slow: for verify and tests.
  [[nodiscard]] base::Status check_invariants() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What an approver signs: the command with its approvals zeroed, under a domain prefix.
[[nodiscard]] base::Digest approval_digest(base::Bytes command_with_approvals);

}  // namespace okiagari::venue
