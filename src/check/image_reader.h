// A late joiner at one node: reads the market as it stands, up to the message that says with which
// number of the feed to go on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "check/soup_client.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::check {

struct MarketImage {
  std::uint16_t node = 0;
  std::uint64_t next_number = 0;  // of the feed's first message that is not in it; 0: not whole
  std::vector<std::vector<std::byte>> messages;
};

class ImageReader {
 public:
  ImageReader(net::Loop& loop, std::uint16_t node, const net::Endpoint& at,
              const std::string& session);

  void tick(std::uint64_t now_ms) { client_.tick(now_ms); }
  // Whole, or lost on the way.
  [[nodiscard]] bool is_over() const { return image_.next_number != 0 || !failure_.empty(); }
  [[nodiscard]] const MarketImage& image() const { return image_; }
  // Why it did not come to its end; empty when it did, or is still under way.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  static constexpr std::size_t kMessagesMax = 20'000'000;

  void take(const SoupPacket& packet);

  MarketImage image_;
  std::string failure_;
  SoupClient client_;
};

}  // namespace okiagari::check
