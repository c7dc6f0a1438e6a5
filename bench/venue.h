// `okiagari bench venue`: a neutral stream as commands of sixteen sessions through the whole state
// machine: sessions, funds, matching, events, hashes.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/report.h"
#include "bench/neutral_stream.h"

namespace okiagari::bench {

struct VenueOptions {
  const Stream* stream = find_stream("A1");
  std::uint64_t commands = kWholeStream;
  std::uint32_t rounds = 5;
  std::uint32_t batch_commands = 256;
  // Told what is being done, one line at a time.
  std::function<void(std::string_view)> progress = [](std::string_view) {};
};

// One round reads the venue's events and judges them; the others are timed, by the thread's own
// time, and must end with the same state hash.
[[nodiscard]] base::Report bench_venue(const VenueOptions& options);

}  // namespace okiagari::bench
