// Rooms: watch
// What another vantage point says of its view.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "watch/vantage_view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari::watch;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto view = parse_vantage_view(text);
  if (!view) return 0;
  const std::string again = vantage_view_text(view.value());
  const auto read = parse_vantage_view(again);
  ASSERT(read.ok());
  ASSERT(vantage_view_text(read.value()) == again);
  return 0;
}
