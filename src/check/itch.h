// ITCH 5.0 as a subscriber reads it. Written from the public specification and
// docs/formats/itch.md, for the checker alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace okiagari::check {

inline constexpr char kItchSystemEvent = 'S';
inline constexpr char kItchDirectory = 'R';
inline constexpr char kItchTradingAction = 'H';
inline constexpr char kItchAdd = 'A';
inline constexpr char kItchAddAttributed = 'F';
inline constexpr char kItchExecuted = 'E';
inline constexpr char kItchExecutedAtPrice = 'C';
inline constexpr char kItchCancel = 'X';
inline constexpr char kItchDelete = 'D';
inline constexpr char kItchReplace = 'U';
inline constexpr char kItchBroken = 'B';
inline constexpr char kItchCross = 'Q';
inline constexpr char kItchImbalance = 'I';
inline constexpr char kItchCollar = 'J';

// One message of the feed, whatever its type; what a type does not have stays zero.
struct ItchMessage {
  char type = 0;
  std::uint16_t locate = 0;
  std::uint16_t tracking = 0;
  std::uint64_t time_ns = 0;  // since midnight
  std::uint64_t reference = 0;
  std::uint64_t new_reference = 0;
  char side = 0;
  std::uint32_t quantity = 0;
  std::array<char, 8> symbol{};
  std::uint32_t price_e4 = 0;
  std::uint64_t match = 0;
  char code = 0;  // system event, trading state
  // Of a trading state, private: the venue's own, which is finer. Of an execution at a price:
  // whether it is printable. Of a cross and an imbalance: the type of the cross.
  char detail = 0;
  std::uint64_t volume = 0;        // of a cross, or paired
  std::uint64_t imbalance = 0;     // and `side` its direction
  std::uint32_t far_price_e4 = 0;  // of an imbalance: of the call's own orders
  std::uint32_t reference_price_e4 = 0;
  std::uint32_t low_e4 = 0;  // of a collar
  std::uint32_t high_e4 = 0;
  std::uint32_t extensions = 0;

  bool operator==(const ItchMessage&) const = default;
};

// False when the bytes are no message of a known type and length.
[[nodiscard]] bool decode_itch(base::Bytes message, ItchMessage& into);
// For findings: the message in one line.
[[nodiscard]] std::string describe(const ItchMessage& message);

}  // namespace okiagari::check
