// The parts of a node's report (docs/operating.md) that are compared with those of others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::watch {

struct NodeFacts {
  struct Checkpoint {
    Sequence sequence = 0;
    std::string hashes;  // of state, scrub and log, in one text
    std::string state_hash = {};
  };
  struct Peer {
    NodeId node = 0;
    bool is_connected = false;
    std::uint64_t heard_ms_ago = 0;
  };
  NodeId node = 0;
  std::string verdict = {};
  bool ledger_conserved = true;
  bool disk_low = false;
  std::uint64_t pending_bytes = 0;
  std::uint64_t deaths_at_one_command = 0;
  // Of its log: first and last entry, safely on its disk, committed.
  std::uint64_t first_index = 0;
  std::uint64_t last_index = 0;
  std::uint64_t synced_index = 0;
  std::uint64_t commit_index = 0;
  std::uint64_t log_bytes = 0;
  std::vector<Checkpoint> checkpoints = {};
  std::vector<Peer> peers = {};  // empty when the node does not tell
};

// Bounded; what a node sends is not trusted to be well-formed.
[[nodiscard]] base::Result<NodeFacts> parse_node_facts(std::string_view json);

}  // namespace okiagari::watch
