// For tests: a TCP client that sends and receives plain bytes, and turns a loop until something is
// so.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::net {

// Turns until `done`, for at most ten seconds.
[[nodiscard]] inline bool turn_until(Loop& loop, const std::function<bool()>& done) {
  const std::uint64_t end_ms = Loop::now_ms() + 10'000;
  while (!done()) {
    if (Loop::now_ms() >= end_ms) return false;
    loop.turn(Loop::now_ms() + 20);
  }
  return true;
}

class RawPeer {
 public:
  RawPeer(Loop& loop, const Endpoint& to) : loop_(loop) {
    bool is_done = false;
    connect(loop, to, [&](std::shared_ptr<Connection> connection, const std::string& error) {
      EXPECT_NE(connection, nullptr) << error;
      connection_ = std::move(connection);
      is_done = true;
    });
    EXPECT_TRUE(turn_until(loop, [&] { return is_done; }));
    if (connection_ == nullptr) return;
    connection_->start(
        [this](base::Bytes bytes) {
          received_ += base::as_text(bytes);
          return bytes.size();
        },
        [this](const std::string&) { is_closed_ = true; });
  }
  ~RawPeer() {
    if (connection_ != nullptr) connection_->close();
  }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void send(std::string_view text) {
    EXPECT_TRUE(connection_->send(base::as_bytes(text)));
    connection_->flush();
  }
  void stop_reading() { connection_->pause(); }
  void read_again() { connection_->resume(); }
  void close() { connection_->close(); }

  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  // Waits until the text has come that often.
  [[nodiscard]] bool gets(std::string_view text, int times = 1) {
    return turn_until(loop_, [&] { return count(text) >= times; });
  }
  [[nodiscard]] bool gets_closed() {
    return turn_until(loop_, [&] { return is_closed_; });
  }
  [[nodiscard]] int count(std::string_view text) const {
    int found = 0;
    for (auto at = received_.find(text); at != std::string::npos;
         at = received_.find(text, at + text.size())) {
      ++found;
    }
    return found;
  }

 private:
  Loop& loop_;
  std::shared_ptr<Connection> connection_;
  std::string received_;
  bool is_closed_ = false;
};

}  // namespace okiagari::net
