// Records of one type addressed by 32-bit slots. Memory comes in chunks, so that a record never
// moves and growing copies nothing; a slot given back is the first to be taken again, while it is
// warm. Slot 0 is never taken: it stands for "none", and may be written to by code that unlinks
// without asking whether there is a neighbour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <vector>

#include "base/assert.h"

namespace okiagari::market {

// Zeroed memory whose pages the system provides when they are first touched, aligned to a cache
// line.
class ZeroedMemory {
 public:
  ZeroedMemory() = default;
  explicit ZeroedMemory(std::size_t size_bytes);

  [[nodiscard]] void* begin() const { return begin_; }
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> memory_;
  void* begin_ = nullptr;
  std::size_t size_bytes_ = 0;
};

// A record names with free_link() the field that chains it while it is free. Fresh records are
// zero; the taker of a used one finds it as the giver left it, but for that field.
template <typename T>
class SlotPool {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit SlotPool(std::uint32_t max_records) : max_records_(max_records) {
    chunks_.reserve((max_records >> kChunkBits) + 1);
    add_chunk();
  }

  [[nodiscard]] T& operator[](std::uint32_t slot) {
    return chunks_[slot >> kChunkBits][slot & kChunkMask];
  }
  [[nodiscard]] const T& operator[](std::uint32_t slot) const {
    return chunks_[slot >> kChunkBits][slot & kChunkMask];
  }

  [[nodiscard]] std::uint32_t take() {
    ++taken_;
    const std::uint32_t slot = free_;
    if (slot == 0) [[unlikely]] {
      return take_fresh();
    }
    free_ = free_link((*this)[slot]);
    return slot;
  }

  void give_back(std::uint32_t slot) {
    --taken_;
    free_link((*this)[slot]) = free_;
    free_ = slot;
  }

  [[nodiscard]] std::uint32_t taken() const { return taken_; }
  // Slots from 1 up to this one have been taken at some time.
  [[nodiscard]] std::uint32_t highest() const { return highest_; }
  [[nodiscard]] std::size_t memory_bytes() const {
    return memory_.size() * kChunkBytes + chunks_.capacity() * sizeof(T*);
  }

 private:
  // About 256 KiB: big enough for the system to map on its own, small enough for a little market.
  static constexpr std::uint32_t kChunkBits = sizeof(T) <= 64 ? 12 : 10;
  static constexpr std::uint32_t kChunkMask = (1u << kChunkBits) - 1;
  static constexpr std::size_t kChunkBytes = sizeof(T) << kChunkBits;

  std::uint32_t take_fresh() {
    ASSERT(highest_ < max_records_, "a pool of {} records is exhausted", max_records_);
    ++highest_;
    if (highest_ >> kChunkBits == chunks_.size()) add_chunk();
    return highest_;
  }

  void add_chunk() {
    memory_.emplace_back(kChunkBytes);
    chunks_.push_back(static_cast<T*>(memory_.back().begin()));
  }

  std::vector<T*> chunks_;
  std::uint32_t free_ = 0;
  std::uint32_t taken_ = 0;
  std::uint32_t highest_ = 0;
  std::uint32_t max_records_;
  std::vector<ZeroedMemory> memory_;
};

}  // namespace okiagari::market
