#include "journal/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace okiagari::journal {
namespace {

constexpr std::uint8_t kFormat = 1;

// The library wants an address for each server, and no two alike. Ours are found by number.
std::string address_of(NodeId node) { return fmt::format("node-{}", node); }

bool is_sound(const Configuration& configuration) {
  if (configuration.empty() || configuration.size() > kServersMax) return false;
  for (std::size_t i = 0; i < configuration.size(); ++i) {
    if (configuration[i].node == 0) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (configuration[i].node == configuration[j].node) return false;
    }
  }
  return true;
}

}  // namespace

Configuration voters_only(const std::vector<NodeId>& voters) {
  Configuration configuration;
  for (const NodeId node : voters) configuration.push_back({node, ServerRole::voter});
  return configuration;
}

bool is_voter(const Configuration& configuration, NodeId node) {
  return std::any_of(configuration.begin(), configuration.end(), [node](const Server& server) {
    return server.node == node && server.role == ServerRole::voter;
  });
}

std::vector<std::byte> encode_configuration(const Configuration& configuration) {
  base::ByteWriter writer;
  writer.little(kFormat);
  writer.little(static_cast<std::uint64_t>(configuration.size()));
  for (const Server& server : configuration) {
    writer.little(static_cast<std::uint64_t>(server.node));
    writer.bytes(base::as_bytes(address_of(server.node)));
    writer.little(std::uint8_t{0});
    writer.little(static_cast<std::uint8_t>(server.role));
  }
  while (writer.size() % 8 != 0) writer.little(std::uint8_t{0});
  const base::Bytes bytes = writer.view();
  return {bytes.begin(), bytes.end()};
}

std::optional<Configuration> decode_configuration(base::Bytes bytes) {
  base::ByteReader reader(bytes);
  if (reader.little<std::uint8_t>() != kFormat) return {};
  const auto count = reader.little<std::uint64_t>();
  if (count > kServersMax) return {};
  Configuration configuration;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto node = reader.little<std::uint64_t>();
    if (!reader.ok() || node > UINT16_MAX) return {};
    const std::size_t address_bytes = address_of(static_cast<NodeId>(node)).size() + 1;
    static_cast<void>(reader.bytes(address_bytes));
    const auto role = reader.little<std::uint8_t>();
    if (!reader.ok() || role > static_cast<std::uint8_t>(ServerRole::spare)) return {};
    configuration.push_back({static_cast<NodeId>(node), static_cast<ServerRole>(role)});
  }
  if (!is_sound(configuration)) return {};
  const std::vector<std::byte> again = encode_configuration(configuration);
  if (!std::equal(bytes.begin(), bytes.end(), again.begin(), again.end())) return {};
  return configuration;
}

}  // namespace okiagari::journal
