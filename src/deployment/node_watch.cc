#include "deployment/node_watch.h"

namespace okiagari::deployment {

namespace {
constexpr std::uint64_t kRetryMs = 20;
// A node that says nothing for so long, though it should every 50 ms, is not to be counted on.
constexpr std::uint64_t kSilenceMs = 1'000;
}  // namespace

NodeWatch::NodeWatch(net::Loop& loop, journal::ClusterId cluster,
                     const std::vector<net::Endpoint>& nodes)
    : loop_(loop), cluster_(cluster) {
  for (const net::Endpoint& endpoint : nodes) {
    places_.push_back(std::make_unique<Place>());
    places_.back()->endpoint = endpoint;
  }
}

void NodeWatch::connect(Place& place, std::uint64_t now_ms) {
  place.lost = false;
  place.status.reset();
  place.retry_ms = now_ms + kRetryMs;
  place.heard_ms = now_ms;
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [this, &place] { place.link->greet(cluster_); };
  handlers.on_status = [&place](const wire::NodeStatus& status) {
    place.status = status;
    place.heard_ms = net::Loop::now_ms();
  };
  handlers.on_lost = [&place](const std::string&) {
    place.lost = true;
    place.status.reset();
  };
  place.link = std::make_unique<client::OperatorLink>(loop_, place.endpoint, std::move(handlers));
}

void NodeWatch::tick(std::uint64_t now_ms) {
  for (const auto& place : places_) {
    if (place->link && now_ms > place->heard_ms + kSilenceMs) place->lost = true;
    if ((!place->link || place->lost) && now_ms >= place->retry_ms) connect(*place, now_ms);
  }
}

std::optional<std::size_t> NodeWatch::leader() const {
  std::optional<std::size_t> best;
  for (std::size_t at = 0; at < places_.size(); ++at) {
    const auto& status = places_[at]->status;
    if (!status || status->open == 0) continue;
    if (!best || status->term > places_[*best]->status->term) best = at;
  }
  return best;
}

}  // namespace okiagari::deployment
