// What a gateway counts of itself: plain numbers, raised where things happen and read when somebody
// asks for them.
#pragma once

#include <array>
#include <cstdint>

#include "net/metric_histogram.h"
#include "wire/ouch.h"

namespace okiagari::gateway {

struct Measures {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t logins_accepted = 0;
  std::uint64_t logins_not_authorized = 0;
  std::uint64_t logins_not_available = 0;
  std::uint64_t malformed = 0;                  // packets and messages; each ended a connection
  std::array<std::uint64_t, 128> messages{};    // by OUCH's letter
  std::array<std::uint64_t, 0x300> refusals{};  // by RejectCode, sent by this gateway itself
  net::MetricHistogram decision = net::duration_histogram();

  void count_message(char type) { ++messages[static_cast<unsigned char>(type) % messages.size()]; }
  void count_refusal(wire::ouch::RejectCode reason) {
    ++refusals[static_cast<std::uint16_t>(reason) % refusals.size()];
  }
};

}  // namespace okiagari::gateway
