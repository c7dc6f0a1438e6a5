// Rooms: recordings base
// Recorded order flow, also compressed. What is read stays within what was announced, also spread
// over more and over fewer markets.
#include <cstdint>

#include "base/assert.h"
#include "fuzz/memory_file.h"
#include "recordings/flow_file.h"

namespace {

using namespace okiagari;

void check(const recordings::Flow& flow) {
  std::uint32_t time_ms = 0;
  for (const recordings::FlowRecord& record : flow.records) {
    ASSERT(record.instrument < flow.instruments.size());
    ASSERT(record.action == recordings::FlowAction::take || record.order < flow.orders);
    ASSERT(record.time_ms >= time_ms);
    time_ms = record.time_ms;
  }
  for (const recordings::FlowInstrument& instrument : flow.instruments) {
    ASSERT(!instrument.symbol.empty() && instrument.symbol.size() <= 8, "{}", instrument.symbol);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file(data, size);
  const auto flow = recordings::read_flow(file.path());
  if (!flow.ok()) {
    ASSERT(flow.error().message.starts_with(file.path()), "{}", flow.error().message);
    return 0;
  }
  check(flow.value());
  check(recordings::spread_over(flow.value(), 1));
  check(recordings::spread_over(flow.value(), 7));
  return 0;
}
