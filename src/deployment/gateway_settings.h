// A gateway's configuration as a TOML file; config/gateway.toml is an example with every key.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/options.h"

namespace okiagari::deployment {

// Errors name the file, the line and the key. The folder of receipts is not in it: see --data.
[[nodiscard]] base::Result<gateway::GatewayOptions> load_gateway_settings(const std::string& path);
[[nodiscard]] base::Result<gateway::GatewayOptions> parse_gateway_settings(
    std::string_view text, const std::string& origin);

}  // namespace okiagari::deployment
