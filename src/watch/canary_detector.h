// What the canary's orders show: whether an order goes in, is acknowledged and comes out on the
// feed, at each gateway and from each node's feed, how fast, and after a loss since when again. A
// take-over is believed when this has seen it, and not before.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "watch/cluster_detector.h"
#include "watch/moment.h"
#include "watch/reporter.h"
#include "watch/robust_baseline.h"

namespace okiagari::watch {

struct CanaryLimits {
  std::uint64_t fail_ms = 500;    // without an answer, an order has failed
  std::uint64_t feed_ms = 1'000;  // an acknowledged order must be on every feed by then
  std::uint64_t give_up_ms = 10'000;
  std::uint64_t observe_ms = 120'000;  // how long a fail-over is waited for
  double slow_deviations = 8;
  double slow_least_ms = 10;  // what is faster is never called slow
  double slow_factor = 3;     // and what is not so many times the median
  std::size_t slow_in_a_row = 4;
  std::size_t baseline_least = 30;  // answers before anything is compared
  std::size_t refusals_in_a_row = 3;
  // After a loss: a path on which all is rejected for so long works, and the market is halted.
  std::uint64_t rejected_ms = 2'000;
};

class CanaryDetector {
 public:
  CanaryDetector(std::vector<GatewayId> gateways, std::vector<NodeId> feeds, CanaryLimits limits,
                 const ClusterDetector& cluster, Reporter& reporter);

  void sent(GatewayId gateway, std::uint32_t order, const Moment& moment, std::uint64_t now_ns);
  void acknowledged(GatewayId gateway, std::uint32_t order, OrderReference reference,
                    const Moment& moment, std::uint64_t now_ns);
  // By the venue: the path works, and yet the order does not stand.
  void rejected(GatewayId gateway, std::uint32_t order, const std::string& reason,
                const Moment& moment, std::uint64_t now_ns);
  // By the gateway itself.
  void refused(GatewayId gateway, std::uint32_t order, const std::string& reason,
               const Moment& moment);
  void cancelled(GatewayId gateway, std::uint32_t order);
  // An order of the canary's instrument on that node's feed; `difference` says what of it is not as
  // it was entered.
  void on_feed(NodeId node, OrderReference reference, const std::string& difference,
               const Moment& moment, std::uint64_t now_ns);
  void feed_connected(NodeId node, bool is_connected, const Moment& moment);
  // The session's connection ended: what it waits for will come after it is back.
  void session_lost(GatewayId gateway, const std::string& reason);

  // Somebody saw a loss: from now on it is told when the path works again.
  void loss_began(const Sentence& what, const Moment& moment);
  void tick(const Moment& moment);

  [[nodiscard]] bool is_observing_loss() const { return loss_.has_value(); }
  // Since when the oldest order waits; 0 when none does.
  [[nodiscard]] std::uint64_t waiting_since_ms() const;
  [[nodiscard]] std::size_t waiting(GatewayId gateway) const;
  [[nodiscard]] bool knows(GatewayId gateway) const { return places_.contains(gateway); }
  struct GatewayPicture {
    bool serves = false;  // the last order was answered in time
    double acknowledged_ms = 0;
    double median_ms = 0;
    double on_feed_ms = 0;
    std::uint64_t orders = 0;
    std::uint64_t answers = 0;
    std::uint64_t waiting_since_ms = 0;  // the oldest order without an answer; 0: none
    std::string last_loss;
  };
  [[nodiscard]] GatewayPicture picture(GatewayId gateway) const;

 private:
  struct Order {
    std::uint32_t number = 0;
    Moment sent = {};
    std::uint64_t sent_ns = 0;
    std::uint64_t acknowledged_ns = 0;  // 0: not yet
    Moment acknowledged = {};
    OrderReference reference = 0;
    std::vector<NodeId> seen = {};  // on the feeds of these
    bool was_seen_first = false;
  };
  struct Place {
    std::deque<Order> orders;
    RobustBaseline acknowledged_ms;
    RobustBaseline on_feed_ms;
    double last_acknowledged_ms = 0;
    double last_on_feed_ms = 0;
    std::size_t slow_in_a_row = 0;
    std::size_t refusals_in_a_row = 0;
    bool slow_was_said = false;
    bool has_failed = false;
    // While a loss is observed: the first order after it that was acknowledged, until it is on a
    // feed too, which is when the gateway has resumed.
    std::uint32_t witness = 0;
    bool has_resumed = false;
    Moment last_good;
    std::uint64_t orders_sent = 0;
    std::uint64_t answers = 0;
    std::string last_loss;
  };
  struct Feed {
    bool is_connected = false;
    std::uint64_t connected_since_ms = 0;
    bool is_silent = false;
  };
  struct Loss {
    Sentence what;
    Moment since;
    std::map<GatewayId, Moment> good_before;
  };

  Order* find(Place& place, std::uint32_t number);
  void answered(GatewayId gateway, Place& place, const Order& order, const Moment& moment,
                std::uint64_t now_ns);
  void judge_speed(GatewayId gateway, Place& place, double value_ms, const Moment& moment);
  void seen_on_feed(GatewayId gateway, Place& place, Order& order, NodeId node,
                    std::uint64_t now_ns);
  void rejected_witness(GatewayId gateway, Place& place, const Order& order,
                        const std::string& reason);
  // `feed` says how the order came out.
  void resumed(GatewayId gateway, Place& place, const Order& order, const Sentence& feed);
  void say_failures(const Moment& moment);
  void say_silent_feeds(const Order& order, const Moment& moment);

  CanaryLimits limits_;
  const ClusterDetector& cluster_;
  Reporter& reporter_;
  std::map<GatewayId, Place> places_;
  std::map<NodeId, Feed> feeds_;
  struct EarlySight {
    NodeId node = 0;
    std::uint64_t seen_ns = 0;
  };
  // Seen on a feed before the acknowledgement came.
  std::map<OrderReference, std::vector<EarlySight>> early_;
  std::optional<Loss> loss_;
  bool all_failed_ = false;
};

}  // namespace okiagari::watch
