#include "check/journal_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

namespace okiagari::check {

const JournalEntry* Journal::at(std::uint64_t index) const {
  if (index <= base_index || index > last_index()) return nullptr;
  return &entries[index - base_index - 1];
}

namespace {

constexpr std::string_view kSegmentMagic{"OKIALOG\0", 8};
constexpr std::string_view kGroupMagic{"OKIGROUP", 8};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kRestarts = 1;  // flag of a segment: the log starts anew with it
constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kSegmentHeaderBytes = 104;
constexpr std::size_t kGroupHeaderBytes = 72;
constexpr std::size_t kRecordHeaderBytes = 64;
constexpr std::size_t kChainedBytes = 24;  // of a record's header
constexpr std::uint64_t kMaxFileBytes = 4ull << 30;

constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// The CRC of a header that ends with it.
bool header_is_whole(base::Bytes header) {
  const std::size_t covered = header.size() - 4;
  return base::crc32c(header.first(covered)) ==
         base::load_little<std::uint32_t>(header.data() + covered);
}

struct Segment {
  std::string path;
  std::vector<std::byte> content;
  std::uint32_t flags = 0;
  std::uint64_t log_id = 0;
  std::uint64_t number = 0;
  std::uint64_t first_group = 0;
  std::uint64_t base_index = 0;
  base::Digest base_chain{};
};

struct Group {
  std::uint64_t number = 0;
  std::uint32_t record_count = 0;
  std::uint64_t previous_index = 0;
  std::uint64_t first_index = 0;
  std::uint64_t last_index = 0;
  base::Bytes content;
};

// Empty when the file does not begin as a segment does; other files of a node may be large.
base::Result<std::vector<std::byte>> read_segment_file(const std::filesystem::path& path) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) return base::Error{fmt::format("{}: cannot be opened", path.string())};
  std::array<std::byte, kSegmentMagic.size()> magic{};
  const bool has_magic = std::fread(magic.data(), 1, magic.size(), file.get()) == magic.size();
  if (!has_magic || base::as_text(magic) != kSegmentMagic) return std::vector<std::byte>{};
  std::error_code failure;
  const std::uint64_t size = std::filesystem::file_size(path, failure);
  if (failure || size > kMaxFileBytes) {
    return base::Error{fmt::format("{}: not a segment file by its size", path.string())};
  }
  std::rewind(file.get());
  std::vector<std::byte> content(size);
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  return content;
}

// False when the file is no segment.
bool parse_segment(Segment& segment) {
  if (segment.content.size() < kSectorBytes) return false;
  const base::Bytes header = base::Bytes(segment.content).first(kSegmentHeaderBytes);
  base::ByteReader reader(header);
  if (base::as_text(reader.bytes(8)) != kSegmentMagic || !header_is_whole(header)) return false;
  if (reader.little<std::uint32_t>() != kVersion) return false;
  segment.flags = reader.little<std::uint32_t>();
  segment.log_id = reader.little<std::uint64_t>();
  segment.number = reader.little<std::uint64_t>();
  (void)reader.little<std::uint64_t>();  // size of the file
  segment.first_group = reader.little<std::uint64_t>();
  segment.base_index = reader.little<std::uint64_t>();
  (void)reader.little<std::uint64_t>();  // base term
  return reader.object(segment.base_chain);
}

// Segments of the log in use, oldest first.
base::Result<std::vector<Segment>> read_segments(const std::string& folder) {
  std::vector<Segment> segments;
  std::error_code failure;
  for (const auto& file : std::filesystem::directory_iterator(folder, failure)) {
    if (!file.is_regular_file()) continue;
    auto content = read_segment_file(file.path());
    if (!content) return content.error();
    Segment segment;
    segment.path = file.path().string();
    segment.content = std::move(content.value());
    if (parse_segment(segment)) segments.push_back(std::move(segment));
  }
  if (failure) return base::Error{fmt::format("{}: {}", folder, failure.message())};
  if (segments.empty()) return base::Error{fmt::format("{}: no segment of a journal", folder)};
  std::sort(segments.begin(), segments.end(),
            [](const Segment& a, const Segment& b) { return a.number < b.number; });
  std::size_t first = segments.size() - 1;
  while (first > 0 && (segments[first].flags & kRestarts) == 0 &&
         segments[first - 1].number + 1 == segments[first].number) {
    --first;
  }
  segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(first));
  return segments;
}

// False when there is no whole group of that log at the offset.
bool parse_group(const Segment& segment, std::size_t offset, Group& group) {
  const base::Bytes rest = base::Bytes(segment.content).subspan(offset);
  if (rest.size() < kGroupHeaderBytes) return false;
  const base::Bytes header = rest.first(kGroupHeaderBytes);
  base::ByteReader reader(header);
  if (base::as_text(reader.bytes(8)) != kGroupMagic || !header_is_whole(header)) return false;
  if (reader.little<std::uint32_t>() != kVersion) return false;
  group.record_count = reader.little<std::uint32_t>();
  if (reader.little<std::uint64_t>() != segment.log_id) return false;
  group.number = reader.little<std::uint64_t>();
  group.previous_index = reader.little<std::uint64_t>();
  group.first_index = reader.little<std::uint64_t>();
  group.last_index = reader.little<std::uint64_t>();
  const auto content_bytes = reader.little<std::uint32_t>();
  const auto content_crc = reader.little<std::uint32_t>();
  if (rest.size() - kGroupHeaderBytes < content_bytes) return false;
  group.content = rest.subspan(kGroupHeaderBytes, content_bytes);
  return base::crc32c(group.content) == content_crc;
}

