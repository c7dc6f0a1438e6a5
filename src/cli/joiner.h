// Asks a server that is to join a cluster who it is, before the cluster is asked to take it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "journal/configuration.h"
#include "net/tcp.h"

namespace okiagari::cli {

struct JoinerAnswer {
  std::optional<journal::Server> server;  // what the log is to hold of it
  std::string trouble;                    // why there is none
  bool is_final = false;                  // asking again would not help
};

// With links of TLS it must show a certificate by the market's authority, of the name of its node.
[[nodiscard]] JoinerAnswer ask_joiner(const net::Endpoint& gateways, journal::ClusterId cluster,
                                      std::uint32_t timeout_ms);

}  // namespace okiagari::cli
