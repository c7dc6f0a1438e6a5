#include "wire/receipts.h"

#include "base/assert.h"
#include "base/hash.h"

namespace okiagari::wire {

namespace {

constexpr std::size_t kCrcBytes = sizeof(std::uint32_t);

std::uint32_t header_crc(const ReceiptsHeader& header) {
  return base::crc32c(base::object_bytes(header).first(sizeof header - kCrcBytes));
}

std::uint32_t record_crc(const ReceiptRecord& record, base::Bytes payload) {
  return base::crc32c(payload, base::crc32c(base::object_bytes(record).subspan(kCrcBytes)));
}

}  // namespace

void append_receipts_header(base::ByteWriter& into, ReceiptsHeader header) {
  header.crc = header_crc(header);
  into.object(header);
}

void append_receipt(base::ByteWriter& into, ReceiptRecord record, base::Bytes payload) {
  ASSERT(payload.size() <= kReceiptPayloadBytesMax, "receipt of {} bytes", payload.size());
  record.size_bytes = static_cast<std::uint16_t>(payload.size());
  record.crc = record_crc(record, payload);
  std::byte* at = into.extend(sizeof record + payload.size());
  std::memcpy(at, &record, sizeof record);
  if (!payload.empty()) std::memcpy(at + sizeof record, payload.data(), payload.size());
}

ReceiptReader::ReceiptReader(base::Bytes file) : rest_(file), size_(file.size()) {
  base::ByteReader reader(file);
  const bool is_ours = reader.object(header_) && header_.magic == kReceiptsMagic &&
                       header_.version == kReceiptsVersion && header_.crc == header_crc(header_);
  if (!is_ours) {
    state_ = State::not_receipts;
    return;
  }
  rest_ = file.subspan(sizeof header_);
}

ReceiptReader::State ReceiptReader::next(ReceiptRecord& record, base::Bytes& payload) {
  if (state_ != State::more) return state_;
  offset_ = size_ - rest_.size();
  if (rest_.empty()) return state_ = State::end;
  base::ByteReader reader(rest_);
  if (!reader.object(record)) return state_ = State::cut_off;
  if (record.size_bytes > kReceiptPayloadBytesMax) return state_ = State::damaged;
  payload = reader.bytes(record.size_bytes);
  if (!reader.ok()) return state_ = State::cut_off;
  rest_ = rest_.subspan(reader.offset());
  if (record.crc != record_crc(record, payload)) {
    return state_ = rest_.empty() ? State::cut_off : State::damaged;
  }
  if (record.number != ++number_) return state_ = State::damaged;
  return State::more;
}

}  // namespace okiagari::wire
