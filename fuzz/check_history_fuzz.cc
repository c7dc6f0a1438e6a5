// Rooms: check
// A history of the checker on disk. What is read of it, kept again, is the file as far as it was
// whole.
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "check/history.h"
#include "fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const fuzz::MemoryFile file(data, size);
  const auto history = check::History::load(file.path());
  if (!history) return 0;
  constexpr std::size_t kMarkBytes = 8;
  constexpr std::size_t kHeaderBytes = 24;
  std::size_t bytes = kMarkBytes;
  for (std::size_t i = 0; i < history.value().size(); ++i) {
    bytes += kHeaderBytes + history.value()[i].bytes.size();
  }
  ASSERT(bytes <= size, "{} of {} bytes", bytes, size);
  return 0;
}
