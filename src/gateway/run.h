// A gateway as a process: runs until it is told to stop.
#pragma once

#include <atomic>
#include <functional>

#include "base/result.h"
#include "gateway/options.h"
#include "net/tcp.h"

namespace okiagari::gateway {

// `on_listening` is called once with the members' address. The error says why it could not start.
[[nodiscard]] base::Status run_gateway(
    const GatewayOptions& options, const std::atomic<bool>& stop,
    const std::function<void(const net::Endpoint&)>& on_listening = {});

}  // namespace okiagari::gateway
