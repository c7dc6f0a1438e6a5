// The snapshot's records, little endian and packed; docs/formats/snapshot.md lists them byte by
// byte. The scrub hashes the same records, so that what a snapshot holds is what replicas compare.
#pragma once

#include <array>
#include <cstdint>

#include "base/hash.h"
#include "base/signature.h"
#include "base/types.h"
#include "venue/command.h"
#include "venue/sessions.h"
#include "venue/state.h"

namespace okiagari::venue::snapshot {

inline constexpr std::array<char, 8> kMagic{'O', 'K', 'I', 'A', 'S', 'N', 'A', 'P'};
inline constexpr std::uint32_t kVersion = 1;

#pragma pack(push, 1)

struct Amount {
  std::uint64_t low;
  std::int64_t high;
};
static_assert(sizeof(Amount) == 16);

struct LimitsRecord {
  std::uint32_t max_live_orders;
  std::uint32_t max_accounts;
  std::uint32_t max_positions;
  std::uint16_t max_instruments;
  std::uint16_t max_members;
  std::uint16_t max_sessions;
  std::uint16_t max_nodes;
};
static_assert(sizeof(LimitsRecord) == 20);

struct CountersRecord {
  Sequence sequence;
  std::uint64_t event_number;
  std::uint64_t feed_number;
  OrderReference order_reference;
  MatchNumber match_number;
  std::uint64_t control_number;
  std::uint64_t checkpoints;
  TimestampNs timestamp_ns;
  std::uint64_t state_hash;
};
static_assert(sizeof(CountersRecord) == 72);

struct Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t reserved;
  std::uint64_t size_bytes;  // from the magic to the hash, both included
  LimitsRecord limits;
  std::uint32_t live_orders;
  CountersRecord counters;
  Amount cash_came_in;
  // How many records of each kind follow, in this order.
  std::uint32_t instruments;
  std::uint32_t members;
  std::uint32_t accounts;
  std::uint32_t positions;
  std::uint32_t sessions;
  std::uint32_t operators;
  std::uint32_t quarantined;
  std::uint32_t checkpoints;
};
static_assert(sizeof(Header) == 24 + 20 + 4 + 72 + 16 + 32);

struct InstrumentRecord {
  std::array<char, 8> symbol;
  std::uint32_t tick_e4;
  InstrumentState state;
  std::array<std::uint8_t, 3> reserved;
  PriceTicks low_limit;
  PriceTicks high_limit;
  std::int64_t money_per_tick_lot;
  PriceTicks last_price;
  std::uint32_t reserved2;
  MatchNumber last_match;
  std::uint64_t traded_lots;
  Amount came_in;
};
static_assert(sizeof(InstrumentRecord) == 72);

struct MemberRecord {
  std::array<char, 4> firm;
  std::uint8_t halted;
  std::array<std::uint8_t, 3> reserved;
};
static_assert(sizeof(MemberRecord) == 8);

struct AccountRecord {
  MemberId member;
  std::array<std::uint8_t, 6> reserved;
  std::uint64_t last_transfer_number;
  Amount total;
  Amount held;  // reserved for live orders
};
static_assert(sizeof(AccountRecord) == 48);

struct PositionRecord {
  AccountId account;
  InstrumentId instrument;
  std::uint16_t reserved;
  Amount total;
  Amount held;
};
static_assert(sizeof(PositionRecord) == 40);

struct LoginRecord {
  GatewayId gateway;
  std::uint16_t reserved;
  std::uint32_t epoch;
  std::uint64_t nonce;
};
static_assert(sizeof(LoginRecord) == 16);

// Followed by its gaps, each two numbers of 32 bits.
struct SessionRecord {
  MemberId member;
  GatewayId gateway;
  AccountId default_account;
  std::uint8_t cancel_on_disconnect;
  std::uint8_t owes_cancels;
  std::uint16_t gaps;
  std::uint32_t epoch;
  std::uint32_t next_stream_number;
  std::uint32_t next_session_number;
  std::uint32_t mark;
  std::uint32_t floor;
  std::array<LoginRecord, Session::kPastLogins> past_logins;
};
static_assert(sizeof(SessionRecord) == 32 + 64);

struct OperatorRecord {
  std::uint16_t id;
  std::array<std::uint8_t, 6> reserved;
  base::PublicKey public_key;
};
static_assert(sizeof(OperatorRecord) == 40);

// Followed by its findings.
struct CheckpointRecord {
  std::uint64_t checkpoint;
  Sequence sequence;
  std::uint32_t findings;
  std::uint32_t reserved;
};
static_assert(sizeof(CheckpointRecord) == 24);

struct FindingRecord {
  NodeId node;
  std::array<std::uint8_t, 6> reserved;
  std::uint64_t state_hash;
  std::uint64_t scrub_hash;
  base::Digest chain;
};
static_assert(sizeof(FindingRecord) == 56);

// In ascending order of reference, which is the order in which they came to rest.
struct OrderRecord {
  market::OrderKey key;
  OrderReference reference;
  PriceTicks price;
  QuantityLots remaining;
  QuantityLots executed;
  AccountId account;
  InstrumentId instrument;
  std::uint8_t side;
  std::uint8_t time_in_force;
  std::uint8_t self_trade;
  std::array<std::uint8_t, 3> reserved;
};
static_assert(sizeof(OrderRecord) == 40);

#pragma pack(pop)

// From what the venue holds. What a record leaves out follows from its place or from other records.
[[nodiscard]] Amount record_of(Money money);
[[nodiscard]] LimitsRecord record_of(const Limits& limits);
[[nodiscard]] CountersRecord record_of(const Counters& counters);
[[nodiscard]] InstrumentRecord record_of(const Instrument& instrument, Money came_in);
[[nodiscard]] MemberRecord record_of(const Member& member);
[[nodiscard]] AccountRecord record_of(const Ledger::Account& account);
[[nodiscard]] PositionRecord record_of(const Ledger::Position& position);
[[nodiscard]] SessionRecord record_of(const Session& session);
[[nodiscard]] OperatorRecord record_of(const Operators::Operator& known);
[[nodiscard]] CheckpointRecord record_of(const Attestations::Record& record);
[[nodiscard]] FindingRecord record_of(const Attestations::Finding& finding);
[[nodiscard]] OrderRecord record_of(const market::Order& order);

[[nodiscard]] Money money_of(const Amount& amount);

}  // namespace okiagari::venue::snapshot
