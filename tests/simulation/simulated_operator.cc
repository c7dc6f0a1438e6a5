#include "tests/simulation/simulated_operator.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tests/simulation/member.h"

namespace okiagari::simulation {

using venue::InstrumentState;
using venue::Scope;

SimulatedOperator::SimulatedOperator(World& world)
    : Subscriber(world, kOperator),
      random_(world.scenario.seed, 8),
      make_(world),
      // Nothing but trading, so that many orders meet.
      is_quiet_(random_.chance(150)) {
  acts_.push_back(make_.set_up());
}

void SimulatedOperator::act() {
  if (!world_.market_is_set_up || acts_.size() > 2) return;
  if (steps_.empty()) begin_something();
  const Step step = std::move(steps_.front());
  steps_.pop_front();
  step();
  if (acts_.size() <= 2) on_caught_up();
}

void SimulatedOperator::begin_something() {
  const std::uint64_t dice = is_quiet_ ? 0 : random_.below(100);
  if (dice < 25) {
    steps_.emplace_back([this] { acts_.push_back(make_.deposit()); });
  } else if (dice < 45) {
    begin_halt();
  } else if (dice < 65) {
    begin_call();
  } else if (dice < 82) {
    begin_plan();
  } else if (dice < 89) {
    begin_limits();
  } else if (dice < 96) {
    steps_.emplace_back([this] { acts_.push_back(make_.end_day()); });
  } else {
    const InstrumentId instrument = draw_instrument();
    steps_.emplace_back(
        [this, instrument] { acts_.push_back(make_.set_auction_rules(instrument)); });
  }
}

InstrumentId SimulatedOperator::draw_instrument() {
  return static_cast<InstrumentId>(random_.between(1, kInstruments));
}

Scope SimulatedOperator::draw_scope(std::uint16_t& target) {
  const std::uint64_t dice = random_.below(10);
  target = 0;
  if (dice < 3) return Scope::market;
  target = kSegment;
  if (dice < 5) return Scope::segment;
  target = draw_instrument();
  return Scope::instrument;
}

void SimulatedOperator::then_state(Scope scope, std::uint16_t target, InstrumentState state) {
  steps_.emplace_back(
      [this, scope, target, state] { acts_.push_back(make_.set_state(scope, target, state)); });
}

void SimulatedOperator::then_wait(std::uint64_t acts) {
  for (; acts > 0; --acts) steps_.emplace_back([] {});
}

void SimulatedOperator::begin_halt() {
  std::uint16_t target = 0;
  Scope scope = draw_scope(target);
  if (random_.chance(200)) {
    scope = Scope::member;
    target = static_cast<std::uint16_t>(random_.between(1, (world_.scenario.members + 1U) / 2));
  }
  then_state(scope, target,
             random_.chance(700) ? InstrumentState::cancel_only : InstrumentState::halted);
  if (scope != Scope::member && random_.chance(300)) {
    then_state(scope, target,
               random_.chance(500) ? InstrumentState::limit_only : InstrumentState::post_only);
  }
  then_state(scope, target, InstrumentState::full);
}

// Opened and ended by people; what does not end goes on until somebody stops it or tries again.
void SimulatedOperator::begin_call() {
  std::uint16_t target = 0;
  const Scope scope = draw_scope(target);
  then_state(scope, target, InstrumentState::auction_call);
  then_wait(random_.below(3));
  if (random_.chance(400)) then_state(scope, target, InstrumentState::uncross);
  if (random_.chance(100)) then_state(scope, target, InstrumentState::closed);
  then_state(scope, target, InstrumentState::full);
}

void SimulatedOperator::begin_limits() {
  const InstrumentId instrument = draw_instrument();
  const auto low = static_cast<PriceTicks>(random_.between(985, 1'000));
  const auto high = static_cast<PriceTicks>(random_.between(1'001, 1'015));
  steps_.emplace_back([this, instrument, low, high] {
    acts_.push_back(make_.set_price_limits(instrument, low, high));
  });
  then_wait(1);
  steps_.emplace_back([this, instrument] {
    acts_.push_back(make_.set_price_limits(instrument, kLowLimit, kHighLimit));
  });
}

void SimulatedOperator::begin_plan() {
  const InstrumentId called_again = draw_instrument();
  steps_.emplace_back([this, called_again] { set_plan(called_again); });
  then_wait(random_.between(1, 5));
  if (random_.chance(150)) {
    steps_.emplace_back([this] { acts_.push_back(make_.set_plan({})); });
  }
  // A plan that closed the market opens it no more.
  then_state(Scope::market, 0, InstrumentState::full);
}

// A day in little more than a second: a call that opens it, another one of an instrument in the
// middle, one that closes it, its end. Often only a part of it.
void SimulatedOperator::set_plan(std::uint16_t call_target) {
  constexpr std::array<venue::PlannedPhase, 8> kDay = {{
      {0, 1, 0, Scope::market, InstrumentState::auction_call},
      {0, 2, 0, Scope::market, InstrumentState::full},
      {0, 3, kSegment, Scope::segment, InstrumentState::limit_only},
      {0, 4, 0, Scope::instrument, InstrumentState::auction_call},
      {0, 5, 0, Scope::instrument, InstrumentState::full},
      {0, 6, 0, Scope::market, InstrumentState::auction_call},
      {0, 7, 0, Scope::market, InstrumentState::closed},
      {0, 8, 0, Scope::market, venue::kDayEnd},
  }};
  std::array<venue::PlannedPhase, kDay.size()> phases{};
  std::size_t count = 0;
  TimeUs at_us = kEpochUs + world_.agenda.now_us() + random_.between(20'000, 200'000);
  for (const venue::PlannedPhase& planned : kDay) {
    if (random_.chance(300)) continue;
    venue::PlannedPhase& phase = phases[count++];
    phase = planned;
    if (phase.scope == Scope::instrument) phase.target = call_target;
    // The same time twice is refused.
    phase.at_ns = at_us * 1'000;
    at_us += random_.chance(10) ? 0 : random_.between(20'000, 350'000);
  }
  acts_.push_back(make_.set_plan(std::span(phases).first(count)));
}

void SimulatedOperator::on_caught_up() {
  if (!acts_.empty()) submit(acts_.front().commands);
}

void SimulatedOperator::on_event(base::Bytes event, const venue::EventHeader& header) {
  if (header.type != venue::EventType::control_result || header.gateway != 0) return;
  venue::ControlResult result{};
  std::memcpy(&result, event.data(), std::min(event.size(), sizeof result));
  if (acts_.empty() || result.command != acts_.front().last) return;
  if (result.number != acts_.front().number) return;
  // The commands of an act are in one batch: when one was answered, all were.
  world_.market_is_set_up = true;
  acts_.pop_front();
  on_caught_up();
}

}  // namespace okiagari::simulation
