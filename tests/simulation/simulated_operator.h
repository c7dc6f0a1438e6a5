// The operator of the venue: sets the market up, and then one thing after another that happens on
// a market's days, in small: deposits, halts by every scope, calls, plans, ends of days, limits.
// Sends each act until it was answered, whatever the answer is.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "base/bytes.h"
#include "tests/simulation/market_acts.h"
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
  using Step = std::function<void()>;

  void on_event(base::Bytes event, const venue::EventHeader& header) override;
  void on_caught_up() override;
  void on_events_missed() override {}

  void begin_something();
  void begin_halt();
  void begin_call();
  void begin_plan();
  void begin_limits();
  // Steps to come: a state of what is named; nothing, so long.
  void then_state(venue::Scope scope, std::uint16_t target, venue::InstrumentState state);
  void then_wait(std::uint64_t acts);
  void set_plan(std::uint16_t call_target);
  [[nodiscard]] venue::Scope draw_scope(std::uint16_t& target);
  [[nodiscard]] InstrumentId draw_instrument();

  Random random_;
  MarketActs make_;
  std::deque<Step> steps_;  // of what was begun
  std::deque<Act> acts_;    // that are not answered
  bool is_quiet_;
};

}  // namespace okiagari::simulation
