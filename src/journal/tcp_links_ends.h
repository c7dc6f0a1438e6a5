// For tests: the links of two nodes over real sockets, with and without TLS, over one network and
// over two of which one can be cut.
#pragma once

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "journal/configuration.h"
#include "journal/peer_message.h"
#include "journal/tcp_links.h"
#include "net/link_certificate.h"
#include "net/link_identity.h"

namespace okiagari::journal {

// Ports nobody uses at this moment.
inline std::vector<net::Endpoint> free_endpoints(net::Loop& loop, std::size_t count) {
  std::vector<std::unique_ptr<net::Listener>> listeners;
  std::vector<net::Endpoint> endpoints;
  for (std::size_t i = 0; i < count; ++i) {
    auto listener = net::Listener::open(loop, {}, [](const auto&) {});
    endpoints.push_back(listener.value()->endpoint());
    listeners.push_back(std::move(listener.value()));
  }
  return endpoints;
}

inline std::vector<std::byte> frame_of(NodeId node, Term term) {
  base::ByteWriter writer;
  encode({1, node, 1000U + node, false, false}, SuspectQuery{term, 1, Suspicion::silence}, writer);
  const base::Bytes bytes = writer.view();
  return {bytes.begin(), bytes.end()};
}

inline Term term_of(base::Bytes frame) {
  PeerFrame decoded;
  if (decode(frame, decoded) != FrameFault::none) return 0;
  const auto* query = std::get_if<SuspectQuery>(&decoded.message);
  return query == nullptr ? 0 : query->term;
}

// A piece of a snapshot.
inline std::vector<std::byte> chunk_of(NodeId node, std::uint64_t offset, std::size_t bytes = 100) {
  const std::vector<std::byte> content(bytes);
  const std::vector<std::byte> configuration = encode_configuration(voters_only({1, 2}));
  SnapshotChunk chunk;
  chunk.term = 3;
  chunk.index = 100;
  chunk.index_term = 2;
  chunk.configuration_index = 1;
  chunk.state_bytes = 1U << 30;
  chunk.offset = offset;
  chunk.configuration = configuration;
  chunk.bytes = content;
  base::ByteWriter writer;
  encode({1, node, 1000U + node, false, false}, chunk, writer);
  const base::Bytes frame = writer.view();
  return {frame.begin(), frame.end()};
}

inline std::optional<std::uint64_t> offset_of(base::Bytes frame) {
  PeerFrame decoded;
  if (decode(frame, decoded) != FrameFault::none) return {};
  const auto* chunk = std::get_if<SnapshotChunk>(&decoded.message);
  if (chunk == nullptr) return {};
  return chunk->offset;
}

// One node's end: its links, and what they told.
struct End {
  std::unique_ptr<TcpLinks> links;
  std::vector<std::pair<NodeId, Term>> frames;
  std::vector<std::uint64_t> chunks;             // offsets of pieces of snapshots
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
      const auto offset = offset_of(frame);
      if (offset) return end.chunks.push_back(*offset);
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
    open_both(with_both(with_tls ? secured(1, "node-1") : options(1)),
              with_both(with_tls ? secured(2, "node-2") : options(2)));
  }
  void open_both(TcpLinksOptions first, TcpLinksOptions second) {
    open(one_, std::move(first));
    network_b_.cut();
    open(two_, std::move(second));
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

}  // namespace okiagari::journal
