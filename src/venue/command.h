// Everything that can change the state of the market, as it stands in the replicated log. Fixed
// layouts, little endian, packed; docs/formats/commands.md lists them byte by byte and the
// static_asserts tie the two together. A gateway builds these bytes, the log carries them unread,
// the venue applies them.
//
// A batch (one entry of the log) is a BatchHeader followed by whole commands. The header's time is
// the leader's stamp and holds for every command in it; it never runs backwards.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/hash.h"
#include "base/signature.h"
#include "base/types.h"

namespace okiagari::venue {

inline constexpr std::uint8_t kCommandVersion = 1;
inline constexpr std::uint16_t kBatchVersion = 1;
inline constexpr std::uint32_t kMaxCommandBytes = 1024;
inline constexpr std::uint32_t kMaxBatchBytes = 1u << 20;

enum class CommandType : std::uint8_t {
  // From a session, numbered within its epoch.
  new_order = 1,
  replace_order = 2,
  cancel_order = 3,
  mass_cancel = 4,
  new_stop = 5,
  replace_stop = 6,
  new_iceberg = 7,
  replace_iceberg = 8,
  new_trailing_stop = 9,
  replace_trailing_stop = 10,
  // From a gateway, about a session.
  login = 16,
  logout = 17,
  // Market control: approvals inside where two people are needed.
  set_instrument_state = 32,
  set_price_limits = 33,
  trade_bust = 34,
  set_trading_plan = 35,
  advance_plan = 36,  // from the leader, when a phase is due or a day's end goes on
  end_day = 37,
  // Reference data and funds.
  add_instrument = 48,
  add_member = 49,
  add_account = 50,
  add_session = 51,
  add_operator = 52,
  adjust_funds = 53,
  set_auction_rules = 54,
  // From the replicas themselves.
  checkpoint = 64,
  attest = 65,
  quarantine = 66,
  no_operation = 67,
  checkpoint_in_steps = 68,
  // Of the cluster itself: approvals inside.
  found_cluster = 80,
};

struct [[gnu::packed]] BatchHeader {
  std::uint16_t version;
  std::uint16_t reserved;
  std::uint32_t count;       // commands that follow
  std::uint32_t size_bytes;  // header and commands
  std::uint32_t reserved2;
  TimestampNs timestamp_ns;
};
static_assert(sizeof(BatchHeader) == 24);

struct [[gnu::packed]] CommandHeader {
  std::uint16_t size_bytes;  // header and body
  CommandType type;
  std::uint8_t version;
  SessionId session;    // 0 when not from or about a session
  GatewayId gateway;    // that forwarded it; 0 when it came from a node or an operator's command
  std::uint32_t epoch;  // of the session, as told by the login; 0 when not from a session
  std::uint32_t stream_number;  // contiguous from 1 within the epoch; 0 when not from a session
};
static_assert(sizeof(CommandHeader) == 16);

// As the time in force of a replacement: that of the order in whose place it comes.
inline constexpr std::uint8_t kTimeInForceAsBefore = 255;

struct [[gnu::packed]] NewOrder {
  static constexpr CommandType kType = CommandType::new_order;
  CommandHeader header;
  std::uint32_t user_reference;
  QuantityLots quantity;
  std::uint64_t price_e4;   // 1/10000 of the currency unit; the venue checks the tick
  AccountId account;        // 0: the session's default account
  InstrumentId instrument;  // 0: the gateway knew no such symbol; refused by its own reason
  Side side;
  std::uint8_t price_type;     // market::PriceType
  std::uint8_t time_in_force;  // market::TimeInForce
  std::uint8_t self_trade;     // market::SelfTradePrevention
  std::uint8_t post_only;      // 0 or 1
  std::uint8_t reserved;
  std::array<char, 14> client_order_id;
  std::uint16_t last_day;  // of one that is good till a date: days since the epoch
};
static_assert(sizeof(NewOrder) == 60);

struct [[gnu::packed]] ReplaceOrder {
  static constexpr CommandType kType = CommandType::replace_order;
  CommandHeader header;
  std::uint32_t original_user_reference;
  std::uint32_t user_reference;
  QuantityLots quantity;  // intended size including what has been filled (OUCH 5.0 replace)
  std::uint16_t last_day;
  std::uint16_t reserved;
  std::uint64_t price_e4;
  std::uint8_t time_in_force;
  std::uint8_t post_only;
  std::array<char, 14> client_order_id;
};
static_assert(sizeof(ReplaceOrder) == 56);

struct [[gnu::packed]] CancelOrder {
  static constexpr CommandType kType = CommandType::cancel_order;
  CommandHeader header;
  std::uint32_t user_reference;
  QuantityLots quantity;  // intended remaining size, 0 takes the order out; idempotent
};
static_assert(sizeof(CancelOrder) == 24);

struct [[gnu::packed]] MassCancel {
  static constexpr CommandType kType = CommandType::mass_cancel;
  CommandHeader header;
  InstrumentId instrument;  // 0: all
  std::uint8_t side;        // 0 buy, 1 sell, 2 both
  std::uint8_t reserved;
  std::uint32_t user_reference;
};
static_assert(sizeof(MassCancel) == 24);

// An order that waits beside the books until a trade has the price of its trigger. It begins as a
// new order does.
struct [[gnu::packed]] NewStop {
  static constexpr CommandType kType = CommandType::new_stop;
  CommandHeader header;
  std::uint32_t user_reference;
  QuantityLots quantity;
  std::uint64_t price_e4;  // of the order that it becomes
  AccountId account;
  InstrumentId instrument;
  Side side;
  std::uint8_t price_type;
  std::uint8_t time_in_force;  // one that lasts
  std::uint8_t self_trade;
  std::uint8_t post_only;  // 0
  std::uint8_t reserved;
  std::array<char, 14> client_order_id;
  std::uint16_t last_day;
  std::uint64_t trigger_e4;
};
static_assert(sizeof(NewStop) == sizeof(NewOrder) + 8);
static_assert(offsetof(NewStop, client_order_id) == offsetof(NewOrder, client_order_id));

// Of one that still waits. It begins as the replacement of an order does.
struct [[gnu::packed]] ReplaceStop {
  static constexpr CommandType kType = CommandType::replace_stop;
  CommandHeader header;
  std::uint32_t original_user_reference;
  std::uint32_t user_reference;
  QuantityLots quantity;
  std::uint16_t last_day;
  std::uint16_t reserved;
  std::uint64_t price_e4;
  std::uint8_t time_in_force;
  std::uint8_t post_only;  // 0
  std::array<char, 14> client_order_id;
  std::uint64_t trigger_e4;
  std::uint8_t price_type;
  std::array<std::uint8_t, 7> reserved2;
};
static_assert(sizeof(ReplaceStop) == sizeof(ReplaceOrder) + 16);
static_assert(offsetof(ReplaceStop, client_order_id) == offsetof(ReplaceOrder, client_order_id));

// An order that shows no more than `display` lots at a time: when those have traded, the next ones
// are shown behind all that is displayed at its price. Otherwise it is as a new order.
struct [[gnu::packed]] NewIceberg : NewOrder {
  static constexpr CommandType kType = CommandType::new_iceberg;
  QuantityLots display;
  std::uint32_t reserved2;
};
static_assert(sizeof(NewIceberg) == sizeof(NewOrder) + 8);

// Of any order that rests, with what it shows from here on. The replacement of an iceberg by
// replace_order shows as much as it did.
struct [[gnu::packed]] ReplaceIceberg : ReplaceOrder {
  static constexpr CommandType kType = CommandType::replace_iceberg;
  QuantityLots display;  // 0: all of it
  std::uint32_t reserved2;
};
static_assert(sizeof(ReplaceIceberg) == sizeof(ReplaceOrder) + 8);

// A stop whose trigger follows the price: that of a sell stays `distance` below the highest price
// since it came, that of a buy as far above the lowest. Otherwise it is as a new stop.
struct [[gnu::packed]] NewTrailingStop : NewOrder {
  static constexpr CommandType kType = CommandType::new_trailing_stop;
  std::uint64_t distance_e4;
};
static_assert(sizeof(NewTrailingStop) == sizeof(NewStop));

// Of any stop that still waits: from here on it follows the price, beginning with the last one.
// The replacement of a trailing stop by replace_stop gives it a trigger that stays.
struct [[gnu::packed]] ReplaceTrailingStop : ReplaceOrder {
  static constexpr CommandType kType = CommandType::replace_trailing_stop;
  std::uint64_t distance_e4;
  std::uint8_t price_type;
  std::array<std::uint8_t, 7> reserved2;
};
static_assert(sizeof(ReplaceTrailingStop) == sizeof(ReplaceStop));

// Raises the session's epoch and routes its messages to header.gateway. The same (gateway, nonce)
// again answers the same epoch: a gateway may repeat it after a fail-over.
struct [[gnu::packed]] Login {
  static constexpr CommandType kType = CommandType::login;
  CommandHeader header;
  std::uint64_t nonce;
  std::uint8_t cancel_on_disconnect;
  std::array<std::uint8_t, 7> reserved;
};
static_assert(sizeof(Login) == 32);

enum class LogoutReason : std::uint8_t { by_member = 0, absent = 1, by_operator = 2 };

// Ends the epoch named in the header. `absent` is sent when the member stayed away for the grace
// time; then the orders go if the login asked for it.
struct [[gnu::packed]] Logout {
  static constexpr CommandType kType = CommandType::logout;
  CommandHeader header;
  LogoutReason reason;
  std::array<std::uint8_t, 7> reserved;
};
static_assert(sizeof(Logout) == 24);

enum class InstrumentState : std::uint8_t {
  halted = 0,
  cancel_only = 1,
  post_only = 2,
  auction_call = 3,
  uncross = 4,
  limit_only = 5,
  full = 6,
  closed = 7,
};

// An approver's signature over the digest of the act and of how long the approval holds:
// approved_digest() of this command.
struct [[gnu::packed]] Approval {
  std::uint16_t operator_id;     // as in add_operator; 0: no approval in this place
  std::uint32_t accept_until_s;  // since the epoch, held against the batch's time; 0: for good
  std::uint16_t reserved;
  base::Signature signature;
};
static_assert(sizeof(Approval) == 72);

enum class Scope : std::uint8_t { market = 0, instrument = 1, member = 2, segment = 3 };

// Phase change or halt. Down (towards cancel_only and halted) needs one approval, up needs two of
// different operators who may start. control_number must be above the last applied one, so a repeat
// changes nothing.
struct [[gnu::packed]] SetInstrumentState {
  static constexpr CommandType kType = CommandType::set_instrument_state;
  CommandHeader header;
  std::uint64_t control_number;
  Scope scope;
  InstrumentState state;
  std::uint16_t target;  // instrument, member or segment; 0 for the market
  std::uint32_t reason;  // free for the playbook; shown in the events
  std::array<Approval, 2> approvals;
};
static_assert(sizeof(SetInstrumentState) == 16 + 16 + 144);

struct [[gnu::packed]] SetPriceLimits {
  static constexpr CommandType kType = CommandType::set_price_limits;
  CommandHeader header;
  std::uint64_t control_number;
  InstrumentId instrument;
  std::array<std::uint8_t, 6> reserved;
  PriceTicks low;
  PriceTicks high;
  std::array<Approval, 2> approvals;
};
static_assert(sizeof(SetPriceLimits) == 16 + 24 + 144);

// Undoes the money of one trade; always two approvals. The format is fixed now; what the venue does
// not yet do it refuses with its own reason.
struct [[gnu::packed]] TradeBust {
  static constexpr CommandType kType = CommandType::trade_bust;
  CommandHeader header;
  std::uint64_t control_number;
  MatchNumber match;
  std::array<Approval, 2> approvals;
};
static_assert(sizeof(TradeBust) == 16 + 16 + 144);

// In the place of a planned phase's state: the plan's day ends. Of the market, and the last phase.
inline constexpr auto kDayEnd = static_cast<InstrumentState>(8);

// A phase of a trading day: what set_instrument_state would do at that time, or what end_day would.
struct [[gnu::packed]] PlannedPhase {
  TimestampNs at_ns;
  std::uint32_t reason;
  std::uint16_t target;  // instrument or segment; 0 for the market
  Scope scope;           // not a member
  InstrumentState state;
};
static_assert(sizeof(PlannedPhase) == 16);

inline constexpr std::size_t kPlannedPhasesMax = 24;

// Takes the place of the plan that was there, also of what is left of it. Its times ascend. Always
// two approvals; one is enough for a plan without phases, which starts nothing.
struct [[gnu::packed]] SetTradingPlan {
  static constexpr CommandType kType = CommandType::set_trading_plan;
  CommandHeader header;
  std::uint64_t control_number;
  std::uint32_t day;    // 20261126
  std::uint16_t count;  // phases; those behind are zero
  std::uint16_t reserved;
  std::array<PlannedPhase, kPlannedPhasesMax> phases;
  std::array<Approval, 2> approvals;
};
static_assert(sizeof(SetTradingPlan) == 16 + 16 + kPlannedPhasesMax * 16 + 144);

// Carries out every phase of the plan whose time is not after its batch's (venue/trading_plan.h),
// and a step of a day's end that has not come to its end (venue/day_end.h).
struct [[gnu::packed]] AdvancePlan {
  static constexpr CommandType kType = CommandType::advance_plan;
  CommandHeader header;
};
static_assert(sizeof(AdvancePlan) == 16);

// Ends a trading day, also one that an outage kept from its end: venue/day_end.h. Always two
// approvals.
struct [[gnu::packed]] EndDay {
  static constexpr CommandType kType = CommandType::end_day;
  CommandHeader header;
  std::uint64_t control_number;
  std::uint32_t day;  // 20261126
  std::uint32_t reserved;
  std::array<Approval, 2> approvals;
};
static_assert(sizeof(EndDay) == 16 + 16 + 144);

struct [[gnu::packed]] AddInstrument {
  static constexpr CommandType kType = CommandType::add_instrument;
  CommandHeader header;
  InstrumentId instrument;
  std::array<char, 8> symbol;       // padded with spaces, as on the wire
  std::uint16_t segment;            // that can be stopped as one; 0: none
  std::uint32_t tick_e4;            // tick in 1/10000 of the currency unit
  std::int64_t money_per_tick_lot;  // minor units that one lot costs per tick
  PriceTicks low_limit;
  PriceTicks high_limit;
  InstrumentState state;  // at the start
  std::array<std::uint8_t, 7> reserved2;
};
static_assert(sizeof(AddInstrument) == 16 + 40);

struct [[gnu::packed]] AddMember {
  static constexpr CommandType kType = CommandType::add_member;
  CommandHeader header;
  MemberId member;
  std::array<char, 4> firm;  // ITCH/OUCH MPID
  std::uint16_t reserved;
};
static_assert(sizeof(AddMember) == 24);

struct [[gnu::packed]] AddAccount {
  static constexpr CommandType kType = CommandType::add_account;
  CommandHeader header;
  AccountId account;
  MemberId member;
  std::uint16_t reserved;
};
static_assert(sizeof(AddAccount) == 24);

struct [[gnu::packed]] AddSession {
  static constexpr CommandType kType = CommandType::add_session;
  CommandHeader header;
  SessionId added_session;
  MemberId member;
  AccountId default_account;
};
static_assert(sizeof(AddSession) == 24);

struct [[gnu::packed]] AddOperator {
  static constexpr CommandType kType = CommandType::add_operator;
  CommandHeader header;
  std::uint16_t operator_id;
  std::uint8_t stop_only;  // 1: may stop, and is not counted where two are needed
  std::array<std::uint8_t, 5> reserved;
  base::PublicKey public_key;
};
static_assert(sizeof(AddOperator) == 56);

// Deposit (positive) or withdrawal (negative, refused below what is reserved). asset 0 is cash in
// minor units; asset n is instrument n in lots. transfer_number above the account's last one, so a
// repeat changes nothing.
struct [[gnu::packed]] AdjustFunds {
  static constexpr CommandType kType = CommandType::adjust_funds;
  CommandHeader header;
  AccountId account;
  InstrumentId asset;
  std::uint16_t reserved;
  std::uint64_t transfer_number;
  std::int64_t amount_low;  // the 128-bit amount, low half then high half
  std::int64_t amount_high;
};
static_assert(sizeof(AdjustFunds) == 48);

// How an instrument's calls are run: venue/auction_rules.h. Not while one is open. call_s is for
// whoever keeps the calendar; by the other times the leader's advance_plan ends calls.
struct [[gnu::packed]] SetAuctionRules {
  static constexpr CommandType kType = CommandType::set_auction_rules;
  CommandHeader header;
  InstrumentId instrument;
  std::uint8_t price_method;         // market::PriceRule::Method
  std::uint8_t candidates;           // market::PriceRule::Candidates
  std::uint8_t allocation;           // market::AllocationRule
  std::uint8_t takes_market_orders;  // 0 or 1
  std::uint8_t collar_unit;          // market::WidthUnit
  std::uint8_t extensions_max;       // after so many the collar is not looked at; 0: any number
  PriceTicks base_price;             // the reference before the first trade; 0: none
  std::uint32_t collar;              // from the reference to either side
  std::uint32_t collar_step;         // by which an extension widens the side that blocks
  std::uint32_t call_s;
  std::uint32_t extension_s;
  std::uint32_t random_end_s;  // the call ends at random within so long after its time
};
static_assert(sizeof(SetAuctionRules) == 16 + 32);

// Asks every replica to check conservation, advance the scrub by one slice and attest. The slice
// has all orders of its instruments, however many. What logs have from before checkpoint_in_steps.
struct [[gnu::packed]] Checkpoint {
  static constexpr CommandType kType = CommandType::checkpoint;
  CommandHeader header;
  std::uint64_t number;
};
static_assert(sizeof(Checkpoint) == 24);

// The same, but so that it holds the market up for a moment at most: instead of all orders of some
// instruments, the slice has the next ones of a walk over all, and the next stops.
struct [[gnu::packed]] CheckpointInSteps {
  static constexpr CommandType kType = CommandType::checkpoint_in_steps;
  CommandHeader header;
  std::uint64_t number;
  std::uint32_t orders_max;  // and so many stops; 1 to kStepOrdersMax
  std::uint32_t reserved;
};
static_assert(sizeof(CheckpointInSteps) == 32);
inline constexpr std::uint32_t kStepOrdersMax = 65'536;

// What a replica found at a checkpoint. The venue compares the attestations of all replicas.
struct [[gnu::packed]] Attest {
  static constexpr CommandType kType = CommandType::attest;
  CommandHeader header;
  NodeId node;
  std::uint16_t reserved;
  std::uint32_t reserved2;
  std::uint64_t checkpoint;  // number
  Sequence sequence;         // of that checkpoint
  std::uint64_t state_hash;  // running hash over commands and events up to it
  std::uint64_t scrub_hash;  // of the recomputed slice of the state
  base::Digest chain;        // of the log at the batch that held it
};
static_assert(sizeof(Attest) == 16 + 40 + 32);

// Every replica leaves out the command of that sequence, with its own reason, and halts its
// instrument.
struct [[gnu::packed]] Quarantine {
  static constexpr CommandType kType = CommandType::quarantine;
  CommandHeader header;
  Sequence sequence;
};
static_assert(sizeof(Quarantine) == 24);

// Keeps the log moving: the first entry of a leader's term, and the end of a quiet period.
struct [[gnu::packed]] NoOperation {
  static constexpr CommandType kType = CommandType::no_operation;
  CommandHeader header;
};
static_assert(sizeof(NoOperation) == 16);

// Begins a cluster that was rebuilt from a survivor of another, whose majority is gone for good.
// Until it has been applied with two approvals the market is held: see foundation.h. It is the act
// itself: what the approvers sign is approval_digest() of it.
struct [[gnu::packed]] FoundCluster {
  static constexpr CommandType kType = CommandType::found_cluster;
  CommandHeader header;
  std::uint64_t old_cluster;
  std::uint64_t new_cluster;
  std::uint64_t last_index;  // of the survivor's log: the last entry that is taken over
  std::uint64_t last_term;   // of that entry
  Sequence sequence;         // of the last command in it
  std::uint64_t state_hash;  // after it
  base::Digest chain;        // of the log up to that entry
  base::Digest voters;       // digest of the new cluster's nodes and their storages
  base::Digest loss;         // digest of the list of what is lost
  NodeId survivor;           // of the old cluster, whose log it is
  std::array<std::uint8_t, 6> reserved;
  std::array<Approval, 2> approvals;
};
static_assert(sizeof(FoundCluster) == 16 + 48 + 96 + 8 + 144);

}  // namespace okiagari::venue
