// How far the kernel at the other end has acknowledged what was sent over a TCP connection. It
// answers for the network between the two, not for the process: one that is frozen still has a
// kernel that acknowledges.
#pragma once

#include <cstdint>
#include <optional>

namespace okiagari::net {

struct TcpProgress {
  std::uint64_t acknowledged_bytes = 0;
  bool is_awaited = false;  // something is on its way and not acknowledged yet
};

// Of an open socket; nothing when the kernel does not tell.
[[nodiscard]] std::optional<TcpProgress> tcp_progress(int socket);
// An idle connection whose other end is gone is noticed within about three seconds.
void keep_alive(int socket);

}  // namespace okiagari::net
