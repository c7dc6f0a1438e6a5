// Two segment files of a log from an input. Its first byte says whether checksums are made right,
// then come the segments.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "journal/segment.h"

namespace okiagari::fuzz {

inline constexpr std::size_t kSegmentBytes = 2048;

struct SegmentFile {
  std::string name;
  std::vector<std::byte> content;
};

// With checksums that are wrong nothing behind them is ever reached.
inline void mend_records(base::MutableBytes content) {
  while (content.size() >= sizeof(journal::RecordHeader)) {
    journal::RecordHeader header;
    std::memcpy(&header, content.data(), sizeof header);
    const std::uint64_t size = journal::record_bytes(header.payload_bytes);
    if (size > content.size()) return;
    header.crc = journal::record_crc(header, content.subspan(sizeof header, header.payload_bytes));
    std::memcpy(content.data(), &header, sizeof header);
    content = content.subspan(size);
  }
}

inline void mend(std::vector<std::byte>& segment) {
  journal::SegmentHeader first;
  std::memcpy(&first, segment.data(), sizeof first);
  journal::seal(first, segment);
  for (std::size_t at = journal::kSectorBytes; at < segment.size(); at += journal::kSectorBytes) {
    const base::MutableBytes rest = base::MutableBytes(segment).subspan(at);
    journal::GroupHeader header;
    std::memcpy(&header, rest.data(), sizeof header);
    if (header.magic != journal::kGroupMagic) continue;
    if (header.content_bytes > rest.size() - sizeof header) continue;
    mend_records(rest.subspan(sizeof header, header.content_bytes));
    journal::seal(header, rest);
  }
}

inline std::array<SegmentFile, 2> segments_from(const std::uint8_t* data, std::size_t size) {
  std::array<SegmentFile, 2> files;
  const bool mends = size > 0 && (data[0] & 1) != 0;
  base::Bytes rest(reinterpret_cast<const std::byte*>(data), size);
  if (size > 0) rest = rest.subspan(1);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const base::Bytes piece = rest.first(std::min(rest.size(), kSegmentBytes));
    rest = rest.subspan(piece.size());
    files[i].name = journal::segment_name(i + 1);
    files[i].content.resize(kSegmentBytes);
    std::copy(piece.begin(), piece.end(), files[i].content.begin());
    if (mends) mend(files[i].content);
  }
  return files;
}

}  // namespace okiagari::fuzz
