// A small durable fact that is replaced as a whole: two slots written in turn, each with a sequence
// number and CRC-32C; the valid one with the higher number holds. A crash inside store() leaves the
// value before or the one being stored, nothing else.
//
// Each slot is two equal sectors, far apart. Without that, one flipped bit in the newer slot would
// bring back the older value unnoticed, and a replica would forget a vote it has given.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/disk.h"

namespace okiagari::journal {

// Bytes on disk; docs/formats/log.md. Zeros fill the sector.
struct SlotHeader {
  std::array<char, 8> magic = {'O', 'K', 'I', 'A', 'S', 'L', 'O', 'T'};
  std::uint32_t version = 1;
  std::uint32_t kind = 0;      // which file this is, so that one is never taken for another
  std::uint64_t sequence = 0;  // from 1
  std::uint32_t payload_bytes = 0;
  std::uint32_t crc = 0;  // CRC-32C of all before it and of the payload
};
static_assert(sizeof(SlotHeader) == 32 && offsetof(SlotHeader, sequence) == 16 &&
              offsetof(SlotHeader, crc) == 28);

enum class SlotKind : std::uint32_t { identity = 1, ballot = 2, watermark = 3, peers = 4 };

class TwoSlotFile {
 public:
  static constexpr std::size_t kPayloadBytesMax = 480;

  // Makes the file with its first value: complete and durable, or not there.
  static base::Status create(Disk& disk, const std::string& name, SlotKind kind,
                             base::Bytes payload);
  // Reads the value into `payload`, whose size must be that of the value, and makes it durable:
  // after the death of a process the newest value may be in the kernel's cache only.
  static base::Result<TwoSlotFile> open(Disk& disk, const std::string& name, SlotKind kind,
                                        base::MutableBytes payload);
  // Only reads; for cold folders.
  static base::Status read(Disk& disk, const std::string& name, SlotKind kind,
                           base::MutableBytes payload);

  TwoSlotFile(TwoSlotFile&& other) noexcept;
  TwoSlotFile& operator=(TwoSlotFile&& other) noexcept;
  ~TwoSlotFile();

  // Durable when it returns well.
  base::Status store(base::Bytes payload);

 private:
  TwoSlotFile(Disk& disk, Disk::FileId file, SlotKind kind, std::uint64_t sequence)
      : disk_(&disk), file_(file), kind_(kind), sequence_(sequence) {}

  base::Status write_slot(base::Bytes payload);

  Disk* disk_;  // null after a move
  Disk::FileId file_;
  SlotKind kind_;
  std::uint64_t sequence_;
};

}  // namespace okiagari::journal
