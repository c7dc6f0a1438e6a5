// The operator of the venue: sets the market up, pays in funds now and then, and in some runs halts
// an instrument and lets it trade again. Sends each act until it was answered.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/bytes.h"
#include "tests/simulation/random.h"
#include "tests/simulation/subscriber.h"
#include "venue/command.h"

namespace okiagari::simulation {

class SimulatedOperator final : public Subscriber {
 public:
  explicit SimulatedOperator(World& world);

  // Thinks of something to do; called now and then while the market is open.
  void act();
  [[nodiscard]] bool is_satisfied() const { return acts_.empty(); }

 private:
  // Whole commands that are sent together, and which answer ends them.
  struct Act {
    std::vector<std::byte> commands;
    venue::CommandType last;
    std::uint64_t number;
  };

  void on_event(base::Bytes event, const venue::EventHeader& header) override;
  void on_caught_up() override;
  void on_events_missed() override {}

  void plan_set_up();
  void plan_deposit();
  void plan_halt();
  void plan_state(venue::InstrumentState state, InstrumentId instrument);
  template <typename Command>
  void add(Command command);
  void end_act(venue::CommandType last, std::uint64_t number);

  Random random_;
  base::ByteWriter commands_;
  std::deque<Act> acts_;
  std::uint64_t transfers_ = 0;
  std::uint64_t controls_ = 0;
  bool halts_;
};

}  // namespace okiagari::simulation
