// Rooms: recordings check base
// A daily ITCH file, read to its end or its first error. Every byte is a message's or left over.
#include <cstdint>

#include "base/assert.h"
#include "fuzz/memory_file.h"
#include "recordings/itch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const fuzz::MemoryFile input(data, size);
  auto file = recordings::ItchFile::open(input.path());
  if (!file.ok()) return 0;
  check::ItchMessage message;
  for (std::uint64_t taken = 0;;) {
    const auto more = file.value().next(message);
    if (!more.ok()) return 0;
    if (!more.value()) {
      ASSERT(taken + file.value().unknown() == file.value().messages());
      return 0;
    }
    ++taken;
    ASSERT(message.type != '\0');
  }
}
