// The receipt log as bytes: every message that reached a gateway, with its time. It is the evidence
// for claims, so it is written before anything is known of the message's fate, and it stands alone.
// docs/formats/receipts.md is the format; writing the file is the gateway's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/types.h"

namespace okiagari::wire {

inline constexpr std::array<char, 8> kReceiptsMagic = {'O', 'K', 'I', 'R', 'C', 'P', 'T', '\n'};
inline constexpr std::uint32_t kReceiptsVersion = 1;
inline constexpr std::size_t kReceiptPayloadBytesMax = 4096;

enum class ReceiptKind : std::uint8_t {
  message = 1,       // an OUCH message as it came
  login = 2,         // the log-in request, its password blanked
  refused = 3,       // the LocalRefusal that a message was answered with
  disconnected = 4,  // payload: the reason, for people
};

struct [[gnu::packed]] ReceiptsHeader {
  std::array<char, 8> magic = kReceiptsMagic;
  std::uint32_t version = kReceiptsVersion;
  GatewayId gateway = 0;
  std::uint16_t reserved = 0;
  std::uint64_t cluster = 0;
  std::uint64_t incarnation = 0;  // drawn at the gateway's start
  TimestampNs started_ns = 0;
  std::uint32_t reserved2 = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it
};
static_assert(sizeof(ReceiptsHeader) == 48);

struct [[gnu::packed]] ReceiptRecord {
  std::uint32_t crc = 0;         // CRC-32C of all after it, payload included
  std::uint16_t size_bytes = 0;  // of the payload
  ReceiptKind kind = ReceiptKind::message;
  std::uint8_t reserved = 0;
  GatewayId gateway = 0;
  SessionId session = 0;     // 0: nobody had logged in yet
  std::uint64_t number = 0;  // contiguous from 1 within the file
  TimestampNs arrival_ns = 0;
};
static_assert(sizeof(ReceiptRecord) == 28);

// Fills in the check sum and appends header or record.
void append_receipts_header(base::ByteWriter& into, ReceiptsHeader header);
void append_receipt(base::ByteWriter& into, ReceiptRecord record, base::Bytes payload);

// Reads a whole file. A record that is cut off at the end is what a crash leaves behind; a damaged
// one with more behind it is damage.
class ReceiptReader {
 public:
  enum class State : std::uint8_t { more, end, cut_off, damaged, not_receipts };

  explicit ReceiptReader(base::Bytes file);
  // `more`: `record` and `payload` are set. Everything else is final.
  [[nodiscard]] State next(ReceiptRecord& record, base::Bytes& payload);
  [[nodiscard]] const ReceiptsHeader& header() const { return header_; }
  // Where the last record read, or the one that could not be read, begins.
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  ReceiptsHeader header_;
  base::Bytes rest_;
  std::size_t offset_ = 0;
  std::size_t size_ = 0;
  std::uint64_t number_ = 0;
  State state_ = State::more;
};

}  // namespace okiagari::wire
