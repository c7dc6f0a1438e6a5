// OUCH 5.0 as a member speaks it: what the checker sends, and everything a venue may answer.
// Written from the public specification and docs/formats/ouch.md, for the checker alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace okiagari::check {

using Symbol = std::array<char, 8>;          // padded with spaces
using ClientOrderId = std::array<char, 14>;  // padded with spaces

inline constexpr char kOuchAccepted = 'A';
inline constexpr char kOuchReplaced = 'U';
inline constexpr char kOuchCanceled = 'C';
inline constexpr char kOuchSelfTradeCanceled = 'D';
inline constexpr char kOuchExecuted = 'E';
inline constexpr char kOuchBroken = 'B';
inline constexpr char kOuchRejected = 'J';
inline constexpr char kOuchCancelPending = 'P';
inline constexpr char kOuchCancelRejected = 'I';
inline constexpr char kOuchModified = 'M';
inline constexpr char kOuchRestated = 'R';
inline constexpr char kOuchPriority = 'T';
inline constexpr char kOuchSystemEvent = 'S';
inline constexpr char kOuchAccountQuery = 'Q';
inline constexpr char kOuchTradingState = 'H';  // private
inline constexpr char kOuchTriggered = 't';     // private
inline constexpr char kOuchRefusal = 'L';       // private

// A price that asks for a market order.
inline constexpr char kOuchInAuction = 'H';  // the liquidity flag
inline constexpr std::uint64_t kOuchMarketPrice = 0x7FFF'FFFF;

// Fields of an appendage; from 160 they are private.
inline constexpr std::uint8_t kTagSecondReference = 1;
inline constexpr std::uint8_t kTagMinimumQuantity = 3;
inline constexpr std::uint8_t kTagMaxFloor = 5;
inline constexpr std::uint8_t kTagPostOnly = 12;
inline constexpr std::uint8_t kTagDisplayQuantity = 22;
inline constexpr std::uint8_t kTagSide = 27;
inline constexpr std::uint8_t kTagAccount = 160;
inline constexpr std::uint8_t kTagSelfTrade = 161;
inline constexpr std::uint8_t kTagGoodTillCancel = 162;
inline constexpr std::uint8_t kTagReason = 163;
inline constexpr std::uint8_t kTagAtAuction = 164;
inline constexpr std::uint8_t kTagTrigger = 165;
inline constexpr std::uint8_t kTagLastDay = 166;
inline constexpr std::uint8_t kTagTrail = 167;

// One message of the venue, whatever its type; what a type does not have stays zero.
struct OuchAnswer {
  char type = 0;
  std::uint64_t time_ns = 0;  // since midnight
  std::uint32_t user_reference = 0;
  std::uint32_t original_user_reference = 0;
  char side = 0;
  std::uint32_t quantity = 0;
  Symbol symbol{};
  std::uint64_t price_e4 = 0;
  char time_in_force = 0;
  char display = 0;
  std::uint64_t order_reference = 0;
  char capacity = 0;
  char sweep = 0;
  char cross = 0;
  char order_state = 0;  // 'L' live, 'D' dead on arrival
  ClientOrderId client_order_id{};
  std::uint64_t match = 0;
  char liquidity = 0;  // of an execution: 'A' added, 'R' removed, 'H' in an auction
  std::uint16_t reason = 0;
  char scope = 0;  // of a trading state: '0' market, '1' instrument, '2' member
  char state = 0;
  std::uint32_t state_reason = 0;
  std::string appendage;  // whole, with the length of each field

  bool operator==(const OuchAnswer&) const = default;
};

// False when the bytes are no message of a known type and length.
[[nodiscard]] bool decode_ouch(base::Bytes message, OuchAnswer& answer);
// The value of an appendage's field; empty when it has none of that tag.
[[nodiscard]] base::Bytes appendage_field(base::Bytes appendage, std::uint8_t tag);
// For findings: the message in one line.
[[nodiscard]] std::string describe(const OuchAnswer& answer);

// Adds a field to an appendage under construction.
void append_field(std::string& appendage, std::uint8_t tag, base::Bytes value);
template <std::integral T>
void append_number(std::string& appendage, std::uint8_t tag, T value) {
  const T big = base::byteswap(value);
  append_field(appendage, tag, base::object_bytes(big));
}

struct OuchEnter {
  std::uint32_t user_reference = 0;
  char side = 'B';
  std::uint32_t quantity = 0;
  Symbol symbol{};
  std::uint64_t price_e4 = 0;
  char time_in_force = '0';
  char display = 'Y';
  char capacity = 'O';
  char sweep = 'N';
  char cross = 'N';
  ClientOrderId client_order_id{};
  std::string appendage;
};
struct OuchReplace {
  std::uint32_t original_user_reference = 0;
  std::uint32_t user_reference = 0;
  std::uint32_t quantity = 0;
  std::uint64_t price_e4 = 0;
  char time_in_force = '0';
  char display = 'Y';
  char sweep = 'N';
  ClientOrderId client_order_id{};
  std::string appendage;
};
struct OuchCancel {
  std::uint32_t user_reference = 0;
  std::uint32_t quantity = 0;  // that shall stay open
};

struct OuchMassCancel {
  std::uint32_t user_reference = 0;
  Symbol symbol{};  // blank: every instrument
  std::string appendage;
};

void encode_ouch(base::ByteWriter& into, const OuchEnter& message);
void encode_ouch(base::ByteWriter& into, const OuchReplace& message);
void encode_ouch(base::ByteWriter& into, const OuchCancel& message);
void encode_ouch(base::ByteWriter& into, const OuchMassCancel& message);
void encode_ouch_account_query(base::ByteWriter& into);

// Private, outside the session's sequence: the gateway itself refused a message.
struct OuchRefusal {
  char refused_type = 0;
  std::uint32_t user_reference = 0;
  std::uint16_t reason = 0;
  std::uint32_t retry_after_ms = 0;
};
[[nodiscard]] bool decode_ouch_refusal(base::Bytes message, OuchRefusal& refusal);

[[nodiscard]] Symbol padded_symbol(std::string_view text);
[[nodiscard]] ClientOrderId padded_client_order_id(std::string_view text);

}  // namespace okiagari::check
