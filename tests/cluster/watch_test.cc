// Goal: what happens to a market of real processes is seen from outside, and a take-over is
// believed only when an order has gone through it. Method: the whole watch on a loop of its own,
// faults by signals.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>

#include "tests/cluster/test_watch.h"
#include "watch/signal.h"

namespace okiagari {
namespace {

namespace signals = watch::signal;

class WatchedMarket : public TestWatch {
 protected:
  void start_watched() {
    start(options());
    watch_with(deployment::watch_settings(market_->file()), 3);
  }
  // On a busy machine a server may be late for a moment, and is then told to be; that it is gone or
  // that an order found no answer has no such excuse.
  [[nodiscard]] bool is_market_broken() const {
    return std::any_of(seen_.begin(), seen_.end(), [](const watch::Evidence& one) {
      return one.signal == signals::process_gone || one.signal == signals::canary_failed ||
             one.signal == signals::replica_diverged || one.signal == signals::quorum_lost;
    });
  }
};

TEST_F(WatchedMarket, DeathOfTheLeaderIsSeenAndAnOrderShowsThatAnotherTookOver) {
  start_watched();
  const NodeId first = watcher_->picture().leader;
  const std::string name = watch::node_name(first);
  EXPECT_FALSE(is_market_broken()) << all_seen();
  market_->signal_node(first, SIGKILL);
  EXPECT_TRUE(watch_until([&] { return was_seen(signals::process_gone, name); })) << all_seen();
  for (const char* gateway : {"gateway-1", "gateway-2"}) {
    EXPECT_TRUE(watch_until([&] {
      return was_seen(signals::fail_over_observed, gateway, "desk.canary");
    })) << gateway
        << "\n"
        << all_seen();
  }
  EXPECT_TRUE(was_seen(signals::leader_changed, "market")) << all_seen();
  EXPECT_NE(watcher_->picture().leader, first);
  EXPECT_TRUE(watch_until([&] { return was_seen(signals::reachable_again, name); })) << all_seen();
  EXPECT_TRUE(was_seen(signals::process_restarted, name)) << all_seen();
}

// One told the other where it is and had no answer: whoever compared what they heard found a cut.
TEST_F(WatchedMarket, TheDayTwoFollowersThatWorkedWereSaidToBeCutOffInOneDirection) {
  start_watched();
  const auto orders = [this] { return watcher_->picture().gateways.front().answers; };
  // The canary's orders come every 100 ms or so: long enough for a silence to be told.
  const std::uint64_t before = orders();
  ASSERT_TRUE(watch_until([&] { return orders() >= before + 30; })) << all_seen();
  EXPECT_TRUE(std::none_of(seen_.begin(), seen_.end(), [](const watch::Evidence& one) {
    return one.signal == signals::link_one_way;
  })) << all_seen();
}

TEST_F(WatchedMarket, FrozenNodeIsToldFromADeadOneAndIsBackWhenItThaws) {
  start_watched();
  const NodeId frozen = watcher_->picture().leader % 3 + 1;
  const std::string name = watch::node_name(frozen);
  market_->signal_node(frozen, SIGSTOP);
  EXPECT_TRUE(watch_until([&] { return was_seen(signals::process_frozen, name); })) << all_seen();
  EXPECT_FALSE(was_seen(signals::process_gone, name)) << all_seen();
  market_->signal_node(frozen, SIGCONT);
  EXPECT_TRUE(watch_until([&] { return was_seen(signals::reachable_again, name); })) << all_seen();
  EXPECT_FALSE(was_seen(signals::process_restarted, name)) << all_seen();
}

TEST_F(WatchedMarket, FrozenGatewayIsFoundThoughItsConnectionsStayOpen) {
  start_watched();
  market_->signal_gateway(1, SIGSTOP);
  EXPECT_TRUE(watch_until([&] {
    return was_seen(signals::canary_failed, "gateway-1", "desk.canary") &&
           was_seen(signals::process_frozen, "gateway-1");
  })) << all_seen();
  EXPECT_FALSE(was_seen(signals::canary_failed, "gateway-2", "desk.canary")) << all_seen();
  market_->signal_gateway(1, SIGCONT);
  EXPECT_TRUE(watch_until([&] {
    return was_seen(signals::canary_good, "gateway-1", "desk.canary");
  })) << all_seen();
}

// Its kernel took connections, and nobody had been logged in there whose heartbeats could be
// missed.
TEST_F(WatchedMarket, TheDayAGatewayThatFrozeAsTheWatchBeganCountedAsAlive) {
  start(options());
  ASSERT_TRUE(wait_until([&] { return market_->find_leader(0) != 0; }));
  market_->signal_gateway(1, SIGSTOP);
  watch_with(deployment::watch_settings(market_->file()), 0);
  EXPECT_TRUE(watch_until([&] { return was_seen(signals::process_frozen, "gateway-1"); }))
      << all_seen();
  EXPECT_EQ(watcher_->picture().gateways.front().state, "frozen");
  market_->signal_gateway(1, SIGCONT);
  EXPECT_TRUE(watch_until([&] { return was_seen(signals::reachable_again, "gateway-1"); }))
      << all_seen();
}

TEST_F(WatchedMarket, WithoutAMajorityNothingIsAcknowledgedAndThatIsSaid) {
  start_watched();
  const NodeId leader = watcher_->picture().leader;
  for (NodeId node = 1; node <= 3; ++node) {
    if (node != leader) market_->signal_node(node, SIGSTOP);
  }
  EXPECT_TRUE(watch_until([&] {
    return was_seen(signals::quorum_lost, "market") &&
           was_seen(signals::acknowledgements_stopped, "market", "desk.canary");
  })) << all_seen();
  for (NodeId node = 1; node <= 3; ++node) market_->signal_node(node, SIGCONT);
  seen_.clear();
  EXPECT_TRUE(watch_until([&] {
    return was_seen(signals::fail_over_observed, "gateway-1", "desk.canary") &&
           was_seen(signals::fail_over_observed, "gateway-2", "desk.canary");
  })) << all_seen();
}

}  // namespace
}  // namespace okiagari
