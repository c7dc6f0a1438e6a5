#include "journal/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace okiagari::journal {
namespace {

constexpr std::uint8_t kFormat = 1;

constexpr std::size_t kLibraryAddressBytesMax = kServerAddressBytesMax + 40;

// The end of a text that is followed by a zero, within so many bytes.
std::optional<std::string_view> terminated(base::Bytes bytes) {
  const base::Bytes part = bytes.first(std::min(bytes.size(), kLibraryAddressBytesMax));
  const auto end = std::find(part.begin(), part.end(), std::byte{0});
  if (end == part.end()) return {};
  return base::as_text(part.first(static_cast<std::size_t>(end - part.begin())));
}

NodeId highest_present(const Configuration& configuration) {
  NodeId highest = 0;
  for (const Server& server : configuration) highest = std::max(highest, server.node);
  return highest;
}

bool is_highest_number_sound(const Configuration& configuration) {
  const bool is_elsewhere =
      std::any_of(configuration.begin() + 1, configuration.end(),
                  [](const Server& server) { return server.numbers_used_to != 0; });
  const NodeId said = configuration.front().numbers_used_to;
  return !is_elsewhere && (said == 0 || said > highest_present(configuration));
}

bool is_sound(const Configuration& configuration) {
  if (configuration.empty() || configuration.size() > kServersMax) return false;
  if (!is_highest_number_sound(configuration)) return false;
  for (std::size_t i = 0; i < configuration.size(); ++i) {
    const Server& server = configuration[i];
    if (server.node == 0 || server.address.size() > kServerAddressBytesMax) return false;
    const bool is_plain = std::all_of(server.address.begin(), server.address.end(),
                                      [](char c) { return c >= ' ' && c <= '~'; });
    if (!is_plain || (server.storage == 0 && !server.address.empty())) return false;
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

const Server* find(const Configuration& configuration, NodeId node) {
  for (const Server& server : configuration) {
    if (server.node == node) return &server;
  }
  return nullptr;
}

std::size_t voters_in(const Configuration& configuration) {
  return static_cast<std::size_t>(
      std::count_if(configuration.begin(), configuration.end(),
                    [](const Server& server) { return server.role == ServerRole::voter; }));
}

NodeId highest_number(const Configuration& configuration) {
  NodeId highest = highest_present(configuration);
  for (const Server& server : configuration) highest = std::max(highest, server.numbers_used_to);
  return highest;
}

void keep_highest_number(Configuration& configuration, NodeId highest) {
  for (Server& server : configuration) server.numbers_used_to = 0;
  if (configuration.empty() || highest <= highest_present(configuration)) return;
  configuration.front().numbers_used_to = highest;
}

// The library wants an address for each server, and no two alike: so the number comes first.
std::string library_address(const Server& server) {
  std::string text = fmt::format("node-{}", server.node);
  if (server.numbers_used_to != 0) text += fmt::format("/{}", server.numbers_used_to);
  if (server.storage != 0) text += fmt::format(" {:016x} {}", server.storage, server.address);
  return text;
}

std::optional<Server> from_library_address(NodeId node, ServerRole role, std::string_view text) {
  Server server{node, role};
  const std::string begin = fmt::format("node-{}", node);
  if (!text.starts_with(begin)) return {};
  text.remove_prefix(begin.size());
  if (text.starts_with('/')) {
    const char* const number = text.data() + 1;
    const auto [end, error] =
        std::from_chars(number, text.data() + text.size(), server.numbers_used_to);
    if (error != std::errc() || server.numbers_used_to == 0) return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (text.empty()) return server;
  constexpr std::size_t kStorageEnd = 17;
  if (text.size() < kStorageEnd + 1 || text[0] != ' ' || text[kStorageEnd] != ' ') return {};
  const char* const storage = text.data() + 1;
  const auto [end, error] = std::from_chars(storage, text.data() + kStorageEnd, server.storage, 16);
  if (error != std::errc() || end != text.data() + kStorageEnd || server.storage == 0) return {};
  server.address = text.substr(kStorageEnd + 1);
  return server;
}

std::vector<std::byte> encode_configuration(const Configuration& configuration) {
  base::ByteWriter writer;
  writer.little(kFormat);
  writer.little(static_cast<std::uint64_t>(configuration.size()));
  for (const Server& server : configuration) {
    writer.little(static_cast<std::uint64_t>(server.node));
    writer.bytes(base::as_bytes(library_address(server)));
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
    const auto text = terminated(bytes.last(reader.remaining()));
    if (!text) return {};
    static_cast<void>(reader.bytes(text->size() + 1));
    const auto role = reader.little<std::uint8_t>();
    if (!reader.ok() || role > static_cast<std::uint8_t>(ServerRole::spare)) return {};
    auto server =
        from_library_address(static_cast<NodeId>(node), static_cast<ServerRole>(role), *text);
    if (!server) return {};
    configuration.push_back(std::move(*server));
  }
  if (!is_sound(configuration)) return {};
  const std::vector<std::byte> again = encode_configuration(configuration);
  if (!std::equal(bytes.begin(), bytes.end(), again.begin(), again.end())) return {};
  return configuration;
}

}  // namespace okiagari::journal
