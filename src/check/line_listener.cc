#include "check/line_listener.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "check/mold.h"

namespace okiagari::check {
namespace {

std::vector<std::string> names_of(const std::vector<LineAddress>& nodes) {
  std::vector<std::string> names;
  for (const LineAddress& node : nodes) names.push_back(fmt::format("node {}'s line", node.node));
  return names;
}

}  // namespace

LineListener::LineListener(std::vector<LineAddress> nodes, std::string session)
    : nodes_(std::move(nodes)), session_(std::move(session)), record_(session_, names_of(nodes_)) {}

base::Result<std::unique_ptr<LineListener>> LineListener::open(net::Loop& loop,
                                                               std::vector<LineAddress> nodes,
                                                               const std::string& interface,
                                                               std::string session) {
  std::unique_ptr<LineListener> listener(new LineListener(std::move(nodes), std::move(session)));
  if (base::Status status = listener->open_ports(loop, interface); !status) return status.error();
  return listener;
}

base::Status LineListener::open_ports(net::Loop& loop, const std::string& interface) {
  for (std::size_t line = 0; line < nodes_.size(); ++line) {
    auto port = net::UdpPort::open(
        loop, nodes_[line].line, interface,
        [this, line](base::Bytes datagram, const net::UdpPeer&) { record_.take(line, datagram); });
    if (!port) return port.error();
    lines_.push_back(std::move(port.value()));
  }
  net::Endpoint any;
  any.host = interface;
  auto asking =
      net::UdpPort::open(loop, any, "", [this](base::Bytes datagram, const net::UdpPeer&) {
        record_.take(FeedRecord::kAnswer, datagram);
      });
  if (!asking) return asking.error();
  asking_ = std::move(asking.value());
  return {};
}

void LineListener::tick(std::uint64_t now_ms) {
  const auto [first, end] = record_.missing();
  if (first == end) {
    missing_ = 0;
    return;
  }
  if (std::exchange(missing_, first) != first) {
    ask_at_ms_ = now_ms + kPatienceMs;
  } else if (now_ms >= ask_at_ms_) {
    ask(first, end);
    ask_at_ms_ = now_ms + kPatienceMs;
  }
}

void LineListener::ask(std::uint64_t first, std::uint64_t end) {
  const auto count = std::min<std::uint64_t>(end - first, kMoldEndOfSession - 1);
  base::ByteWriter request;
  write_mold_request(request, session_, first, static_cast<std::uint16_t>(count));
  net::UdpPeer to;
  if (!net::resolve(nodes_[next_node_++ % nodes_.size()].requests, to)) return;
  ++requests_;
  (void)asking_->send(request.view(), to);
}

}  // namespace okiagari::check
