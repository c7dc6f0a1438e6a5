#include "gateway/told_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/hash.h"
#include "wire/link.h"

namespace okiagari::gateway {

namespace {

constexpr std::array<char, 8> kMagic = {'O', 'K', 'I', 'T', 'O', 'L', 'D', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kParts = 16;
constexpr std::uint64_t kFileBytesMax = 1ull << 30;

struct [[gnu::packed]] Header {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  GatewayId gateway = 0;
  std::uint16_t reserved = 0;
  std::uint64_t cluster = 0;
  std::uint64_t forgotten = 0;
  std::uint64_t events_bytes = 0;
  std::uint32_t events_crc = 0;  // CRC-32C of the events behind the header
  std::uint32_t crc = 0;         // of all before it
};
static_assert(sizeof(Header) == 48);

std::uint32_t crc_of(const Header& header) {
  return base::crc32c(base::object_bytes(header).first(sizeof header - sizeof header.crc));
}

}  // namespace

ToldEvents::ToldEvents(std::string directory, const Identity& identity, std::size_t bytes_max)
    : directory_(std::move(directory)),
      identity_(identity),
      part_bytes_(bytes_max / kParts),
      bytes_max_(bytes_max) {}

void ToldEvents::add(const venue::EventHeader& event) {
  if (parts_.empty() || parts_.back().events.size() + event.size_bytes > part_bytes_) {
    if (!parts_.empty() && bytes_ - parts_.front().events.size() >= bytes_max_) {
      // Its buffer is used again, so that nothing is allocated once the room is full.
      Part oldest = std::move(parts_.front());
      parts_.pop_front();
      bytes_ -= oldest.events.size();
      forgotten_ = oldest.last_event;
      oldest.events.clear();
      parts_.push_back(std::move(oldest));
    } else {
      parts_.emplace_back().events.reserve(part_bytes_);
    }
  }
  Part& part = parts_.back();
  const auto* begin = reinterpret_cast<const std::byte*>(&event);
  part.events.insert(part.events.end(), begin, begin + event.size_bytes);
  part.last_event = event.event_number;
  bytes_ += event.size_bytes;
}

std::string ToldEvents::path() const {
  return fmt::format("{}/told-{:020}.events", directory_, identity_.started_ns);
}

base::Status ToldEvents::save() const {
  if (parts_.empty()) return {};
  Header header;
  header.gateway = identity_.gateway;
  header.cluster = identity_.cluster;
  header.forgotten = forgotten_;
  header.events_bytes = bytes_;
  for (const Part& part : parts_) {
    header.events_crc = base::crc32c(part.events, header.events_crc);
  }
  header.crc = crc_of(header);
  const std::string fresh = path() + ".new";
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  const auto write = [&file](base::Bytes bytes) {
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  };
  write(base::object_bytes(header));
  for (const Part& part : parts_) write(part.events);
  file.close();
  if (!file || std::rename(fresh.c_str(), path().c_str()) != 0) {
    return base::Error{fmt::format("{}: cannot be written; is the disk full?", path())};
  }
  return {};
}

base::Result<ToldFile> load_told_events(const std::string& path) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error || size > kFileBytesMax) {
    return base::Error{fmt::format("{}: cannot be read, or is larger than 1 GiB", path)};
  }
  std::vector<std::byte> bytes(size);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) return base::Error{fmt::format("{}: cannot be read", path)};
  return parse_told_events(bytes, path);
}

base::Result<ToldFile> parse_told_events(base::Bytes file, const std::string& origin) {
  Header header;
  base::ByteReader reader(file);
  const bool is_ours = reader.object(header) && header.magic == kMagic;
  if (!is_ours || header.version != kVersion || header.crc != crc_of(header) ||
      header.events_bytes != reader.remaining() ||
      base::crc32c(file.subspan(sizeof header)) != header.events_crc) {
    return base::Error{fmt::format("{}: damaged, or not a file of told events", origin)};
  }
  const base::Bytes events = file.subspan(sizeof header);
  wire::EventReader walk(events);
  while (walk.next() != nullptr) {
  }
  if (!walk.ok()) return base::Error{fmt::format("{}: holds what is no event", origin)};
  return ToldFile{header.gateway, header.cluster, header.forgotten, {events.begin(), events.end()}};
}

std::vector<std::string> told_events_paths(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("told-") && name.ends_with(".events")) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

void drop_old_told_events(const std::string& directory, std::size_t keep) {
  const std::vector<std::string> paths = told_events_paths(directory);
  std::error_code ignored;
  for (std::size_t i = 0; i + keep < paths.size(); ++i) std::filesystem::remove(paths[i], ignored);
}

}  // namespace okiagari::gateway
