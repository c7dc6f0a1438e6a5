// What there is of a market on one machine, for people's tools, benches and the checker: addresses,
// processes, log-ins, instruments. Kept as deployment.json in its folder, written anew whenever a
// process starts; docs/operating.md lists the keys. It holds the members' tokens: a rehearsal
// market's only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "journal/identity.h"
#include "net/link_identity.h"
#include "net/tcp.h"

namespace okiagari::deployment {

struct NodePlace {
  NodeId node = 0;
  std::string folder;
  net::Endpoint peers;
  std::optional<net::Endpoint> peers_b;  // on a second network, where there is one
  net::Endpoint gateways;
  net::Endpoint feed;
  // The line of datagrams, who answers those who missed some, and late joiners. These and the next
  // are not there in older markets.
  std::optional<net::Endpoint> feed_line;
  std::optional<net::Endpoint> feed_requests;
  std::optional<net::Endpoint> feed_images;
  std::optional<net::Endpoint> http;  // metrics and health
  pid_t pid = 0;                      // 0: not running
  std::uint32_t restarts = 0;
};

struct GatewayPlace {
  GatewayId gateway = 0;
  std::string folder;
  net::Endpoint members;
  std::optional<net::Endpoint> http;
  pid_t pid = 0;
  std::uint32_t restarts = 0;
};

struct SessionAccess {
  SessionId session = 0;
  MemberId member = 0;
  AccountId account = 0;
  std::string name;   // SoupBinTCP user name
  std::string token;  // and password
};

struct InstrumentPlace {
  InstrumentId instrument = 0;
  std::string symbol;  // at most 8 characters
  std::uint32_t tick_e4 = 100;
  std::int64_t money_per_tick_lot = 1;
  PriceTicks low_ticks = 1;
  PriceTicks high_ticks = 20'000'000;
  PriceTicks base_ticks = 0;  // the reference of a call before the first trade; 0: none
  std::string auction_rules;  // path of the rule set of its calls; empty: the venue's own
};

// What canaries use: an instrument that nobody else trades, and sessions of a member of its own, in
// this order: a desk's, one for each gateway; one to spare; a lookout's, one for each gateway.
struct CanaryPlace {
  InstrumentPlace instrument;  // number 0: there is no canary in this market
  std::vector<SessionAccess> sessions;
};

// Who may stop and start the market, and where the key lies: a rehearsal market's only.
struct OperatorPlace {
  std::uint16_t id = 0;
  std::string name;
  std::string public_key;  // hexadecimal
  std::string key_file;
  bool stop_only = false;
};

struct DeploymentFile {
  std::string folder;
  journal::ClusterId cluster = 0;
  pid_t supervisor = 0;
  bool reference_data_loaded = false;
  std::vector<NodePlace> nodes;
  // That a node had which came later; a number is used once. 0: none came yet.
  NodeId highest_node = 0;
  std::vector<GatewayPlace> gateways;
  std::vector<SessionAccess> sessions;
  std::vector<InstrumentPlace> instruments;
  CanaryPlace canary;
  std::vector<OperatorPlace> operators;  // none in a market from before there were any
  // What tools and desks show to its servers; none when its links are without TLS.
  std::optional<net::LinkIdentityFiles> tls;

  [[nodiscard]] static std::string path_in(const std::string& folder);
  // Makes this process one of that market's on its links, when they are of TLS.
  [[nodiscard]] static base::Result<DeploymentFile> load(const std::string& folder);
  // The text of the file in that folder; to_json() is its opposite.
  [[nodiscard]] static base::Result<DeploymentFile> parse(std::string_view text,
                                                          const std::string& folder);
  [[nodiscard]] std::string to_json() const;
  // Replaced whole: a reader finds the old one or the new one.
  [[nodiscard]] base::Status store() const;

  [[nodiscard]] NodePlace* find_node(NodeId node);
  [[nodiscard]] GatewayPlace* find_gateway(GatewayId gateway);
};

}  // namespace okiagari::deployment
