#include "journal/log_watermark.h"

#include <span>

#include "base/bytes.h"

namespace okiagari::journal {
namespace {

base::MutableBytes writable(Watermark& watermark) {
  return std::as_writable_bytes(std::span<Watermark, 1>(&watermark, 1));
}

}  // namespace

base::Status WatermarkFile::create(Disk& disk, const Watermark& first) {
  return TwoSlotFile::create(disk, kWatermarkName, SlotKind::watermark, base::object_bytes(first));
}

base::Result<WatermarkFile> WatermarkFile::open(Disk& disk) {
  Watermark current;
  base::Result<TwoSlotFile> file =
      TwoSlotFile::open(disk, kWatermarkName, SlotKind::watermark, writable(current));
  if (!file) return file.error();
  return WatermarkFile(std::move(file.value()), current);
}

base::Result<Watermark> WatermarkFile::read(Disk& disk) {
  Watermark current;
  const base::Status status =
      TwoSlotFile::read(disk, kWatermarkName, SlotKind::watermark, writable(current));
  if (!status) return status.error();
  return current;
}

base::Status WatermarkFile::store(const Watermark& watermark) {
  const base::Status stored = file_.store(base::object_bytes(watermark));
  if (stored) current_ = watermark;
  return stored;
}

}  // namespace okiagari::journal
