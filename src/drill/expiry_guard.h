// Takes faults back when their time is over, or at once when the process that inflicted them is
// gone, however it ended: a process of its own that holds the list of reverts. A fault is inflicted
// only after the guard has said that it has its reverts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "drill/revert.h"

namespace okiagari::drill {

class ExpiryGuard {
 public:
  // What became of one list of reverts.
  struct Taken {
    bool is_verified = false;
    std::string words;  // what was looked at, or what is left
  };

  // To be called while the process has one thread. What the guard does is appended to `log_path`,
  // a JSON object a line.
  static base::Result<std::unique_ptr<ExpiryGuard>> start(const std::string& log_path);
  // Everything that is still armed is taken back; waits for it.
  ~ExpiryGuard();
  ExpiryGuard(const ExpiryGuard&) = delete;
  ExpiryGuard& operator=(const ExpiryGuard&) = delete;

  // The number of the list, for the two below. In the order given, after `lasts_ms` at the latest.
  base::Result<std::uint32_t> arm(std::uint64_t lasts_ms, const std::vector<Revert>& reverts);
  // Nothing as long as it is not over.
  [[nodiscard]] std::optional<Taken> taken(std::uint32_t number);
  // Now, if it has not expired yet.
  base::Result<Taken> take_back(std::uint32_t number);

  [[nodiscard]] pid_t process() const { return guard_; }

 private:
  ExpiryGuard(pid_t guard, int socket) : guard_(guard), socket_(socket) {}
  base::Status tell(const std::string& message);
  // Reads what the guard says; waits `wait_ms` for something at most.
  bool hear(int wait_ms);

  pid_t guard_;
  int socket_;
  std::uint32_t last_number_ = 0;
  std::uint32_t armed_number_ = 0;
  std::map<std::uint32_t, Taken> taken_;
};

}  // namespace okiagari::drill
