// Rooms: journal
// The small files of a replica, each with the input's sectors where its slots are: once as they
// are, once with the checksums made right; and a snapshot of the same bytes. Each is what was
// written, or an error.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/hash.h"
#include "fuzz/memory_disk.h"
#include "journal/configuration.h"
#include "journal/identity.h"
#include "journal/log_watermark.h"
#include "journal/peer_register.h"
#include "journal/snapshot_files.h"
#include "journal/two_slot_file.h"

namespace {

using namespace okiagari;

constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kSlotDistanceBytes = 4096;

std::vector<std::byte> slots_of(base::Bytes sectors) {
  std::vector<std::byte> content(4 * kSlotDistanceBytes);
  for (std::size_t at = 0; at < content.size() && !sectors.empty(); at += kSlotDistanceBytes) {
    const base::Bytes sector = sectors.first(std::min(sectors.size(), kSectorBytes));
    std::copy(sector.begin(), sector.end(), content.begin() + static_cast<std::ptrdiff_t>(at));
    sectors = sectors.subspan(sector.size());
  }
  return content;
}

void mend(std::vector<std::byte>& content, journal::SlotKind kind) {
  constexpr std::size_t kCrcAt = offsetof(journal::SlotHeader, crc);
  for (std::size_t at = 0; at < content.size(); at += kSlotDistanceBytes) {
    const base::MutableBytes sector = base::MutableBytes(content).subspan(at, kSectorBytes);
    journal::SlotHeader header;
    std::memcpy(&header, sector.data(), sizeof header);
    if (header.magic != journal::SlotHeader{}.magic) continue;
    header.kind = static_cast<std::uint32_t>(kind);
    const std::size_t payload_bytes = header.payload_bytes % (kSectorBytes - sizeof header);
    const base::Bytes payload = sector.subspan(sizeof header, payload_bytes);
    header.crc = base::crc32c(payload, base::crc32c(base::object_bytes(header).first(kCrcAt)));
    std::memcpy(sector.data(), &header, sizeof header);
  }
}

void read_all(const std::vector<std::byte>& content, bool mends) {
  fuzz::MemoryDisk disk;
  const auto put = [&](const char* name, journal::SlotKind kind) {
    disk.files[name] = content;
    if (mends) mend(disk.files[name], kind);
  };
  put(journal::kIdentityName, journal::SlotKind::identity);
  put(journal::kBallotName, journal::SlotKind::ballot);
  put(journal::kWatermarkName, journal::SlotKind::watermark);
  put(journal::kPeersName, journal::SlotKind::peers);
  const auto identity = journal::load_identity(disk);
  if (identity) ASSERT(journal::store_identity(disk, identity.value()).ok());
  auto ballot = journal::BallotFile::open(disk);
  if (ballot) ASSERT(ballot.value().store({.term = ballot.value().current().term}).ok());
  auto watermark = journal::WatermarkFile::open(disk);
  if (watermark) ASSERT(watermark.value().store(watermark.value().current()).ok());
  auto peers = journal::PeerRegister::open(disk);
  if (peers) ASSERT(peers.value().check({}).ok());
}

void read_snapshot(const std::vector<std::byte>& content) {
  fuzz::MemoryDisk named;
  journal::SnapshotInfo stored;
  stored.index = 7;
  ASSERT(journal::store_snapshot(named, stored, {}).ok());
  ASSERT(named.files.size() == 1);
  named.files.begin()->second = content;
  journal::SnapshotInfo info;
  std::vector<std::byte> state;
  if (!journal::load_newest_snapshot(named, info, state)) return;
  ASSERT(info.index == 7 && state.size() < content.size());
  (void)journal::decode_configuration(info.configuration);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> content(size);
  if (size > 0) std::memcpy(content.data(), data, size);
  read_all(slots_of(content), false);
  read_all(slots_of(content), true);
  read_snapshot(content);
  (void)journal::decode_configuration(content);
  return 0;
}
