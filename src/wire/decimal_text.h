// Whole numbers that stand for decimal ones, as text without trailing zeros: 873900 with four
// decimals is "87.39".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace okiagari::wire {

[[nodiscard]] std::string decimal_text(std::uint64_t size, std::uint32_t decimals,
                                       bool is_negative = false);

struct Decimal {
  std::uint64_t size = 0;  // in units of the last decimal
  bool is_negative = false;
};

// Nothing when the text is no number, has more decimals or does not fit.
[[nodiscard]] std::optional<Decimal> parse_decimal(std::string_view text, std::uint32_t decimals);

}  // namespace okiagari::wire
