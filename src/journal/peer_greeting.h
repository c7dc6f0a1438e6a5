// The first bytes of a connection between two servers, and of the answer where there is one: who
// speaks to whom, and what the connection is for. Both kinds have one layout and differ in the
// magic, so that a server which does not know a kind refuses it as the greeting of a stranger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/types.h"
#include "journal/identity.h"

namespace okiagari::journal {

enum class LineKind : std::uint8_t {
  link,  // everything that replicas say to each other, in order
  bulk,  // pieces of snapshots and nothing else, beside a link
};

struct PeerGreeting {
  LineKind kind = LineKind::link;
  std::uint16_t version = 0;
  NodeId from = 0;
  NodeId to = 0;
  ClusterId cluster = 0;
  std::uint64_t incarnation = 0;  // of the process that opened the connection
  std::uint64_t number = 0;       // of the connection, from 1 for each kind in each incarnation

  friend bool operator==(const PeerGreeting&, const PeerGreeting&) = default;
};

inline constexpr std::size_t kGreetingBytes = 48;
// Of what follows the greeting.
[[nodiscard]] std::uint16_t version_of(LineKind kind);

// Replaces what is in `into`.
void encode(const PeerGreeting& greeting, base::ByteWriter& into);
// `bytes` are kGreetingBytes. Nothing when they are no greeting.
[[nodiscard]] std::optional<PeerGreeting> decode_greeting(base::Bytes bytes);

// Why `node` of `cluster` takes no such connection from anybody; empty when it may.
[[nodiscard]] std::string refusal_of(const PeerGreeting& greeting, ClusterId cluster, NodeId node);

}  // namespace okiagari::journal
