#include "market/slot_pool.h"

#include "base/address_space.h"

namespace okiagari::market {

namespace {

constexpr std::size_t kLineBytes = 64;

std::byte* round_up(void* address, std::size_t to_bytes) {
  std::size_t space = 2 * to_bytes;
  return static_cast<std::byte*>(std::align(to_bytes, to_bytes, address, space));
}

}  // namespace

ZeroedMemory::ZeroedMemory(std::size_t size_bytes)
    : memory_(std::calloc(size_bytes + kLineBytes, 1)), size_bytes_(size_bytes) {
  ASSERT(memory_ != nullptr, "no memory for {} bytes", size_bytes);
  begin_ = round_up(memory_.get(), kLineBytes);
}

ExtendableMemory::ExtendableMemory(std::size_t most_bytes) {
  const std::size_t pages = most_bytes / kLargePageBytes + 1;
  reserved_bytes_ = (pages + 1) * kLargePageBytes;
  reserved_ = base::reserve_addresses(reserved_bytes_);
  ASSERT(reserved_ != nullptr, "no address space for {} bytes", reserved_bytes_);
  begin_ = round_up(reserved_, kLargePageBytes);
}

ExtendableMemory::~ExtendableMemory() {
  if (reserved_ != nullptr) base::release_addresses(reserved_, reserved_bytes_);
}

void ExtendableMemory::extend() {
  const bool is_large = size_bytes_ >= kLargePageBytes;
  const std::size_t step_bytes = is_large ? kLargePageBytes : kSmallStepBytes;
  const bool is_provided = base::provide_memory(begin_ + size_bytes_, step_bytes, is_large);
  ASSERT(is_provided, "no memory for {} bytes more than {}", step_bytes, size_bytes_);
  size_bytes_ += step_bytes;
}

}  // namespace okiagari::market
