// Rooms: wire
// The operators' public keys. What is read, written and read again, is the same.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "wire/operator_keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const auto read =
      wire::OperatorKeys::parse({reinterpret_cast<const char*>(data), size}, "operators.toml");
  if (!read.ok()) return 0;
  const std::string written = read.value().to_toml();
  const auto again = wire::OperatorKeys::parse(written, "operators.toml");
  ASSERT(again.ok(), "{}", again.ok() ? "" : again.error().message);
  ASSERT(again.value().to_toml() == written);
  return 0;
}
