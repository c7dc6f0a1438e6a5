#include "deployment/free_ports.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <random>

namespace okiagari::deployment {

namespace {

constexpr std::uint32_t kLowestPort = 10'000;
constexpr int kAttempts = 200;

// The first port of the kernel's own range.
std::uint32_t first_ephemeral_port() {
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint32_t first = 0;
  return range >> first ? first : 32'768;
}

bool is_free(std::uint16_t port) {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0) return false;
  const int yes = 1;
  ::setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound =
      ::bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(handle, 1) == 0;
  ::close(handle);
  return bound;
}

std::vector<std::uint16_t> row_of_free(std::uint32_t first, std::size_t count) {
  std::vector<std::uint16_t> ports;
  for (std::uint32_t port = first; ports.size() < count && port <= UINT16_MAX; ++port) {
    if (!is_free(static_cast<std::uint16_t>(port))) break;
    ports.push_back(static_cast<std::uint16_t>(port));
  }
  return ports;
}

}  // namespace

base::Result<std::vector<std::uint16_t>> find_free_ports(std::uint16_t base_port,
                                                         std::size_t count) {
  if (base_port != 0) {
    std::vector<std::uint16_t> ports = row_of_free(base_port, count);
    if (ports.size() == count) return ports;
    return base::Error{
        fmt::format("port {} is in use; {} ports in a row from --base-port must be free",
                    base_port + ports.size(), count)};
  }
  const std::uint32_t end = first_ephemeral_port();
  std::random_device entropy;
  for (int attempt = 0; attempt < kAttempts && end > kLowestPort + count; ++attempt) {
    const std::uint32_t span = end - kLowestPort - static_cast<std::uint32_t>(count);
    std::vector<std::uint16_t> ports = row_of_free(kLowestPort + entropy() % span, count);
    if (ports.size() == count) return ports;
  }
  return base::Error{
      fmt::format("no {} free ports in a row were found; name some by --base-port", count)};
}

}  // namespace okiagari::deployment
