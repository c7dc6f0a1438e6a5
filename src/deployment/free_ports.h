// Ports for the servers of one machine.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace okiagari::deployment {

// `count` ports on loopback that nobody listens on now, in a row from `base_port`, or wherever
// there are some when it is 0. They lie outside the range from which the kernel takes the ports of
// outgoing connections: there, a server that is down could find its own port taken by somebody's
// connection when it comes back.
[[nodiscard]] base::Result<std::vector<std::uint16_t>> find_free_ports(std::uint16_t base_port,
                                                                       std::size_t count);

}  // namespace okiagari::deployment
