// Hears lines of the feed as members do, and holds what they and the servers' own streams say
// against each other. What it takes goes to FeedDetector; it judges nothing itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/line_feed_client.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "watch/feed_detector.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct LineAddress {
  NodeId node = 0;
  net::Endpoint line;
};

struct LineWatchSettings {
  std::string session;                  // of the feed, as its datagrams say it
  std::vector<LineAddress> lines;       // those heard from this place; none: streams alone
  std::vector<net::Endpoint> requests;  // who is asked for what they lost
  std::string interface;                // for joining groups; empty: the system's choice
  FeedLimits limits;
};

class LineWatch {
 public:
  // `nodes`: all that give out a feed. The reporter is borrowed.
  LineWatch(net::Loop& loop, LineWatchSettings settings, std::vector<NodeId> nodes,
            Reporter& reporter);

  void tick(const Moment& moment);
  // A message of a server's own stream.
  void stream_said(NodeId node, std::uint64_t number, base::Bytes message);

 private:
  void take(std::size_t line, std::uint64_t first, base::Bytes datagram);

  LineWatchSettings settings_;
  FeedDetector detector_;
  std::unique_ptr<client::LineFeedClient> client_;  // null without lines
};

}  // namespace okiagari::watch
