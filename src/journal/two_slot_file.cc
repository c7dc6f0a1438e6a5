#include "journal/two_slot_file.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace okiagari::journal {
namespace {

constexpr std::size_t kSectorBytes = 512;
constexpr std::uint64_t kCopyDistanceBytes = 4096;  // also the largest sector in use
constexpr std::size_t kCopies = 2;
constexpr std::uint64_t kFileBytes = 2 * kCopies * kCopyDistanceBytes;
static_assert(sizeof(SlotHeader) + TwoSlotFile::kPayloadBytesMax == kSectorBytes);

using Sector = std::array<std::byte, kSectorBytes>;

std::uint64_t copy_offset(std::uint64_t sequence, std::size_t copy) {
  return (sequence % 2 * kCopies + copy) * kCopyDistanceBytes;
}

std::uint32_t slot_crc(const SlotHeader& header, base::Bytes payload) {
  const base::Bytes before = base::object_bytes(header).first(offsetof(SlotHeader, crc));
  return base::crc32c(payload, base::crc32c(before));
}

Sector make_sector(SlotKind kind, std::uint64_t sequence, base::Bytes payload) {
  ASSERT(payload.size() <= TwoSlotFile::kPayloadBytesMax, "{} bytes", payload.size());
  SlotHeader header;
  header.kind = static_cast<std::uint32_t>(kind);
  header.sequence = sequence;
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.crc = slot_crc(header, payload);
  Sector sector{};
  std::memcpy(sector.data(), &header, sizeof header);
  std::memcpy(sector.data() + sizeof header, payload.data(), payload.size());
  return sector;
}

// The sequence number, when the sector is whole, of this kind, of this place and of the wanted
// size.
std::optional<std::uint64_t> whole_sequence(const Sector& sector, std::size_t place, SlotKind kind,
                                            std::size_t payload_bytes) {
  SlotHeader header;
  std::memcpy(&header, sector.data(), sizeof header);
  const SlotHeader expected;
  if (header.magic != expected.magic || header.version != expected.version) return {};
  if (header.kind != static_cast<std::uint32_t>(kind)) return {};
  if (header.payload_bytes != payload_bytes || header.sequence % 2 != place / kCopies) return {};
  const base::Bytes payload = base::Bytes(sector).subspan(sizeof header, payload_bytes);
  if (slot_crc(header, payload) != header.crc) return {};
  return header.sequence;
}

struct Found {
  std::uint64_t sequence = 0;  // 0: no valid slot
  std::size_t copies = 0;      // of the newest
};

base::Result<Found> find_newest(Disk& disk, Disk::FileId file, SlotKind kind,
                                base::MutableBytes payload) {
  const base::Result<std::uint64_t> size = disk.size(file);
  if (!size) return size.error();
  Found found;
  for (std::size_t place = 0; place < 2 * kCopies; ++place) {
    const std::uint64_t offset = place * kCopyDistanceBytes;
    if (offset + kSectorBytes > size.value()) break;
    Sector sector;
    const base::Status read = disk.read(file, offset, sector);
    if (!read) return read.error();
    const auto sequence = whole_sequence(sector, place, kind, payload.size());
    if (!sequence || *sequence < found.sequence) continue;
    found = {*sequence, *sequence == found.sequence ? found.copies + 1 : 1};
    std::memcpy(payload.data(), sector.data() + sizeof(SlotHeader), payload.size());
  }
  return found;
}

base::Error nothing_valid(const Disk& disk, const std::string& name) {
  return {fmt::format(
      "{}/{}: damaged: no slot of it (offsets 0 to {}) has a valid checksum. Do not start this "
      "server with it and do not copy the file of another server: keep the folder for "
      "examination, give the server an empty one, and let it rejoin under a new storage identity",
      disk.where(), name, kFileBytes)};
}

}  // namespace

base::Status TwoSlotFile::create(Disk& disk, const std::string& name, SlotKind kind,
                                 base::Bytes payload) {
  const std::string unfinished = name + ".new";
  const base::Result<Disk::FileId> opened = disk.open(unfinished, true);
  if (!opened) return opened.error();
  TwoSlotFile file(disk, opened.value(), kind, 0);
  base::Status status = disk.allocate(file.file_, kFileBytes);
  // Both slots, so that neither is ever empty.
  if (status) status = file.store(payload);
  if (status) status = file.store(payload);
  if (status) status = disk.rename(unfinished, name);
  if (status) status = disk.sync_directory();
  return status;
}

base::Result<TwoSlotFile> TwoSlotFile::open(Disk& disk, const std::string& name, SlotKind kind,
                                            base::MutableBytes payload) {
  const base::Result<Disk::FileId> opened = disk.open(name, false);
  if (!opened) return opened.error();
  TwoSlotFile file(disk, opened.value(), kind, 0);
  const base::Result<Found> found = find_newest(disk, file.file_, kind, payload);
  if (!found) return found.error();
  if (found.value().sequence == 0) return nothing_valid(disk, name);
  file.sequence_ = found.value().sequence;
  base::Status status;
  if (found.value().copies < kCopies) status = file.write_slot(payload);
  if (status) status = disk.sync(file.file_);
  if (!status) return status.error();
  return file;
}

base::Status TwoSlotFile::read(Disk& disk, const std::string& name, SlotKind kind,
                               base::MutableBytes payload) {
  const base::Result<Disk::FileId> opened = disk.open(name, false);
  if (!opened) return opened.error();
  const TwoSlotFile file(disk, opened.value(), kind, 0);
  const base::Result<Found> found = find_newest(disk, file.file_, kind, payload);
  if (!found) return found.error();
  if (found.value().sequence == 0) return nothing_valid(disk, name);
  return {};
}

TwoSlotFile::TwoSlotFile(TwoSlotFile&& other) noexcept
    : disk_(std::exchange(other.disk_, nullptr)),
      file_(other.file_),
      kind_(other.kind_),
      sequence_(other.sequence_) {}

TwoSlotFile& TwoSlotFile::operator=(TwoSlotFile&& other) noexcept {
  std::swap(disk_, other.disk_);
  std::swap(file_, other.file_);
  std::swap(kind_, other.kind_);
  std::swap(sequence_, other.sequence_);
  return *this;
}

TwoSlotFile::~TwoSlotFile() {
  if (disk_ != nullptr) disk_->close(file_);
}

base::Status TwoSlotFile::store(base::Bytes payload) {
  ++sequence_;
  const base::Status written = write_slot(payload);
  if (!written) return written;
  return disk_->sync(file_);
}

base::Status TwoSlotFile::write_slot(base::Bytes payload) {
  const Sector sector = make_sector(kind_, sequence_, payload);
  base::Status status;
  for (std::size_t copy = 0; status && copy < kCopies; ++copy) {
    status = disk_->write(file_, copy_offset(sequence_, copy), sector);
  }
  return status;
}

}  // namespace okiagari::journal
