// The price levels of all books: radix trees over the price, with a bitmap in each node, in shared
// pools. What belongs here: finding, making and removing levels, the best and the next one. What
// does not: the orders in them.
//
// A side of a book counts prices from the best outward: its *rank* is the price for sells and the
// price's complement for buys, so the best level is always the one of the lowest rank and nothing
// below asks which side it is on.
//
// A leaf holds 8 levels, a node 64 leaves or nodes. A tree is as tall as the prices in it are far
// apart: near the touch of an ordinary book that is two nodes (32,768 ticks) above the leaf.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/types.h"
#include "market/order.h"
#include "market/slot_pool.h"

namespace okiagari::market {

using Rank = std::uint32_t;
inline constexpr Rank kNoRank = 0xFFFFFFFF;  // worse than any

// XORed with a price gives its rank, with a rank its price.
[[nodiscard]] constexpr Rank rank_mask(Side side) { return side == Side::buy ? 0x7FFFFFFFu : 0u; }

// Names a level: leaf and place in it. 0: none.
using LevelId = std::uint32_t;

// The orders at one price, first come first.
struct Queue {
  std::uint32_t head;
  std::uint32_t tail;
  std::uint64_t quantity_lots;
};

inline constexpr unsigned kLeafBits = 3;
inline constexpr unsigned kNodeBits = 6;

// A free leaf or node is all zero, but for `parent`, which chains it.
struct PriceLeaf {
  std::array<Queue, 1u << kLeafBits> queues;
  std::uint32_t parent;
  Rank first_rank;
  std::uint32_t occupied;  // a bit for each level that has orders
};
static_assert(sizeof(PriceLeaf) == 144);

struct PriceNode {
  std::uint64_t occupied;
  std::array<std::uint32_t, 1u << kNodeBits> children;  // leaves in the lowest nodes; 0: none
  std::uint32_t parent;
};
static_assert(sizeof(PriceNode) == 272);

inline std::uint32_t& free_link(PriceLeaf& leaf) { return leaf.parent; }
inline std::uint32_t& free_link(PriceNode& node) { return node.parent; }

// One side of one book.
struct PriceSide {
  Rank best_rank = kNoRank;
  LevelId best = 0;
  std::uint32_t top = 0;       // a leaf or a node; 0: the side is empty
  Rank top_rank = 0;           // some rank below top
  std::uint32_t top_bits = 0;  // top spans 2^top_bits ranks
};

class PriceTree {
 public:
  // `max_levels` over all books.
  PriceTree(std::uint32_t max_levels, std::uint32_t max_sides);

  [[nodiscard]] Queue& queue(LevelId level) { return leaf(level).queues[place(level)]; }
  [[nodiscard]] const Queue& queue(LevelId level) const { return leaf(level).queues[place(level)]; }
  // For one that is needed soon.
  void prefetch(LevelId level) const { __builtin_prefetch(&queue(level), 1); }
  [[nodiscard]] Rank rank(LevelId level) const { return leaf(level).first_rank + place(level); }

  // The level of that rank, which may be new and empty: then put an order into it and occupy() it.
  [[nodiscard]] LevelId reach(PriceSide& side, Rank rank) {
    if (!spans(side, rank)) [[unlikely]] {
      return reach_from_above(side, rank);
    }
    std::uint32_t at = side.top;
    for (unsigned bits = side.top_bits; bits > kLeafBits;) {
      bits -= kNodeBits;
      const std::uint32_t child = nodes_[at].children[rank >> bits & kChildMask];
      if (child == 0) [[unlikely]] {
        return reach_from_node(at, bits, rank);
      }
      at = child;
    }
    return at << kLeafBits | (rank & kPlaceMask);
  }

  // The level of that rank if its leaf is there, else 0.
  [[nodiscard]] LevelId find(const PriceSide& side, Rank rank) const {
    if (!spans(side, rank)) return 0;
    std::uint32_t at = side.top;
    for (unsigned bits = side.top_bits; bits > kLeafBits && at != 0;) {
      bits -= kNodeBits;
      at = nodes_[at].children[rank >> bits & kChildMask];
    }
    return at == 0 ? 0 : at << kLeafBits | (rank & kPlaceMask);
  }

  void occupy(PriceSide& side, LevelId level, Rank rank) {
    leaf(level).occupied |= 1u << place(level);
    if (rank < side.best_rank) {
      side.best_rank = rank;
      side.best = level;
    }
  }

  // The level has lost its last order.
  void vacate(PriceSide& side, LevelId level) {
    PriceLeaf& emptier = leaf(level);
    emptier.occupied &= ~(1u << place(level));
    if (emptier.occupied == 0) {
      remove_leaf(side, level);
    } else if (side.best == level) {
      const auto first = static_cast<std::uint32_t>(std::countr_zero(emptier.occupied));
      side.best = (level & ~kPlaceMask) | first;
      side.best_rank = emptier.first_rank + first;
    }
  }

  // The next level outward that has orders; 0 when there is none.
  [[nodiscard]] LevelId next(LevelId level) const;

  [[nodiscard]] std::size_t memory_bytes() const {
    return leaves_.memory_bytes() + nodes_.memory_bytes();
  }
  [[nodiscard]] std::uint32_t leaves() const { return leaves_.taken(); }
  [[nodiscard]] std::uint32_t nodes() const { return nodes_.taken(); }
  // What next() goes by, compared with the queues; of the whole side. For verification.
  [[nodiscard]] bool is_sound(const PriceSide& side) const;

 private:
  static constexpr std::uint32_t kPlaceMask = (1u << kLeafBits) - 1;
  static constexpr std::uint32_t kChildMask = (1u << kNodeBits) - 1;
  // A tree that spans this much is not made lower again before it is empty: going back and forth
  // between two leaves would cost more than a node.
  static constexpr unsigned kKeptBits = kLeafBits + 2 * kNodeBits;

  [[nodiscard]] PriceLeaf& leaf(LevelId level) { return leaves_[level >> kLeafBits]; }
  [[nodiscard]] const PriceLeaf& leaf(LevelId level) const { return leaves_[level >> kLeafBits]; }
  [[nodiscard]] static std::uint32_t place(LevelId level) { return level & kPlaceMask; }
  [[nodiscard]] static bool spans(const PriceSide& side, Rank rank) {
    // 64 bits wide, for a tree that spans more than there is.
    return side.top != 0 && std::uint64_t{rank ^ side.top_rank} >> side.top_bits == 0;
  }
  LevelId reach_from_above(PriceSide& side, Rank rank);
  LevelId reach_from_node(std::uint32_t node, unsigned child_bits, Rank rank);
  void remove_leaf(PriceSide& side, LevelId level);
  void lower(PriceSide& side);
  [[nodiscard]] bool is_sound_below(std::uint32_t at, unsigned bits, std::uint32_t parent,
                                    Rank some_rank) const;
  [[nodiscard]] LevelId first_below(std::uint32_t at, unsigned bits) const;
  std::uint32_t take_leaf(std::uint32_t parent, Rank rank);
  std::uint32_t take_node(std::uint32_t parent);
  void set_parent(std::uint32_t child, unsigned child_bits, std::uint32_t parent);

  SlotPool<PriceLeaf> leaves_;
  SlotPool<PriceNode> nodes_;
};

}  // namespace okiagari::market
