#include "journal/tcp_links.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "journal/tcp_links_ends.h"

namespace okiagari::journal {
namespace {

TEST_F(TcpLinksTest, FramesArriveInOrder) {
  ASSERT_TRUE(connect_both());
  for (Term term = 1; term <= 1000; ++term) ASSERT_TRUE(one_.links->send(2, frame_of(1, term)));
  one_.links->flush();
  ASSERT_TRUE(wait([this] { return two_.frames.size() == 1000; }));
  for (Term term = 1; term <= 1000; ++term) {
    EXPECT_EQ(two_.frames[term - 1], std::make_pair(NodeId{1}, term));
  }
  EXPECT_EQ(two_.changes, (std::vector<std::pair<NodeId, bool>>{{1, true}}));
}

TEST_F(TcpLinksTest, TheEndOfAProcessIsToldAtOnceAndOnce) {
  ASSERT_TRUE(connect_both());
  one_.links.reset();
  ASSERT_TRUE(wait([this] { return two_.changes.size() >= 2; }));
  EXPECT_EQ(two_.changes.back(), std::make_pair(NodeId{1}, false));
  EXPECT_FALSE(two_.links->send(1, frame_of(2, 1)));
  open(one_, options(1, 2));
  ASSERT_TRUE(wait([this] { return two_.links->is_connected_to(1) && two_.changes.size() == 3; }));
  EXPECT_EQ(two_.changes.back(), std::make_pair(NodeId{1}, true));
}

// A slow reader's sender gives the link up; that must not look like the death of a process.
TEST_F(TcpLinksTest, AFullQueueCostsTheLinkButDeposesNobody) {
  TcpLinksOptions narrow = options(1);
  narrow.queued_bytes_max = 4096;
  open(one_, narrow);
  open(two_, options(2));
  ASSERT_TRUE(wait([this] { return !one_.changes.empty() && !two_.changes.empty(); }));
  Term term = 1;
  while (one_.links->send(2, frame_of(1, term))) ++term;
  EXPECT_GT(term, 10U);
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 2; }));
  EXPECT_EQ(two_.changes.back(), std::make_pair(NodeId{1}, true)) << "a new link, none lost";
  EXPECT_TRUE(one_.said("does not take"));
}

TEST_F(TcpLinksTest, AnotherClusterIsRefusedAndTold) {
  TcpLinksOptions foreign = options(1);
  foreign.cluster = 7;
  open(one_, foreign);
  open(two_, options(2));
  ASSERT_TRUE(wait([this] { return two_.said("is of cluster 0000000000000007"); }));
  EXPECT_TRUE(two_.changes.empty());
}

TEST_F(TcpLinksTest, AStrangerAndGarbageAreRefused) {
  open(two_, options(2));
  std::shared_ptr<net::Connection> stranger;
  net::connect(loop_, endpoints_[1], [&](std::shared_ptr<net::Connection> made, const auto&) {
    stranger = std::move(made);
  });
  ASSERT_TRUE(wait([&] { return stranger != nullptr; }));
  bool ended = false;
  stranger->start([](base::Bytes bytes) { return bytes.size(); },
                  [&](const auto&) { ended = true; });
  ASSERT_TRUE(stranger->send(base::as_bytes(std::string(100, 'x'))));
  stranger->flush();
  ASSERT_TRUE(wait([&] { return ended; }));
  EXPECT_TRUE(two_.said("does not greet as one"));
}

