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
inline constexpr std::uint32_t kVersion = 4;
// Without trailing stops.
inline constexpr std::uint32_t kThirdVersion = 3;
// Without icebergs, too.
inline constexpr std::uint32_t kSecondVersion = 2;
// Without auctions, stops, a day's plan and its end, places of walks and ends of calls. Segments,
// powers of operators and last days are zero there.
inline constexpr std::uint32_t kFirstVersion = 1;

struct [[gnu::packed]] Amount {
  std::uint64_t low;
  std::int64_t high;
};
static_assert(sizeof(Amount) == 16);

struct [[gnu::packed]] LimitsRecord {
  std::uint32_t max_live_orders;
  std::uint32_t max_accounts;
  std::uint32_t max_positions;
  std::uint16_t max_instruments;
  std::uint16_t max_members;
  std::uint16_t max_sessions;
  std::uint16_t max_nodes;
};
static_assert(sizeof(LimitsRecord) == 20);

struct [[gnu::packed]] CountersRecord {
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

struct [[gnu::packed]] Header {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t foundations;  // 1 when the cluster was rebuilt, else 0
  std::uint64_t size_bytes;   // from the magic to the hash, both included
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

struct [[gnu::packed]] InstrumentRecord {
  std::array<char, 8> symbol;
  std::uint32_t tick_e4;
  InstrumentState state;
  std::uint8_t held;  // 0 before the first plan
  std::array<std::uint8_t, 2> reserved;
  PriceTicks low_limit;
  PriceTicks high_limit;
  std::int64_t money_per_tick_lot;
  PriceTicks last_price;
  std::uint16_t segment;
  std::uint16_t reserved2;
  MatchNumber last_match;
  std::uint64_t traded_lots;
  Amount came_in;
};
static_assert(sizeof(InstrumentRecord) == 72);

// After its instrument.
struct [[gnu::packed]] AuctionRecord {
  std::uint8_t ruled;  // 0: the rules are nobody's, and there is no call
  std::array<std::uint8_t, 7> reserved;
  std::uint8_t called;
  std::uint8_t extensions;
  std::uint8_t price_method;
  std::uint8_t candidates;
  std::uint8_t allocation;
  std::uint8_t takes_market_orders;
  std::uint8_t collar_unit;
  std::uint8_t extensions_max;
  PriceTicks collar_low;
  PriceTicks collar_high;
  PriceTicks base_price;
  std::uint32_t collar;
  std::uint32_t collar_step;
  std::uint32_t call_s;
  std::uint32_t extension_s;
  std::uint32_t random_end_s;
};
static_assert(sizeof(AuctionRecord) == 48);

struct [[gnu::packed]] MemberRecord {
  std::array<char, 4> firm;
  std::uint8_t halted;
  std::array<std::uint8_t, 3> reserved;
};
static_assert(sizeof(MemberRecord) == 8);

struct [[gnu::packed]] AccountRecord {
  MemberId member;
  std::array<std::uint8_t, 6> reserved;
  std::uint64_t last_transfer_number;
  Amount total;
  Amount held;  // reserved for live orders
};
static_assert(sizeof(AccountRecord) == 48);

struct [[gnu::packed]] PositionRecord {
  AccountId account;
  InstrumentId instrument;
  std::uint16_t reserved;
  Amount total;
  Amount held;
};
static_assert(sizeof(PositionRecord) == 40);

struct [[gnu::packed]] LoginRecord {
  GatewayId gateway;
  std::uint16_t reserved;
  std::uint32_t epoch;
  std::uint64_t nonce;
};
static_assert(sizeof(LoginRecord) == 16);

// Followed by its gaps, each two numbers of 32 bits.
struct [[gnu::packed]] SessionRecord {
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

struct [[gnu::packed]] OperatorRecord {
  std::uint16_t id;
  std::uint8_t stop_only;
  std::array<std::uint8_t, 5> reserved;
  base::PublicKey public_key;
};
static_assert(sizeof(OperatorRecord) == 40);

// Followed by its findings.
struct [[gnu::packed]] CheckpointRecord {
  std::uint64_t checkpoint;
  Sequence sequence;
  std::uint32_t findings;
  std::uint32_t reserved;
};
static_assert(sizeof(CheckpointRecord) == 24);

struct [[gnu::packed]] FindingRecord {
  NodeId node;
  std::array<std::uint8_t, 6> reserved;
  std::uint64_t state_hash;
  std::uint64_t scrub_hash;
  base::Digest chain;
};
static_assert(sizeof(FindingRecord) == 56);

// In ascending order of reference, which is the order in which they came to rest.
struct [[gnu::packed]] OrderRecord {
  market::OrderKey key;
  OrderReference reference;
  PriceTicks price;
  QuantityLots remaining;  // displayed
  QuantityLots executed;
  AccountId account;
  InstrumentId instrument;
  std::uint8_t side;
  std::uint8_t time_in_force;
  std::uint8_t self_trade;
  std::uint8_t reserved;
  std::uint16_t last_day;  // of one that is good till a date, else 0
};
static_assert(sizeof(OrderRecord) == 40);

// After the orders. The reaches stand behind the stops.
struct [[gnu::packed]] StopsHeader {
  std::uint32_t stops;
  std::uint32_t reaches;
};
static_assert(sizeof(StopsHeader) == 8);

// After that header: how many of those stops trail.
struct [[gnu::packed]] TrailingStopsHeader {
  std::uint32_t count;
  std::uint32_t reserved;
};
static_assert(sizeof(TrailingStopsHeader) == 8);

// Of a stop that trails, in the same order as the stops, whose trigger is where it has come to.
struct [[gnu::packed]] TrailingStopRecord {
  OrderReference reference;
  PriceTicks distance;
  std::uint32_t reserved;
};
static_assert(sizeof(TrailingStopRecord) == 16);

// In ascending order of reference, which is the order in which they began to wait.
struct [[gnu::packed]] StopRecord {
  market::OrderKey key;
  OrderReference reference;
  PriceTicks trigger;
  PriceTicks price;
  QuantityLots quantity;
  AccountId account;
  InstrumentId instrument;
  std::uint8_t side;
  std::uint8_t price_type;
  std::uint8_t time_in_force;
  std::uint8_t self_trade;
  std::uint16_t last_day;
};
static_assert(sizeof(StopRecord) == 40);

// Of an instrument in which stops go on with the next command.
struct [[gnu::packed]] ReachRecord {
  InstrumentId instrument;
  std::uint16_t reserved;
  PriceTicks low;
  PriceTicks high;
};
static_assert(sizeof(ReachRecord) == 12);

// After the stops.
struct [[gnu::packed]] PlanRecord {
  std::uint64_t control_number;
  std::uint32_t day;
  std::uint16_t count;
  std::uint16_t next;
  std::array<PlannedPhase, kPlannedPhasesMax> phases;
};
static_assert(sizeof(PlanRecord) == 16 + kPlannedPhasesMax * 16);

// Where a walk goes on: one over the orders and one over the stops, after the end of days.
struct [[gnu::packed]] WalkRecord {
  market::OrderKey key;
  InstrumentId instrument;
  std::uint8_t side;
  std::uint8_t trails;  // 1: among the stops that trail
  std::array<std::uint8_t, 4> reserved;
};
static_assert(sizeof(WalkRecord) == 16);

// After the plan.
struct [[gnu::packed]] DayEndRecord {
  std::uint16_t day;
  std::uint8_t running;
  std::uint8_t shelf;
  InstrumentId instrument;
  std::uint16_t reserved;
  market::OrderKey key;
  OrderReference reference;
  PriceTicks price;
  std::uint32_t reserved2;
  OrderReference newest;
};
static_assert(sizeof(DayEndRecord) == 40);

// After the walks: what random ends are drawn with, and how many ends of calls follow.
struct [[gnu::packed]] CallEndsHeader {
  base::Digest secret;
  std::uint32_t count;
  std::uint32_t reserved;
};
static_assert(sizeof(CallEndsHeader) == 40);

// By instrument.
struct [[gnu::packed]] CallEndRecord {
  TimestampNs at_ns;
  std::uint32_t reason;
  InstrumentId instrument;
  std::uint8_t then;
  std::uint8_t reserved;
};
static_assert(sizeof(CallEndRecord) == 16);

// After the ends of calls.
struct [[gnu::packed]] IcebergsHeader {
  std::uint32_t count;
  std::uint32_t reserved;
};
static_assert(sizeof(IcebergsHeader) == 8);

// What an order among the live ones does not display, in the same order as those.
struct [[gnu::packed]] IcebergRecord {
  market::OrderKey key;
  QuantityLots peak;
  QuantityLots hidden;
};
static_assert(sizeof(IcebergRecord) == 16);

// Last, and only when the cluster was rebuilt.
struct [[gnu::packed]] FoundationRecord {
  base::Digest act;
  std::uint8_t held;
  std::array<std::uint8_t, 7> reserved;
};
static_assert(sizeof(FoundationRecord) == 40);

// From what the venue holds. What a record leaves out follows from its place or from other records.
[[nodiscard]] Amount record_of(Money money);
[[nodiscard]] LimitsRecord record_of(const Limits& limits);
[[nodiscard]] CountersRecord record_of(const Counters& counters);
[[nodiscard]] InstrumentRecord record_of(const Instrument& instrument, Money came_in);
[[nodiscard]] AuctionRecord record_of(const Auction& auction, bool is_called);
[[nodiscard]] MemberRecord record_of(const Member& member);
[[nodiscard]] AccountRecord record_of(const Ledger::Account& account);
[[nodiscard]] PositionRecord record_of(const Ledger::Position& position);
[[nodiscard]] SessionRecord record_of(const Session& session);
[[nodiscard]] OperatorRecord record_of(const Operators::Operator& known);
[[nodiscard]] CheckpointRecord record_of(const Attestations::Record& record);
[[nodiscard]] FindingRecord record_of(const Attestations::Finding& finding);
[[nodiscard]] OrderRecord record_of(const market::Order& order);
[[nodiscard]] IcebergRecord record_of(const market::Order& order, const market::Reserve& reserve);
[[nodiscard]] StopRecord record_of(const market::Stop& stop);
[[nodiscard]] TrailingStopRecord trailing_record_of(const market::Stop& stop);
[[nodiscard]] ReachRecord record_of(InstrumentId instrument, const Stops::Reach& reach);
[[nodiscard]] PlanRecord record_of(const TradingPlan& plan);
[[nodiscard]] CallEndRecord record_of(InstrumentId instrument, const CallEnd& end);
[[nodiscard]] WalkRecord record_of(const market::OrderBooks::WalkPlace& place);
[[nodiscard]] WalkRecord record_of(const market::StopOrders::WalkPlace& place);
[[nodiscard]] DayEndRecord record_of(const DayEnd& end);
[[nodiscard]] FoundationRecord record_of(const Foundation& foundation);

[[nodiscard]] Money money_of(const Amount& amount);

}  // namespace okiagari::venue::snapshot
