#include "market/price_tree.h"

#include <algorithm>

namespace okiagari::market {

namespace {

// Every node leads to at least one level, and a side has no more nodes of a height than ranks
// divide into.
std::uint32_t most_nodes(std::uint32_t max_levels, std::uint32_t max_sides) {
  std::uint64_t most = 0;
  for (unsigned bits = kLeafBits + kNodeBits; bits < 32 + kNodeBits; bits += kNodeBits) {
    const std::uint64_t per_side = bits < 31 ? std::uint64_t{1} << (31 - bits) : 1;
    most += std::min<std::uint64_t>(max_levels, max_sides * per_side);
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(most, 0xFFFFFFFF));
}

}  // namespace

PriceTree::PriceTree(std::uint32_t max_levels, std::uint32_t max_sides)
    : leaves_(max_levels), nodes_(most_nodes(max_levels, max_sides)) {}

std::uint32_t PriceTree::take_leaf(std::uint32_t parent, Rank rank) {
  const std::uint32_t slot = leaves_.take();
  leaves_[slot].parent = parent;
  leaves_[slot].first_rank = rank & ~kPlaceMask;
  return slot;
}

std::uint32_t PriceTree::take_node(std::uint32_t parent) {
  const std::uint32_t slot = nodes_.take();
  nodes_[slot].parent = parent;
  return slot;
}

void PriceTree::set_parent(std::uint32_t child, unsigned child_bits, std::uint32_t parent) {
  if (child_bits == kLeafBits) {
    leaves_[child].parent = parent;
  } else {
    nodes_[child].parent = parent;
  }
}

LevelId PriceTree::reach_from_above(PriceSide& side, Rank rank) {
  if (side.top == 0) {
    side.top = take_leaf(0, rank);
    side.top_rank = rank;
    side.top_bits = kLeafBits;
  }
  while (!spans(side, rank)) {
    const std::uint32_t above = take_node(0);
    const std::uint32_t child = side.top_rank >> side.top_bits & kChildMask;
    nodes_[above].children[child] = side.top;
    nodes_[above].occupied = std::uint64_t{1} << child;
    set_parent(side.top, side.top_bits, above);
    side.top = above;
    side.top_bits += kNodeBits;
  }
  return reach(side, rank);
}

LevelId PriceTree::reach_from_node(std::uint32_t node, unsigned child_bits, Rank rank) {
  for (;; child_bits -= kNodeBits) {
    const std::uint32_t child = rank >> child_bits & kChildMask;
    const bool is_leaf = child_bits == kLeafBits;
    const std::uint32_t fresh = is_leaf ? take_leaf(node, rank) : take_node(node);
    nodes_[node].children[child] = fresh;
    nodes_[node].occupied |= std::uint64_t{1} << child;
    if (is_leaf) return fresh << kLeafBits | (rank & kPlaceMask);
    node = fresh;
  }
}

void PriceTree::remove_leaf(PriceSide& side, LevelId level) {
  const Rank rank = leaf(level).first_rank;
  std::uint32_t node = leaf(level).parent;
  leaf(level).first_rank = 0;
  leaves_.give_back(level >> kLeafBits);

  unsigned child_bits = kLeafBits;
  for (; node != 0; child_bits += kNodeBits) {
    const std::uint32_t child = rank >> child_bits & kChildMask;
    nodes_[node].children[child] = 0;
    nodes_[node].occupied &= ~(std::uint64_t{1} << child);
    if (nodes_[node].occupied != 0) break;
    const std::uint32_t parent = nodes_[node].parent;
    nodes_.give_back(node);
    node = parent;
  }
  if (node == 0) {
    side = {};
    return;
  }
  if (side.best == level) {
    side.best = first_below(node, child_bits + kNodeBits);
    side.best_rank = this->rank(side.best);
  }
  if (node == side.top) lower(side);
}

void PriceTree::lower(PriceSide& side) {
  while (side.top_bits > kKeptBits && std::has_single_bit(nodes_[side.top].occupied)) {
    const std::uint32_t top = side.top;
    const auto child = static_cast<std::uint32_t>(std::countr_zero(nodes_[top].occupied));
    const unsigned child_bits = side.top_bits - kNodeBits;
    side.top = nodes_[top].children[child];
    side.top_bits = child_bits;
    side.top_rank = side.best_rank;
    set_parent(side.top, child_bits, 0);
    nodes_[top].children[child] = 0;
    nodes_[top].occupied = 0;
    nodes_.give_back(top);
  }
}

LevelId PriceTree::first_below(std::uint32_t at, unsigned bits) const {
  for (; bits > kLeafBits; bits -= kNodeBits) {
    at = nodes_[at].children[static_cast<unsigned>(std::countr_zero(nodes_[at].occupied))];
  }
  return at << kLeafBits | static_cast<std::uint32_t>(std::countr_zero(leaves_[at].occupied));
}

bool PriceTree::is_sound(const PriceSide& side) const {
  if (side.top == 0) return side.best == 0 && side.best_rank == kNoRank;
  const bool has_best = side.best != 0 && rank(side.best) == side.best_rank &&
                        first_below(side.top, side.top_bits) == side.best;
  return has_best && is_sound_below(side.top, side.top_bits, 0, side.top_rank);
}

bool PriceTree::is_sound_below(std::uint32_t at, unsigned bits, std::uint32_t parent,
                               Rank some_rank) const {
  if (bits == kLeafBits) {
    const PriceLeaf& leaf = leaves_[at];
    std::uint32_t occupied = 0;
    for (std::uint32_t place = 0; place <= kPlaceMask; ++place) {
      if (leaf.queues[place].head != kNoOrder) occupied |= 1u << place;
    }
    return leaf.parent == parent && leaf.first_rank == (some_rank & ~kPlaceMask) &&
           leaf.occupied == occupied && occupied != 0;
  }
  const PriceNode& node = nodes_[at];
  if (node.parent != parent || node.occupied == 0) return false;
  const unsigned child_bits = bits - kNodeBits;
  const std::uint64_t base = std::uint64_t{some_rank} >> bits << bits;
  for (std::uint64_t child = 0; child <= kChildMask; ++child) {
    const bool is_marked = (node.occupied >> child & 1) != 0;
    if (is_marked != (node.children[child] != 0)) return false;
    const auto child_rank = static_cast<Rank>(base | child << child_bits);
    if (is_marked && !is_sound_below(node.children[child], child_bits, at, child_rank)) {
      return false;
    }
  }
  return true;
}

LevelId PriceTree::next(LevelId level) const {
  const PriceLeaf& start = leaf(level);
  const std::uint32_t later = start.occupied & ~((2u << place(level)) - 1);
  if (later != 0) {
    return (level & ~kPlaceMask) | static_cast<std::uint32_t>(std::countr_zero(later));
  }
  std::uint32_t node = start.parent;
  for (unsigned child_bits = kLeafBits; node != 0; child_bits += kNodeBits) {
    const std::uint32_t child = start.first_rank >> child_bits & kChildMask;
    const std::uint64_t outward = nodes_[node].occupied & ~((std::uint64_t{2} << child) - 1);
    if (outward != 0) {
      return first_below(nodes_[node].children[static_cast<unsigned>(std::countr_zero(outward))],
                         child_bits);
    }
    node = nodes_[node].parent;
  }
  return 0;
}

}  // namespace okiagari::market
