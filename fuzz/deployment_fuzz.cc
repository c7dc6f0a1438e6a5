// Rooms: journal net
// Files: deployment/deployment_file.cc
// What there is of a market, as JSON. It is a deployment, or an error that names the file.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "deployment/deployment_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = deployment::DeploymentFile::parse(text, "market");
  if (!read.ok()) {
    ASSERT(read.error().message.starts_with("market/deployment.json"), "{}", read.error().message);
    return 0;
  }
  for (const deployment::InstrumentPlace& place : read.value().instruments) {
    ASSERT(place.symbol.size() <= 8, "{}", place.symbol);
  }
  const auto again = deployment::DeploymentFile::parse(read.value().to_json(), "market");
  ASSERT(again.ok(), "{}", again.ok() ? "" : again.error().message);
  ASSERT(again.value().to_json() == read.value().to_json());
  return 0;
}