class JournalReader {
 public:
  JournalReader(std::vector<Segment> segments, Journal& journal)
      : segments_(std::move(segments)), journal_(journal) {}

  base::Status run() {
    journal_.base_index = segments_.front().base_index;
    journal_.base_chain = segments_.front().base_chain;
    next_group_ = segments_.front().first_group;
    for (const Segment& segment : segments_) {
      if (segment.first_group != next_group_) break;  // prepared ahead, or left from before
      if (auto status = read_segment(segment); !status) return status;
    }
    return refuse_later_group();
  }

 private:
  base::Status read_segment(const Segment& segment) {
    std::size_t offset = kSectorBytes;
    Group group;
    while (offset < segment.content.size() && parse_group(segment, offset, group) &&
           group.number == next_group_) {
      if (auto status = read_group(segment, offset, group); !status) return status;
      offset += round_up(kGroupHeaderBytes + group.content.size(), kSectorBytes);
      ++next_group_;
    }
    return {};
  }

  base::Status read_group(const Segment& segment, std::size_t offset, const Group& group) {
    const auto wrong = [&](std::string_view what) {
      return base::Error{
          fmt::format("{}, offset {}, group {}: {}", segment.path, offset, group.number, what)};
    };
    if (group.previous_index != journal_.last_index()) return wrong("a group is missing before it");
    std::size_t at = 0;
    for (std::uint32_t record = 0; record < group.record_count; ++record) {
      const base::Bytes rest = group.content.subspan(std::min(at, group.content.size()));
      if (rest.size() < kRecordHeaderBytes) return wrong("fewer records than it says");
      const auto payload_bytes = base::load_little<std::uint32_t>(rest.data() + 16);
      if (rest.size() - kRecordHeaderBytes < payload_bytes) return wrong("a record runs over");
      const base::Bytes header = rest.first(kRecordHeaderBytes);
      const base::Bytes payload = rest.subspan(kRecordHeaderBytes, payload_bytes);
      if (!record_is_whole(header, payload)) return wrong("a record's checksum is wrong");
      if (!take(header, payload)) return wrong("a record does not follow the one before");
      at += kRecordHeaderBytes + round_up(payload_bytes, 8);
    }
    if (journal_.last_index() != group.last_index) return wrong("it ends at another index");
    return {};
  }

  static bool record_is_whole(base::Bytes header, base::Bytes payload) {
    const std::uint32_t crc = base::crc32c(payload, base::crc32c(header.first(60)));
    return crc == base::load_little<std::uint32_t>(header.data() + 60);
  }

  bool take(base::Bytes header, base::Bytes payload) {
    JournalEntry entry;
    entry.index = base::load_little<std::uint64_t>(header.data());
    entry.term = base::load_little<std::uint64_t>(header.data() + 8);
    entry.type = base::load_little<std::uint8_t>(header.data() + 20);
    std::copy_n(header.data() + 24, entry.chain.size(), entry.chain.begin());
    if (entry.index <= journal_.base_index || entry.index > journal_.last_index() + 1) return false;
    // An index that is there already takes it and all behind it away.
    journal_.entries.resize(entry.index - journal_.base_index - 1);
    const base::Digest& before =
        journal_.entries.empty() ? journal_.base_chain : journal_.entries.back().chain;
    std::array<std::byte, sizeof(base::Digest) + kChainedBytes> chained;
    std::copy(before.begin(), before.end(), chained.begin());
    std::copy_n(header.data(), kChainedBytes, chained.data() + before.size());
    if (base::digest(chained, payload) != entry.chain) return false;
    entry.payload.assign(payload.begin(), payload.end());
    journal_.entries.push_back(std::move(entry));
    return true;
  }

  // A whole group behind the end means that the end is no torn write but damage.
  base::Status refuse_later_group() {
    for (const Segment& segment : segments_) {
      for (std::size_t offset = kSectorBytes; offset < segment.content.size();
           offset += kSectorBytes) {
        if (base::as_text(base::Bytes(segment.content).subspan(offset, 8)) != kGroupMagic) continue;
        Group group;
        if (!parse_group(segment, offset, group) || group.number < next_group_) continue;
        return base::Error{
            fmt::format("{}, offset {}: group {} is whole, but group {} before it is not: the "
                        "journal is damaged",
                        segment.path, offset, group.number, next_group_)};
      }
    }
    return {};
  }

  std::vector<Segment> segments_;
  Journal& journal_;
  std::uint64_t next_group_ = 0;
};

}  // namespace

base::Result<Journal> read_journal(const std::string& folder, std::uint16_t node) {
  auto segments = read_segments(folder);
  if (!segments) return segments.error();
  Journal journal;
  journal.folder = folder;
  journal.node = node;
  JournalReader reader(std::move(segments.value()), journal);
  if (auto status = reader.run(); !status) return status.error();
  return journal;
}

}  // namespace okiagari::check
