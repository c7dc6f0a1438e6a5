// Goal: a desk can tell that the market is broken from that its own view of it is; and whoever says
// another thing on the feed than everybody else is named. Method: a market and its lookout as real
// processes, and a watch that reaches the gateways through relays, which a test can cut.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <deque>

#include "deployment/lookout_process.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "test_places.h"
#include "tests/cluster/test_desk.h"
#include "tests/cluster/test_watch.h"
#include "watch/signal.h"
#include "wire/mold.h"

namespace okiagari {
namespace {

namespace signals = watch::signal;

// Passes bytes on in both directions until it is cut; connections stay open then, as behind a
// firewall that forgot them.
class TcpRelay {
 public:
  TcpRelay(net::Loop& loop, net::Endpoint to) : loop_(loop), to_(std::move(to)) {
    net::Endpoint any;
    auto listener = net::Listener::open(
        loop, any, [this](std::shared_ptr<net::Connection> member) { join(std::move(member)); });
    EXPECT_TRUE(listener.ok());
    listener_ = std::move(listener.value());
  }
  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }
  void cut() { is_cut_ = true; }
  void mend() { is_cut_ = false; }

 private:
  using Peer = std::shared_ptr<net::Connection>;
  void join(Peer member) {
    net::connect(loop_, to_, [this, member](Peer server, const std::string&) {
      if (server == nullptr) return member->close();
      pass(member, server);
      pass(server, member);
      kept_.push_back(member);
      kept_.push_back(server);
    });
  }
  void pass(const Peer& from, const Peer& into) {
    from->start(
        [this, into](base::Bytes bytes) {
          if (!is_cut_) {
            into->send(bytes);
            into->flush();
          }
          return bytes.size();
        },
        [into](const std::string&) { into->close(); });
  }

  net::Loop& loop_;
  net::Endpoint to_;
  bool is_cut_ = false;
  std::unique_ptr<net::Listener> listener_;
  std::deque<Peer> kept_;
};

class TwoPlaces : public TestWatch {
 protected:
  void start_both() {
    start(options());
    const base::Status started = lookout_.start(OKIAGARI_PROGRAM, folder_);
    ASSERT_TRUE(started.ok()) << started.error().message;
    watch::WatchSettings settings = deployment::watch_settings(market_->file());
    settings.watches_host = false;
    for (watch::GatewayAddress& gateway : settings.market.gateways) {
      relays_.push_back(std::make_unique<TcpRelay>(loop_, gateway.members));
      gateway.members = relays_.back()->endpoint();
    }
    const auto lookout = deployment::LookoutProcess::address_in(folder_);
    ASSERT_TRUE(lookout.has_value());
    settings.vantage.others = {*lookout};
    watch_with(std::move(settings), 30);
  }
  void TearDown() override {
    TestWatch::TearDown();
    lookout_.stop();
    relays_.clear();
  }
  using TestWatch::was_seen;
  [[nodiscard]] bool was_seen(std::string_view signal) const {
    return std::any_of(seen_.begin(), seen_.end(),
                       [&](const watch::Evidence& one) { return one.signal == signal; });
  }
  // Says one message on the line of the first node as if that node had.
  void forge(std::uint64_t number) {
    auto sender = net::UdpSender::open(loop_, *market_->file().nodes[0].feed_line, "127.0.0.1");
    ASSERT_TRUE(sender.ok()) << sender.error().message;
    wire::MoldWriter writer(1'400);
    writer.begin(wire::alpha<10>(deployment::watch_settings(market_->file()).lines.session),
                 number);
    ASSERT_TRUE(writer.add(base::as_bytes(std::string_view("no message of anybody"))));
    ASSERT_TRUE(sender.value()->send(writer.finish()));
  }

  deployment::LookoutProcess lookout_;
  std::vector<std::unique_ptr<TcpRelay>> relays_;
};

TEST_F(TwoPlaces, WhenOnlyOurWayToTheGatewaysIsCutOurViewIsCalledBroken) {
  start_both();
  EXPECT_FALSE(was_seen(signals::vantage_disagrees)) << all_seen();
  for (const auto& relay : relays_) relay->cut();
  EXPECT_TRUE(watch_until([&] {
    return was_seen(signals::canary_failed, "gateway-1", "desk.canary") &&
           was_seen(signals::vantage_disagrees, "desk", "desk.vantage");
  })) << all_seen();
  EXPECT_FALSE(was_seen(signals::canary_failed, "gateway-1", "desk.vantage")) << all_seen();
}

TEST_F(TwoPlaces, WhenTheGatewaysAreFrozenBothPlacesSayThatItIsTheMarket) {
  start_both();
  market_->signal_gateway(1, SIGSTOP);
  market_->signal_gateway(2, SIGSTOP);
  EXPECT_TRUE(watch_until([&] {
    return was_seen(signals::canary_failed, "gateway-1", "desk.vantage") &&
           was_seen(signals::canary_failed, "gateway-2", "desk.vantage");
  })) << all_seen();
  EXPECT_FALSE(was_seen(signals::vantage_disagrees, "desk", "desk.vantage")) << all_seen();
  market_->signal_gateway(1, SIGCONT);
  market_->signal_gateway(2, SIGCONT);
}

TEST_F(TwoPlaces, ALookoutThatNoLongerAnswersIsMissed) {
  start_both();
  lookout_.send_signal(SIGSTOP);
  EXPECT_TRUE(watch_until([&] {
    return was_seen(signals::vantage_silent, "lookout", "desk.vantage");
  })) << all_seen();
  EXPECT_FALSE(was_seen(signals::canary_failed, "gateway-1", "desk.vantage")) << all_seen();
  lookout_.send_signal(SIGCONT);
}

TEST_F(TwoPlaces, ALineThatSaysSomethingElseThanEverybodyIsNamed) {
  start_both();
  EXPECT_FALSE(was_seen(signals::feed_differs)) << all_seen();
  forge(watcher_->picture().feed_head);
  EXPECT_TRUE(watch_until([&] {
    return was_seen(signals::feed_differs, "feed node-1", "desk.feed");
  })) << all_seen();
  EXPECT_FALSE(was_seen(signals::feed_differs, "feed node-2", "desk.feed")) << all_seen();
}

TEST_F(TwoPlaces, MessagesThatALineSpeaksOfAndNobodyGivesAreAGap) {
  start_both();
  EXPECT_FALSE(was_seen(signals::feed_gap)) << all_seen();
  forge(watcher_->picture().feed_head + 1'000'000);
  EXPECT_TRUE(watch_until([&] { return was_seen(signals::feed_gap, "market", "desk.feed"); }))
      << all_seen();
}

class DeskWithALookout : public DeskOfRealProcesses {
 protected:
  [[nodiscard]] bool has_evidence(const std::string& kind, const std::string& words) {
    return wait_until([&] {
      desks_->supervise();
      for (const auto& item : record().items) {
        if (item.kind == kind && item.en.find(words) != std::string::npos) return true;
      }
      return false;
    });
  }
};

TEST_F(DeskWithALookout, WritesDownThatOrdersFailFromTwoPlacesWhenTheMarketIsBroken) {
  begin(1, false);
  ASSERT_TRUE(wait_until([&] {
    desks_->supervise();
    return record().first("evidence.canary.good") != nullptr || record().items.size() > 3;
  }));
  market_->signal_gateway(1, SIGSTOP);
  EXPECT_TRUE(has_evidence("evidence.canary.failed",
                           "fail from two places: from desk-1 and from "
                           "lookout"));
  market_->signal_gateway(1, SIGCONT);
}

}  // namespace
}  // namespace okiagari
