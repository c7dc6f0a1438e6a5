// A follower's way to say something in the log: a connection to the leader's gateway port, as an
// operator. Used for attestations, so only the newest command waits when there is no connection.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "node/config.h"

namespace okiagari::node {

class LeaderLink {
 public:
  LeaderLink(net::Loop& loop, const NodeConfig& config);
  ~LeaderLink();
  LeaderLink(const LeaderLink&) = delete;
  LeaderLink& operator=(const LeaderLink&) = delete;

  // A whole command for the leader; replaces one that still waits.
  void submit(base::Bytes command);
  // Connects where the leader is; 0 or this node: to nobody.
  void end_turn(NodeId leader, std::uint64_t now_ms);

 private:
  void connect(std::uint64_t now_ms);
  void disconnect();
  void send_waiting();

  net::Loop& loop_;
  const NodeConfig& config_;
  std::shared_ptr<bool> alive_;
  NodeId leader_ = 0;
  std::uint64_t attempt_ = 0;
  bool connecting_ = false;
  std::uint64_t retry_ms_ = 0;
  std::shared_ptr<net::Connection> connection_;
  std::vector<std::byte> waiting_;
};

}  // namespace okiagari::node
