#include "drill/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/child_process.h"

namespace okiagari::drill {

namespace {

// Not from PATH: as root, what runs is not for somebody else's environment to say.
constexpr std::array kFolders = {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};
constexpr std::size_t kOutputBytesMax = 64u << 10;

std::string path_of(const std::string& name) {
  for (const char* folder : kFolders) {
    std::string path = folder + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::string read_all(int file) {
  std::string output;
  std::array<char, 4096> part;
  while (true) {
    const ssize_t size = ::read(file, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return output;
    if (output.size() < kOutputBytesMax) output.append(part.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

bool has_program(const std::string& name) { return !path_of(name).empty(); }

base::Result<std::string> run_program(const std::vector<std::string>& words) {
  const std::string path = path_of(words.front());
  if (path.empty()) return base::Error{fmt::format("{}: is not installed", words.front())};
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return base::Error{fmt::format("{}: {}", words.front(), std::strerror(errno))};
  }
  std::vector<std::string> command = words;
  command.front() = path;
  auto child = base::ChildProcess::start(command, pipe[1]);
  ::close(pipe[1]);
  const std::string output = child ? read_all(pipe[0]) : std::string();
  ::close(pipe[0]);
  if (!child) return child.error();
  child.value().await_end();
  if (child.value().exit_status() != 0) {
    return base::Error{fmt::format("{}: {}", joined(words), output)};
  }
  return output;
}

}  // namespace okiagari::drill
