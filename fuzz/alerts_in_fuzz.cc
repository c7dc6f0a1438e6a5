// Rooms: watch
// Alerts of other systems. Whatever comes is alerts with keys, or an error in words.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "watch/alerts_in.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto& alerts :
       {watch::parse_alertmanager_webhook(body), watch::parse_alertmanager_alerts(body)}) {
    if (!alerts.ok()) {
      ASSERT(!alerts.error().message.empty());
      continue;
    }
    for (const watch::Alert& alert : alerts.value()) {
      ASSERT(!alert.key.empty() && !watch::observation_of(alert).entity.empty());
    }
  }
  const auto event = watch::parse_pagerduty_event(body);
  ASSERT(event.ok() ? !event.value().key.empty() : !event.error().message.empty());
  return 0;
}
