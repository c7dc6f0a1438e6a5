// Rooms: recordings base
// A log of Bitstamp's channels, read to its end or its first error.
#include <cstdint>

#include "base/assert.h"
#include "fuzz/memory_file.h"
#include "recordings/bitstamp_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const fuzz::MemoryFile file(data, size);
  auto lines = recordings::LineReader::open(file.path());
  if (!lines.ok()) return 0;
  recordings::BitstampLine line;
  for (;;) {
    const auto more = recordings::read_bitstamp(lines.value(), line);
    if (!more.ok()) {
      ASSERT(more.error().message.starts_with(file.path()), "{}", more.error().message);
      return 0;
    }
    if (!more.value()) return 0;
    ASSERT(line.price_ticks >= 0);
    for (const auto& levels : line.levels) {
      for (const recordings::BitstampLevel& level : levels) ASSERT(level.price_ticks >= 0);
    }
  }
}
