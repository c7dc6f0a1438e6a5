#include "drill/far_network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "drill/delay_line.h"
#include "drill/own_world.h"
#include "net/loop.h"

namespace okiagari::drill {

namespace {

constexpr const char* kTun = "/dev/net/tun";
constexpr const char* kEnter = "/usr/bin/nsenter";
constexpr std::size_t kHeldBytesMax = 16u << 20;
constexpr std::size_t kPacketBytesMax = 64u << 10;
// Packets that wait for the line's process; the system's 500 are soon full when it gets no turn.
constexpr int kWaitingPacketsMax = 10'000;
constexpr std::uint64_t kNsPerMs = 1'000'000;

struct TunAddresses {
  const char* own;
  const char* other;
};

bool set_address(int socket, unsigned long what, ifreq& request, const char* host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, host, &address.sin_addr);
  std::memcpy(&request.ifr_addr, &address, sizeof(address));
  return ::ioctl(socket, what, &request) == 0;
}

// A device of this process's network whose packets are read from and written to what is returned;
// -1 when it cannot be made.
int open_tun(const TunAddresses& addresses) {
  const int tun = ::open(kTun, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, "line", IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  bool is_good = tun >= 0 && socket >= 0 && ::ioctl(tun, TUNSETIFF, &request) == 0;
  is_good = is_good && set_address(socket, SIOCSIFADDR, request, addresses.own) &&
            set_address(socket, SIOCSIFDSTADDR, request, addresses.other);
  request.ifr_qlen = kWaitingPacketsMax;
  is_good = is_good && ::ioctl(socket, SIOCSIFTXQLEN, &request) == 0;
  is_good = is_good && ::ioctl(socket, SIOCGIFFLAGS, &request) == 0;
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  is_good = is_good && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  if (socket >= 0) ::close(socket);
  if (is_good) return tun;
  if (tun >= 0) ::close(tun);
  return -1;
}

// From one device to the other.
class Direction {
 public:
  Direction(int from, int to, std::uint64_t delay_ns)
      : from_(from), to_(to), line_(delay_ns, kHeldBytesMax), buffer_(kPacketBytesMax) {}

  void read() {
    for (;;) {
      const ssize_t size = ::read(from_, buffer_.data(), buffer_.size());
      if (size <= 0) return;
      (void)line_.take(net::Loop::now_ns(), {buffer_.data(), static_cast<std::size_t>(size)});
    }
  }
  void write() {
    for (;;) {
      const std::vector<std::byte> packet = line_.give(net::Loop::now_ns());
      if (packet.empty()) return;
      // What the device does not take is lost, as on any line.
      if (::write(to_, packet.data(), packet.size()) < 0) continue;
    }
  }
  [[nodiscard]] std::optional<std::uint64_t> next_due_ns() const { return line_.next_due_ns(); }

 private:
  int from_;
  int to_;
  DelayLine line_;
  std::vector<std::byte> buffer_;
};

[[noreturn]] void carry(int near, int far, std::uint64_t delay_ns) {
  Direction there(near, far, delay_ns);
  Direction back(far, near, delay_ns);
  for (;;) {
    std::optional<std::uint64_t> due_ns = there.next_due_ns();
    if (const auto other = back.next_due_ns()) due_ns = std::min(due_ns.value_or(*other), *other);
    timespec wait{};
    if (due_ns) {
      const std::uint64_t now_ns = net::Loop::now_ns();
      const std::uint64_t left_ns = *due_ns > now_ns ? *due_ns - now_ns : 0;
      wait.tv_sec = static_cast<time_t>(left_ns / 1'000'000'000);
      wait.tv_nsec = static_cast<long>(left_ns % 1'000'000'000);
    }
    std::array<pollfd, 2> ends{{{near, POLLIN, 0}, {far, POLLIN, 0}}};
    (void)::ppoll(ends.data(), ends.size(), due_ns ? &wait : nullptr, nullptr);
    there.read();
    back.read();
    there.write();
    back.write();
  }
}

// In the line's own process. Writes a byte to `ready` when both networks are there.
[[noreturn]] void run_line(int ready, std::uint64_t delay_ns) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Ctrl-C in the terminal is for the process that this line serves.
  ::setpgid(0, 0);
  const int near = open_tun({kNearHost, kFarHost});
  if (near < 0 || !enter_own_world()) ::_exit(1);
  const int far = open_tun({kFarHost, kNearHost});
  if (far < 0 || ::write(ready, "", 1) != 1) ::_exit(1);
  ::close(ready);
  carry(near, far, delay_ns);
}

}  // namespace

std::vector<std::string> FarNetwork::lacks() {
  std::vector<std::string> lacking;
  if (::geteuid() != 0) lacking.emplace_back("root, for networks of its own: use sudo");
  if (::access(kTun, R_OK | W_OK) != 0) {
    lacking.emplace_back(fmt::format("{}: modprobe tun", kTun));
  }
  if (::access(kEnter, X_OK) != 0) {
    lacking.emplace_back(fmt::format("{}: install util-linux", kEnter));
  }
  return lacking;
}

base::Result<std::unique_ptr<FarNetwork>> FarNetwork::make(std::uint32_t delay_ms) {
  std::array<int, 2> ready{};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0) return base::Error{"a pipe cannot be made"};
  const pid_t line = ::fork();
  if (line == 0) run_line(ready[1], delay_ms * kNsPerMs);
  ::close(ready[1]);
  std::unique_ptr<FarNetwork> made(line > 0 ? new FarNetwork(line) : nullptr);
  char byte = 0;
  const bool is_ready = made != nullptr && ::read(ready[0], &byte, 1) == 1;
  ::close(ready[0]);
  if (!is_ready) return base::Error{"a network at the far end of a line cannot be made"};
  return made;
}

FarNetwork::~FarNetwork() {
  ::kill(line_, SIGKILL);
  ::waitpid(line_, nullptr, 0);
}

std::vector<std::string> FarNetwork::enter() const {
  return {kEnter, fmt::format("--net=/proc/{}/ns/net", line_), "--"};
}

}  // namespace okiagari::drill
