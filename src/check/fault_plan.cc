#include "check/fault_plan.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "check/random.h"

namespace okiagari::check {
namespace {

constexpr std::array kFaults = {Fault::kill, Fault::stop, Fault::transfer, Fault::gateway_kill};
constexpr std::uint32_t kFaultsMax = 10'000;

// Adds what one word between commas asks for; false when it is not understood.
bool add_word(std::string_view word, std::vector<Fault>& into) {
  const auto equals = word.find('=');
  std::uint32_t count = 1;
  if (equals != std::string_view::npos) {
    const std::string_view number = word.substr(equals + 1);
    const auto end = number.data() + number.size();
    const auto read = std::from_chars(number.data(), end, count);
    if (read.ec != std::errc{} || read.ptr != end || count > kFaultsMax) return false;
  }
  for (const Fault fault : kFaults) {
    if (word.substr(0, equals) != name_of(fault)) continue;
    into.insert(into.end(), count, fault);
    return true;
  }
  return false;
}

}  // namespace

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::kill:
      return "kill";
    case Fault::stop:
      return "stop";
    case Fault::transfer:
      return "transfer";
    case Fault::gateway_kill:
      return "gateway-kill";
  }
  return "?";
}

base::Result<std::vector<PlannedFault>> plan_faults(std::string_view text,
                                                    std::uint64_t duration_ms, std::uint64_t seed) {
  std::vector<Fault> faults;
  while (!text.empty() && text != "none") {
    const auto comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    if (!add_word(word, faults)) {
      return base::Error{fmt::format(
          "'{}' is no fault; there are kill, stop, transfer and gateway-kill, each with =NUMBER "
          "when it shall come more than once",
          word)};
    }
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  Random random(seed);
  for (std::size_t left = faults.size(); left > 1; --left) {
    std::swap(faults[left - 1], faults[random.below(left)]);
  }
  std::vector<PlannedFault> plan;
  for (std::size_t at = 0; at < faults.size(); ++at) {
    plan.push_back({duration_ms * (at + 1) / (faults.size() + 1), faults[at]});
  }
  return plan;
}

}  // namespace okiagari::check
