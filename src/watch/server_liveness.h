// Whether one server is there, from what a connection to it shows. A process that ended refuses
// connections; a frozen one has them accepted by its kernel and says nothing; a host that cannot be
// reached does not even accept.
//
// The watcher's own lateness is not held against the server: time in which nobody looked does not
// count.
#pragma once

#include <cstdint>
#include <string>

#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct LivenessLimits {
  std::uint64_t heartbeat_ms = 250;  // silence after which a heartbeat is missed
  std::uint64_t silent_ms = 600;     // and after which nobody is there
  std::uint64_t look_ms = 100;       // how often tick() is called at least, when all is well
};

class ServerLiveness {
 public:
  enum class State : std::uint8_t { unknown, alive, losing, gone, frozen, unreachable };

  ServerLiveness(std::string entity, LivenessLimits limits, Reporter& reporter)
      : entity_(std::move(entity)), limits_(limits), reporter_(reporter) {}

  void connected(const Moment& moment);
  void heard(const Moment& moment);
  // An established connection ended.
  void lost(const Moment& moment, const std::string& reason);
  // Nothing listens at the address, and its host says so; or the attempt failed otherwise.
  void refused(const Moment& moment);
  void tick(const Moment& moment);

  // While it is silent: whether a further connection is accepted tells frozen from unreachable.
  [[nodiscard]] bool wants_knock() const { return missed_heartbeat_ && state_ == State::alive; }
  void knock_accepted() { knock_accepted_ = true; }

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] bool is_alive() const { return state_ == State::alive; }
  [[nodiscard]] std::uint64_t heard_ms() const { return heard_.steady_ms; }
  [[nodiscard]] const Moment& down_since() const { return down_since_; }

 private:
  void go_down(State state, const Moment& since, const Moment& moment, std::string_view signal,
               Sentence statement);
  void say_reset(const Moment& moment);
  void forgive_own_lateness(const Moment& moment);

  std::string entity_;
  LivenessLimits limits_;
  Reporter& reporter_;
  State state_ = State::unknown;
  Moment heard_;
  Moment lost_;
  Moment down_since_;
  Moment looked_;
  std::string lost_reason_;
  bool missed_heartbeat_ = false;
  bool knock_accepted_ = false;
};

[[nodiscard]] std::string_view to_string(ServerLiveness::State state);

}  // namespace okiagari::watch
