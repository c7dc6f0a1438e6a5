// What the venue says after a command: fixed layouts like the commands (docs/formats/events.md).
// Events are a function of the log: every replica produces the same bytes with the same numbers.
//
// Three audiences, told apart by the header:
//   a session   session != 0 and session_number != 0: sequenced, kept in the session's history,
//   replayed; a gateway   gateway != 0 and session_number == 0: control between venue and gateway,
//   not kept; the feed    feed_number != 0: market data, kept in the feed's history.
// Every event has an event number, contiguous over all of them; a gateway that changes its node
// asks to go on after the last one it has.
#pragma once

#include <array>
#include <cstdint>

#include "base/types.h"
#include "venue/command.h"

namespace okiagari::venue {

inline constexpr std::uint8_t kEventVersion = 1;

enum class EventType : std::uint8_t {
  // To a session.
  order_accepted = 1,
  order_replaced = 2,
  order_canceled = 3,
  order_executed = 4,
  order_rejected = 5,
  cancel_rejected = 6,
  session_notice = 7,  // trading state of an instrument or member, to every logged-in session
  stop_accepted = 8,   // it waits
  stop_replaced = 9,
  stop_triggered = 10,  // it is an order from here on
  iceberg_accepted = 11,
  iceberg_replaced = 12,
  peak_shown = 13,  // what an iceberg displayed has traded; it displays more
  trailing_stop_accepted = 14,
  trailing_stop_replaced = 15,
  // To a gateway.
  login_accepted = 32,
  login_refused = 33,
  session_fenced = 34,        // another gateway logged the session in; drop the member's connection
  stream_mark = 35,           // everything up to this stream number has been decided
  stream_gap = 36,            // expected another stream number: send again from it
  control_result = 37,        // to whoever sent a market control or reference data command
  reference_instrument = 38,  // what a gateway must know: symbol, tick; also at its hello
  reference_session = 39,
  reference_segment = 40,  // after an instrument that belongs to one
  // To the feed.
  feed_add = 64,
  feed_execute = 65,
  feed_reduce = 66,  // partial cancel
  feed_delete = 67,
  feed_replace = 68,
  feed_state = 69,       // trading action
  feed_instrument = 70,  // directory
  feed_system = 71,      // start and end of messages, hours
  // Of calls.
  feed_execute_at = 72,  // a resting order, at another price than its own
  feed_cross = 73,       // a call has ended with a trade
  feed_indicative = 74,  // what a call would end with now
  feed_collar = 75,      // between which prices a call may end
};

enum class Reason : std::uint16_t {
  none = 0,
  unknown_instrument = 1,
  unknown_account = 2,
  price_off_tick = 3,
  price_out_of_limits = 4,
  price_too_large = 5,  // does not fit the feed's 32 bits
  quantity_zero = 6,
  quantity_too_large = 7,
  insufficient_funds = 8,
  insufficient_position = 9,
  state_forbids = 10,  // the instrument's state does not allow it
  member_halted = 11,
  would_trade = 12,           // post-only
  cannot_fill = 13,           // fill-or-kill
  number_never_arrived = 14,  // at or below the session's mark, but never applied
  number_too_old = 15,        // below what the venue remembers; not known whether it was applied
  books_full = 16,
  unknown_order = 17,
  malformed = 18,
  quarantined = 19,
  approval_missing = 20,
  approval_wrong = 21,
  stale_control_number = 22,
  not_supported = 23,
  unknown_session = 24,
  wrong_epoch = 25,
  already_exists = 26,
  bound_reached = 27,
  symbol_taken = 28,  // another instrument has it
  approval_expired = 29,
  unknown_segment = 30,      // no instrument belongs to it
  market_held = 32,          // the cluster was rebuilt and its founding is not approved yet
  no_auction_price = 33,     // the call goes on: its market orders cannot all trade
  outside_collar = 34,       // the call goes on, extended
  times_not_ascending = 35,  // of a plan's phases
  nothing_due = 36,          // no phase of the plan
  phase_too_late = 37,       // one that would have started trading was left out
  day_has_ended = 38,        // an order's last day, or the one that shall end
  day_is_ending = 39,        // another one, still
  too_many_peaks = 40,       // of an iceberg: market::kPeaksMax
  nothing_to_follow = 41,    // a trailing stop before the first trade
  too_many_distances = 42,   // of trailing stops: market::StopOrders::kDistancesMax
  // Why an order left the book.
  by_member = 64,
  immediate_rest = 65,  // IOC or market rest
  self_trade = 66,
  by_operator = 67,
  session_absent = 68,  // cancel on disconnect
  halted = 69,
  session_ended = 70,
  auction_ended = 71,  // a market order that the auction did not fill
  stop_refused = 72,   // triggered, and its book cannot take it
  day_over = 73,       // the last day that it was good for
};

struct [[gnu::packed]] EventHeader {
  std::uint16_t size_bytes;
  EventType type;
  std::uint8_t version;
  SessionId session;
  GatewayId gateway;  // where the session is logged in; 0: nowhere, kept in its history only
  std::uint32_t session_number;  // SoupBinTCP sequence number of the session, from 1
  std::uint32_t stream_number;   // of the command it answers to its own session; else 0
  std::uint64_t feed_number;     // from 1; 0 when not for the feed
  std::uint64_t event_number;    // from 1, contiguous over all events
  TimestampNs timestamp_ns;      // of the batch
};
static_assert(sizeof(EventHeader) == 40);

struct [[gnu::packed]] OrderAccepted {
  static constexpr EventType kType = EventType::order_accepted;
  EventHeader header;
  std::uint32_t user_reference;
  QuantityLots quantity;
  std::uint64_t price_e4;
  OrderReference reference;
  AccountId account;
  InstrumentId instrument;
  Side side;
  std::uint8_t price_type;
  std::uint8_t time_in_force;
  std::uint8_t self_trade;
  std::uint8_t post_only;
  std::uint8_t live;  // 1: rests (after what follows); 0: dead on arrival
  std::array<char, 14> client_order_id;
  std::uint16_t last_day;  // of one that is good till a date, as in its command; else 0
};
static_assert(sizeof(OrderAccepted) == 40 + 52);

struct [[gnu::packed]] OrderReplaced {
  static constexpr EventType kType = EventType::order_replaced;
  EventHeader header;
  std::uint32_t original_user_reference;
  std::uint32_t user_reference;
  QuantityLots quantity;  // open after the replace, before it trades
  InstrumentId instrument;
  Side side;
  std::uint8_t time_in_force;
  std::uint32_t price_e4;
  std::uint16_t last_day;
  std::uint16_t reserved;
  OrderReference reference;
  std::uint8_t live;
  std::uint8_t post_only;
  std::array<char, 14> client_order_id;
};
static_assert(sizeof(OrderReplaced) == 40 + 48);

struct [[gnu::packed]] OrderCanceled {
  static constexpr EventType kType = EventType::order_canceled;
  EventHeader header;
  std::uint32_t user_reference;
  QuantityLots quantity;   // taken away by this
  QuantityLots remaining;  // still open
  Reason reason;
  std::uint16_t reserved;
};
static_assert(sizeof(OrderCanceled) == 40 + 16);

struct [[gnu::packed]] OrderExecuted {
  static constexpr EventType kType = EventType::order_executed;
  EventHeader header;
  std::uint32_t user_reference;
  QuantityLots quantity;
  std::uint64_t price_e4;
  MatchNumber match;
  QuantityLots remaining;   // of the incoming order before it rests or its rest is dropped
  std::uint8_t aggressor;   // 1: this order removed liquidity
  std::uint8_t in_auction;  // 1: the match is the auction; all its executions have that number
  std::array<std::uint8_t, 2> reserved;
};
static_assert(sizeof(OrderExecuted) == 40 + 32);

struct [[gnu::packed]] OrderRejected {
  static constexpr EventType kType = EventType::order_rejected;
  EventHeader header;
  std::uint32_t user_reference;
  Reason reason;
  std::array<char, 14> client_order_id;
};
static_assert(sizeof(OrderRejected) == 40 + 20);

struct [[gnu::packed]] CancelRejected {
  static constexpr EventType kType = EventType::cancel_rejected;
  EventHeader header;
  std::uint32_t user_reference;
  Reason reason;
  std::uint16_t reserved;
};
static_assert(sizeof(CancelRejected) == 40 + 8);

struct [[gnu::packed]] StopAccepted {
  static constexpr EventType kType = EventType::stop_accepted;
  EventHeader header;
  std::uint32_t user_reference;
  QuantityLots quantity;
  std::uint32_t price_e4;
  std::uint16_t last_day;
  std::uint16_t reserved;
  std::uint64_t trigger_e4;
  OrderReference reference;  // while it waits; no feed shows it
  AccountId account;
  InstrumentId instrument;
  Side side;
  std::uint8_t price_type;
  std::uint8_t time_in_force;
  std::uint8_t self_trade;
  std::array<char, 14> client_order_id;
};
static_assert(sizeof(StopAccepted) == 40 + 56);

struct [[gnu::packed]] StopReplaced {
  static constexpr EventType kType = EventType::stop_replaced;
  EventHeader header;
  std::uint32_t original_user_reference;
  std::uint32_t user_reference;
  QuantityLots quantity;
  InstrumentId instrument;
  Side side;
  std::uint8_t time_in_force;
  std::uint32_t price_e4;
  std::uint16_t last_day;
  std::uint16_t reserved;
  std::uint64_t trigger_e4;
  OrderReference reference;  // the same as before when it kept its place
  std::uint8_t price_type;
  std::uint8_t reserved2;
  std::array<char, 14> client_order_id;
};
static_assert(sizeof(StopReplaced) == 40 + 56);

struct [[gnu::packed]] StopTriggered {
  static constexpr EventType kType = EventType::stop_triggered;
  EventHeader header;
  std::uint32_t user_reference;
  QuantityLots quantity;
  OrderReference reference;     // of the order that it has become
  std::uint64_t last_price_e4;  // of the last trade before it goes
  InstrumentId instrument;
  Side side;
  std::uint8_t live;  // as of an accepted order
  std::uint32_t reserved;
};
static_assert(sizeof(StopTriggered) == 40 + 32);

// Of an order that shows no more than `display` lots at a time.
struct [[gnu::packed]] IcebergAccepted : OrderAccepted {
  static constexpr EventType kType = EventType::iceberg_accepted;
  QuantityLots display;
};
static_assert(sizeof(IcebergAccepted) == sizeof(OrderAccepted) + 4);

struct [[gnu::packed]] IcebergReplaced : OrderReplaced {
  static constexpr EventType kType = EventType::iceberg_replaced;
  QuantityLots display;
  std::uint32_t reserved2;
};
static_assert(sizeof(IcebergReplaced) == sizeof(OrderReplaced) + 8);

struct [[gnu::packed]] PeakShown {
  static constexpr EventType kType = EventType::peak_shown;
  EventHeader header;
  OrderReference reference;  // under which the feed shows it
  std::uint32_t user_reference;
  QuantityLots quantity;  // displayed from here on
};
static_assert(sizeof(PeakShown) == 40 + 16);

// Its trigger is the one that it begins with; nobody is told when it moves.
struct [[gnu::packed]] TrailingStopAccepted : StopAccepted {
  static constexpr EventType kType = EventType::trailing_stop_accepted;
  std::uint64_t distance_e4;
};
static_assert(sizeof(TrailingStopAccepted) == sizeof(StopAccepted) + 8);

struct [[gnu::packed]] TrailingStopReplaced : StopReplaced {
  static constexpr EventType kType = EventType::trailing_stop_replaced;
  std::uint64_t distance_e4;
};
static_assert(sizeof(TrailingStopReplaced) == sizeof(StopReplaced) + 8);

struct [[gnu::packed]] SessionNotice {
  static constexpr EventType kType = EventType::session_notice;
  EventHeader header;
  InstrumentId instrument;  // the segment's number when that is the scope; 0: all
  InstrumentState state;
  Scope scope;
  std::uint32_t reason;
};
static_assert(sizeof(SessionNotice) == 40 + 8);

struct [[gnu::packed]] LoginAccepted {
  static constexpr EventType kType = EventType::login_accepted;
  EventHeader header;
  std::uint64_t nonce;
  std::uint32_t epoch;
  std::uint32_t next_session_number;  // of the first message that will be live here
  std::uint32_t next_user_reference;  // above every number applied so far
  std::uint32_t reserved;
};
static_assert(sizeof(LoginAccepted) == 40 + 24);

struct [[gnu::packed]] LoginRefused {
  static constexpr EventType kType = EventType::login_refused;
  EventHeader header;
  std::uint64_t nonce;
  Reason reason;
  std::array<std::uint8_t, 6> reserved;
};
static_assert(sizeof(LoginRefused) == 40 + 16);

struct [[gnu::packed]] SessionFenced {
  static constexpr EventType kType = EventType::session_fenced;
  EventHeader header;   // gateway: the one that lost it
  std::uint32_t epoch;  // that ended
  std::uint32_t reserved;
};
static_assert(sizeof(SessionFenced) == 48);

struct [[gnu::packed]] StreamMark {
  static constexpr EventType kType = EventType::stream_mark;
  EventHeader header;  // stream_number: the last one decided
  std::uint32_t epoch;
  std::uint32_t reserved;
};
static_assert(sizeof(StreamMark) == 48);

struct [[gnu::packed]] StreamGap {
  static constexpr EventType kType = EventType::stream_gap;
  EventHeader header;
  std::uint32_t epoch;
  std::uint32_t expected;
};
static_assert(sizeof(StreamGap) == 48);

struct [[gnu::packed]] ControlResult {
  static constexpr EventType kType = EventType::control_result;
  EventHeader header;
  std::uint64_t number;  // control or transfer number of the command; 0 for reference data
  CommandType command;
  std::uint8_t reserved;
  Reason reason;           // none: done
  std::uint32_t affected;  // orders cancelled, instruments changed
  Sequence sequence;       // where in the log it took effect
};
static_assert(sizeof(ControlResult) == 40 + 24);

struct [[gnu::packed]] ReferenceInstrument {
  static constexpr EventType kType = EventType::reference_instrument;
  EventHeader header;
  InstrumentId instrument;
  std::array<char, 8> symbol;
  InstrumentState state;
  std::uint8_t reserved;
  std::uint32_t tick_e4;
};
static_assert(sizeof(ReferenceInstrument) == 40 + 16);

struct [[gnu::packed]] ReferenceSession {
  static constexpr EventType kType = EventType::reference_session;
  EventHeader header;
  SessionId added_session;
  MemberId member;
  std::array<char, 4> firm;
};
static_assert(sizeof(ReferenceSession) == 48);

struct [[gnu::packed]] ReferenceSegment {
  static constexpr EventType kType = EventType::reference_segment;
  EventHeader header;
  InstrumentId instrument;
  std::uint16_t segment;
  std::uint32_t reserved;
};
static_assert(sizeof(ReferenceSegment) == 48);

struct [[gnu::packed]] FeedAdd {
  static constexpr EventType kType = EventType::feed_add;
  EventHeader header;
  OrderReference reference;
  QuantityLots quantity;
  std::uint32_t price_e4;
  InstrumentId instrument;
  Side side;
  std::array<std::uint8_t, 5> reserved;
};
static_assert(sizeof(FeedAdd) == 40 + 24);

struct [[gnu::packed]] FeedExecute {
  static constexpr EventType kType = EventType::feed_execute;
  EventHeader header;
  OrderReference reference;
  MatchNumber match;
  QuantityLots quantity;
  InstrumentId instrument;
  std::uint16_t reserved;
};
static_assert(sizeof(FeedExecute) == 40 + 24);

struct [[gnu::packed]] FeedReduce {
  static constexpr EventType kType = EventType::feed_reduce;
  EventHeader header;
  OrderReference reference;
  QuantityLots quantity;  // taken away
  InstrumentId instrument;
  std::uint16_t reserved;
};
static_assert(sizeof(FeedReduce) == 40 + 16);

struct [[gnu::packed]] FeedDelete {
  static constexpr EventType kType = EventType::feed_delete;
  EventHeader header;
  OrderReference reference;
  InstrumentId instrument;
  std::array<std::uint8_t, 6> reserved;
};
static_assert(sizeof(FeedDelete) == 40 + 16);

struct [[gnu::packed]] FeedReplace {
  static constexpr EventType kType = EventType::feed_replace;
  EventHeader header;
  OrderReference original_reference;
  OrderReference reference;
  QuantityLots quantity;
  std::uint32_t price_e4;
  InstrumentId instrument;
  std::array<std::uint8_t, 6> reserved;
};
static_assert(sizeof(FeedReplace) == 40 + 32);

struct [[gnu::packed]] FeedState {
  static constexpr EventType kType = EventType::feed_state;
  EventHeader header;
  InstrumentId instrument;
  InstrumentState state;
  std::uint8_t reserved;
  std::uint32_t reason;
};
static_assert(sizeof(FeedState) == 48);

struct [[gnu::packed]] FeedInstrument {
  static constexpr EventType kType = EventType::feed_instrument;
  EventHeader header;
  InstrumentId instrument;
  std::array<char, 8> symbol;
  std::uint16_t reserved;
  std::uint32_t tick_e4;
};
static_assert(sizeof(FeedInstrument) == 40 + 16);

struct [[gnu::packed]] FeedSystem {
  static constexpr EventType kType = EventType::feed_system;
  EventHeader header;
  char code;  // ITCH 5.0 system event code
  std::array<std::uint8_t, 7> reserved;
};
static_assert(sizeof(FeedSystem) == 48);

struct [[gnu::packed]] FeedExecuteAt {
  static constexpr EventType kType = EventType::feed_execute_at;
  EventHeader header;
  OrderReference reference;
  MatchNumber match;  // of the auction
  QuantityLots quantity;
  std::uint32_t price_e4;
  InstrumentId instrument;
  std::array<std::uint8_t, 6> reserved;
};
static_assert(sizeof(FeedExecuteAt) == 40 + 32);

struct [[gnu::packed]] FeedCross {
  static constexpr EventType kType = EventType::feed_cross;
  EventHeader header;
  MatchNumber match;
  std::uint64_t volume;  // lots that were bought and sold
  std::uint32_t price_e4;
  InstrumentId instrument;
  char cross_type;  // ITCH 5.0: O opening, before the first trade; H any other
  std::uint8_t reserved;
};
static_assert(sizeof(FeedCross) == 40 + 24);

struct [[gnu::packed]] FeedIndicative {
  static constexpr EventType kType = EventType::feed_indicative;
  EventHeader header;
  std::uint64_t volume;    // lots that would trade
  std::int64_t surplus;    // lots that would be left at this price: buys positive
  std::uint32_t price_e4;  // 0: there is none, and nothing would trade
  std::uint32_t reference_e4;
  InstrumentId instrument;
  char cross_type;
  std::array<std::uint8_t, 5> reserved;
};
static_assert(sizeof(FeedIndicative) == 40 + 32);

struct [[gnu::packed]] FeedCollar {
  static constexpr EventType kType = EventType::feed_collar;
  EventHeader header;
  std::uint32_t reference_e4;
  std::uint32_t low_e4;
  std::uint32_t high_e4;
  std::uint32_t extensions;  // so far, in this call
  InstrumentId instrument;
  std::array<std::uint8_t, 6> reserved;
};
static_assert(sizeof(FeedCollar) == 40 + 24);

}  // namespace okiagari::venue
