// Rooms: wire
// A signed halt. What is read, written and read again, is the same, and so is what is signed.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "wire/halt_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const auto read = wire::parse_halt_document({reinterpret_cast<const char*>(data), size});
  if (!read.ok()) {
    ASSERT(!read.error().message.empty());
    return 0;
  }
  const std::string written = wire::to_json(read.value());
  const auto again = wire::parse_halt_document(written);
  ASSERT(again.ok(), "{}", again.ok() ? "" : again.error().message);
  ASSERT(wire::to_json(again.value()) == written);
  ASSERT(wire::signed_text(again.value()) == wire::signed_text(read.value()));
  return 0;
}
