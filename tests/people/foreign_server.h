// A server that is not ours, as a process of this test: it dies with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace okiagari::people {

class ForeignServer {
 public:
  ForeignServer() = default;
  ~ForeignServer();
  ForeignServer(const ForeignServer&) = delete;
  ForeignServer& operator=(const ForeignServer&) = delete;

  // Its output goes into the file. Waits until it takes connections at that port of this machine;
  // false when it does not.
  bool start(const std::vector<std::string>& command, const std::string& output_path,
             std::uint16_t port);
  void send_signal(int signal) const;

 private:
  pid_t pid_ = 0;
};

// A port of this machine at which nobody listens now, outside the range from which outgoing
// connections take theirs: a server that is down must find its own again.
[[nodiscard]] std::uint16_t find_free_port();

}  // namespace okiagari::people
