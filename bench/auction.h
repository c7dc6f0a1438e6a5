// `okiagari bench auction`: calls through the whole state machine. What an order of a call costs
// with the indicative price after it, and how long the venue stands still while a call uncrosses in
// one command.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/report.h"

namespace okiagari::bench {

struct AuctionOptions {
  std::uint32_t call_orders = 100'000;   // in the call while its orders are timed
  std::uint32_t timed_orders = 200'000;  // entered and cancelled, half and half
  std::uint32_t uncross_orders = 1'000'000;
  std::uint32_t rounds = 5;
  std::uint64_t seed = 20260101;
  // Told what is being done, one line at a time.
  std::function<void(std::string_view)> progress = [](std::string_view) {};
};

// Every price rule and allocation is timed. Figures are medians over the rounds of the thread's own
// time; every round must end with the same state hash, the books hold and money is conserved.
[[nodiscard]] base::Report bench_auction(const AuctionOptions& options);

}  // namespace okiagari::bench
