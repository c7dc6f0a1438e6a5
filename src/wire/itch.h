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

#pragma pack(push, 1)

struct Head {
  char type = 0;
  Big<std::uint16_t> locate;
  Big<std::uint16_t> tracking;
  Big48 timestamp_ns;  // since midnight
};
static_assert(sizeof(Head) == 11);

struct SystemEvent {
  static constexpr char kType = 'S';
  Head head;
  char code = 0;
};
static_assert(sizeof(SystemEvent) == 12);

struct Directory {
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

struct TradingAction {
  static constexpr char kType = 'H';
  Head head;
  Symbol symbol{};
  char state = 'T';     // H halted, P paused, Q quotation only, T trading
  char reserved = ' ';  // ours: '0' + venue::InstrumentState, which is finer
  Alpha<4> reason = alpha<4>("");
};
static_assert(sizeof(TradingAction) == 25);

struct AddOrder {
  static constexpr char kType = 'A';
  Head head;
  Big<std::uint64_t> reference;
  char side = 'B';
  Big<std::uint32_t> shares;
  Symbol symbol{};
  Big<std::uint32_t> price_e4;
};
static_assert(sizeof(AddOrder) == 36);

struct AddOrderAttributed {
  static constexpr char kType = 'F';
  AddOrder order;
  Alpha<4> attribution{};
};
static_assert(sizeof(AddOrderAttributed) == 40);

struct OrderExecuted {
  static constexpr char kType = 'E';
  Head head;
  Big<std::uint64_t> reference;
  Big<std::uint32_t> shares;
  Big<std::uint64_t> match;
};
static_assert(sizeof(OrderExecuted) == 31);

struct OrderExecutedWithPrice {
  static constexpr char kType = 'C';
  Head head;
  Big<std::uint64_t> reference;
  Big<std::uint32_t> shares;
  Big<std::uint64_t> match;
  char printable = 'Y';
  Big<std::uint32_t> price_e4;
};
static_assert(sizeof(OrderExecutedWithPrice) == 36);

struct OrderCancel {
  static constexpr char kType = 'X';
  Head head;
  Big<std::uint64_t> reference;
  Big<std::uint32_t> shares;  // taken away
};
static_assert(sizeof(OrderCancel) == 23);

struct OrderDelete {
  static constexpr char kType = 'D';
  Head head;
  Big<std::uint64_t> reference;
};
static_assert(sizeof(OrderDelete) == 19);

struct OrderReplace {
  static constexpr char kType = 'U';
  Head head;
  Big<std::uint64_t> original_reference;
  Big<std::uint64_t> reference;
  Big<std::uint32_t> shares;
  Big<std::uint32_t> price_e4;
};
static_assert(sizeof(OrderReplace) == 35);

struct Trade {
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

#pragma pack(pop)

inline constexpr std::size_t kMessageBytesMax = 64;  // of any type

// The size of a message of that type, 0 when ITCH 5.0 has none.
[[nodiscard]] std::size_t size_of(char type);

enum class Fault : std::uint8_t { none, empty, unknown_type, wrong_size };
[[nodiscard]] const char* describe(Fault fault);

// Whether the bytes are exactly one message. After Fault::none, view_as<> of its type is safe.
[[nodiscard]] Fault check(base::Bytes message);

}  // namespace okiagari::wire::itch
