// Rooms: recordings base
// A recording of Kraken's book channel. What is read stays within what was announced.
#include <cstdint>

#include "base/assert.h"
#include "fuzz/memory_file.h"
#include "recordings/kraken_recording.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const fuzz::MemoryFile file(data, size);
  const auto recording = recordings::read_kraken(file.path());
  if (!recording.ok()) {
    ASSERT(recording.error().message.starts_with(file.path()), "{}", recording.error().message);
    return 0;
  }
  ASSERT(!recording.value().updates.empty());
  for (const recordings::KrakenUpdate& update : recording.value().updates) {
    ASSERT(update.pair < recording.value().pairs.size());
    const recordings::KrakenPair& pair = recording.value().pairs[update.pair];
    ASSERT(pair.depth > 0 && pair.zero_decimals <= pair.price_decimals);
    std::uint64_t unit = 1;
    for (std::uint32_t i = 0; i < pair.zero_decimals; ++i) unit *= 10;
    for (const recordings::KrakenLevel& level : update.levels) ASSERT(level.price % unit == 0);
  }
  return 0;
}
