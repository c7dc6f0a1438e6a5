#include "tests/people/foreign_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "base/assert.h"
#include "net/loop.h"

namespace okiagari::people {

namespace {

constexpr std::uint64_t kPatienceMs = 30'000;
constexpr int kPauseMs = 20;
constexpr int kTriesMax = 1'000;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool takes_connections(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const int status =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(descriptor);
  return status == 0;
}

bool is_free(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const int status =
      ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(descriptor);
  return status == 0;
}

}  // namespace

std::uint16_t find_free_port() {
  std::random_device entropy;
  for (int i = 0; i < kTriesMax; ++i) {
    const auto port = static_cast<std::uint16_t>(20'000 + entropy() % 10'000);
    if (is_free(port)) return port;
  }
  ASSERT(false, "no port is free");
}

ForeignServer::~ForeignServer() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool ForeignServer::start(const std::vector<std::string>& command, const std::string& output_path,
                          std::uint16_t port) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int output = ::open(output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(output);
  const std::uint64_t end_ms = net::Loop::now_ms() + kPatienceMs;
  while (!takes_connections(port)) {
    if (net::Loop::now_ms() > end_ms) return false;
    ::poll(nullptr, 0, kPauseMs);
  }
  return true;
}

void ForeignServer::send_signal(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

}  // namespace okiagari::people
