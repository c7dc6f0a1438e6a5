// A subscriber to the market-data feed: reads one node's stream and goes on at the next node, after
// the last number it has, when that one is gone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "check/history.h"
#include "check/soup_client.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::check {

struct FeedAddress {
  std::uint16_t node = 0;
  net::Endpoint endpoint;
  std::string user;
  std::string password;
};

class FeedListener {
 public:
  // What arrives is written as `event`, from `first_number` on; 0: from what comes now. With one
  // address it stays with that node.
  FeedListener(net::Loop& loop, History& history, HistoryEvent event,
               std::vector<FeedAddress> nodes, std::size_t first_node,
               std::uint64_t first_number = 1);

  void tick(std::uint64_t now_ms);
  void close() { client_.close(); }
  // Where the nodes are from now on. It goes on with the node that it listens to while that is
  // there.
  void set_nodes(std::vector<FeedAddress> nodes);
  [[nodiscard]] std::uint64_t next_number() const { return next_number_; }
  [[nodiscard]] std::uint64_t last_arrival_ms() const { return last_arrival_ms_; }

 private:
  static constexpr std::uint64_t kRetryMs = 50;

  void on_packet(const SoupPacket& packet);

  History& history_;
  HistoryEvent event_;
  std::vector<FeedAddress> nodes_;
  std::size_t node_;
  SoupClient client_;
  std::uint64_t next_number_;
  std::uint64_t last_arrival_ms_ = 0;
  std::uint64_t retry_at_ms_ = 0;
};

}  // namespace okiagari::check
