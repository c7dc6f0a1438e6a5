// Which faults a run shall have, and when: drawn from the seed, spread over the run.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace okiagari::check {

enum class Fault : std::uint8_t {
  kill,          // the leader's process ends at once
  stop,          // the leader's process is frozen for a while
  transfer,      // the leader hands over
  gateway_kill,  // a gateway's process ends at once
};
[[nodiscard]] const char* name_of(Fault fault);

struct PlannedFault {
  std::uint64_t at_ms = 0;  // since the beginning of the load
  Fault fault{};
};

// From "kill,stop=2,gateway-kill": each once, or as often as it says. "none" and "" mean none.
[[nodiscard]] base::Result<std::vector<PlannedFault>> plan_faults(std::string_view text,
                                                                  std::uint64_t duration_ms,
                                                                  std::uint64_t seed);

}  // namespace okiagari::check
