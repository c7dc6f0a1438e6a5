// Rooms: client wire venue base
// The plan of a day that two people sign. One that is read, written again, is read as the same.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "client/plan_act.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const auto act = client::parse_plan({reinterpret_cast<const char*>(data), size});
  if (!act.ok()) {
    ASSERT(!act.error().message.empty());
    return 0;
  }
  ASSERT(!act.value().words().empty());
  const auto again = client::parse_plan(client::to_json(act.value()));
  ASSERT(again.ok(), "{}", again.ok() ? "" : again.error().message);
  ASSERT(again.value().digest() == act.value().digest(), "another plan");
  return 0;
}
