#include "net/loop.h"

#include <chrono>

namespace okiagari::net {

Loop::Loop() : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE) {}

bool Loop::poll() {
  context_.restart();
  return context_.poll() > 0;
}

void Loop::turn(std::uint64_t deadline_ms) {
  if (poll()) return;
  const std::uint64_t now = now_ms();
  if (deadline_ms <= now) return;
  context_.restart();
  if (context_.run_one_for(std::chrono::milliseconds(deadline_ms - now)) > 0) poll();
}

std::uint64_t Loop::now_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

std::uint64_t Loop::now_ms() { return now_ns() / 1'000'000; }

TimestampNs Loop::wall_ns() {
  return static_cast<TimestampNs>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                      std::chrono::system_clock::now().time_since_epoch())
                                      .count());
}

}  // namespace okiagari::net
