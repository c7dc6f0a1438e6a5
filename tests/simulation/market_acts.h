// What the operators of the market have in their hands, as they send it: signed where it must be,
// now and then wrongly. Each act is whole commands that go together, and what its answer is known
// by.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "tests/simulation/random.h"
#include "tests/simulation/world.h"
#include "venue/command.h"

namespace okiagari::simulation {

// Of the instruments 2 and 3.
inline constexpr std::uint16_t kSegment = 7;

struct Act {
  std::vector<std::byte> commands;
  venue::CommandType last = venue::CommandType::no_operation;
  std::uint64_t number = 0;
};

class MarketActs {
 public:
  explicit MarketActs(World& world);

  // Everything that a market needs, in one batch.
  Act set_up();
  Act deposit();
  Act set_state(venue::Scope scope, std::uint16_t target, venue::InstrumentState state);
  Act set_price_limits(InstrumentId instrument, PriceTicks low, PriceTicks high);
  // Without phases it takes the present plan back.
  Act set_plan(std::span<const venue::PlannedPhase> phases);
  // The next day that has not ended.
  Act end_day();
  Act set_auction_rules(InstrumentId instrument);

 private:
  enum class Mistake : std::uint8_t { none, one_approval, wrong_signature, expired, stale_number };

  template <typename Command>
  void add(Command command);
  void add_reference_data();
  void add_rules(InstrumentId instrument);
  [[nodiscard]] Mistake draw_mistake();
  // Numbers and signs it, and sends it alone.
  template <typename Command>
  Act act(Command command, int approvals);
  Act end(venue::CommandType last, std::uint64_t number);
  [[nodiscard]] std::uint32_t next_day() const;

  World& world_;
  Random random_;
  base::ByteWriter commands_;
  std::uint64_t transfers_ = 0;
  std::uint64_t controls_ = 0;
  std::uint32_t days_tried_ = 0;
};

}  // namespace okiagari::simulation
