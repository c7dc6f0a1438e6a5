#include "market/order_index.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace okiagari::market {

OrderIndex::Table::Table(unsigned bits)
    : memory_(((std::size_t{1} << bits) + kReach + 1) * sizeof(Bucket)),
      bits_(bits),
      shift_(32 - bits) {}

bool OrderIndex::Table::insert_among(std::uint32_t tag, std::uint32_t slot) {
  const std::uint32_t start = home(tag);
  std::uint32_t at = start;
  while (buckets()[at].slot != kNoOrder && home(buckets()[at].tag) <= start) ++at;
  std::uint32_t end = at;
  while (buckets()[end].slot != kNoOrder) {
    if (++end - start > kReach) return false;
  }
  if (end - start > kReach) return false;
  std::memmove(&buckets()[at + 1], &buckets()[at], (end - at) * sizeof(Bucket));
  buckets()[at] = {tag, slot};
  return true;
}

bool OrderIndex::Table::mark_moved(std::uint32_t tag, std::uint32_t slot) {
  for (std::uint32_t at = home(tag); buckets()[at].slot != kNoOrder; ++at) {
    if (buckets()[at].slot != slot) continue;
    buckets()[at].slot = kMoved;
    return true;
  }
  return false;
}

std::uint32_t OrderIndex::find_elsewhere(OrderKey key, std::uint32_t tag,
                                         const OrderPool& orders) const {
  if (outgrown_) {
    if (const std::uint32_t slot = outgrown_->find(key, tag, orders)) return slot;
  }
  const auto found = crowded_out_.find(key);
  return found == crowded_out_.end() ? kNoOrder : found->second;
}

void OrderIndex::insert_slowly(OrderKey key, std::uint32_t slot, const OrderPool& orders) {
  if (size_ > grow_above_) begin_move();
  if (outgrown_) move_some(orders);
  if (!table_.insert(tag_of(key), slot)) crowded_out_.emplace(key, slot);
}

void OrderIndex::erase_elsewhere(OrderKey key, std::uint32_t slot) {
  if (outgrown_ && outgrown_->mark_moved(tag_of(key), slot)) return;
  const auto erased = crowded_out_.erase(key);
  ASSERT(erased == 1, "order {:#x} in slot {} is not indexed", key, slot);
}

void OrderIndex::begin_move() {
  ASSERT(!outgrown_, "{} orders, and the last growth is not done", size_);
  const unsigned bits = table_.bits() + 1;
  outgrown_.emplace(std::exchange(table_, Table(bits)));
  moved_end_ = 0;
  grow_above_ = 1u << (bits - 1);
}

void OrderIndex::move_some(const OrderPool& orders) {
  const std::uint32_t end = outgrown_->buckets_end();
  const std::uint32_t until = std::min(end, moved_end_ + kBucketsMovedPerInsertion);
  for (; moved_end_ < until; ++moved_end_) {
    Bucket& bucket = outgrown_->bucket(moved_end_);
    if (bucket.slot == kNoOrder || bucket.slot == kMoved) continue;
    if (!table_.insert(bucket.tag, bucket.slot)) {
      crowded_out_.emplace(orders[bucket.slot].key, bucket.slot);
    }
    bucket.slot = kMoved;
  }
  if (moved_end_ == end) outgrown_.reset();
}

std::size_t OrderIndex::memory_bytes() const {
  // The map's nodes are packed at least half full.
  return table_.memory_bytes() + (outgrown_ ? outgrown_->memory_bytes() : 0) +
         crowded_out_.size() * 2 * sizeof(std::pair<OrderKey, std::uint32_t>);
}

}  // namespace okiagari::market
