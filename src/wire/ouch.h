// OUCH 5.0 as bytes: the layouts of the public specification, the optional appendage behind them,
// and our private extensions. What a message means to the venue is in wire/ouch_venue.h.
// docs/formats/ouch.md lists what is accepted, what is refused and what is private.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "wire/big_endian.h"

namespace okiagari::wire::ouch {

using Symbol = Alpha<8>;
using ClientOrderId = Alpha<14>;

// A price field that asks for a market order, $214,748.3647.
inline constexpr std::uint64_t kMarketPriceE4 = 0x7FFF'FFFF;

// From the member. A field without a meaning here (capacity, sweep) is read over and echoed as sent
// by nobody: the acknowledgement carries the defaults below.

struct [[gnu::packed]] EnterOrder {
  static constexpr char kType = 'O';
  char type = kType;
  Big<std::uint32_t> user_reference;
  char side = 'B';
  Big<std::uint32_t> quantity;
  Symbol symbol{};
  Big<std::uint64_t> price_e4;
  char time_in_force = '0';
  char display = 'Y';
  char capacity = 'A';
  char intermarket_sweep = 'N';
  char cross_type = 'N';
  ClientOrderId client_order_id = alpha<14>("");
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(EnterOrder) == 47);

struct [[gnu::packed]] ReplaceOrder {
  static constexpr char kType = 'U';
  char type = kType;
  Big<std::uint32_t> original_user_reference;
  Big<std::uint32_t> user_reference;
  Big<std::uint32_t> quantity;
  Big<std::uint64_t> price_e4;
  char time_in_force = '0';
  char display = 'Y';
  char intermarket_sweep = 'N';
  ClientOrderId client_order_id = alpha<14>("");
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(ReplaceOrder) == 40);

struct [[gnu::packed]] CancelOrder {  // an appendage length may follow
  static constexpr char kType = 'X';
  char type = kType;
  Big<std::uint32_t> user_reference;
  Big<std::uint32_t> quantity;
};
static_assert(sizeof(CancelOrder) == 9);

struct [[gnu::packed]] ModifyOrder {  // an appendage length may follow
  static constexpr char kType = 'M';
  char type = kType;
  Big<std::uint32_t> user_reference;
  char side = 'B';
  Big<std::uint32_t> quantity;
};
static_assert(sizeof(ModifyOrder) == 10);

struct [[gnu::packed]] MassCancel {
  static constexpr char kType = 'C';
  char type = kType;
  Big<std::uint32_t> user_reference;
  Alpha<4> firm = alpha<4>("");
  Symbol symbol = alpha<8>("");
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(MassCancel) == 19);

struct [[gnu::packed]] DisableOrderEntry {
  static constexpr char kType = 'D';
  char type = kType;
  Big<std::uint32_t> user_reference;
  Alpha<4> firm = alpha<4>("");
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(DisableOrderEntry) == 11);

struct [[gnu::packed]] EnableOrderEntry {
  static constexpr char kType = 'E';
  char type = kType;
  Big<std::uint32_t> user_reference;
  Alpha<4> firm = alpha<4>("");
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(EnableOrderEntry) == 11);

struct [[gnu::packed]] AccountQuery {  // an appendage length may follow
  static constexpr char kType = 'Q';
  char type = kType;
};
static_assert(sizeof(AccountQuery) == 1);

// To the member.

struct [[gnu::packed]] SystemEvent {
  static constexpr char kType = 'S';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  char code = 'S';
};
static_assert(sizeof(SystemEvent) == 10);

struct [[gnu::packed]] Accepted {
  static constexpr char kType = 'A';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  char side = 'B';
  Big<std::uint32_t> quantity;
  Symbol symbol{};
  Big<std::uint64_t> price_e4;
  char time_in_force = '0';
  char display = 'Y';
  Big<std::uint64_t> reference;
  char capacity = 'A';
  char intermarket_sweep = 'N';
  char cross_type = 'N';
  char state = 'L';  // L live, D dead
  ClientOrderId client_order_id{};
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(Accepted) == 64);

struct [[gnu::packed]] Replaced {
  static constexpr char kType = 'U';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> original_user_reference;
  Big<std::uint32_t> user_reference;
  char side = 'B';
  Big<std::uint32_t> quantity;
  Symbol symbol{};
  Big<std::uint64_t> price_e4;
  char time_in_force = '0';
  char display = 'Y';
  Big<std::uint64_t> reference;
  char capacity = 'A';
  char intermarket_sweep = 'N';
  char cross_type = 'N';
  char state = 'L';
  ClientOrderId client_order_id{};
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(Replaced) == 68);

struct [[gnu::packed]] Canceled {  // an appendage length may follow
  static constexpr char kType = 'C';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Big<std::uint32_t> quantity;  // taken away
  char reason = 'U';
};
static_assert(sizeof(Canceled) == 18);

struct [[gnu::packed]] AiqCanceled {  // an appendage length may follow
  static constexpr char kType = 'D';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Big<std::uint32_t> decrement;
  char reason = 'Q';
  Big<std::uint32_t> quantity_prevented;
  Big<std::uint64_t> price_e4;
  char liquidity = 'A';
  char strategy = ' ';
};
static_assert(sizeof(AiqCanceled) == 32);

struct [[gnu::packed]] Executed {
  static constexpr char kType = 'E';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Big<std::uint32_t> quantity;
  Big<std::uint64_t> price_e4;
  char liquidity = 'A';  // A added, R removed; H in an auction
  Big<std::uint64_t> match;
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(Executed) == 36);

struct [[gnu::packed]] BrokenTrade {  // an appendage length may follow
  static constexpr char kType = 'B';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Big<std::uint64_t> match;
  char reason = 'S';
  ClientOrderId client_order_id{};
};
static_assert(sizeof(BrokenTrade) == 36);

struct [[gnu::packed]] Rejected {  // an appendage length may follow
  static constexpr char kType = 'J';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Big<std::uint16_t> reason;
  ClientOrderId client_order_id{};
};
static_assert(sizeof(Rejected) == 29);

struct [[gnu::packed]] CancelPending {  // an appendage length may follow
  static constexpr char kType = 'P';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
};
static_assert(sizeof(CancelPending) == 13);

struct [[gnu::packed]] CancelReject {  // an appendage length may follow; ours carries the reason in
                                       // it
  static constexpr char kType = 'I';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
};
static_assert(sizeof(CancelReject) == 13);

struct [[gnu::packed]] OrderPriorityUpdate {  // an appendage length may follow
  static constexpr char kType = 'T';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Big<std::uint64_t> price_e4;
  char display = 'Y';
  Big<std::uint64_t> reference;
};
static_assert(sizeof(OrderPriorityUpdate) == 30);

struct [[gnu::packed]] OrderModified {  // an appendage length may follow
  static constexpr char kType = 'M';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  char side = 'B';
  Big<std::uint32_t> quantity;
};
static_assert(sizeof(OrderModified) == 18);

struct [[gnu::packed]] OrderRestated {
  static constexpr char kType = 'R';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  char reason = 'R';
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(OrderRestated) == 16);

struct [[gnu::packed]] MassCancelResponse {
  static constexpr char kType = 'X';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Alpha<4> firm{};
  Symbol symbol{};
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(MassCancelResponse) == 27);

struct [[gnu::packed]] OrderEntryResponse {
  static constexpr char kDisableType = 'G';
  static constexpr char kEnableType = 'K';
  char type = kDisableType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Alpha<4> firm{};
  Big<std::uint16_t> appendage_bytes;
};
static_assert(sizeof(OrderEntryResponse) == 19);

struct [[gnu::packed]] AccountQueryResponse {  // an appendage length may follow
  static constexpr char kType = 'Q';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> next_user_reference;
};
static_assert(sizeof(AccountQueryResponse) == 13);

// Private: the trading state of an instrument, of a member or of the market changed. Sequenced.
struct [[gnu::packed]] TradingState {
  static constexpr char kType = 'H';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  char scope = '1';              // '0' + venue::Scope
  Symbol symbol = alpha<8>("");  // blank when the scope is not an instrument
  char state = '6';              // '0' + venue::InstrumentState
  Big<std::uint32_t> reason;
};
static_assert(sizeof(TradingState) == 23);

// Private: the price of an order's trigger has been reached; it is an order like others from here
// on. Sequenced.
struct [[gnu::packed]] Triggered {
  static constexpr char kType = 't';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;
  Big<std::uint32_t> user_reference;
  Big<std::uint32_t> quantity;
  Big<std::uint64_t> last_price_e4;  // of the last trade before it goes
  Big<std::uint64_t> reference;      // the feed's
  char state = 'L';                  // L live, D dead
};
static_assert(sizeof(Triggered) == 34);

// Private: the gateway itself refused a message. It came from no log: it travels as unsequenced
// data, takes no number of the session and is not repeated after a log-in.
struct [[gnu::packed]] LocalRefusal {
  static constexpr char kType = 'L';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;  // the gateway's clock
  char refused_type = 0;
  Big<std::uint32_t> user_reference;  // of the refused message; 0 when it has none
  Big<std::uint16_t> reason;          // RejectCode
  Big<std::uint32_t> retry_after_ms;  // 0: do not send the same again
};
static_assert(sizeof(LocalRefusal) == 20);

// Private: a signed halt that this gateway obeys by itself, when it begins, when it ends, and after
// a log-in while it lasts. Unsequenced like the refusal, for the same reason.
struct [[gnu::packed]] GatewayHalt {
  static constexpr char kType = 'h';
  char type = kType;
  Big<std::uint64_t> timestamp_ns;  // the gateway's clock
  char action = 'H';                // H in force, T lifted
  char scope = '0';                 // as in TradingState
  Symbol target = alpha<8>("");     // symbol, or the number of a segment or member
  Big<std::uint64_t> number;        // of the halt
};
static_assert(sizeof(GatewayHalt) == 27);

// Tags of the appendage. From 160 they are private: what OUCH cannot say.
enum class Tag : std::uint8_t {
  secondary_reference = 1,
  firm = 2,
  minimum_quantity = 3,  // with immediate-or-cancel and the whole quantity: fill-or-kill
  customer_type = 4,
  max_floor = 5,
  price_type = 6,
  peg_offset = 7,
  discretion_price = 9,
  discretion_price_type = 10,
  discretion_peg_offset = 11,
  post_only = 12,  // 'P' or 'N'
  random_reserves = 13,
  route = 14,
  expire_time = 15,
  trade_now = 16,
  handle_instruction = 17,
  bbo_weight = 18,
  display_quantity = 22,
  display_price = 23,
  group_id = 24,
  shares_located = 25,
  locate_broker = 26,
  side = 27,
  user_reference_index = 28,
  aiq_strategy = 29,
  aiq_group = 30,
  account = 160,           // 4 bytes
  self_trade = 161,        // '0' + market::SelfTradePrevention
  good_till_cancel = 162,  // 'Y' or 'N'
  reason = 163,            // 2 bytes, RejectCode
  at_auction = 164,        // 'Y' or 'N'
  trigger = 165,           // 8 bytes, a price: the order waits until a trade reaches it
  last_day = 166,          // 4 bytes, 20261126: good till the end of that day
  trail = 167,  // 8 bytes, a distance of prices: its trigger follows the price so far away
};

// What a reason field of Rejected, LocalRefusal and CancelReject holds. Below 0x100 the codes are
// the public ones; 0x100 + n is the venue's reason n (venue/event.h); from 0x200 they are the
// gateway's.
enum class RejectCode : std::uint16_t {
  halted = 0x07,
  invalid_side = 0x09,
  firm_not_authorized = 0x0C,
  invalid_min_quantity = 0x0D,
  invalid_display = 0x03,
  invalid_quantity = 0x13,
  invalid_cross = 0x14,
  invalid_symbol = 0x17,
  invalid_price = 0x1D,
  venue_reason = 0x100,
  cluster_away = 0x200,
  throttled = 0x201,
  message_not_supported = 0x202,
  option_not_supported = 0x203,
  option_malformed = 0x204,
  invalid_time_in_force = 0x205,
  invalid_self_trade = 0x206,
  invalid_account = 0x207,
  halt_order = 0x208,     // the gateway obeys a signed halt
  not_yet_taken = 0x209,  // not every server knows such an order yet: they are being renewed
};
[[nodiscard]] std::string_view describe(RejectCode code);

inline constexpr std::size_t kMessageBytesMax = 128;  // of what we send

enum class Fault : std::uint8_t {
  none,
  empty,
  unknown_type,
  too_short,
  too_long,
  appendage_length_wrong,
  appendage_broken,
};
[[nodiscard]] const char* describe(Fault fault);

// Whether the bytes are exactly one message of a known type: size, appendage length and the
// elements of the appendage. Values are not judged. After Fault::none, view_as<> of its type is
// safe.
[[nodiscard]] Fault check_inbound(base::Bytes message);
[[nodiscard]] Fault check_outbound(base::Bytes message);

// The appendage of a message that was found without fault; empty when it has none.
[[nodiscard]] base::Bytes inbound_appendage(base::Bytes message);
[[nodiscard]] base::Bytes outbound_appendage(base::Bytes message);

// Walks over the elements of an appendage found without fault.
class OptionReader {
 public:
  struct Option {
    Tag tag{};
    base::Bytes value;
  };
  explicit OptionReader(base::Bytes appendage) : left_(appendage) {}
  [[nodiscard]] bool next(Option& option) {
    if (left_.size() < 2) return false;
    const auto size = static_cast<std::size_t>(left_[0]);
    if (size == 0 || size >= left_.size()) return false;
    option.tag = static_cast<Tag>(left_[1]);
    option.value = left_.subspan(2, size - 1);
    left_ = left_.subspan(size + 1);
    return true;
  }

 private:
  base::Bytes left_;
};

// Appends one element; returns where the next one goes. A one-byte T may be a char.
template <typename T>
std::byte* put_option(std::byte* at, Tag tag, T value) {
  at[0] = static_cast<std::byte>(1 + sizeof(T));
  at[1] = static_cast<std::byte>(tag);
  base::store_big(at + 2, value);
  return at + 2 + sizeof(T);
}

}  // namespace okiagari::wire::ouch
