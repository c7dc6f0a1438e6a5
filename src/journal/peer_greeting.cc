#include "journal/peer_greeting.h"

#include <fmt/format.h>

#include <array>

#include "base/hash.h"
#include "journal/peer_message.h"

namespace okiagari::journal {
namespace {

using Magic = std::array<char, 8>;
constexpr Magic kLinkMagic = {'O', 'K', 'I', 'A', 'P', 'E', 'E', 'R'};
constexpr Magic kBulkMagic = {'O', 'K', 'I', 'A', 'B', 'U', 'L', 'K'};
constexpr std::uint16_t kBulkVersion = 1;

struct Layout {
  Magic magic{};
  std::uint16_t version = 0;
  NodeId from = 0;
  NodeId to = 0;
  std::uint16_t reserved = 0;
  ClusterId cluster = 0;
  std::uint64_t incarnation = 0;
  std::uint64_t number = 0;
  std::uint32_t reserved_too = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it
};
static_assert(sizeof(Layout) == kGreetingBytes && offsetof(Layout, cluster) == 16 &&
              offsetof(Layout, crc) == 44);

std::uint32_t crc_of(const Layout& layout) {
  return base::crc32c(base::object_bytes(layout).first(offsetof(Layout, crc)));
}

}  // namespace

std::uint16_t version_of(LineKind kind) {
  return kind == LineKind::link ? kPeerVersion : kBulkVersion;
}

void encode(const PeerGreeting& greeting, base::ByteWriter& into) {
  Layout layout;
  layout.magic = greeting.kind == LineKind::link ? kLinkMagic : kBulkMagic;
  layout.version = greeting.version;
  layout.from = greeting.from;
  layout.to = greeting.to;
  layout.cluster = greeting.cluster;
  layout.incarnation = greeting.incarnation;
  layout.number = greeting.number;
  layout.crc = crc_of(layout);
  into.clear();
  into.bytes(base::object_bytes(layout));
}

std::optional<PeerGreeting> decode_greeting(base::Bytes bytes) {
  Layout layout;
  base::ByteReader reader(bytes);
  static_cast<void>(reader.object(layout));
  const bool is_known = layout.magic == kLinkMagic || layout.magic == kBulkMagic;
  if (!reader.at_end() || !is_known || layout.crc != crc_of(layout)) return {};
  const LineKind kind = layout.magic == kLinkMagic ? LineKind::link : LineKind::bulk;
  return PeerGreeting{kind,           layout.version,     layout.from,  layout.to,
                      layout.cluster, layout.incarnation, layout.number};
}

std::string refusal_of(const PeerGreeting& greeting, ClusterId cluster, NodeId node) {
  const std::uint16_t version = version_of(greeting.kind);
  if (greeting.version != version) {
    return fmt::format("node {} speaks version {} of the protocol, this node version {}",
                       greeting.from, greeting.version, version);
  }
  if (greeting.cluster != cluster) {
    return fmt::format("node {} is of cluster {:016x}, this node of {:016x}", greeting.from,
                       greeting.cluster, cluster);
  }
  if (greeting.to != node) {
    return fmt::format("node {} looks for node {}, this is node {}", greeting.from, greeting.to,
                       node);
  }
  if (greeting.from == 0 || greeting.from == node) {
    return fmt::format("there can be no other node {}", greeting.from);
  }
  return {};
}

}  // namespace okiagari::journal
