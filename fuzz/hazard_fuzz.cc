// Rooms: watch
// Public messages in XML. Whatever comes is a bounded hazard, or an error in words.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "watch/hazard.h"
#include "watch/hazard_formats.h"
#include "watch/hazard_relevance.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const auto hazard = watch::parse_hazard({reinterpret_cast<const char*>(data), size});
  if (!hazard.ok()) {
    ASSERT(!hazard.error().message.empty());
    return 0;
  }
  ASSERT(hazard.value().areas.size() <= watch::kHazardAreasMax);
  ASSERT(hazard.value().headline.size() <= watch::kHazardTextBytesMax);
  watch::SiteSettings site;
  site.name = "a";
  site.areas = {"東京都", "311"};
  site.where = watch::Coordinate{35.68, 139.77};
  for (const watch::Observation& seen : watch::concerns(hazard.value(), {site})) {
    ASSERT(seen.entity == "site a" && hazard.value().status == watch::Hazard::Status::actual);
  }
  return 0;
}
