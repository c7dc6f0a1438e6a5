// One line of the feed: every message once, in datagrams after MoldUDP64, to one address or
// multicast group. Other lines come from other replicas and carry the same bytes: datagrams are cut
// where the log's batches end, which is the same everywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/udp.h"
#include "wire/mold.h"

namespace okiagari::feed {

struct MoldLineOptions {
  net::Endpoint to;
  std::string interface;  // address of the one that a group's datagrams leave by; empty: any
  std::string session;
  // An Ethernet frame without fragments, with room for what tunnels add.
  std::size_t datagram_bytes_max = 1'400;
  std::uint64_t heartbeat_ms = 1'000;
};

class MoldLine {
 public:
  static base::Result<std::unique_ptr<MoldLine>> open(net::Loop& loop, MoldLineOptions options);

  void restart_after(std::uint64_t number);
  // The next message, and where a batch ends.
  void publish(std::uint64_t number, base::Bytes message);
  void end_batch();
  // Sends what was published, or forgets it when this replica may not speak: it replays what
  // others have long said, or knows no leader. Silence is told from death by nobody; the other line
  // goes on.
  void end_turn(std::uint64_t now_ms, bool may_speak);
  [[nodiscard]] std::uint64_t next_deadline_ms() const { return heartbeat_due_ms_; }

  struct Counters {
    std::uint64_t datagrams = 0;
    std::uint64_t messages = 0;
    std::uint64_t not_taken = 0;  // datagrams that the system had no room for
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  MoldLine(MoldLineOptions options, std::unique_ptr<net::UdpSender> sender);
  void cut();
  void send(base::Bytes datagram);
  void send_heartbeat();

  MoldLineOptions options_;
  std::unique_ptr<net::UdpSender> sender_;
  wire::MoldWriter open_;          // the datagram that is being filled
  std::uint64_t open_count_ = 0;   // messages in it
  std::uint64_t next_number_ = 1;  // of the next message
  std::vector<std::byte> ready_;   // datagrams of this turn, one behind the other
  std::vector<std::size_t> ends_;  // where each of them ends
  std::uint64_t heartbeat_due_ms_ = 0;
  Counters counters_;
};

}  // namespace okiagari::feed
