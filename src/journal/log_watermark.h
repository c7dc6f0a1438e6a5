// What the log cannot know from its segments alone, in a two-slot file of its own: with which
// segment it begins, and how far it reached when this server last said so.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "journal/disk.h"
#include "journal/two_slot_file.h"

namespace okiagari::journal {

inline constexpr const char* kWatermarkName = "watermark";

// The value of the slots, as on disk.
struct Watermark {
  std::uint64_t log_id = 0;  // drawn from the storage identity when the log began
  std::uint64_t first_segment =
      0;                    // 0: the first one is not made yet; files below it are leftovers
  std::uint64_t index = 0;  // highest entry this server told others it has stored
  // Number of the last group that was durable then. The index alone would not do: a truncation
  // makes the log shorter, but its groups only ever grow in number.
  std::uint64_t group = 0;
};
static_assert(sizeof(Watermark) == 32);

class WatermarkFile {
 public:
  static base::Status create(Disk& disk, const Watermark& first);
  static base::Result<WatermarkFile> open(Disk& disk);
  static base::Result<Watermark> read(Disk& disk);

  [[nodiscard]] const Watermark& current() const { return current_; }
  // Durable when it returns well.
  base::Status store(const Watermark& watermark);

 private:
  WatermarkFile(TwoSlotFile file, const Watermark& current)
      : file_(std::move(file)), current_(current) {}

  TwoSlotFile file_;
  Watermark current_;
};

}  // namespace okiagari::journal
