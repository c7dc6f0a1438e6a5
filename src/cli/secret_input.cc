#include "cli/secret_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <fstream>

namespace okiagari::cli {

namespace {

constexpr std::size_t kSecretBytesMax = 1'024;

// Shows what is typed again, however the question ends.
class QuietTerminal {
 public:
  QuietTerminal(int terminal, bool echo) : terminal_(terminal) {
    if (echo || ::tcgetattr(terminal, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_changed_ = ::tcsetattr(terminal, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (is_changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

 private:
  int terminal_;
  termios before_{};
  bool is_changed_ = false;
};

void show(int terminal, std::string_view text) {
  [[maybe_unused]] const auto written = ::write(terminal, text.data(), text.size());
}

}  // namespace

base::Result<std::string> read_passphrase(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line) || line.empty()) {
    return base::Error{fmt::format("{}: has no passphrase in its first line", path)};
  }
  return line;
}

// Byte by byte, so that what stands behind the line is left to whoever reads on.
base::Result<std::string> read_secret_line(int descriptor) {
  std::string line;
  char next = 0;
  while (line.size() < kSecretBytesMax && ::read(descriptor, &next, 1) == 1 && next != '\n') {
    line += next;
  }
  if (line.empty()) return base::Error{fmt::format("descriptor {}: has no line", descriptor)};
  return line;
}

base::Result<std::string> ask_at_terminal(const std::string& question, bool echo) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) {
    return base::Error{fmt::format(
        "{}: there is no terminal to ask at; give it by a file or a descriptor", question)};
  }
  show(terminal, question + ": ");
  base::Result<std::string> line = base::Error{};
  {
    const QuietTerminal quiet(terminal, echo);
    line = read_secret_line(terminal);
  }
  if (!echo) show(terminal, "\n");
  ::close(terminal);
  if (!line) return base::Error{fmt::format("{}: nothing was given", question)};
  return line;
}

}  // namespace okiagari::cli
