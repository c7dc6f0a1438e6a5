#include "base/address_space.h"

#include <sys/mman.h>

namespace okiagari::base {

void* reserve_addresses(std::size_t size_bytes) {
  void* begin =
      mmap(nullptr, size_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return begin == MAP_FAILED ? nullptr : begin;
}

void release_addresses(void* begin, std::size_t size_bytes) { munmap(begin, size_bytes); }

bool provide_memory(void* begin, std::size_t size_bytes, bool in_large_pages) {
  if (mprotect(begin, size_bytes, PROT_READ | PROT_WRITE) != 0) return false;
  if (in_large_pages) madvise(begin, size_bytes, MADV_HUGEPAGE);
  return true;
}

}  // namespace okiagari::base
