#include "base/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace okiagari::base {

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      exit_status_(other.exit_status_),
      ended_by_signal_(other.ended_by_signal_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  exit_status_ = other.exit_status_;
  ended_by_signal_ = other.ended_by_signal_;
  return *this;
}

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command,
                                         const std::string& output_path) {
  const int output = ::open(output_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (output < 0) {
    return Error{fmt::format("{}: cannot be opened: {}", output_path, std::strerror(errno))};
  }
  auto child = start(command, output);
  ::close(output);
  return child;
}

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& command, int output) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    // Ctrl-C in the terminal is for the supervisor, which stops its children in order.
    ::setpgid(0, 0);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  if (pid < 0) {
    return Error{fmt::format("{}: cannot be started: {}", command.front(), std::strerror(errno))};
  }
  ChildProcess child;
  child.pid_ = pid;
  return child;
}

void ChildProcess::send_signal(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

bool ChildProcess::has_ended() {
  if (pid_ <= 0) return true;
  int status = 0;
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == 0) return false;
  note_end(status);
  return true;
}

void ChildProcess::await_end() {
  if (pid_ <= 0) return;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  note_end(status);
}

pid_t ChildProcess::release() { return std::exchange(pid_, 0); }

void ChildProcess::note_end(int status) {
  pid_ = 0;
  ended_by_signal_ = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + ended_by_signal_;
}

std::string own_program() {
  std::array<char, 4096> path;
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  return size <= 0 ? "okiagari" : std::string(path.data(), static_cast<std::size_t>(size));
}

}  // namespace okiagari::base
