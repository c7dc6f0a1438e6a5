#include "journal/tcp_links.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "journal/peer_message.h"
#include "net/link_certificate.h"
#include "net/link_identity.h"

namespace okiagari::journal {
namespace {

// Ports nobody uses at this moment.
std::vector<net::Endpoint> free_endpoints(net::Loop& loop, std::size_t count) {
  std::vector<std::unique_ptr<net::Listener>> listeners;
  std::vector<net::Endpoint> endpoints;
  for (std::size_t i = 0; i < count; ++i) {
    auto listener = net::Listener::open(loop, {}, [](const auto&) {});
    endpoints.push_back(listener.value()->endpoint());
    listeners.push_back(std::move(listener.value()));
  }
  return endpoints;
}

std::vector<std::byte> frame_of(NodeId node, Term term) {
  base::ByteWriter writer;
  encode({1, node, 1000U + node, false, false}, SuspectQuery{term, 1, Suspicion::silence}, writer);
  const base::Bytes bytes = writer.view();
  return {bytes.begin(), bytes.end()};
}

Term term_of(base::Bytes frame) {
  PeerFrame decoded;
  if (decode(frame, decoded) != FrameFault::none) return 0;
  return std::get<SuspectQuery>(decoded.message).term;
}

// One node's end: its links, and what they told.
struct End {
  std::unique_ptr<TcpLinks> links;
  std::vector<std::pair<NodeId, Term>> frames;
  std::vector<std::pair<NodeId, bool>> changes;  // up or lost
  std::vector<std::string> lines;
  std::vector<Network> networks;  // gone over to

  [[nodiscard]] bool said(const std::string& part) const {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }
};

class TcpLinksTest : public ::testing::Test {
 protected:
  TcpLinksTest() : endpoints_(free_endpoints(loop_, 2)) {}

  TcpLinksOptions options(NodeId node, std::uint64_t incarnation = 1) {
    TcpLinksOptions options;
    options.cluster = 1;
    options.node = node;
    options.listen = {endpoints_[node - 1], {}};
    options.incarnation = incarnation;
    for (NodeId peer = 1; peer <= 2; ++peer) {
      if (peer != node) options.peers[peer] = {endpoints_[peer - 1], {}};
    }
    return options;
  }

  void open(End& end, TcpLinksOptions with) {
    LinkEvents events;
    events.frame = [&end](NodeId from, base::Bytes frame) {
      end.frames.emplace_back(from, term_of(frame));
    };
    events.link_up = [&end](NodeId peer) { end.changes.emplace_back(peer, true); };
    events.link_lost = [&end](NodeId peer) { end.changes.emplace_back(peer, false); };
    events.log = [&end](const std::string& line) { end.lines.push_back(line); };
    events.network = [&end](NodeId, Network network) { end.networks.push_back(network); };
    auto opened = TcpLinks::open(loop_, std::move(with), std::move(events));
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    end.links = std::move(opened.value());
  }

  bool wait(const std::function<bool()>& condition) {
    const std::uint64_t limit_ms = net::Loop::now_ms() + 5000;
    while (!condition() && net::Loop::now_ms() < limit_ms) loop_.turn(net::Loop::now_ms() + 5);
    return condition();
  }

  bool connect_both() {
    open(one_, options(1));
    open(two_, options(2));
    return wait([this] { return !one_.changes.empty() && !two_.changes.empty(); });
  }

  net::Loop loop_;
  std::vector<net::Endpoint> endpoints_;
  End one_;
  End two_;
};

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

class SecuredTcpLinksTest : public TcpLinksTest {
 protected:
  SecuredTcpLinksTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("tcp_links_" + std::to_string(::getpid()))),
        authority_(net::make_link_authority("a market", 30).value()) {
    std::filesystem::create_directories(folder_);
  }
  ~SecuredTcpLinksTest() override { std::filesystem::remove_all(folder_); }

  TcpLinksOptions secured(NodeId node, const std::string& name) {
    const auto made = net::issue_link_certificate(authority_, name, 1).value();
    TcpLinksOptions with = options(node);
    with.identity = net::LinkIdentity::open({write(name + ".pem", made.certificate_pem),
                                             write(name + ".key", made.key_pem),
                                             write("authority.pem", authority_.certificate_pem)})
                        .value();
    return with;
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  std::filesystem::path folder_;
  net::LinkCertificate authority_;
};

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

// Packets to these ports, and from them, arrive nowhere any more, and no kernel says so: as on a
// network that is cut. For sockets of this process.
class CutPorts {
 public:
  explicit CutPorts(std::vector<std::uint16_t> ports) : ports_(std::move(ports)) {}
  ~CutPorts() { mend(); }
  CutPorts(const CutPorts&) = delete;
  CutPorts& operator=(const CutPorts&) = delete;

