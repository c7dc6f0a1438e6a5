// Rooms: web
// Alerts that other systems post to the desk: what is read becomes evidence that the desk's log
// takes, bounded, and the same bytes are the same observation; all else is an error in words.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "watch/evidence.h"
#include "web/foreign_alerts.h"

namespace {

using namespace okiagari;
constexpr TimestampNs kNowNs = 1'800'000'000'000'000'000;

void check(const base::Result<web::ForeignAlerts>& read,
           const base::Result<web::ForeignAlerts>& again) {
  if (!read.ok()) {
    ASSERT(!read.error().message.empty());
    return;
  }
  ASSERT(again.ok() && again.value().evidence.size() == read.value().evidence.size());
  ASSERT(read.value().evidence.size() <= web::kForeignAlertsMax);
  for (std::size_t at = 0; at < read.value().evidence.size(); ++at) {
    const watch::Evidence& evidence = read.value().evidence[at];
    ASSERT(evidence.id == again.value().evidence[at].id && !evidence.id.empty());
    ASSERT(!evidence.entity.empty() && !evidence.statement.empty());
    ASSERT(evidence.from_ns > 0 && evidence.from_ns <= kNowNs, "{}", evidence.from_ns);
    const auto logged = watch::evidence_from_json(watch::to_json(evidence));
    ASSERT(logged.ok(), "{}", logged.error().message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check(web::read_alertmanager(body, kNowNs), web::read_alertmanager(body, kNowNs));
  check(web::read_pager_event(body, kNowNs), web::read_pager_event(body, kNowNs));
  return 0;
}
