#include "deployment/market_addresses.h"

#include <algorithm>

namespace okiagari::deployment {

check::MarketAddresses market_addresses(const DeploymentFile& file, std::size_t sessions) {
  check::MarketAddresses addresses;
  for (const GatewayPlace& place : file.gateways) addresses.gateways.push_back(place.members);
  for (const NodePlace& place : file.nodes) {
    addresses.feeds.push_back({place.node, place.feed, "", ""});
  }
  for (const SessionAccess& access : file.sessions) {
    if (addresses.members.size() == sessions) break;
    addresses.members.push_back({access.session, access.name, access.token});
  }
  for (const InstrumentPlace& place : file.instruments) {
    const std::int64_t middle = (std::int64_t{place.low_ticks} + place.high_ticks) / 2;
    addresses.instruments.push_back(
        {check::padded_symbol(place.symbol), place.tick_e4,
         static_cast<std::uint32_t>(std::min<std::int64_t>(middle, 10'000))});
  }
  return addresses;
}

}  // namespace okiagari::deployment
