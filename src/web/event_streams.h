// What happens, told at once to those who listen (server-sent events): items of the timeline with
// their numbers, so that a reader goes on where it stopped, and the picture of the moment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "desk/desk_port.h"
#include "net/http_server.h"

namespace okiagari::web {

class EventStreams {
 public:
  static constexpr std::size_t kMost = 200;
  static constexpr std::size_t kCatchUpMost = 1'000;  // items at once; then the reader comes again
  static constexpr std::uint64_t kPictureEveryMs = 1'000;
  static constexpr std::uint64_t kItemsEveryMs = 50;
  // Then the reader comes again and is asked who it is.
  static constexpr std::uint64_t kLongestMs = 600'000;

  explicit EventStreams(const desk::DeskPort& port) : port_(port) {}

  [[nodiscard]] bool has_room();
  // `after` is the last item that the reader has.
  void add(net::HttpStream stream, std::uint64_t after, std::uint64_t now_ms);
  std::uint64_t tick(std::uint64_t now_ms);

 private:
  struct Reader {
    net::HttpStream stream;
    std::uint64_t after = 0;
    std::uint64_t ends_ms = 0;
    bool has_picture = false;
  };
  void catch_up(Reader& reader) const;

  const desk::DeskPort& port_;
  std::vector<Reader> readers_;
  std::string picture_;
  std::uint64_t picture_due_ms_ = 0;
};

}  // namespace okiagari::web
