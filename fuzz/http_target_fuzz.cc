// Rooms: net base
// Targets of HTTP requests and forms: whatever was accepted reads back from its encoded form.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "net/http_target.h"

using namespace okiagari;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.ends_with('\n')) text.remove_suffix(1);  // of a seed that is a file of text
  if (const auto target = net::parse_target(text)) {
    ASSERT(target.value().path.front() == '/');
    ASSERT(target.value().query.size() <= net::kParametersMax);
    const auto again = net::parse_target("/" + net::percent_encode(target.value().path));
    // Encoding makes a long path longer; within the bound it is the same path again.
    if (again) ASSERT(again.value().path == "/" + target.value().path);
  }
  if (const auto form = net::parse_parameters(text)) {
    std::string encoded;
    for (const auto& [name, value] : form.value()) {
      encoded += net::percent_encode(name) + "=" + net::percent_encode(value) + "&";
    }
    const auto again = net::parse_parameters(encoded);
    ASSERT(again.ok(), "{}", again.error().message);
    ASSERT(again.value() == form.value());
  }
  return 0;
}
