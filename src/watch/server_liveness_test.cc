#include "watch/server_liveness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using State = ServerLiveness::State;
using testing::ElementsAre;
using testing::IsEmpty;

class ServerLivenessTest : public testing::Test {
 protected:
  // Looks every 10 ms until then.
  void look_until(std::uint64_t end_ms) {
    while (now_.steady_ms < end_ms) {
      now_ = at(now_.steady_ms + 10);
      server_.tick(now_);
    }
  }
  void be_alive() {
    server_.connected(now_);
    server_.heard(now_);
    server_.tick(now_);
  }
  void hear_until(std::uint64_t end_ms) {
    while (now_.steady_ms < end_ms) {
      look_until(now_.steady_ms + 50);
      server_.heard(now_);
    }
  }

  Told told_;
  Reporter reporter_{"test", told_.sink()};
  ServerLiveness server_{"node-1", {}, reporter_};
  Moment now_ = at(1'000);
};

TEST_F(ServerLivenessTest, ProcessThatDiedRefusesConnectionsAndIsGoneAtOnce) {
  be_alive();
  hear_until(2'000);
  server_.lost(now_, "reset");
  server_.refused(at(2'004));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::process_gone));
  EXPECT_EQ(told_.all[0].from_ns, at(2'000).wall_ns) << "since the connection was lost";
  EXPECT_EQ(told_.all[0].statement, "node-1 refuses connections; the last ended: reset");
  EXPECT_EQ(told_.all[0].statement_ja, "node-1が接続を拒否している。直前の接続の終わり: reset");
  server_.refused(at(2'030));
  EXPECT_EQ(told_.all.size(), 1u) << "said once";
}

TEST_F(ServerLivenessTest, DyingProcessThatStillHasItsPortOpenIsNotTakenForALinkThatCameBack) {
  be_alive();
  server_.lost(now_, "closed by the peer");
  server_.connected(at(1'001));
  server_.lost(at(1'002), "reset");
  server_.refused(at(1'022));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::process_gone));
}

TEST_F(ServerLivenessTest, ConnectionThatEndsAndComesBackIsNoDeath) {
  be_alive();
  server_.lost(now_, "reset");
  server_.connected(at(1'020));
  server_.heard(at(1'060));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::link_reset));
  EXPECT_TRUE(server_.is_alive());
}

TEST_F(ServerLivenessTest, TheDayAConnectionWasSaidToBeBackHalfABillionYearsLater) {
  be_alive();
  server_.lost(at(1'800), "closed by the peer");
  server_.heard(at(1'002));
  ASSERT_THAT(told_.signals(), ElementsAre(signal::link_reset));
  EXPECT_EQ(told_.all[0].statement,
            "the connection to node-1 ended (closed by the peer); it answers on another, 0 ms "
            "later");
}

TEST_F(ServerLivenessTest, FrozenProcessIsToldFromAHostThatIsAway) {
  be_alive();
  look_until(1'300);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::heartbeat_missing));
  EXPECT_TRUE(server_.wants_knock());
  server_.knock_accepted();
  look_until(2'000);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::heartbeat_missing, signal::process_frozen));
  EXPECT_EQ(server_.state(), State::frozen);
}

TEST_F(ServerLivenessTest, HostThatDoesNotEvenAcceptIsUnreachableWithinASecond) {
  be_alive();
  look_until(1'990);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::heartbeat_missing, signal::unreachable));
}

TEST_F(ServerLivenessTest, FrozenProcessThatThawsIsReachableAgainButWasNotRestarted) {
  be_alive();
  look_until(1'300);
  server_.knock_accepted();
  look_until(2'000);
  told_.all.clear();
  server_.heard(now_);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::reachable_again));
}

TEST_F(ServerLivenessTest, ProcessThatComesBackAfterItWasGoneWasRestarted) {
  be_alive();
  server_.lost(now_, "reset");
  server_.refused(now_);
  told_.all.clear();
  server_.connected(at(1'500));
  server_.heard(at(1'510));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::process_restarted, signal::reachable_again));
}

TEST_F(ServerLivenessTest, WatcherThatWasItselfAwayBlamesNobody) {
  be_alive();
  hear_until(2'000);
  told_.all.clear();
  now_ = at(5'000);
  server_.tick(now_);
  look_until(5'100);
  EXPECT_THAT(told_.all, IsEmpty());
  look_until(5'700);
  EXPECT_THAT(told_.signals(), ElementsAre(signal::heartbeat_missing, signal::unreachable))
      << "but what stays silent while somebody looks is";
}

}  // namespace
}  // namespace okiagari::watch
