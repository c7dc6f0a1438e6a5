#include "wire/capture.h"

#include <fmt/format.h>

#include "wire/packet.h"

namespace okiagari::wire {

namespace {

constexpr std::uint32_t kMicroseconds = 0xA1B2'C3D4;
constexpr std::uint32_t kNanoseconds = 0xA1B2'3C4D;
constexpr std::uint32_t kSectionHeader = 0x0A0D'0D0A;
constexpr std::uint32_t kByteOrder = 0x1A2B'3C4D;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::size_t kFileHeaderBytes = 24;
constexpr std::size_t kInterfacesMax = 65'536;

// Widens the head, which stands somewhere in `bytes`, to their beginning, and the tail to their
// end.
void widen(base::Bytes bytes, CaptureRecord& record) {
  const std::byte* head_end = record.head.data() + record.head.size();
  record.head = bytes.first(static_cast<std::size_t>(head_end - bytes.data()));
  record.tail = bytes.subspan(record.head.size() + record.payload.size());
}

}  // namespace

bool CaptureReader::is_capture(base::Bytes beginning) {
  if (beginning.size() < 4) return false;
  const auto little = base::load_little<std::uint32_t>(beginning.data());
  const auto big = base::load_big<std::uint32_t>(beginning.data());
  return little == kMicroseconds || little == kNanoseconds || big == kMicroseconds ||
         big == kNanoseconds || little == kSectionHeader;
}

std::uint32_t CaptureReader::number(base::Bytes at) const {
  return is_big_endian_ ? base::load_big<std::uint32_t>(at.data())
                        : base::load_little<std::uint32_t>(at.data());
}

std::uint16_t CaptureReader::short_number(base::Bytes at) const {
  return is_big_endian_ ? base::load_big<std::uint16_t>(at.data())
                        : base::load_little<std::uint16_t>(at.data());
}

base::Result<std::size_t> CaptureReader::next(base::Bytes bytes, CaptureRecord& record) {
  if (form_ == Form::unknown) {
    if (bytes.size() < kFileHeaderBytes) return std::size_t{0};
    if (!is_capture(bytes)) return base::Error{"is no capture file"};
    const bool is_pcapng = base::load_little<std::uint32_t>(bytes.data()) == kSectionHeader;
    form_ = is_pcapng ? Form::pcapng : Form::pcap;
  }
  return form_ == Form::pcap ? next_of_pcap(bytes, record) : next_of_pcapng(bytes, record);
}

base::Result<std::size_t> CaptureReader::next_of_pcap(base::Bytes bytes, CaptureRecord& record) {
  if (!has_begun_) {
    const auto magic = base::load_big<std::uint32_t>(bytes.data());
    is_big_endian_ = magic == kMicroseconds || magic == kNanoseconds;
    link_type_ = number(bytes.subspan(20)) & 0x0FFF'FFFF;
    has_begun_ = true;
    record = {};
    record.head = bytes.first(kFileHeaderBytes);
    return kFileHeaderBytes;
  }
  constexpr std::size_t kHeaderBytes = 16;
  if (bytes.size() < kHeaderBytes) return std::size_t{0};
  const std::size_t packet_bytes = number(bytes.subspan(8));
  if (packet_bytes > kRecordBytesMax) {
    return base::Error{fmt::format("a packet of {} bytes: the capture is damaged", packet_bytes)};
  }
  const std::size_t size = kHeaderBytes + packet_bytes;
  if (bytes.size() < size) return std::size_t{0};
  find_payload(bytes.subspan(kHeaderBytes, packet_bytes), link_type_, record);
  widen(bytes.first(size), record);
  return size;
}

base::Result<std::size_t> CaptureReader::next_of_pcapng(base::Bytes bytes, CaptureRecord& record) {
  constexpr std::size_t kSmallest = 12;
  if (bytes.size() < kSmallest) return std::size_t{0};
  const bool is_section = base::load_little<std::uint32_t>(bytes.data()) == kSectionHeader;
  if (is_section) {
    is_big_endian_ = base::load_big<std::uint32_t>(&bytes[8]) == kByteOrder;
    link_types_.clear();
  }
  const std::uint32_t type = number(bytes);
  const std::size_t size = number(bytes.subspan(4));
  if (size < kSmallest || size % 4 != 0 || size > kRecordBytesMax) {
    return base::Error{fmt::format("a block of {} bytes: the capture is damaged", size)};
  }
  if (bytes.size() < size) return std::size_t{0};
  const base::Bytes block = bytes.first(size);
  record = {};
  record.head = block;
  if (type == kInterface && size >= 20 && link_types_.size() < kInterfacesMax) {
    link_types_.push_back(short_number(block.subspan(8)));
  }
  const std::size_t data_at = type == kEnhancedPacket ? 28 : 12;
  const bool is_packet = type == kEnhancedPacket || type == kSimplePacket;
  if (!is_packet || size < data_at + 4) return size;
  const std::size_t interface = type == kEnhancedPacket ? number(block.subspan(8)) : 0;
  const std::size_t kept = number(block.subspan(type == kEnhancedPacket ? 20 : 8));
  if (interface >= link_types_.size() || kept > size - data_at - 4) return size;
  find_payload(block.subspan(data_at, kept), link_types_[interface], record);
  widen(block, record);
  return size;
}

}  // namespace okiagari::wire
