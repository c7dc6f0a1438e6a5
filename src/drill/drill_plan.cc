#include "drill/drill_plan.h"

#include <utility>

#include "check/random.h"

namespace okiagari::drill {

namespace {

constexpr std::uint64_t kBeforeLeastMs = 9'000;
constexpr std::uint64_t kBeforeSpreadMs = 4'000;
constexpr std::uint64_t kSettleMs = 18'000;

}  // namespace

std::vector<PlannedDrill> plan_campaign(const std::vector<Fault>& faults, std::size_t each,
                                        std::uint64_t seed) {
  check::Random random(seed);
  std::vector<PlannedDrill> plan;
  for (const Fault fault : faults) {
    for (std::size_t i = 0; i < each; ++i) plan.push_back({0, fault, 0});
  }
  for (std::size_t left = plan.size(); left > 1; --left) {
    std::swap(plan[left - 1], plan[random.below(std::uint64_t{left})]);
  }
  for (std::size_t at = 0; at < plan.size(); ++at) {
    plan[at].number = at + 1;
    // Short enough to be typed again.
    plan[at].seed = random.below(std::uint64_t{1'000'000'000}) + 1;
  }
  return plan;
}

DrillTimes draw_times(std::uint64_t seed) {
  check::Random random(seed ^ 0x5EED);
  return {kBeforeLeastMs + random.below(kBeforeSpreadMs), kSettleMs};
}

}  // namespace okiagari::drill
