// The simulated disk with the time that it takes. A turn of a replica's loop is carried out at one
// moment of simulated time; this counts how long its writes and syncs would have kept it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "journal/disk.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/simulated_disk.h"

namespace okiagari::simulation {

class TimedDisk final : public journal::Disk {
 public:
  explicit TimedDisk(SimulatedDisk& disk) : disk_(disk) {}

  // Of one sync; writes cost a twentieth.
  void set_sync_us(TimeUs sync_us) { sync_us_ = sync_us; }
  void begin_turn(TimeUs now_us) {
    turn_us_ = now_us;
    elapsed_us_ = 0;
  }
  [[nodiscard]] TimeUs elapsed_us() const { return elapsed_us_; }
  // What is done beside the loop, in another process, does not keep it.
  void set_background(bool background) { is_background_ = background; }

  base::Result<FileId> open(const std::string& name, bool create) override {
    return disk_.open(name, create);
  }
  void close(FileId file) override { disk_.close(file); }
  base::Result<std::uint64_t> size(FileId file) override { return disk_.size(file); }
  base::Status write(FileId file, std::uint64_t offset, base::Bytes bytes) override {
    pass(sync_us_ / 20);
    return disk_.write(file, offset, bytes);
  }
  base::Status read(FileId file, std::uint64_t offset, base::MutableBytes into) override {
    return disk_.read(file, offset, into);
  }
  base::Status sync(FileId file) override {
    pass(sync_us_);
    return disk_.sync(file);
  }
  // Nothing of it is durable before it is finished.
  void start_sync(FileId file) override {
    ASSERT(!syncing_, "file {} is being synced", *syncing_);
    syncing_ = file;
    sync_ends_us_ = turn_us_ + elapsed_us_ + sync_us_;
  }
  std::optional<base::Status> finished_sync(bool wait) override {
    if (!syncing_) return {};
    const TimeUs now_us = turn_us_ + elapsed_us_;
    if (now_us < sync_ends_us_ && !wait) return {};
    if (now_us < sync_ends_us_) pass(sync_ends_us_ - now_us);
    return disk_.sync(*std::exchange(syncing_, std::nullopt));
  }
  // The process has ended, and with it what it waited for.
  void forget_sync() { syncing_.reset(); }
  // When the sync ends that is under way, if one is.
  [[nodiscard]] std::optional<TimeUs> sync_ends_us() const {
    return syncing_ ? std::optional(sync_ends_us_) : std::nullopt;
  }
  base::Status allocate(FileId file, std::uint64_t size) override {
    pass(sync_us_);
    return disk_.allocate(file, size);
  }
  base::Status truncate(FileId file, std::uint64_t size) override {
    return disk_.truncate(file, size);
  }
  base::Status rename(const std::string& from, const std::string& to) override {
    return disk_.rename(from, to);
  }
  base::Status remove(const std::string& name) override { return disk_.remove(name); }
  base::Status sync_directory() override {
    pass(sync_us_);
    return disk_.sync_directory();
  }
  base::Result<std::vector<std::string>> list() override { return disk_.list(); }
  base::Result<std::uint64_t> free_bytes() override { return disk_.free_bytes(); }
  [[nodiscard]] std::string where() const override { return disk_.where(); }

 private:
  void pass(TimeUs time_us) {
    if (!is_background_) elapsed_us_ += time_us;
  }

  SimulatedDisk& disk_;
  TimeUs sync_us_ = 100;
  TimeUs turn_us_ = 0;  // when the present turn began
  TimeUs elapsed_us_ = 0;
  std::optional<FileId> syncing_;
  TimeUs sync_ends_us_ = 0;
  bool is_background_ = false;
};

}  // namespace okiagari::simulation
