// Rooms: gateway wire
// What a gateway told: read whole or refused.
#include <cstdint>

#include "base/assert.h"
#include "gateway/told_events.h"
#include "wire/link.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const base::Bytes file(reinterpret_cast<const std::byte*>(data), size);
  const auto told = gateway::parse_told_events(file, "the fuzzer's file");
  if (!told) return 0;
  wire::EventReader reader(told.value().events);
  while (reader.next() != nullptr) {
  }
  ASSERT(reader.ok(), "an event that cannot be read was let through");
  return 0;
}
