// A folder into which somebody else puts public messages, one file each: how a receiver of the
// Agency's XML that runs beside the desk hands them over. Files stay where they are; each is taken
// once.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "watch/moment.h"

namespace okiagari::watch {

class MessageFolder {
 public:
  static constexpr std::size_t kFileBytesMax = 1u << 20;
  static constexpr std::size_t kFilesMax = 1'000;  // looked at; the first by name
  static constexpr std::uint64_t kIntervalMs = 500;

  // Gets the text, and the file's path for who wants to complain.
  using Handler = std::function<void(std::string_view text, const std::string& path)>;

  // Without a path there is nothing to read; what is there already is no news.
  MessageFolder(std::string path, Handler handler);
  void tick(const Moment& moment);

 private:
  void look(bool tells);

  std::string path_;
  Handler handler_;
  std::uint64_t next_ms_ = 0;
  std::deque<std::string> taken_;  // name, size and time of writing
};

}  // namespace okiagari::watch
