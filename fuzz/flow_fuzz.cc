// Rooms: base
// Files: cli/flow_file.cc cli/line_reader.cc
// Recorded order flow, also compressed. What is read stays within what was announced, also spread
// over more and over fewer markets.
#include <cstdint>

#include "base/assert.h"
#include "cli/flow_file.h"
#include "fuzz/memory_file.h"

namespace {

using namespace okiagari;

void check(const cli::Flow& flow) {
  std::uint32_t time_ms = 0;
  for (const cli::FlowRecord& record : flow.records) {
    ASSERT(record.instrument < flow.instruments.size());
    ASSERT(record.action == cli::FlowAction::take || record.order < flow.orders);
    ASSERT(record.time_ms >= time_ms);
    time_ms = record.time_ms;
  }
  for (const cli::FlowInstrument& instrument : flow.instruments) {
    ASSERT(!instrument.symbol.empty() && instrument.symbol.size() <= 8, "{}", instrument.symbol);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file(data, size);
  const auto flow = cli::read_flow(file.path());
  if (!flow.ok()) {
    ASSERT(flow.error().message.starts_with(file.path()), "{}", flow.error().message);
    return 0;
  }
  check(flow.value());
  check(cli::spread_over(flow.value(), 1));
  check(cli::spread_over(flow.value(), 7));
  return 0;
}
