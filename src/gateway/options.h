// What a gateway is told at its start, with the defaults and their reasons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "net/link_identity.h"
#include "net/tcp.h"

namespace okiagari::gateway {

struct GatewayOptions {
  GatewayId id = 1;
  std::uint64_t cluster = 1;          // of the nodes; another cluster's are not listened to
  net::Endpoint listen;               // for members; port 0 takes a free one
  std::optional<net::Endpoint> http;  // metrics and health; none without it
  std::vector<net::Endpoint> nodes;
  std::optional<net::LinkIdentityFiles> tls;  // of the links to nodes; none without it
  std::string credentials_path;
  // The keys of those who may stop and start (wire/operator_keys.h); empty: nobody may, here.
  std::string operators_path;
  std::string data_dir;  // receipt log, witness file, halts

  // A member that is gone for longer is logged out, and its orders go if its session asks for that.
  // Long enough to log in at another gateway.
  std::uint64_t grace_ms = 5'000;
  // How long a log-in may wait for a leader. Longer than any fail-over, shorter than a member's
  // patience.
  std::uint64_t login_wait_ms = 3'000;
  // Without a leader for this long, messages are refused at once instead of kept. A fail-over is
  // over long before.
  std::uint64_t away_after_ms = 2'000;
  // Commands without a decision. When it is full, members are not read until there is room again.
  std::size_t undecided_bytes_max = 32u << 20;
  // What a member that does not read may have queued; then it is disconnected.
  std::size_t member_queue_bytes_max = 16u << 20;
  std::size_t connections_max = 4'096;
  // The newest messages to members that are kept in memory, as witnesses of what a survivor of lost
  // servers lacks: more than a server can be behind before it is missed.
  std::size_t told_bytes_max = 32u << 20;
  // A receipt log that has grown to this is closed and a new one begun.
  std::uint64_t receipt_file_bytes_max = 1ull << 30;
};

}  // namespace okiagari::gateway
