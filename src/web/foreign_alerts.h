// Alerts as others write them: Alertmanager's webhook and its v2 list, PagerDuty's Events v2. Each
// becomes evidence under a name of its own, so that a repeat is the same observation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "watch/evidence.h"

namespace okiagari::web {

struct ForeignAlerts {
  std::vector<watch::Evidence> evidence;
  std::string key;        // of a pager event: who sends it
  std::string dedup_key;  // of a pager event
};

inline constexpr std::size_t kForeignAlertsMax = 200;

// Either a list of alerts or {"alerts": [...]}. Times that cannot be read become `now_ns`.
[[nodiscard]] base::Result<ForeignAlerts> read_alertmanager(std::string_view text,
                                                            TimestampNs now_ns);
[[nodiscard]] base::Result<ForeignAlerts> read_pager_event(std::string_view text,
                                                           TimestampNs now_ns);

}  // namespace okiagari::web
