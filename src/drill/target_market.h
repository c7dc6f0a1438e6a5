// The market that a fault is inflicted on, as somebody sees it who stands on its hosts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "net/tcp.h"

namespace okiagari::drill {

struct TargetServer {
  std::string name;  // "node-2", "gateway-1"
  bool is_node = false;
  pid_t process = 0;
  std::string folder;
  std::string configuration;  // its file
  std::string store;          // behind its disk; empty: it has none of its own
  std::string memory_group;   // empty: it is in none of its own
  std::string site;
  net::Endpoint members;             // of a gateway
  net::Endpoint operators;           // of a node: where acts are given to it
  std::uint16_t peers_port = 0;      // of a node
  std::vector<std::uint16_t> ports;  // all that it listens on
};

struct TargetOperator {
  std::uint16_t id = 0;
  std::string key_file;
};

struct TargetMarket {
  std::uint64_t cluster = 0;
  std::vector<TargetServer> servers;
  std::string leader;                     // its name
  std::vector<TargetOperator> operators;  // who may stop and start
  std::string session;                    // of the member that floods
  std::string session_token;
  std::vector<std::string> symbols;
  std::string program;      // the one that runs, for the faults that are processes
  std::string work_folder;  // nobody but the drill looks there
  // The name of the node that leads now; empty: none does.
  std::function<std::string()> find_leader;
  // At a lost site: nothing starts there again until it is given back, and nobody there tells how
  // anything ended.
  std::function<void(const std::string& server, bool is_lost)> lose;
  // Brings the public message to the desk by its own door.
  std::function<base::Status(const std::string& xml)> publish_hazard;

  [[nodiscard]] const TargetServer* find(const std::string& name) const;
};

}  // namespace okiagari::drill
