// The servers of a cluster, as a change entry and a snapshot hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"

namespace okiagari::journal {

// Values of the consensus library, which are in the encoding.
enum class ServerRole : std::uint8_t { standby = 0, voter = 1, spare = 2 };

struct Server {
  NodeId node = 0;
  ServerRole role = ServerRole::voter;

  friend bool operator==(const Server&, const Server&) = default;
};

using Configuration = std::vector<Server>;

inline constexpr std::size_t kServersMax = 16;

[[nodiscard]] Configuration voters_only(const std::vector<NodeId>& voters);
[[nodiscard]] bool is_voter(const Configuration& configuration, NodeId node);

// The consensus library's own encoding: it reads change entries itself.
[[nodiscard]] std::vector<std::byte> encode_configuration(const Configuration& configuration);
// Nothing unless it is exactly what encode_configuration() writes: the library checks less.
[[nodiscard]] std::optional<Configuration> decode_configuration(base::Bytes bytes);

}  // namespace okiagari::journal
