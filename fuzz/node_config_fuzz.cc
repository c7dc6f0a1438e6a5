// Rooms: node
// A node's configuration file. It is a configuration whose own server is there, or an error that
// names the file.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "node/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = node::parse_node_config(text, "node.toml");
  if (config.ok()) {
    ASSERT(config.value().find(config.value().node) != nullptr);
  } else {
    ASSERT(config.error().message.starts_with("node.toml"), "{}", config.error().message);
  }
  return 0;
}
