// Whether a port takes connections: one attempt after another, each held until the other side ends
// it, or for a while when it is asked to be short.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::watch {

// The kernel of that host says that nothing listens there: its process is gone.
[[nodiscard]] bool is_refusal(const std::string& connect_error);

class Knock {
 public:
  struct Handlers {
    std::function<void()> on_accepted;
    std::function<void(const std::string& reason)> on_failed;  // the attempt
    std::function<void(const std::string& reason)> on_ended;   // what was accepted before
  };

  Knock(net::Loop& loop, net::Endpoint endpoint, Handlers handlers);
  ~Knock();
  Knock(const Knock&) = delete;
  Knock& operator=(const Knock&) = delete;

  // Begins an attempt if none is under way and nothing is held.
  void attempt(std::uint64_t now_ms);
  void drop();
  [[nodiscard]] bool is_held() const { return connection_ != nullptr; }
  [[nodiscard]] std::uint64_t attempted_ms() const { return attempted_ms_; }

 private:
  net::Loop& loop_;
  net::Endpoint endpoint_;
  Handlers handlers_;
  std::shared_ptr<std::uint64_t> attempt_;  // number of the current one; others are stale
  std::shared_ptr<net::Connection> connection_;
  bool is_trying_ = false;
  std::uint64_t attempted_ms_ = 0;
};

}  // namespace okiagari::watch
