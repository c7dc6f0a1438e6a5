#include "tests/captures/pcap.h"

#include <fstream>
#include <iterator>

#include "wire/capture.h"

namespace okiagari::captures {

namespace {

constexpr std::uint32_t kMagicMicroseconds = 0xA1B2'C3D4;
constexpr std::uint32_t kEthernet = 1;
constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint16_t kClientPort = 40'000;
// TCP flags.
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kPush = 0x08;
constexpr std::uint8_t kAck = 0x10;

struct Flow {
  bool from_client;
  std::uint16_t server_port;
  std::uint32_t sequence;
  std::uint32_t acknowledged;
  std::uint8_t flags;
};

void append_frame(base::ByteWriter& file, const Flow& flow, base::Bytes payload) {
  const auto ip_bytes = static_cast<std::uint16_t>(20 + 20 + payload.size());
  const auto frame_bytes = static_cast<std::uint32_t>(14 + ip_bytes);
  file.little(std::uint32_t{0});
  file.little(std::uint32_t{0});
  file.little(frame_bytes);
  file.little(frame_bytes);
  const std::byte addresses[12]{};
  file.bytes(addresses);
  file.big(kIpv4);

  file.big(std::uint16_t{0x4500});
  file.big(ip_bytes);
  file.big(std::uint32_t{0});
  file.big(std::uint8_t{64});
  file.big(kTcp);
  file.big(std::uint16_t{0});
  file.big(std::uint32_t{0x7F00'0001});
  file.big(std::uint32_t{0x7F00'0001});

  file.big(flow.from_client ? kClientPort : flow.server_port);
  file.big(flow.from_client ? flow.server_port : kClientPort);
  file.big(flow.sequence);
  file.big(flow.acknowledged);
  file.big(std::uint8_t{0x50});
  file.big(flow.flags);
  file.big(std::uint16_t{0xFFFF});
  file.big(std::uint32_t{0});
  file.bytes(payload);
}

}  // namespace

std::optional<std::vector<std::vector<std::byte>>> read_payloads(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  base::Bytes rest = base::as_bytes(content);
  if (!wire::CaptureReader::is_capture(rest)) return std::nullopt;
  wire::CaptureReader reader;
  wire::CaptureRecord record;
  std::vector<std::vector<std::byte>> payloads;
  while (!rest.empty()) {
    const auto size = reader.next(rest, record);
    if (!size || size.value() == 0) return std::nullopt;
    if (!record.payload.empty())
      payloads.emplace_back(record.payload.begin(), record.payload.end());
    rest = rest.subspan(size.value());
  }
  return payloads;
}

bool Conversation::write(const std::string& path) const {
  base::ByteWriter file;
  file.little(kMagicMicroseconds);
  file.little(std::uint16_t{2});
  file.little(std::uint16_t{4});
  file.little(std::uint64_t{0});
  file.little(std::uint32_t{65'535});
  file.little(kEthernet);

  std::uint32_t client = 1'000;
  std::uint32_t server = 5'000;
  append_frame(file, {true, server_port_, client++, 0, kSyn}, {});
  append_frame(file, {false, server_port_, server++, client, kSyn | kAck}, {});
  append_frame(file, {true, server_port_, client, server, kAck}, {});
  for (const Segment& segment : segments_) {
    std::uint32_t& own = segment.from_client ? client : server;
    const std::uint32_t other = segment.from_client ? server : client;
    append_frame(file, {segment.from_client, server_port_, own, other, kPush | kAck},
                 segment.bytes);
    own += static_cast<std::uint32_t>(segment.bytes.size());
  }
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  const std::string_view text = base::as_text(file.view());
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  return static_cast<bool>(out);
}

}  // namespace okiagari::captures
