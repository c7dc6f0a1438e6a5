#include "market/slot_pool.h"

namespace okiagari::market {

namespace {
constexpr std::size_t kLineBytes = 64;
}

ZeroedMemory::ZeroedMemory(std::size_t size_bytes)
    : memory_(std::calloc(size_bytes + kLineBytes, 1)), size_bytes_(size_bytes) {
  ASSERT(memory_ != nullptr, "no memory for {} bytes", size_bytes);
  std::size_t space = size_bytes + kLineBytes;
  begin_ = memory_.get();
  begin_ = std::align(kLineBytes, size_bytes, begin_, space);
}

}  // namespace okiagari::market
