// What is wanted and offered at every price while an instrument is in a call: cumulative volumes of
// both sides, kept current with every order. What belongs here: sums over prices and where a sum is
// reached. What does not: which price a call ends at (auction_price.h), and the orders.
//
// A tree over the price with 16 children a node and the sums of both sides for each child. Every
// operation passes one path of eight nodes, whatever the book looks like, so that the indicative
// price after each order has a bound in time.
#pragma once

#include <array>
#include <cstdint>

#include "base/types.h"
#include "market/slot_pool.h"

namespace okiagari::market {

// Sums of both sides in lots.
struct CallVolumes {
  std::uint64_t buys = 0;
  std::uint64_t sells = 0;
};

inline constexpr unsigned kCurveFanOutBits = 4;

// A free node is all zero, but for `occupied`, which chains it.
struct CurveNode {
  std::array<std::uint64_t, 1u << kCurveFanOutBits> buys;
  std::array<std::uint64_t, 1u << kCurveFanOutBits> sells;
  std::array<std::uint32_t, 1u << kCurveFanOutBits> children;  // 0: none; all 0 in the lowest nodes
  std::uint32_t occupied;  // a bit for each child with a volume; which slot is next while free
};
inline std::uint32_t& free_link(CurveNode& node) { return node.occupied; }

// Shared by all instruments in a call; each price with orders takes at most kCurveNodesPerPrice.
using CurvePool = SlotPool<CurveNode>;
inline constexpr std::uint32_t kCurveNodesPerPrice = 8;

// Which volumes a sum is over.
enum class CurveSides : std::uint8_t { buys, sells, both };

class CallCurves {
 public:
  // The pool is borrowed.
  explicit CallCurves(CurvePool& pool) : pool_(&pool) {}
  ~CallCurves() { clear(); }
  CallCurves(const CallCurves&) = delete;
  CallCurves& operator=(const CallCurves&) = delete;

  // Limit orders. What is removed must be there.
  void add(Side side, PriceTicks price, std::uint64_t quantity);
  void remove(Side side, PriceTicks price, std::uint64_t quantity);
  // Orders that trade at any price.
  void add_market(Side side, std::uint64_t quantity);
  void remove_market(Side side, std::uint64_t quantity);
  void clear();

  // Of all limit orders, of market orders, of limit orders at prices below this one.
  [[nodiscard]] CallVolumes limits() const { return limits_; }
  [[nodiscard]] CallVolumes markets() const { return markets_; }
  [[nodiscard]] CallVolumes below(PriceTicks price) const;
  // Market orders included: what buyers would take and sellers give at this price.
  [[nodiscard]] std::int64_t demand(PriceTicks price) const;
  [[nodiscard]] std::int64_t supply(PriceTicks price) const;

  // The lowest price whose limit orders and those below it have together at least `volume`, which
  // is at least 1; 0 when all have less.
  [[nodiscard]] PriceTicks lowest_reaching(std::uint64_t volume, CurveSides sides) const;
  // The nearest price that has such limit orders; 0 when there is none.
  [[nodiscard]] PriceTicks at_or_above(PriceTicks price, CurveSides sides) const;
  [[nodiscard]] PriceTicks at_or_below(PriceTicks price, CurveSides sides) const;

 private:
  static constexpr unsigned kTopBits = 28;  // of the root's children; prices have 31 bits
  static constexpr std::uint32_t kChildMask = (1u << kCurveFanOutBits) - 1;

  void give_back(std::uint32_t node, unsigned bits);

  CurvePool* pool_;
  std::uint32_t root_ = 0;
  CallVolumes limits_;
  CallVolumes markets_;
};

}  // namespace okiagari::market
