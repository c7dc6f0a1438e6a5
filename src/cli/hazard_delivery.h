// Brings a public message to a desk by the door that it has for them, as whoever relays such
// messages would.
#pragma once

#include <string>

#include "base/result.h"
#include "net/tcp.h"

namespace okiagari::cli {

// `key`: of those that the desk lets in. Waits for its answer.
[[nodiscard]] base::Status deliver_public_message(const net::Endpoint& desk, const std::string& key,
                                                  const std::string& xml);

}  // namespace okiagari::cli
