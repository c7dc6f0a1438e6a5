#include "wire/packet.h"

#include <algorithm>

namespace okiagari::wire {

namespace {

// Link types of capture files.
constexpr std::uint32_t kLoopback = 0;
constexpr std::uint32_t kEthernet = 1;
constexpr std::uint32_t kRawIpOld = 12;
constexpr std::uint32_t kRawIp = 101;
constexpr std::uint32_t kLinuxCooked = 113;
constexpr std::uint32_t kRawIpv4 = 228;
constexpr std::uint32_t kRawIpv6 = 229;
constexpr std::uint32_t kLinuxCooked2 = 276;

constexpr std::uint16_t kVlan = 0x8100;
constexpr std::uint16_t kVlanOuter = 0x88A8;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kSyn = 0x02;

// The IP packet inside; empty when there is none.
base::Bytes ip_packet(base::Bytes packet, std::uint32_t link_type) {
  base::ByteReader reader(packet);
  switch (link_type) {
    case kEthernet: {
      (void)reader.bytes(12);
      auto type = reader.big<std::uint16_t>();
      while (type == kVlan || type == kVlanOuter) {
        (void)reader.big<std::uint16_t>();
        type = reader.big<std::uint16_t>();
      }
      break;
    }
    case kLoopback:
      (void)reader.bytes(4);
      break;
    case kLinuxCooked:
      (void)reader.bytes(16);
      break;
    case kLinuxCooked2:
      (void)reader.bytes(20);
      break;
    case kRawIpOld:
    case kRawIp:
    case kRawIpv4:
    case kRawIpv6:
      break;
    default:
      return {};
  }
  return reader.ok() ? packet.subspan(reader.offset()) : base::Bytes{};
}

struct Segment {
  std::uint8_t protocol = 0;
  base::Bytes bytes;  // header of TCP or UDP, payload
};

// Nothing for fragments and for headers of IPv6 between.
bool read_ip(base::Bytes ip, Segment& segment, CaptureFlow& flow) {
  if (ip.empty()) return false;
  const auto version = static_cast<std::uint8_t>(ip[0]) >> 4;
  if (version == 4) {
    if (ip.size() < 20) return false;
    const std::size_t header = (static_cast<std::size_t>(ip[0]) & 15) * 4;
    const std::size_t total = base::load_big<std::uint16_t>(&ip[2]);
    const auto fragment = base::load_big<std::uint16_t>(&ip[6]);
    if (header < 20 || total > ip.size() || header > total || (fragment & 0x3FFF) != 0)
      return false;
    segment = {static_cast<std::uint8_t>(ip[9]), ip.subspan(header, total - header)};
    std::copy_n(&ip[12], 4, flow.from_address.begin());
    std::copy_n(&ip[16], 4, flow.to_address.begin());
    return true;
  }
  if (version != 6 || ip.size() < 40) return false;
  const std::size_t size = base::load_big<std::uint16_t>(&ip[4]);
  if (size > ip.size() - 40) return false;
  segment = {static_cast<std::uint8_t>(ip[6]), ip.subspan(40, size)};
  std::copy_n(&ip[8], 16, flow.from_address.begin());
  std::copy_n(&ip[24], 16, flow.to_address.begin());
  return true;
}

}  // namespace

void find_payload(base::Bytes packet, std::uint32_t link_type, CaptureRecord& record) {
  record.payload = {};
  record.tail = {};
  record.transport = Transport::none;
  record.flow = {};
  record.tcp_sequence = 0;
  record.is_first_of_tcp = false;
  record.head = packet;
  Segment segment;
  if (!read_ip(ip_packet(packet, link_type), segment, record.flow)) return;
  const base::Bytes bytes = segment.bytes;
  std::size_t header = 8;
  if (segment.protocol == kTcp && bytes.size() >= 20) {
    header = (static_cast<std::size_t>(bytes[12]) >> 4) * 4;
    record.tcp_sequence = base::load_big<std::uint32_t>(&bytes[4]);
    record.is_first_of_tcp = (static_cast<std::uint8_t>(bytes[13]) & kSyn) != 0;
  } else if (segment.protocol != kUdp || bytes.size() < 8) {
    return;
  }
  if (header < 8 || header > bytes.size()) return;
  record.transport = segment.protocol == kTcp ? Transport::tcp : Transport::udp;
  record.flow.from_port = base::load_big<std::uint16_t>(bytes.data());
  record.flow.to_port = base::load_big<std::uint16_t>(&bytes[2]);
  record.payload = bytes.subspan(header);
  const auto before = static_cast<std::size_t>(record.payload.data() - packet.data());
  record.head = packet.first(before);
  record.tail = packet.subspan(before + record.payload.size());
}

}  // namespace okiagari::wire
