#include "wire/decimal_text.h"

#include <algorithm>
#include <limits>

namespace okiagari::wire {

std::string decimal_text(std::uint64_t size, std::uint32_t decimals, bool is_negative) {
  std::string digits = std::to_string(size);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) {
    digits.insert(digits.size() - decimals, ".");
    while (digits.back() == '0') digits.pop_back();
    if (digits.back() == '.') digits.pop_back();
  }
  return is_negative ? "-" + digits : digits;
}

std::optional<Decimal> parse_decimal(std::string_view text, std::uint32_t decimals) {
  Decimal decimal;
  if (text.starts_with('-')) {
    decimal.is_negative = true;
    text.remove_prefix(1);
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  if (digits.empty()) return std::nullopt;
  std::string_view behind = point < text.size() ? text.substr(point + 1) : std::string_view{};
  while (behind.ends_with('0')) behind.remove_suffix(1);
  if (behind.size() > decimals) return std::nullopt;
  digits += behind;
  digits.append(decimals - behind.size(), '0');
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    const auto value = static_cast<std::uint64_t>(digit - '0');
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    if (decimal.size > (kMax - value) / 10) return std::nullopt;
    decimal.size = decimal.size * 10 + value;
  }
  return decimal;
}

}  // namespace okiagari::wire
