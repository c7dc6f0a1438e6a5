// The identifiers and quantities that every room shares. Integers only: a price is a count of
// ticks, a quantity a count of lots, money a count of minor units. Widths are those of the feed
// (ITCH 5.0: 16-bit stock locate, 32-bit shares and price), so whatever enters can be published.
#pragma once

#include <cstdint>

namespace okiagari {

using PriceTicks = std::int32_t;     // valid prices are 1 .. kMaxPriceTicks
using QuantityLots = std::uint32_t;  // valid order quantities are 1 .. kMaxQuantityLots
using Money = __int128;              // minor units of the settlement currency
using TimestampNs = std::uint64_t;   // nanoseconds since the Unix epoch, UTC
using Sequence = std::uint64_t;      // number of a command in the log, from 1
using InstrumentId = std::uint16_t;  // dense, from 1; ITCH stock locate
using MemberId = std::uint16_t;      // dense, from 1; 0 is the operator of the venue
using AccountId = std::uint32_t;     // dense, from 1
using SessionId = std::uint16_t;     // dense, from 1; an order entry session of one member
using GatewayId = std::uint16_t;     // from 1
using NodeId = std::uint16_t;        // from 1; a server of the cluster
using OrderReference =
    std::uint64_t;                  // venue-wide order number, from 1; ITCH order reference number
using MatchNumber = std::uint64_t;  // venue-wide trade number, from 1

inline constexpr PriceTicks kMaxPriceTicks = 2'000'000'000;
inline constexpr QuantityLots kMaxQuantityLots = 1'000'000'000;

enum class Side : std::uint8_t { buy = 0, sell = 1 };

[[nodiscard]] constexpr Side opposite(Side side) {
  return side == Side::buy ? Side::sell : Side::buy;
}

}  // namespace okiagari