  void cut() const {
    sock_filter nothing[] = {{BPF_RET | BPF_K, 0, 0, 0}};
    const sock_fprog program{1, nothing};
    on_sockets(SO_ATTACH_FILTER, &program, sizeof program);
  }
  void mend() const {
    const int unused = 0;
    on_sockets(SO_DETACH_FILTER, &unused, sizeof unused);
  }

 private:
  [[nodiscard]] bool is_ours(int socket) const {
    for (const auto& name : {&::getsockname, &::getpeername}) {
      sockaddr_in address{};
      socklen_t size = sizeof address;
      if (name(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
      const std::uint16_t port = ntohs(address.sin_port);
      if (std::find(ports_.begin(), ports_.end(), port) != ports_.end()) return true;
    }
    return false;
  }
  void on_sockets(int option, const void* value, socklen_t size) const {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      const int descriptor = std::stoi(entry.path().filename());
      if (!is_ours(descriptor)) continue;
      static_cast<void>(::setsockopt(descriptor, SOL_SOCKET, option, value, size));
    }
  }

  std::vector<std::uint16_t> ports_;
};

class TwoNetworksTest : public SecuredTcpLinksTest {
 protected:
  TwoNetworksTest()
      : second_(free_endpoints(loop_, 2)),
        network_a_({endpoints_[0].port, endpoints_[1].port}),
        network_b_({second_[0].port, second_[1].port}) {}

  [[nodiscard]] TcpLinksOptions with_both(TcpLinksOptions with) const {
    with.listen.b = second_[with.node - 1];
    for (auto& [node, place] : with.peers) place.b = second_[node - 1];
    return with;
  }
  [[nodiscard]] static bool has(const End& end, NodeId peer, Network used) {
    const PeerNetworks networks = end.links->networks_of(peer);
    return networks.used == used && networks.is_open[0] && networks.is_open[1];
  }
  [[nodiscard]] static bool has_both(const End& end, NodeId peer) {
    return has(end, peer, Network::a) || has(end, peer, Network::b);
  }
  [[nodiscard]] bool both_have_both() const {
    return has_both(one_, 2) && has_both(two_, 1) && !one_.changes.empty() && !two_.changes.empty();
  }
  // Both ends use that network for what they send, and have the other one to spare.
  [[nodiscard]] bool both_use(Network used) const {
    return both_have_both() && has(one_, 2, used) && has(two_, 1, used);
  }
  // Which network opens first is a race, and the first one is used. These tests begin with A: until
  // it is open nobody gets through on B.
  void open_both(bool with_tls = false) {
    open(one_, with_both(with_tls ? secured(1, "node-1") : options(1)));
    network_b_.cut();
    open(two_, with_both(with_tls ? secured(2, "node-2") : options(2)));
    network_b_.cut();
    ASSERT_TRUE(wait([this] {
      return one_.links->networks_of(2).used == Network::a &&
             two_.links->networks_of(1).used == Network::a;
    }));
    network_b_.mend();
    ASSERT_TRUE(wait([this] { return both_use(Network::a); }));
  }
  // As servers do all the time; the newest number that has come is `heard`.
  bool wait_talking(const std::function<bool()>& condition) {
    return wait([&] {
      ++term_;
      static_cast<void>(one_.links->send(2, frame_of(1, term_)));
      static_cast<void>(two_.links->send(1, frame_of(2, term_)));
      one_.links->flush();
      two_.links->flush();
      return condition();
    });
  }
  void expect_in_order_and_nobody_lost() const {
    for (const End* end : {&one_, &two_}) {
      for (std::size_t at = 1; at < end->frames.size(); ++at) {
        ASSERT_LT(end->frames[at - 1].second, end->frames[at].second) << "an overtaken frame came";
      }
      for (const auto& [peer, is_up] : end->changes) EXPECT_TRUE(is_up) << "taken for dead";
    }
  }
  [[nodiscard]] bool heard_since(Term term) const {
    return !one_.frames.empty() && !two_.frames.empty() && one_.frames.back().second > term &&
           two_.frames.back().second > term;
  }

  std::vector<net::Endpoint> second_;
  CutPorts network_a_;
  CutPorts network_b_;
  Term term_ = 0;
};

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
