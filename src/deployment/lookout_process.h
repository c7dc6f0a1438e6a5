// The second place that looks at a market on this machine: a process that enters orders by log-ins
// of its own and hears another line of the feed than the desks, so that a desk can tell whether the
// market is broken or its own view of it.
#pragma once

#include <optional>
#include <string>

#include "base/child_process.h"
#include "base/result.h"
#include "net/tcp.h"

namespace okiagari::deployment {

class LookoutProcess {
 public:
  // Takes the address that the market's lookout had before, or a free one, and starts it. Nothing
  // is started in a market that has no log-ins for one.
  base::Status start(const std::string& program, const std::string& market_folder);
  // Starts it again when it has ended; to be called often.
  void supervise();
  void stop();
  void send_signal(int signal) const { child_.send_signal(signal); }

  // Where the lookout of the market in that folder answers; nothing when it has none.
  [[nodiscard]] static std::optional<net::Endpoint> address_in(const std::string& market_folder);

 private:
  [[nodiscard]] static std::string path_in(const std::string& market_folder);
  base::Status start_child();

  std::string program_;
  std::string folder_;
  net::Endpoint at_;
  base::ChildProcess child_;
  bool is_wanted_ = false;
  std::uint64_t restart_ms_ = 0;
};

}  // namespace okiagari::deployment
