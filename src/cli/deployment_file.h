// What there is of a market on one machine, for people's tools, benches and the checker: addresses,
// processes, log-ins, instruments. Kept as deployment.json in its folder, written anew whenever a
// process starts; docs/operating.md lists the keys. It holds the members' tokens: a rehearsal
// market's only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "journal/identity.h"
#include "net/tcp.h"

namespace okiagari::cli {

struct NodePlace {
  NodeId node = 0;
  std::string folder;
  net::Endpoint peers;
  net::Endpoint gateways;
  net::Endpoint feed;
  pid_t pid = 0;  // 0: not running
  std::uint32_t restarts = 0;
};

struct GatewayPlace {
  GatewayId gateway = 0;
  std::string folder;
  net::Endpoint members;
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
};

struct DeploymentFile {
  std::string folder;
  journal::ClusterId cluster = 0;
  pid_t supervisor = 0;
  bool reference_data_loaded = false;
  std::vector<NodePlace> nodes;
  std::vector<GatewayPlace> gateways;
  std::vector<SessionAccess> sessions;
  std::vector<InstrumentPlace> instruments;

  [[nodiscard]] static std::string path_in(const std::string& folder);
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

}  // namespace okiagari::cli
