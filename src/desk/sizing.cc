#include "desk/sizing.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

namespace okiagari::desk {

namespace {

boost::json::array named(const std::vector<std::string>& names) {
  return boost::json::array(names.begin(), names.end());
}

}  // namespace

bool Sizing::trades_now() const {
  const bool any_gateway =
      std::any_of(picture_.gateways.begin(), picture_.gateways.end(),
                  [](const watch::Picture::Gateway& gateway) { return gateway.is_serving; });
  return picture_.leader != 0 && (any_gateway || !picture_.has_canary);
}

void Sizing::look(const watch::Picture& picture, std::uint64_t now_ms) {
  picture_ = picture;
  if (trades_now()) {
    impaired_since_ms_ = 0;
    can_trade_ = true;
    return;
  }
  if (impaired_since_ms_ == 0) impaired_since_ms_ = now_ms;
  if (now_ms - impaired_since_ms_ >= kImpairedAfterMs) can_trade_ = false;
}

// Of a market that is halted and cannot trade either, nothing is taken.
std::string Sizing::trading_state() const {
  if (!can_trade_) return stops_.is_market_stopped ? "halted" : "impaired";
  return stops_.is_market_stopped ? stops_.state : "open";
}

std::uint64_t Sizing::instruments_hit() const {
  if (!can_trade_ || stops_.is_market_stopped) return shape_.instruments;
  return std::min<std::uint64_t>(stops_.instruments_stopped, shape_.instruments);
}

boost::json::object Sizing::facts() const {
  std::vector<std::string> servers_hit;
  std::vector<std::string> gateways_hit;
  std::vector<std::string> not_hit;
  std::set<MemberId> members_hit;
  std::uint64_t undecided = 0;
  for (const auto& server : picture_.servers) {
    (server.state == "alive" ? not_hit : servers_hit)
        .push_back(fmt::format("node-{}", server.node));
  }
  for (const auto& gateway : picture_.gateways) {
    const auto load = loads_.find(gateway.gateway);
    if (load != loads_.end()) undecided += load->second.orders_undecided;
    if (gateway.state == "alive") {
      not_hit.push_back(fmt::format("gateway-{}", gateway.gateway));
      continue;
    }
    gateways_hit.push_back(fmt::format("gateway-{}", gateway.gateway));
    if (load == loads_.end()) continue;
    members_hit.insert(load->second.members.begin(), load->second.members.end());
  }
  if (!can_trade_) {
    for (const auto& [member, name] : shape_.members) members_hit.insert(member);
  }
  const std::size_t total = picture_.servers.size();
  const std::size_t alive = total - servers_hit.size();
  const auto spare = static_cast<std::int64_t>(alive) - static_cast<std::int64_t>(total / 2 + 1);
  boost::json::array members;
  for (const MemberId member : members_hit) {
    const auto name = shape_.members.find(member);
    members.push_back(
        {{"id", member},
         {"name", name == shape_.members.end() ? fmt::format("member {}", member) : name->second}});
  }
  std::vector<std::string> affected = servers_hit;
  affected.insert(affected.end(), gateways_hit.begin(), gateways_hit.end());
  return {{"can_trade", can_trade_},
          {"trading_state", trading_state()},
          {"leader", picture_.leader},
          {"term", picture_.term},
          {"servers_total", total},
          {"servers_alive", alive},
          {"servers_spare", spare},
          {"servers_hit", named(servers_hit)},
          {"servers_hit_count", servers_hit.size()},
          {"gateways_total", picture_.gateways.size()},
          {"gateways_hit", named(gateways_hit)},
          {"gateways_hit_count", gateways_hit.size()},
          {"instruments_total", shape_.instruments},
          {"instruments_hit_count", instruments_hit()},
          {"members_total", shape_.members.size()},
          {"members_hit", std::move(members)},
          {"members_hit_count", members_hit.size()},
          {"orders_in_flight", undecided},
          {"affected", named(affected)},
          {"not_affected", named(not_hit)}};
}

}  // namespace okiagari::desk
