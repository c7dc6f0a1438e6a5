// What gateways and the operator have in common: connected to every replica, subscribed to the
// events of the one that says it leads and is open, after the last event they have, and told when
// they have caught up.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/world.h"
#include "venue/event.h"

namespace okiagari::simulation {

class Subscriber {
 public:
  Subscriber(World& world, Endpoint endpoint) : world_(world), endpoint_(endpoint) {}
  virtual ~Subscriber() = default;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // Begins a new life, without memory of the one before.
  void start();
  void stop();
  [[nodiscard]] bool is_running() const { return is_running_; }
  void receive(const Happening& message);

  // Subscribed to an open leader, and up to date.
  [[nodiscard]] bool is_caught_up() const { return is_caught_up_; }

 protected:
  // Whole commands, to the leader.
  void submit(base::Bytes commands);
  virtual void on_event(base::Bytes event, const venue::EventHeader& header) = 0;
  // Whatever was not decided must be sent again.
  virtual void on_caught_up() = 0;
  // Events were missed for good.
  virtual void on_events_missed() = 0;

  World& world_;
  Endpoint endpoint_;

 private:
  static constexpr Endpoint kNobody = 0xFFFF;

  void on_status(Endpoint node, std::uint64_t term, bool open);
  void subscribe();
  void take_events(std::uint64_t through);

  bool is_running_ = false;
  Endpoint leader_ = kNobody;
  std::uint64_t leader_term_ = 0;
  bool is_caught_up_ = false;
  std::uint64_t last_event_ = 0;
};

}  // namespace okiagari::simulation
