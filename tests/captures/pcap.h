// Capture files, as much as the tests need: payloads of TCP and UDP packets out of one, and a TCP
// conversation into one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace okiagari::captures {

// The payloads above TCP or UDP, packet by packet, empty ones left out. Nothing when the file is no
// whole capture.
[[nodiscard]] std::optional<std::vector<std::vector<std::byte>>> read_payloads(
    const std::string& path);

// A TCP connection between a client and a server on 127.0.0.1, written segment by segment.
class Conversation {
 public:
  explicit Conversation(std::uint16_t server_port) : server_port_(server_port) {}

  void client_sends(base::Bytes bytes) { add(true, bytes); }
  void server_sends(base::Bytes bytes) { add(false, bytes); }
  [[nodiscard]] bool write(const std::string& path) const;

 private:
  struct Segment {
    bool from_client;
    std::vector<std::byte> bytes;
  };
  void add(bool from_client, base::Bytes bytes) {
    segments_.push_back({from_client, {bytes.begin(), bytes.end()}});
  }

  std::uint16_t server_port_;
  std::vector<Segment> segments_;
};

}  // namespace okiagari::captures
