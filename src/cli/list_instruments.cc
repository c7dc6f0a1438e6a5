#include "cli/list_instruments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/command.h"
#include "client/operator_link.h"
#include "deployment/node_watch.h"
#include "deployment/reference_data.h"
#include "net/loop.h"
#include "wire/big_endian.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kLookMs = 10'000;
constexpr std::uint64_t kListMs = 120'000;

using Listed = std::map<std::array<char, 8>, InstrumentId>;

// Asks whoever leads; every node tells what there is to those who greet it.
base::Result<Listed> listed_instruments(const deployment::DeploymentFile& market) {
  net::Loop loop;
  std::vector<net::Endpoint> nodes;
  for (const deployment::NodePlace& place : market.nodes) nodes.push_back(place.gateways);
  deployment::NodeWatch watch(loop, market.cluster, nodes);
  Listed listed;
  bool is_complete = false;
  bool is_lost = false;
  std::unique_ptr<client::OperatorLink> link;
  const auto ask = [&](const net::Endpoint& leader) {
    listed.clear();
    is_lost = false;
    client::OperatorLink::Handlers handlers;
    handlers.on_connected = [&] { link->greet(market.cluster); };
    handlers.on_status = [&, has_subscribed = false](const wire::NodeStatus& status) mutable {
      if (!std::exchange(has_subscribed, true)) link->subscribe(status.last_event);
    };
    handlers.on_event = [&](const venue::EventHeader& event) {
      if (event.type != venue::EventType::reference_instrument) return;
      const auto& told = reinterpret_cast<const venue::ReferenceInstrument&>(event);
      listed.emplace(told.symbol, InstrumentId{told.instrument});
    };
    handlers.on_caught_up = [&] { is_complete = true; };
    handlers.on_lost = [&](const std::string&) { is_lost = true; };
    link = std::make_unique<client::OperatorLink>(loop, leader, std::move(handlers));
  };
  const std::uint64_t end_ms = net::Loop::now_ms() + kLookMs;
  while (!is_complete) {
    const std::uint64_t now_ms = net::Loop::now_ms();
    if (now_ms >= end_ms) {
      return base::Error{fmt::format(
          "no node of {} leads: is the market up? `okiagari status --data {}` says how it is",
          market.folder, market.folder)};
    }
    watch.tick(now_ms);
    if (is_lost) link = nullptr;
    if (const auto leader = watch.leader(); !link && leader) ask(nodes[*leader]);
    loop.turn(now_ms + 5);
  }
  return listed;
}

}  // namespace

base::Result<std::size_t> list_instruments(const deployment::DeploymentFile& market,
                                           const std::vector<deployment::InstrumentPlace>& wanted) {
  auto listed = listed_instruments(market);
  if (!listed) return listed.error();
  InstrumentId last = 0;
  for (const auto& [symbol, instrument] : listed.value()) last = std::max(last, instrument);
  std::vector<deployment::InstrumentPlace> missing;
  for (deployment::InstrumentPlace place : wanted) {
    if (listed.value().contains(wire::alpha<8>(place.symbol))) continue;
    place.instrument = ++last;
    missing.push_back(std::move(place));
  }
  if (missing.empty()) return std::size_t{0};
  say(fmt::format("listing {} instruments that the market does not know", missing.size()));
  const base::Status loaded = deployment::load_reference_data(
      market, deployment::listing_commands(market, missing), kListMs, [] {}, say);
  if (!loaded) return loaded.error();
  return missing.size();
}

}  // namespace okiagari::cli
