#include "journal/tcp_links.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "journal/peer_message.h"

namespace okiagari::journal {
namespace {

// One end of the links, with everything it was told.
struct End {
  std::unique_ptr<TcpLinks> links;
  std::vector<std::string> told;

  void open(net::Loop& loop, NodeId node, std::uint64_t incarnation, net::Endpoint listen,
            std::map<NodeId, net::Endpoint> peers, ClusterId cluster = 7) {
    TcpLinksOptions options;
    options.cluster = cluster;
    options.node = node;
    options.listen = listen;
    options.peers = std::move(peers);
    options.incarnation = incarnation;
    LinkEvents events;
    events.frame = [this](NodeId from, base::Bytes frame) {
      told.push_back("frame " + std::to_string(from) + " " + std::to_string(frame.size()));
    };
    events.link_up = [this](NodeId peer) { told.push_back("up " + std::to_string(peer)); };
    events.link_lost = [this](NodeId peer) { told.push_back("lost " + std::to_string(peer)); };
    events.log = [this](const std::string& line) { told.push_back("log " + line); };
    auto opened = TcpLinks::open(loop, options, events);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    links = std::move(opened.value());
  }
  [[nodiscard]] bool was_told(const std::string& what) const {
    for (const std::string& line : told) {
      if (line.find(what) != std::string::npos) return true;
    }
    return false;
  }
};

template <typename Condition>
bool run_until(net::Loop& loop, Condition&& condition) {
  const std::uint64_t deadline = net::Loop::now_ms() + 5'000;
  while (!condition()) {
    if (net::Loop::now_ms() > deadline) return false;
    loop.turn(net::Loop::now_ms() + 10);
  }
  return true;
}

// A port that nobody listens on now.
net::Endpoint free_endpoint(net::Loop& loop) {
  auto listener = net::Listener::open(loop, {}, [](auto) {});
  return listener.value()->endpoint();
}

base::ByteWriter frame_of(NodeId node) {
  base::ByteWriter frame;
  encode({.cluster = 7, .node = node, .storage = 1},
         TimeoutNow{.term = 3, .last_index = 2, .last_term = 1}, frame);
  return frame;
}

class TcpLinksTest : public testing::Test {
 protected:
  net::Loop loop;
  net::Endpoint first_at = free_endpoint(loop);
  net::Endpoint second_at = free_endpoint(loop);
  End first;
  End second;
};

TEST_F(TcpLinksTest, FramesArriveAndAPeersDeathIsToldAtOnce) {
  first.open(loop, 1, 100, first_at, {{2, second_at}});
  second.open(loop, 2, 200, second_at, {{1, first_at}});
  const base::ByteWriter frame = frame_of(1);
  ASSERT_TRUE(run_until(loop, [&] { return first.links->send(2, frame.view()); }));
  const std::string expected = "frame 1 " + std::to_string(frame.size());
  ASSERT_TRUE(run_until(loop, [&] { return second.was_told(expected); }));
  EXPECT_TRUE(second.links->hears(1));
  first.links.reset();
  ASSERT_TRUE(run_until(loop, [&] { return second.was_told("lost 1"); }));
  EXPECT_FALSE(second.links->hears(1));
}

TEST_F(TcpLinksTest, ANewLifeOfAPeerReplacesTheOldLinkAndTheOldLifeIsLost) {
  second.open(loop, 2, 200, second_at, {{1, first_at}});
  End third_life;
  first.open(loop, 1, 100, first_at, {{2, second_at}});
  ASSERT_TRUE(run_until(loop, [&] { return second.was_told("up 1"); }));
  // The old life is still connected: a frozen process does not close its sockets.
  third_life.open(loop, 1, 101, free_endpoint(loop), {{2, second_at}});
  ASSERT_TRUE(run_until(loop, [&] { return second.was_told("lost 1"); }));
  EXPECT_TRUE(second.links->hears(1));
  EXPECT_EQ(std::count(second.told.begin(), second.told.end(), "up 1"), 2);
}

TEST_F(TcpLinksTest, ANodeOfAnotherClusterIsRefusedWithAReason) {
  second.open(loop, 2, 200, second_at, {{1, first_at}});
  first.open(loop, 1, 100, first_at, {{2, second_at}}, 8);
  ASSERT_TRUE(run_until(loop, [&] { return second.was_told("another cluster"); }));
  EXPECT_FALSE(second.was_told("up 1"));
}

TEST_F(TcpLinksTest, AStrangerCostsOnlyItself) {
  second.open(loop, 2, 200, second_at, {{1, first_at}});
  std::shared_ptr<net::Connection> stranger;
  net::connect(loop, second_at, [&](auto connection, const std::string&) {
    stranger = connection;
    stranger->start([](base::Bytes bytes) { return bytes.size(); }, [](const std::string&) {});
    stranger->send(base::as_bytes(std::string(64, 'x')));
    stranger->flush();
  });
  ASSERT_TRUE(run_until(loop, [&] { return second.was_told("does not speak the protocol"); }));
  first.open(loop, 1, 100, first_at, {{2, second_at}});
  EXPECT_TRUE(run_until(loop, [&] { return second.was_told("up 1"); }));
}

}  // namespace
}  // namespace okiagari::journal
