#include "journal/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/assert.h"

namespace okiagari::journal {
namespace {

constexpr std::string_view kNamePrefix = "log-";
constexpr std::size_t kNameDigits = 16;

template <typename Header>
Piece parse_header(base::Bytes sector, Header& header) {
  ASSERT(sector.size() >= sizeof header, "{} bytes", sector.size());
  std::memcpy(&header, sector.data(), sizeof header);
  if (header.magic == Header{}.magic && header.crc == header_crc(header)) return Piece::valid;
  return is_zero(sector) ? Piece::zero : Piece::other;
}

}  // namespace

std::string segment_name(std::uint64_t number) {
  return fmt::format("{}{:0{}}", kNamePrefix, number, kNameDigits);
}

std::optional<std::uint64_t> segment_number(const std::string& name) {
  if (!name.starts_with(kNamePrefix) || name.size() != kNamePrefix.size() + kNameDigits) return {};
  std::uint64_t number = 0;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kNamePrefix.size(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number == 0) return {};
  return number;
}

bool is_zero(base::Bytes bytes) {
  if (bytes.empty()) return true;
  return bytes[0] == std::byte{0} &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

Piece parse(base::Bytes sector, SegmentHeader& header) { return parse_header(sector, header); }
Piece parse(base::Bytes sector, GroupHeader& header) { return parse_header(sector, header); }

void seal(SegmentHeader header, base::MutableBytes into) {
  header.crc = header_crc(header);
  std::memcpy(into.data(), &header, sizeof header);
}

void seal(GroupHeader header, base::MutableBytes into) {
  const base::Bytes content = base::Bytes(into).subspan(sizeof header, header.content_bytes);
  header.content_crc = base::crc32c(content);
  header.crc = header_crc(header);
  std::memcpy(into.data(), &header, sizeof header);
}

base::Digest chain_after(const base::Digest& before, const RecordHeader& header,
                         base::Bytes payload) {
  std::array<std::byte, std::tuple_size_v<base::Digest> + kRecordChainedBytes> first;
  std::copy(before.begin(), before.end(), first.begin());
  std::memcpy(first.data() + before.size(), &header, kRecordChainedBytes);
  return base::digest(first, payload);
}

std::uint32_t record_crc(const RecordHeader& header, base::Bytes payload) {
  return base::crc32c(payload, header_crc(header));
}

std::optional<Record> parse_record(base::Bytes bytes) {
  Record record;
  if (bytes.size() < sizeof record.header) return {};
  std::memcpy(&record.header, bytes.data(), sizeof record.header);
  if (record_bytes(record.header.payload_bytes) > bytes.size()) return {};
  record.payload = bytes.subspan(sizeof record.header, record.header.payload_bytes);
  if (record_crc(record.header, record.payload) != record.header.crc) return {};
  return record;
}

}  // namespace okiagari::journal
