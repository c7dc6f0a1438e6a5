// The event loop of a process: sockets and time over Boost.Asio, one thread. What belongs in this
// room: readiness, TCP, clocks. What does not: any meaning of the bytes.
//
// A turn is: wait for something, run everything that is ready, return. The owner does its
// end-of-turn work (one sync, one flush a connection) between turns, so the more there is to do,
// the more each sync serves.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "base/types.h"

namespace okiagari::net {

class Loop {
 public:
  Loop();

  // Runs everything ready; when nothing is, waits until something is or `deadline_ms` (monotonic)
  // is over.
  void turn(std::uint64_t deadline_ms);
  // Runs everything ready without waiting. True when something ran.
  bool poll();

  // Monotonic milliseconds and nanoseconds; wall-clock nanoseconds since the epoch.
  [[nodiscard]] static std::uint64_t now_ms();
  [[nodiscard]] static std::uint64_t now_ns();
  [[nodiscard]] static TimestampNs wall_ns();

  [[nodiscard]] boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_;
};

}  // namespace okiagari::net
