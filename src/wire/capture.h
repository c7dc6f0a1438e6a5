// Capture files, pcap and pcapng, record by record: where in each the payload above UDP or TCP is.
// What stands around the payloads is kept as it is, so that the file can be put together again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace okiagari::wire {

enum class Transport : std::uint8_t { none, udp, tcp };

// Addresses and ports of one direction of a conversation.
struct CaptureFlow {
  std::array<std::byte, 16> from_address{};
  std::array<std::byte, 16> to_address{};
  std::uint16_t from_port = 0;
  std::uint16_t to_port = 0;
  friend auto operator<=>(const CaptureFlow&, const CaptureFlow&) = default;
};

// A piece of a capture file with at most one payload in it; all pieces in order are the file.
struct CaptureRecord {
  base::Bytes head;     // before the payload: other records, record header, packet headers
  base::Bytes payload;  // empty when the packet has none
  base::Bytes tail;     // behind it
  Transport transport = Transport::none;
  CaptureFlow flow;
  std::uint32_t tcp_sequence = 0;  // of the payload's first byte
  bool is_first_of_tcp = false;    // SYN: the sequence begins behind it
};

class CaptureReader {
 public:
  // Whether a file that begins with these bytes, at least four, is a capture.
  [[nodiscard]] static bool is_capture(base::Bytes beginning);

  // The first record of `bytes`, which continue the file; the views are into them. Returns how many
  // bytes it has; 0 when more have to come. Errors: not a capture, or a record of more than
  // kRecordBytesMax.
  [[nodiscard]] base::Result<std::size_t> next(base::Bytes bytes, CaptureRecord& record);

  static constexpr std::size_t kRecordBytesMax = 256u << 10;

 private:
  enum class Form : std::uint8_t { unknown, pcap, pcapng };
  [[nodiscard]] base::Result<std::size_t> next_of_pcap(base::Bytes bytes, CaptureRecord& record);
  [[nodiscard]] base::Result<std::size_t> next_of_pcapng(base::Bytes bytes, CaptureRecord& record);
  [[nodiscard]] std::uint32_t number(base::Bytes at) const;
  [[nodiscard]] std::uint16_t short_number(base::Bytes at) const;

  Form form_ = Form::unknown;
  bool is_big_endian_ = false;
  bool has_begun_ = false;
  std::uint32_t link_type_ = 0;            // of pcap
  std::vector<std::uint32_t> link_types_;  // of pcapng's interfaces
};

}  // namespace okiagari::wire
