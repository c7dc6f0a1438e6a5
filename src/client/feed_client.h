// The market data feed as a subscriber takes it: ITCH messages in order of their numbers, from
// whichever node can be reached.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "client/soup_client.h"

namespace okiagari::client {

class ItchFeedClient final : private SoupClient::Owner {
 public:
  // Each number once, in order; the message was not checked.
  using MessageHandler = std::function<void(std::uint64_t number, base::Bytes message)>;

  ItchFeedClient(net::Loop& loop, SoupAccess access, MessageHandler on_message)
      : on_message_(std::move(on_message)), soup_(loop, *this, std::move(access)) {}

  void tick(std::uint64_t now_ms) { soup_.tick(now_ms); }
  [[nodiscard]] std::uint64_t next_deadline_ms() const { return soup_.next_deadline_ms(); }
  void close() { soup_.close(false); }

  [[nodiscard]] bool is_logged_in() const { return soup_.is_logged_in(); }
  [[nodiscard]] std::uint64_t next_number() const { return soup_.next_number(); }
  [[nodiscard]] const std::string& last_loss() const { return last_loss_; }

 private:
  void on_logged_in(std::uint64_t) override {}
  void on_sequenced(std::uint64_t number, base::Bytes message) override {
    on_message_(number, message);
  }
  void on_unsequenced(base::Bytes) override {}
  void on_lost(const std::string& reason) override { last_loss_ = reason; }

  MessageHandler on_message_;
  std::string last_loss_;
  SoupClient soup_;
};

}  // namespace okiagari::client
