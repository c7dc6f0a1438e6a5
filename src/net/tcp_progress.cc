#include "net/tcp_progress.h"

// This header's tcp_info is newer than that of <netinet/tcp.h>; the two cannot be in one file.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace okiagari::net {

std::optional<TcpProgress> tcp_progress(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  if (size < offsetof(tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) return {};
  return TcpProgress{info.tcpi_bytes_acked, info.tcpi_unacked > 0};
}

void keep_alive(int socket) {
  const int yes = 1;
  const int seconds = 1;
  const int probes = 2;
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes));
  static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds));
  static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds));
  static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes));
}

}  // namespace okiagari::net
