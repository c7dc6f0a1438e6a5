// Rooms: gateway
// The file of who may log in. What is read, written and read again, is the same; what is not read
// is an error that names the file.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "gateway/credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = gateway::Credentials::parse(text, "credentials.toml");
  if (!read.ok()) {
    ASSERT(read.error().message.starts_with("credentials.toml"), "{}", read.error().message);
    return 0;
  }
  const std::string written = read.value().to_toml();
  const auto again = gateway::Credentials::parse(written, "credentials.toml");
  ASSERT(again.ok(), "{}", again.ok() ? "" : again.error().message);
  ASSERT(again.value().to_toml() == written);
  return 0;
}
