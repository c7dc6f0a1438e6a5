#include "cli/member_load.h"

#include <utility>
#include <vector>

#include "net/tcp.h"
#include "wire/big_endian.h"

namespace okiagari::cli {

client::LoadOptions member_load(const deployment::DeploymentFile& market) {
  client::LoadOptions load;
  std::vector<net::Endpoint> gateways;
  for (const deployment::GatewayPlace& place : market.gateways) gateways.push_back(place.members);
  for (const deployment::SessionAccess& access : market.sessions) {
    client::SoupAccess soup;
    soup.name = access.name;
    soup.token = access.token;
    soup.servers = gateways;
    soup.first_server = load.sessions.size() % gateways.size();
    soup.next_number = 0;
    load.sessions.push_back(std::move(soup));
  }
  for (const deployment::InstrumentPlace& place : market.instruments) {
    load.symbols.push_back(wire::alpha<8>(place.symbol));
  }
  return load;
}

}  // namespace okiagari::cli
