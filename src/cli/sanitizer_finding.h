// What a build with sanitizers says of the fault that it dies of: which, and where in our source.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace okiagari::cli {

struct SanitizerFinding {
  std::string what;   // "AddressSanitizer: heap-use-after-free", "signed integer overflow: ..."
  std::string place;  // "src/market/order_books.cc:120 in fill(...)"; empty: not told
};

// The first one in what a process printed as errors. The place is the innermost frame that is our
// own: the sanitizer's is often in its runtime, or in a header of the standard library.
[[nodiscard]] std::optional<SanitizerFinding> find_sanitizer_finding(std::string_view errors);

}  // namespace okiagari::cli
