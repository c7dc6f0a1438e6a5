#include "drill/own_world.h"

#include <fmt/format.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "drill/memory_group.h"
#include "drill/program.h"

namespace okiagari::drill {

namespace {

base::Error error_of(const char* what) {
  return {fmt::format("{}: {}", what, std::strerror(errno))};
}

base::Status start_loopback() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return error_of("a socket cannot be made");
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int state = ::ioctl(socket, SIOCSIFFLAGS, &request);
  const base::Error error = error_of("the loopback of the drill's own network");
  ::close(socket);
  return state == 0 ? base::Status() : base::Status(error);
}

}  // namespace

bool can_have_own_world() { return ::geteuid() == 0; }

std::vector<std::string> lacks(const Needs& needs) {
  std::vector<std::string> lacking;
  if (!needs.disks && !needs.memory_groups && !needs.packet_filter) return lacking;
  if (::geteuid() != 0) {
    lacking.emplace_back("root, for mounts, control groups and a network of its own: use sudo");
  }
  std::error_code error;
  if (needs.disks && !std::filesystem::exists("/dev/loop-control", error)) {
    lacking.emplace_back("loop devices (/dev/loop-control): modprobe loop");
  }
  if (needs.disks && !has_program("mkfs.ext4")) {
    lacking.emplace_back("mkfs.ext4: install e2fsprogs");
  }
  if (needs.packet_filter && !has_program("nft")) {
    lacking.emplace_back("nft: install nftables");
  }
  if (needs.memory_groups && own_memory_group().empty()) {
    lacking.emplace_back("memory control groups, version 1, under /sys/fs/cgroup/memory");
  }
  return lacking;
}

base::Status enter_own_world() {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
    return error_of("a network and mounts of its own cannot be made; this needs root");
  }
  // Without this, mounts in here would be seen outside.
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return error_of("mounts cannot be made private");
  }
  return start_loopback();
}

}  // namespace okiagari::drill
