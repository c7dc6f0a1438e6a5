// ITCH 5.0 as bytes: the layouts of the public specification. Messages that we never send are known
// by their length only, so that a foreign stream can be walked and written back unchanged.
// docs/formats/itch.md says what our feed puts into each field.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "wire/big_endian.h"

namespace okiagari::wire::itch {

using Symbol = Alpha<8>;

struct [[gnu::packed]] Head {
  char type = 0;
  Big<std::uint16_t> locate;
  Big<std::uint16_t> tracking;
  Big48 timestamp_ns;  // since midnight
};
static_assert(sizeof(Head) == 11);

struct [[gnu::packed]] SystemEvent {
  static constexpr char kType = 'S';
  Head head;
  char code = 0;
};
static_assert(sizeof(SystemEvent) == 12);

struct [[gnu::packed]] Directory {
  static constexpr char kType = 'R';
  Head head;
  Symbol symbol{};
  char market_category = ' ';
  char financial_status = ' ';
  Big<std::uint32_t> round_lot = 1;
  char round_lots_only = 'N';
  char issue_class = 'C';
  Alpha<2> issue_subtype = alpha<2>("Z");
  char authenticity = 'P';
  char short_sale_threshold = ' ';
  char ipo_flag = ' ';
  char price_band_tier = ' ';
  char etp_flag = ' ';
  Big<std::uint32_t> etp_leverage;
  char inverse = 'N';
};
static_assert(sizeof(Directory) == 39);

struct [[gnu::packed]] TradingAction {
  static constexpr char kType = 'H';
  Head head;
  Symbol symbol{};
  char state = 'T';     // H halted, P paused, Q quotation only, T trading
  char reserved = ' ';  // ours: '0' + venue::InstrumentState, which is finer
  Alpha<4> reason = alpha<4>("");
};
static_assert(sizeof(TradingAction) == 25);

struct [[gnu::packed]] AddOrder {
  static constexpr char kType = 'A';
  Head head;
  Big<std::uint64_t> reference;
  char side = 'B';
  Big<std::uint32_t> shares;
  Symbol symbol{};
  Big<std::uint32_t> price_e4;
};
static_assert(sizeof(AddOrder) == 36);

struct [[gnu::packed]] AddOrderAttributed {
  static constexpr char kType = 'F';
  AddOrder order;
  Alpha<4> attribution{};
};
static_assert(sizeof(AddOrderAttributed) == 40);

struct [[gnu::packed]] OrderExecuted {
  static constexpr char kType = 'E';
  Head head;
  Big<std::uint64_t> reference;
  Big<std::uint32_t> shares;
  Big<std::uint64_t> match;
};
static_assert(sizeof(OrderExecuted) == 31);

struct [[gnu::packed]] OrderExecutedWithPrice {
  static constexpr char kType = 'C';
  Head head;
  Big<std::uint64_t> reference;
  Big<std::uint32_t> shares;
  Big<std::uint64_t> match;
  char printable = 'Y';
  Big<std::uint32_t> price_e4;
};
static_assert(sizeof(OrderExecutedWithPrice) == 36);

struct [[gnu::packed]] OrderCancel {
  static constexpr char kType = 'X';
  Head head;
  Big<std::uint64_t> reference;
  Big<std::uint32_t> shares;  // taken away
};
static_assert(sizeof(OrderCancel) == 23);

struct [[gnu::packed]] OrderDelete {
  static constexpr char kType = 'D';
  Head head;
  Big<std::uint64_t> reference;
};
static_assert(sizeof(OrderDelete) == 19);

struct [[gnu::packed]] OrderReplace {
  static constexpr char kType = 'U';
  Head head;
  Big<std::uint64_t> original_reference;
  Big<std::uint64_t> reference;
  Big<std::uint32_t> shares;
  Big<std::uint32_t> price_e4;
};
static_assert(sizeof(OrderReplace) == 35);

struct [[gnu::packed]] Trade {
  static constexpr char kType = 'P';
  Head head;
  Big<std::uint64_t> reference;
  char side = 'B';
  Big<std::uint32_t> shares;
  Symbol symbol{};
  Big<std::uint32_t> price_e4;
  Big<std::uint64_t> match;
};
static_assert(sizeof(Trade) == 44);

// A call's trade as one: what its orders' executions add up to.
struct [[gnu::packed]] CrossTrade {
  static constexpr char kType = 'Q';
  Head head;
  Big<std::uint64_t> shares;
  Symbol symbol{};
  Big<std::uint32_t> price_e4;
  Big<std::uint64_t> match;
  char cross_type = 'H';  // O opening, C closing, H halted or new
};
static_assert(sizeof(CrossTrade) == 40);

// Net order imbalance indicator: where a call would end.
struct [[gnu::packed]] Imbalance {
  static constexpr char kType = 'I';
  Head head;
  Big<std::uint64_t> paired_shares;
  Big<std::uint64_t> imbalance_shares;
  char direction = 'N';  // B, S, N none, O not enough orders for a price
  Symbol symbol{};
  Big<std::uint32_t> far_price_e4;   // of the orders of the call alone
  Big<std::uint32_t> near_price_e4;  // of all orders
  Big<std::uint32_t> reference_price_e4;
  char cross_type = 'H';
  char price_variation = ' ';  // of the near price from the reference: L below 1 %, 1 to 9, A to C
};
static_assert(sizeof(Imbalance) == 50);

struct [[gnu::packed]] AuctionCollar {
  static constexpr char kType = 'J';
  Head head;
  Symbol symbol{};
  Big<std::uint32_t> reference_price_e4;
  Big<std::uint32_t> upper_price_e4;
  Big<std::uint32_t> lower_price_e4;
  Big<std::uint32_t> extensions;
};
static_assert(sizeof(AuctionCollar) == 35);

inline constexpr std::size_t kMessageBytesMax = 64;  // of any type

// The size of a message of that type, 0 when ITCH 5.0 has none.
[[nodiscard]] std::size_t size_of(char type);

enum class Fault : std::uint8_t { none, empty, unknown_type, wrong_size };
[[nodiscard]] const char* describe(Fault fault);

// Whether the bytes are exactly one message. After Fault::none, view_as<> of its type is safe.
[[nodiscard]] Fault check(base::Bytes message);

}  // namespace okiagari::wire::itch
