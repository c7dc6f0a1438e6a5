#include "check/feed_listener.h"

#include <algorithm>
#include <string>
#include <utility>

namespace okiagari::check {

FeedListener::FeedListener(net::Loop& loop, History& history, HistoryEvent event,
                           std::vector<FeedAddress> nodes, std::size_t first_node,
                           std::uint64_t first_number)
    : history_(history),
      event_(event),
      nodes_(std::move(nodes)),
      node_(first_node % nodes_.size()),
      client_(loop, {[this](const SoupLoginAccepted& accepted) {
                       if (next_number_ == 0) next_number_ = accepted.next_number;
                     },
                     [this](const SoupPacket& packet) { on_packet(packet); },
                     [this](const std::string&) { node_ = (node_ + 1) % nodes_.size(); }}),
      next_number_(first_number) {}

void FeedListener::tick(std::uint64_t now_ms) {
  client_.tick(now_ms);
  if (!client_.is_closed() || now_ms < retry_at_ms_) return;
  retry_at_ms_ = now_ms + kRetryMs;
  const FeedAddress& node = nodes_[node_];
  client_.open(node.endpoint, {node.user, node.password, "", next_number_});
}

void FeedListener::set_nodes(std::vector<FeedAddress> nodes) {
  const std::string present = net::to_string(nodes_[node_].endpoint);
  nodes_ = std::move(nodes);
  const auto same = std::find_if(nodes_.begin(), nodes_.end(), [&](const FeedAddress& node) {
    return net::to_string(node.endpoint) == present;
  });
  if (same == nodes_.end()) {
    client_.close();
    node_ = 0;
  } else {
    node_ = static_cast<std::size_t>(same - nodes_.begin());
  }
}

void FeedListener::on_packet(const SoupPacket& packet) {
  if (packet.type != kSoupSequenced) return;
  last_arrival_ms_ = net::Loop::now_ms();
  history_.add(event_, nodes_[node_].node, net::Loop::now_ns(), next_number_++, packet.payload);
}

}  // namespace okiagari::check
