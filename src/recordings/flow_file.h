// Recorded order flow in the project's own compact form, version 1; samples/README.md has the
// format.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::recordings {

struct FlowInstrument {
  std::string symbol;  // at most 8 characters
  std::uint32_t price_decimals = 0;
  std::uint32_t lot_decimals = 0;
};

enum class FlowAction : std::uint8_t { add, reduce, take };

struct FlowRecord {
  std::uint32_t time_ms = 0;  // since the start, never backwards
  FlowAction action = FlowAction::add;
  Side side = Side::buy;
  std::uint16_t instrument = 0;  // index into Flow::instruments
  std::uint32_t order = 0;       // dense from 0 over the orders of the flow; add and reduce
  PriceTicks price_ticks = 0;    // add and take
  QuantityLots lots = 0;         // for reduce: what remains, 0 takes the order out
};

struct Flow {
  std::vector<FlowInstrument> instruments;
  std::vector<FlowRecord> records;
  std::uint32_t orders = 0;
};

// Reads and checks the whole file; errors name file, line and what is wrong.
base::Result<Flow> read_flow(const std::string& path);

// The same flow on `instruments` markets: copy k of an instrument has its own orders and a symbol
// of its own. Records of equal time stay together, so all copies trade at once. Fewer than the flow
// has leaves some out.
[[nodiscard]] Flow spread_over(const Flow& flow, std::uint16_t instruments);

}  // namespace okiagari::recordings
