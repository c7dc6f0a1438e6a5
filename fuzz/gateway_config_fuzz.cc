// Rooms: gateway node
// Files: deployment/gateway_settings.cc
// A gateway's configuration file. It is a configuration with nodes to go to, or an error that names
// the file.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "deployment/gateway_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto options = deployment::parse_gateway_settings(text, "gateway.toml");
  if (options.ok()) {
    ASSERT(!options.value().nodes.empty());
  } else {
    ASSERT(options.error().message.starts_with("gateway.toml"), "{}", options.error().message);
  }
  return 0;
}
