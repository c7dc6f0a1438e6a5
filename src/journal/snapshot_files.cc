#include "journal/snapshot_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace okiagari::journal {
namespace {

constexpr std::string_view kNamePrefix = "snapshot-";
constexpr std::string_view kUnfinishedSuffix = ".new";
// A file that was a snapshot, to be written over.
constexpr const char* kUsedName = "snapshot.used";
constexpr std::size_t kNameDigits = 20;
constexpr std::array<char, 8> kMagic = {'O', 'K', 'I', 'A', 'S', 'N', 'A', 'P'};
constexpr std::uint32_t kVersion = 1;
// One write of a gigabyte would keep the log's writes waiting behind it.
constexpr std::size_t kPieceBytes = 1U << 20;

// Beginning of the file; docs/formats/log.md. Configuration and state follow.
struct SnapshotHeader {
  std::array<char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t configuration_bytes = 0;
  std::uint64_t index = 0;
  std::uint64_t term = 0;
  std::uint64_t configuration_index = 0;
  std::uint64_t state_bytes = 0;
  base::Digest chain{};
  base::Digest content{};  // BLAKE2b-256 of configuration and state
  std::uint32_t reserved = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it
};
static_assert(sizeof(SnapshotHeader) == 120 && offsetof(SnapshotHeader, index) == 16 &&
              offsetof(SnapshotHeader, chain) == 48 && offsetof(SnapshotHeader, crc) == 116);

std::uint32_t header_crc(const SnapshotHeader& header) {
  return base::crc32c(base::object_bytes(header).first(offsetof(SnapshotHeader, crc)));
}

std::string snapshot_name(Index index) {
  return fmt::format("{}{:0{}}", kNamePrefix, index, kNameDigits);
}

std::optional<Index> snapshot_index(std::string_view name) {
  if (!name.starts_with(kNamePrefix)) return {};
  name.remove_prefix(kNamePrefix.size());
  if (name.size() != kNameDigits) return {};
  Index index = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), index);
  if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) return {};
  return index;
}

base::Status write_pieces(Disk& disk, Disk::FileId file, std::uint64_t offset, base::Bytes bytes) {
  base::Status status;
  while (status && !bytes.empty()) {
    const base::Bytes piece = bytes.first(std::min(kPieceBytes, bytes.size()));
    status = disk.write(file, offset, piece);
    offset += piece.size();
    bytes = bytes.subspan(piece.size());
  }
  return status;
}

base::Status write_snapshot(Disk& disk, Disk::FileId file, const SnapshotInfo& info,
                            base::Bytes state, Haste haste) {
  SnapshotHeader header;
  header.configuration_bytes = static_cast<std::uint32_t>(info.configuration.size());
  header.index = info.index;
  header.term = info.term;
  header.configuration_index = info.configuration_index;
  header.state_bytes = state.size();
  header.chain = info.chain;
  header.content = snapshot_digest(info.configuration, state);
  header.crc = header_crc(header);
  std::vector<std::byte> front(sizeof header);
  std::memcpy(front.data(), &header, sizeof header);
  front.insert(front.end(), info.configuration.begin(), info.configuration.end());
  base::Status status = disk.write(file, 0, front);
  if (status) {
    status = haste == Haste::gently ? disk.write_gently(file, front.size(), state)
                                    : write_pieces(disk, file, front.size(), state);
  }
  // What was there before may be longer.
  if (status) status = disk.truncate(file, front.size() + state.size());
  if (status) status = disk.sync(file);
  return status;
}

base::Error damaged(const Disk& disk, Index index, std::uint64_t offset, const std::string& what) {
  return {fmt::format(
      "{}/{}: damaged at offset {}: {}. Keep the folder for examination, give the server an empty "
      "one, and let it rejoin under a new storage identity: its peers send it a snapshot",
      disk.where(), snapshot_name(index), offset, what)};
}

base::Status check_header(Disk& disk, Index index, const SnapshotHeader& header,
                          std::uint64_t file_bytes) {
  if (header.magic != kMagic || header.crc != header_crc(header)) {
    return damaged(disk, index, 0, "the header fails its checksum");
  }
  if (header.version != kVersion) {
    return base::Error{fmt::format(
        "{}/{}: written in version {} of the format; this program knows version {}. Start the "
        "version of the program that wrote it, or a newer one",
        disk.where(), snapshot_name(index), header.version, kVersion)};
  }
  if (header.index != index) {
    return damaged(disk, index, 0, fmt::format("it is the snapshot of entry {}", header.index));
  }
  const std::uint64_t rest = file_bytes - sizeof header;
  if (header.configuration_bytes > rest ||
      header.state_bytes != rest - header.configuration_bytes) {
    return damaged(disk, index, file_bytes,
                   fmt::format("{} bytes of configuration and {} of state are announced",
                               header.configuration_bytes, header.state_bytes));
  }
  return {};
}

// Everything but the state.
base::Status read_front(Disk& disk, Disk::FileId file, Index index, SnapshotHeader& header,
                        SnapshotInfo& info) {
  const base::Result<std::uint64_t> size = disk.size(file);
  if (!size) return size.error();
  if (size.value() < sizeof header) {
    return damaged(disk, index, size.value(), "the file is shorter than its header");
  }
  base::Status status =
      disk.read(file, 0, std::as_writable_bytes(std::span<SnapshotHeader, 1>(&header, 1)));
  if (status) status = check_header(disk, index, header, size.value());
  if (!status) return status;
  info.index = header.index;
  info.term = header.term;
  info.chain = header.chain;
  info.configuration_index = header.configuration_index;
  info.configuration.resize(header.configuration_bytes);
  return disk.read(file, sizeof header, info.configuration);
}

