// Rooms: cause watch base
// A table of causes.
#include <cstdint>
#include <string_view>

#include "cause/cause_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)okiagari::cause::CauseTable::parse(text, "causes.toml").ok();
  return 0;
}
