// Hands a signed halt to a gateway on this host through its folder, and waits for the answer beside
// it. Needs no server, no cluster, no network.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace okiagari::client {

struct HaltDelivery {
  std::string answer;  // JSON, docs/formats/halt.md
  std::string answer_path;
  bool carried_out = false;
  std::uint64_t took_ms = 0;  // from the file's appearance to the answer's
};

// `name`: of the file in the gateway's folder; a name that is there already is refused, so that the
// answer cannot be an old one.
[[nodiscard]] base::Result<HaltDelivery> deliver_halt(const std::string& gateway_data_dir,
                                                      const std::string& name,
                                                      std::string_view document,
                                                      std::uint64_t timeout_ms);

}  // namespace okiagari::client
