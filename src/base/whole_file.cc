#include "base/whole_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace okiagari::base {

namespace {

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

base::Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::Error{fmt::format("{}: cannot be read", path)};
  std::string text;
  char part[1u << 14];
  while (file.read(part, sizeof part) || file.gcount() > 0) {
    text.append(part, static_cast<std::size_t>(file.gcount()));
    if (text.size() > bytes_max) {
      return base::Error{fmt::format("{}: is larger than {} bytes", path, bytes_max)};
    }
  }
  if (file.bad()) return base::Error{fmt::format("{}: cannot be read to its end", path)};
  return text;
}

base::Status write_whole_file(const std::string& path, std::string_view text, mode_t mode,
                              bool is_synced) {
  const std::string unfinished = path + ".unfinished";
  const auto fault = [&](const char* what) {
    const base::Error error{fmt::format("{}: cannot be {}: {}", path, what, std::strerror(errno))};
    ::unlink(unfinished.c_str());
    return error;
  };
  ::unlink(unfinished.c_str());
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return fault("made");
  const bool is_written = write_all(file, text) && (!is_synced || ::fsync(file) == 0);
  const bool is_closed = ::close(file) == 0;
  if (!is_written || !is_closed) return fault("written");
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return fault("put in place");
  return {};
}

}  // namespace okiagari::base
