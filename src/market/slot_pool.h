// Records of one type addressed by 32-bit slots. They lie in one range of addresses that is
// reserved for as many as there may ever be and provided with memory as far as it is used, so a
// record never moves, growing copies nothing, and a slot is found by one multiplication. A slot
// given back is the first to be taken again, while it is warm. Slot 0 is never taken: it stands for
// "none", and may be written to by code that unlinks without asking whether there is a neighbour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <utility>

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

// Reserved addresses with zeroed memory as far as it has been extended. Memory beyond the first
// kLargePageBytes comes in large pages where the system has them: a market of many live orders
// would otherwise wait for the translation of its addresses.
class ExtendableMemory {
 public:
  explicit ExtendableMemory(std::size_t most_bytes);
  ~ExtendableMemory();
  ExtendableMemory(ExtendableMemory&& other) noexcept { swap(other); }
  ExtendableMemory& operator=(ExtendableMemory&& other) noexcept {
    swap(other);
    return *this;
  }

  [[nodiscard]] void* begin() const { return begin_; }
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }
  // By one step.
  void extend();

  static constexpr std::size_t kLargePageBytes = std::size_t{2} << 20;

 private:
  static constexpr std::size_t kSmallStepBytes = std::size_t{256} << 10;

  void swap(ExtendableMemory& other) noexcept {
    std::swap(reserved_, other.reserved_);
    std::swap(reserved_bytes_, other.reserved_bytes_);
    std::swap(begin_, other.begin_);
    std::swap(size_bytes_, other.size_bytes_);
  }

  void* reserved_ = nullptr;
  std::size_t reserved_bytes_ = 0;
  std::byte* begin_ = nullptr;  // at a large page
  std::size_t size_bytes_ = 0;
};

// A record names with free_link() the field that chains it while it is free. Fresh records are
// zero; the taker of a used one finds it as the giver left it, but for that field.
template <typename T>
class SlotPool {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit SlotPool(std::uint32_t max_records)
      : max_records_(max_records), memory_((std::size_t{max_records} + 1) * sizeof(T)) {
    extend();
  }

  [[nodiscard]] T& operator[](std::uint32_t slot) { return records_[slot]; }
  [[nodiscard]] const T& operator[](std::uint32_t slot) const { return records_[slot]; }

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
  [[nodiscard]] std::size_t memory_bytes() const { return memory_.size_bytes(); }

 private:
  std::uint32_t take_fresh() {
    ASSERT(highest_ < max_records_, "a pool of {} records is exhausted", max_records_);
    ++highest_;
    if (highest_ >= provided_) extend();
    return highest_;
  }

  void extend() {
    memory_.extend();
    records_ = static_cast<T*>(memory_.begin());
    provided_ = memory_.size_bytes() / sizeof(T);
  }

  T* records_ = nullptr;
  std::uint32_t free_ = 0;
  std::uint32_t taken_ = 0;
  std::uint32_t highest_ = 0;
  std::uint32_t max_records_;
  std::size_t provided_ = 0;  // slots that have memory
  ExtendableMemory memory_;
};

}  // namespace okiagari::market
