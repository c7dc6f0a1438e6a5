// Addresses reserved in advance, and memory behind as many of them as are used: for what grows
// without moving. The system calls alone; who needs them in a shape has it (market/slot_pool.h).
#pragma once

#include <cstddef>

namespace okiagari::base {

// Null when there is no such room. Nothing there may be touched before it is provided.
[[nodiscard]] void* reserve_addresses(std::size_t size_bytes);
void release_addresses(void* begin, std::size_t size_bytes);

// Zeroed memory for whole pages of a reservation; false when the system has none. Large pages are a
// wish: where there are none, small ones do.
[[nodiscard]] bool provide_memory(void* begin, std::size_t size_bytes, bool in_large_pages);

}  // namespace okiagari::base
