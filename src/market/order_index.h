// Finds an order by its key: one open-addressing hash table for all owners, of the orders that
// their windows no longer hold (owners_orders.h). Keys that differ in their last three bits alone
// are neighbours, so an owner's consecutive orders share a cache line.
//
// What keeps the worst case small:
// - Growing is spread out. A table twice the size is put beside the old one, and each insertion
//   moves a few of the old buckets; no operation ever moves them all.
// - Displacements are kept sorted (robin hood), so a search for what is not there ends early and a
//   removal closes its gap without leaving a tombstone.
// - No insertion touches more than kReach buckets. Whoever picks keys that all fall into one place
//   sends them into an ordered map, at logarithmic cost.
//
// Nothing iterates over the table, so its order means nothing.
#pragma once

#include <absl/container/btree_map.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "market/order.h"
#include "market/slot_pool.h"

namespace okiagari::market {

using OrderPool = SlotPool<Order>;

class OrderIndex {
 public:
  OrderIndex() : table_(kSmallestTableBits) {}

  // The slot of the order of that key, or kNoOrder.
  [[nodiscard]] std::uint32_t find(OrderKey key, const OrderPool& orders) const {
    const std::uint32_t tag = tag_of(key);
    if (const std::uint32_t slot = table_.find(key, tag, orders)) return slot;
    if (is_plain()) [[likely]] {
      return kNoOrder;
    }
    return find_elsewhere(key, tag, orders);
  }

  // For a search that comes soon: fetches the key's place in the table.
  void prefetch(OrderKey key) const { table_.prefetch(tag_of(key)); }
  // The slot that is probably the key's, told without a look at the order; kNoOrder when none is.
  [[nodiscard]] std::uint32_t probable_slot(OrderKey key) const {
    return table_.probable_slot(tag_of(key));
  }

  // Indexes orders[slot] under its key, which is not in the index yet.
  void insert(std::uint32_t slot, const OrderPool& orders) {
    const OrderKey key = orders[slot].key;
    ++size_;
    if (size_ <= grow_above_ && is_plain()) [[likely]] {
      if (table_.insert(tag_of(key), slot)) return;
    }
    insert_slowly(key, slot, orders);
  }

  // Takes out a key that is in the index and means that slot.
  void erase(OrderKey key, std::uint32_t slot) {
    --size_;
    if (!table_.erase(tag_of(key), slot)) [[unlikely]] {
      erase_elsewhere(key, slot);
    }
  }