TEST_F(SecuredTcpLinksTest, FramesArriveInOrder) {
  open(one_, secured(1, "node-1"));
  open(two_, secured(2, "node-2"));
  ASSERT_TRUE(wait([this] { return !one_.changes.empty() && !two_.changes.empty(); }));
  for (Term term = 1; term <= 10'000; ++term) ASSERT_TRUE(one_.links->send(2, frame_of(1, term)));
  one_.links->flush();
  ASSERT_TRUE(wait([this] { return two_.frames.size() == 10'000; }));
  EXPECT_EQ(two_.frames.back(), std::make_pair(NodeId{1}, Term{10'000}));
}

TEST_F(SecuredTcpLinksTest, ANodeWithTheCertificateOfAnotherIsRefusedByBothSides) {
  open(one_, secured(1, "node-1"));
  open(two_, secured(2, "node-3"));
  ASSERT_TRUE(wait([this] {
    return one_.said("it says it is node 2 and has the certificate of somebody else") &&
           one_.said("node 2: our connection ended: TLS: hostname mismatch");
  }));
  EXPECT_TRUE(one_.changes.empty());
}

TEST_F(SecuredTcpLinksTest, ANodeWithoutTlsIsRefused) {
  open(one_, secured(1, "node-1"));
  open(two_, options(2));
  ASSERT_TRUE(wait([this] { return two_.said("node 1: our connection ended"); }));
  EXPECT_TRUE(one_.changes.empty());
  EXPECT_TRUE(two_.changes.empty());
}

TEST_F(TwoNetworksTest, NetworkAFallsSilentAndBothGoOverToBWithoutALossOfTheLink) {
  open_both();
  ASSERT_TRUE(wait_talking([this] { return heard_since(0); }));
  network_a_.cut();
  const Term cut_at = term_;
  ASSERT_TRUE(wait_talking([&] { return heard_since(cut_at); }));
  ASSERT_TRUE(wait_talking([this] { return !one_.networks.empty() && !two_.networks.empty(); }));
  EXPECT_EQ(one_.networks, std::vector<Network>{Network::b});
  EXPECT_EQ(two_.networks, std::vector<Network>{Network::b});
  EXPECT_TRUE(
      one_.said("node 2: our connection over network A ended: nothing of what was sent is "
                "acknowledged for 60 ms"));
  expect_in_order_and_nobody_lost();
}

TEST_F(TwoNetworksTest, NetworkAComesBackAndIsNotReturnedToBeforeBIsLost) {
  open_both();
  network_a_.cut();
  ASSERT_TRUE(wait_talking([this] { return !one_.networks.empty() && !two_.networks.empty(); }));
  network_a_.mend();
  ASSERT_TRUE(wait_talking([this] { return both_use(Network::b); })) << "A is there to spare";
  network_b_.cut();
  const Term cut_at = term_;
  ASSERT_TRUE(wait_talking([&] { return heard_since(cut_at); }));
  ASSERT_TRUE(wait_talking([this] { return one_.networks.size() == 2; }));
  EXPECT_EQ(one_.networks.back(), Network::a);
  expect_in_order_and_nobody_lost();
}

// It sends nothing that could remain without an acknowledgement.
TEST_F(TwoNetworksTest, AnEndThatHasNothingToSayGoesOverWithTheOther) {
  open_both();
  network_a_.cut();
  ASSERT_TRUE(wait([this] {
    static_cast<void>(one_.links->send(2, frame_of(1, ++term_)));
    one_.links->flush();
    return !two_.frames.empty() && !two_.networks.empty();
  }));
  EXPECT_EQ(two_.networks, std::vector<Network>{Network::b});
  EXPECT_FALSE(two_.said("our connection over network A ended"));
}

TEST_F(TwoNetworksTest, WithTlsItGoesOverToTheOtherNetworkToo) {
  open_both(true);
  ASSERT_TRUE(wait_talking([this] { return heard_since(0); }));
  network_a_.cut();
  const Term cut_at = term_;
  ASSERT_TRUE(wait_talking([&] { return heard_since(cut_at); }));
  ASSERT_TRUE(wait_talking([this] { return !one_.networks.empty() && !two_.networks.empty(); }));
  expect_in_order_and_nobody_lost();
}

TEST_F(TwoNetworksTest, TheEndOfAProcessIsToldAtOnceAndIsNoChangeOfNetwork) {
  open_both();
  one_.links.reset();
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 2; }));
  EXPECT_EQ(two_.changes.back(), std::make_pair(NodeId{1}, false));
  EXPECT_FALSE(two_.links->is_connected_to(1));
  open(one_, with_both(options(1, 2)));
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 3 && both_have_both(); }));
  EXPECT_TRUE(two_.networks.empty());
  EXPECT_EQ(two_.links->networks_of(1).changes, 0U);
}

TEST_F(TwoNetworksTest, APeerThatHasOneNetworkIsReachedByThat) {
  open(one_, with_both(options(1)));
  open(two_, options(2));
  ASSERT_TRUE(wait_talking([this] { return heard_since(0); }));
  EXPECT_EQ(one_.links->networks_of(2).used, Network::a);
  EXPECT_FALSE(one_.links->networks_of(2).is_open[1]);
  EXPECT_FALSE(two_.links->networks_of(1).is_known[1]);
  expect_in_order_and_nobody_lost();
}

TEST_F(TwoNetworksTest, AServerWhoseNetworkAIsDownAtItsStartListensOnB) {
  TcpLinksOptions without_a = with_both(options(1));
  without_a.listen.a.host = "192.0.2.1";  // of no card here
  open(one_, without_a);
  open(two_, with_both(options(2)));
  ASSERT_TRUE(wait_talking([this] { return heard_since(0); }));
  EXPECT_EQ(two_.links->networks_of(1).used, Network::b);
  EXPECT_TRUE(one_.said("cannot listen on 192.0.2.1"));
}

// Work-around 6: the process has another connection already, and the old one still has bytes.
TEST_F(TcpLinksTest, ANewerConnectionReplacesTheOlderOne) {
  ASSERT_TRUE(connect_both());
  ASSERT_TRUE(one_.links->send(2, frame_of(1, 5)));
  // Not flushed: these bytes are lost with the connection.
  End again;
  TcpLinksOptions later = options(1, 2);
  later.listen = {free_endpoints(loop_, 1)[0], {}};
  open(again, later);
  ASSERT_TRUE(wait([this] { return two_.changes.size() == 3; }));
  EXPECT_EQ(two_.changes[1], std::make_pair(NodeId{1}, false)) << "the former life is over";
  EXPECT_EQ(two_.changes[2], std::make_pair(NodeId{1}, true));
  ASSERT_TRUE(again.links->send(2, frame_of(1, 6)));
  again.links->flush();
  ASSERT_TRUE(wait([this] { return !two_.frames.empty(); }));
  EXPECT_EQ(two_.frames[0].second, 6U);
}

}  // namespace
}  // namespace okiagari::journal
