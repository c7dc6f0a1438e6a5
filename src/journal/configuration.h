// The servers of a cluster, as a change entry and a snapshot hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "journal/identity.h"

namespace okiagari::journal {

// Values of the consensus library, which are in the encoding.
enum class ServerRole : std::uint8_t { standby = 0, voter = 1, spare = 2 };

struct Server {
  NodeId node = 0;
  ServerRole role = ServerRole::voter;
  // The only storage that speaks for it, and where it is found, in the owner's words. A server that
  // a new cluster began with has neither: its peers take the storage that they meet first, and its
  // addresses are in their configuration files.
  StorageId storage = 0;
  std::string address = {};
  // Of the first in the list: the highest number that a server of this cluster ever had, when it is
  // nobody's any more; else 0. See highest_number().
  NodeId numbers_used_to = 0;

  friend bool operator==(const Server&, const Server&) = default;
};

using Configuration = std::vector<Server>;

inline constexpr std::size_t kServersMax = 16;
inline constexpr std::size_t kServerAddressBytesMax = 160;

[[nodiscard]] Configuration voters_only(const std::vector<NodeId>& voters);
[[nodiscard]] bool is_voter(const Configuration& configuration, NodeId node);
[[nodiscard]] const Server* find(const Configuration& configuration, NodeId node);
[[nodiscard]] std::size_t voters_in(const Configuration& configuration);
// That a server of this cluster has or had. A number is used once in a cluster's life, so a new one
// is above it.
[[nodiscard]] NodeId highest_number(const Configuration& configuration);
void keep_highest_number(Configuration& configuration, NodeId highest);

// What the consensus library takes for a server's address. Nothing when the text is not one.
[[nodiscard]] std::string library_address(const Server& server);
[[nodiscard]] std::optional<Server> from_library_address(NodeId node, ServerRole role,
                                                         std::string_view text);

// The consensus library's own encoding: it reads change entries itself.
[[nodiscard]] std::vector<std::byte> encode_configuration(const Configuration& configuration);
// Nothing unless it is exactly what encode_configuration() writes: the library checks less.
[[nodiscard]] std::optional<Configuration> decode_configuration(base::Bytes bytes);

}  // namespace okiagari::journal