base::Status read_snapshot(Disk& disk, Disk::FileId file, Index index, SnapshotInfo& info,
                           std::vector<std::byte>& state) {
  SnapshotHeader header;
  base::Status status = read_front(disk, file, index, header, info);
  if (!status) return status;
  state.resize(header.state_bytes);
  status = disk.read(file, sizeof header + info.configuration.size(), state);
  if (!status) return status;
  if (snapshot_digest(info.configuration, state) != header.content) {
    return damaged(disk, index, sizeof header, "what follows the header fails its digest");
  }
  return {};
}

}  // namespace

base::Status store_snapshot(Disk& disk, const SnapshotInfo& info, base::Bytes state, Haste haste) {
  const std::string name = snapshot_name(info.index);
  const std::string unfinished = name + std::string(kUnfinishedSuffix);
  // Without a kept place it is written to a new file. A kept one is written over when its name as a
  // snapshot is gone for certain.
  if (disk.rename(kUsedName, unfinished)) {
    if (base::Status synced = disk.sync_directory(); !synced) return synced;
  }
  const base::Result<Disk::FileId> file = disk.open(unfinished, true);
  if (!file) return file.error();
  base::Status status = write_snapshot(disk, file.value(), info, state, haste);
  disk.close(file.value());
  if (status) status = disk.rename(unfinished, name);
  if (status) return disk.sync_directory();
  // What a full disk left half-written would keep the disk full.
  static_cast<void>(disk.remove(unfinished));
  return status;
}

base::Result<std::vector<Index>> snapshot_indexes(Disk& disk) {
  const base::Result<std::vector<std::string>> names = disk.list();
  if (!names) return names.error();
  std::vector<Index> indexes;
  for (const std::string& name : names.value()) {
    if (const auto index = snapshot_index(name)) indexes.push_back(*index);
  }
  std::sort(indexes.begin(), indexes.end());
  return indexes;
}

base::Status load_newest_snapshot(Disk& disk, SnapshotInfo& info, std::vector<std::byte>& state) {
  info = {};
  state.clear();
  const base::Result<std::vector<Index>> indexes = snapshot_indexes(disk);
  if (!indexes) return indexes.error();
  if (indexes.value().empty()) return {};
  return load_snapshot(disk, indexes.value().back(), info, state);
}

base::Status load_snapshot(Disk& disk, Index index, SnapshotInfo& info,
                           std::vector<std::byte>& state) {
  const base::Result<Disk::FileId> file = disk.open(snapshot_name(index), false);
  if (!file) return file.error();
  base::Status status = read_snapshot(disk, file.value(), index, info, state);
  disk.close(file.value());
  // After the death of a process the renaming may not be durable yet, and the caller counts on it.
  if (status) status = disk.sync_directory();
  return status;
}

base::Digest snapshot_digest(base::Bytes configuration, base::Bytes state) {
  return base::digest(configuration, state);
}

base::Result<SnapshotReader> SnapshotReader::open(Disk& disk, Index index) {
  const base::Result<Disk::FileId> file = disk.open(snapshot_name(index), false);
  if (!file) return file.error();
  SnapshotReader reader(disk, file.value());
  SnapshotHeader header;
  const base::Status read = read_front(disk, file.value(), index, header, reader.info_);
  if (!read) return read.error();
  reader.content_ = header.content;
  reader.state_offset_ = sizeof header + header.configuration_bytes;
  reader.state_bytes_ = header.state_bytes;
  return reader;
}

SnapshotReader::SnapshotReader(SnapshotReader&& other) noexcept
    : disk_(std::exchange(other.disk_, nullptr)),
      file_(other.file_),
      info_(std::move(other.info_)),
      content_(other.content_),
      state_offset_(other.state_offset_),
      state_bytes_(other.state_bytes_) {}

SnapshotReader::~SnapshotReader() {
  if (disk_ != nullptr) disk_->close(file_);
}

base::Status SnapshotReader::read(std::uint64_t offset, base::MutableBytes into) {
  ASSERT(offset <= state_bytes_ && into.size() <= state_bytes_ - offset,
         "{} bytes at {} of a state of {}", into.size(), offset, state_bytes_);
  return disk_->read(file_, state_offset_ + offset, into);
}

// Of unfinished ones only those go that are older than the newest complete one: a newer one may be
// being written at this moment.
base::Status drop_old_snapshots(Disk& disk, std::size_t keep, std::span<const Index> read) {
  const base::Result<std::vector<Index>> indexes = snapshot_indexes(disk);
  if (!indexes) return indexes.error();
  const base::Result<std::vector<std::string>> names = disk.list();
  if (!names) return names.error();
  const std::vector<Index>& complete = indexes.value();
  if (complete.empty()) return {};
  const std::size_t dropped = complete.size() - std::min(keep, complete.size());
  const auto& all = names.value();
  const bool has_place = std::find(all.begin(), all.end(), kUsedName) != all.end();
  for (const std::string& name : all) {
    const bool is_unfinished = name.ends_with(kUnfinishedSuffix);
    const std::string_view stem =
        std::string_view(name).substr(0, name.size() - (is_unfinished ? 4 : 0));
    const std::optional<Index> index = snapshot_index(stem);
    if (!index) continue;
    const bool is_old = dropped > 0 && *index <= complete[dropped - 1];
    if (is_unfinished ? *index >= complete.back() : !is_old) continue;
    const bool is_newest = !is_unfinished && *index == complete[dropped - 1];
    const bool is_read = std::find(read.begin(), read.end(), *index) != read.end();
    const bool gives_place = is_newest && !has_place && !is_read;
    const base::Status gone = gives_place ? disk.rename(name, kUsedName) : disk.remove(name);
    if (!gone) return gone;
  }
  return {};
}

}  // namespace okiagari::journal
