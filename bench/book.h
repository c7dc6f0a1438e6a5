// `okiagari bench book`: the books that the venue uses, with all they can do switched on, beside a
// plain book, on one neutral stream in one process on one core.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/report.h"
#include "bench/neutral_stream.h"

namespace okiagari::bench {

struct BookOptions {
  const Stream* stream = find_stream("A1");
  std::uint64_t commands = kWholeStream;
  std::uint32_t rounds = 5;
  // Told what is being done, one line at a time.
  std::function<void(std::string_view)> progress = [](std::string_view) {};
};

// Every command goes to both engines, each from an empty book in every round, in turns. Figures are
// medians over the rounds of the thread's own time. Checksums and tallies are checked for the whole
// stream; for another number of commands the two engines are compared with each other.
[[nodiscard]] base::Report bench_book(const BookOptions& options);

}  // namespace okiagari::bench