  [[nodiscard]] std::uint32_t size() const { return size_; }
  // Keys that fell into one place more often than the table bears.
  [[nodiscard]] std::size_t crowded_out() const { return crowded_out_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const;

  // The most buckets that an insertion looks at or moves.
  static constexpr std::uint32_t kReach = 256;

 private:
  static constexpr unsigned kNeighbourBits = 3;
  static constexpr std::uint32_t kPlaceMask = (1u << kNeighbourBits) - 1;
  static constexpr unsigned kSmallestTableBits = 10;
  static constexpr std::uint32_t kBucketsMovedPerInsertion = 8;
  static constexpr std::uint32_t kPlacesGuessed = 4;

  struct Bucket {
    std::uint32_t tag;
    std::uint32_t slot;  // kNoOrder: empty; kMoved: no longer here
  };
  static constexpr std::uint32_t kMoved = 0xFFFFFFFF;

  // The hash of the key's neighbourhood above, its place in there below. It tells a bucket's home
  // in a table of any size, so that moving buckets about never looks at the orders.
  static std::uint32_t tag_of(OrderKey key) {
    const auto product =
        static_cast<unsigned __int128>(key >> kNeighbourBits ^ 0xA0761D6478BD642F) *
        0xE7037ED1A0B428DB;
    const std::uint64_t mixed =
        static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    return (static_cast<std::uint32_t>(mixed >> 32) & ~kPlaceMask) |
           (static_cast<std::uint32_t>(key) & kPlaceMask);
  }

  class Table {
   public:
    explicit Table(unsigned bits);

    [[nodiscard]] std::uint32_t find(OrderKey key, std::uint32_t tag,
                                     const OrderPool& orders) const {
      const std::uint32_t start = home(tag);
      for (std::uint32_t at = start;; ++at) {
        const Bucket bucket = buckets()[at];
        if (bucket.tag == tag && bucket.slot != kMoved && bucket.slot != kNoOrder &&
            orders[bucket.slot].key == key) {
          return bucket.slot;
        }
        if (bucket.slot == kNoOrder || home(bucket.tag) > start) return kNoOrder;
      }
    }

    void prefetch(std::uint32_t tag) const { __builtin_prefetch(&buckets()[home(tag)]); }

    [[nodiscard]] std::uint32_t probable_slot(std::uint32_t tag) const {
      const std::uint32_t start = home(tag);
      for (std::uint32_t at = start; at < start + kPlacesGuessed; ++at) {
        const Bucket bucket = buckets()[at];
        if (bucket.tag == tag && bucket.slot != kMoved) return bucket.slot;
      }
      return kNoOrder;
    }

    // False, with nothing changed, when it would touch more than kReach buckets.
    [[nodiscard]] bool insert(std::uint32_t tag, std::uint32_t slot) {
      const std::uint32_t at = home(tag);
      if (buckets()[at].slot == kNoOrder) [[likely]] {
        buckets()[at] = {tag, slot};
        return true;
      }
      return insert_among(tag, slot);
    }

    [[nodiscard]] bool erase(std::uint32_t tag, std::uint32_t slot) {
      std::uint32_t at = home(tag);
      const std::uint32_t end = at + kReach;
      while (buckets()[at].slot != slot) {
        if (buckets()[at].slot == kNoOrder || at == end) return false;
        ++at;
      }
      for (;; ++at) {
        const Bucket following = buckets()[at + 1];
        if (following.slot == kNoOrder || home(following.tag) == at + 1) break;
        buckets()[at] = following;
      }
      buckets()[at] = {0, kNoOrder};
      return true;
    }

    // For a table that is being emptied into another: leaves a mark, so that searches pass on.
    [[nodiscard]] bool mark_moved(std::uint32_t tag, std::uint32_t slot);

    [[nodiscard]] unsigned bits() const { return bits_; }
    // Every bucket's index is less than this; the last is always empty.
    [[nodiscard]] std::uint32_t buckets_end() const { return (1u << bits_) + kReach + 1; }
    [[nodiscard]] Bucket& bucket(std::uint32_t at) { return buckets()[at]; }
    [[nodiscard]] std::size_t memory_bytes() const { return memory_.size_bytes(); }

   private:
    [[nodiscard]] std::uint32_t home(std::uint32_t tag) const {
      return (tag >> shift_ & ~kPlaceMask) | (tag & kPlaceMask);
    }
    [[nodiscard]] Bucket* buckets() const { return static_cast<Bucket*>(memory_.begin()); }
    bool insert_among(std::uint32_t tag, std::uint32_t slot);

    // No wrapping round: behind the last home there is room for what is displaced.
    ZeroedMemory memory_;
    unsigned bits_;
    unsigned shift_;
  };

  // Nothing but table_ holds keys.
  [[nodiscard]] bool is_plain() const { return !outgrown_ && crowded_out_.empty(); }
  std::uint32_t find_elsewhere(OrderKey key, std::uint32_t tag, const OrderPool& orders) const;
  void insert_slowly(OrderKey key, std::uint32_t slot, const OrderPool& orders);
  void erase_elsewhere(OrderKey key, std::uint32_t slot);
  void begin_move();
  void move_some(const OrderPool& orders);

  Table table_;
  std::uint32_t size_ = 0;
  std::uint32_t grow_above_ = 1u << (kSmallestTableBits - 1);
  std::optional<Table> outgrown_;  // while it is being emptied into table_
  std::uint32_t moved_end_ = 0;    // its buckets before this one are
  absl::btree_map<OrderKey, std::uint32_t> crowded_out_;
};

}  // namespace okiagari::market
