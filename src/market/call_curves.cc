#include "market/call_curves.h"

#include "base/assert.h"

namespace okiagari::market {

namespace {

std::uint64_t& of(CallVolumes& volumes, Side side) {
  return side == Side::buy ? volumes.buys : volumes.sells;
}

std::uint64_t weight(CallVolumes volumes, CurveSides sides) {
  switch (sides) {
    case CurveSides::buys:
      return volumes.buys;
    case CurveSides::sells:
      return volumes.sells;
    case CurveSides::both:
      break;
  }
  return volumes.buys + volumes.sells;
}

}  // namespace

void CallCurves::add(Side side, PriceTicks price, std::uint64_t quantity) {
  ASSERT(1 <= price && price <= kMaxPriceTicks, "price {}", price);
  of(limits_, side) += quantity;
  if (root_ == 0) root_ = pool_->take();
  std::uint32_t at = root_;
  for (unsigned bits = kTopBits;; bits -= kCurveFanOutBits) {
    CurveNode& node = (*pool_)[at];
    const std::uint32_t child = static_cast<std::uint32_t>(price) >> bits & kChildMask;
    (side == Side::buy ? node.buys : node.sells)[child] += quantity;
    node.occupied |= 1u << child;
    if (bits == 0) return;
    if (node.children[child] == 0) {
      const std::uint32_t fresh = pool_->take();
      (*pool_)[fresh].occupied = 0;
      (*pool_)[at].children[child] = fresh;
    }
    at = (*pool_)[at].children[child];
  }
}

void CallCurves::remove(Side side, PriceTicks price, std::uint64_t quantity) {
  ASSERT(of(limits_, side) >= quantity, "{} lots are not there", quantity);
  of(limits_, side) -= quantity;
  std::array<std::uint32_t, kCurveNodesPerPrice> path{};
  std::size_t depth = 0;
  std::uint32_t at = root_;
  for (unsigned bits = kTopBits;; bits -= kCurveFanOutBits) {
    ASSERT(at != 0, "no order at {}", price);
    path[depth++] = at;
    CurveNode& node = (*pool_)[at];
    const std::uint32_t child = static_cast<std::uint32_t>(price) >> bits & kChildMask;
    std::uint64_t& sum = (side == Side::buy ? node.buys : node.sells)[child];
    ASSERT(sum >= quantity, "{} lots are not at {}", quantity, price);
    sum -= quantity;
    if (node.buys[child] == 0 && node.sells[child] == 0) node.occupied &= ~(1u << child);
    if (bits == 0) break;
    at = node.children[child];
  }
  // Nodes without a volume are given back from below, the root stays.
  for (unsigned bits = kCurveFanOutBits; depth > 1; bits += kCurveFanOutBits) {
    const std::uint32_t emptier = path[--depth];
    if ((*pool_)[emptier].occupied != 0) return;
    (*pool_)[path[depth - 1]].children[static_cast<std::uint32_t>(price) >> bits & kChildMask] = 0;
    pool_->give_back(emptier);
  }
}

void CallCurves::add_market(Side side, std::uint64_t quantity) { of(markets_, side) += quantity; }

void CallCurves::remove_market(Side side, std::uint64_t quantity) {
  ASSERT(of(markets_, side) >= quantity, "{} lots are not there", quantity);
  of(markets_, side) -= quantity;
}

void CallCurves::clear() {
  if (root_ != 0) give_back(root_, kTopBits);
  root_ = 0;
  limits_ = markets_ = CallVolumes{};
}

void CallCurves::give_back(std::uint32_t at, unsigned bits) {
  for (const std::uint32_t child : (*pool_)[at].children) {
    if (child != 0) give_back(child, bits - kCurveFanOutBits);
  }
  (*pool_)[at] = CurveNode{};
  pool_->give_back(at);
}

CallVolumes CallCurves::below(PriceTicks price) const {
  CallVolumes sum;
  if (price <= 0) return sum;
  std::uint32_t at = root_;
  for (unsigned bits = kTopBits; at != 0; bits -= kCurveFanOutBits) {
    const CurveNode& node = (*pool_)[at];
    const std::uint32_t child = static_cast<std::uint32_t>(price) >> bits & kChildMask;
    for (std::uint32_t i = 0; i < child; ++i) {
      sum.buys += node.buys[i];
      sum.sells += node.sells[i];
    }
    if (bits == 0) break;
    at = node.children[child];
  }
  return sum;
}

std::int64_t CallCurves::demand(PriceTicks price) const {
  return static_cast<std::int64_t>(markets_.buys + limits_.buys - below(price).buys);
}

std::int64_t CallCurves::supply(PriceTicks price) const {
  return static_cast<std::int64_t>(markets_.sells + below(price + 1).sells);
}

PriceTicks CallCurves::lowest_reaching(std::uint64_t volume, CurveSides sides) const {
  ASSERT(volume >= 1, "a sum of nothing is reached at any price");
  if (weight(limits_, sides) < volume) return 0;
  std::uint32_t at = root_;
  std::uint32_t price = 0;
  for (unsigned bits = kTopBits;; bits -= kCurveFanOutBits) {
    const CurveNode& node = (*pool_)[at];
    std::uint32_t child = 0;
    for (;; ++child) {
      ASSERT(child <= kChildMask, "{} lots are in the sums and not below them", volume);
      const std::uint64_t here = weight({node.buys[child], node.sells[child]}, sides);
      if (here >= volume) break;
      volume -= here;
    }
    price |= child << bits;
    if (bits == 0) return static_cast<PriceTicks>(price);
    at = node.children[child];
  }
}

PriceTicks CallCurves::at_or_above(PriceTicks price, CurveSides sides) const {
  return lowest_reaching(weight(below(price), sides) + 1, sides);
}

PriceTicks CallCurves::at_or_below(PriceTicks price, CurveSides sides) const {
  const std::uint64_t volume = weight(below(price + 1), sides);
  return volume == 0 ? 0 : lowest_reaching(volume, sides);
}

}  // namespace okiagari::market
