// The canary: small orders in a test instrument through every gateway, as a member enters them, and
// the feed of every node, as a listener takes it. A post-only buy at the lowest price is entered,
// acknowledged and taken out again; each has a number and a latency. What they show is judged by
// CanaryDetector.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/feed_client.h"
#include "client/order_entry.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "watch/canary_detector.h"
#include "watch/market_watch.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

// A session that only the canary uses, at one gateway: a log-in elsewhere would end it here.
struct CanarySession {
  GatewayId gateway = 0;
  std::string name;
  std::string token;
};

struct CanarySettings {
  std::string symbol;  // a test instrument, in which nobody else trades
  std::uint64_t price_e4 = 100;
  std::vector<CanarySession> sessions;
  std::uint64_t interval_ms = 100;   // between orders, gateways in turn
  std::uint64_t after_loss_ms = 20;  // and while a take-over is observed
  std::size_t waiting_max = 16;      // orders without an answer, per gateway; then none is sent
  CanaryLimits limits;
};

class Canary {
 public:
  // The market's watch has the addresses, and is told what the gateways say; it is borrowed like
  // the reporter.
  Canary(net::Loop& loop, CanarySettings settings, MarketWatch& market, Reporter& reporter);
  ~Canary();

  // Every message of every feed, the canary's or not; to be set before the first tick.
  using FeedHandler = std::function<void(NodeId node, std::uint64_t number, base::Bytes message)>;
  void on_feed_message(FeedHandler handler) { on_feed_message_ = std::move(handler); }

  void tick(const Moment& moment);
  void loss_began(const Sentence& what, const Moment& moment);

  [[nodiscard]] const CanaryDetector& detector() const { return detector_; }

 private:
  class Session;
  class Feed;

  void send_due(const Moment& moment);

  CanarySettings settings_;
  MarketWatch& market_;
  Reporter& reporter_;
  FeedHandler on_feed_message_;
  CanaryDetector detector_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Feed>> feeds_;
  std::size_t next_session_ = 0;
  std::uint64_t next_order_ms_ = 0;
};

}  // namespace okiagari::watch
