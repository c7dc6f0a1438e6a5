// A disk in memory for the simulator and for tests of what survives a crash: sectors of 512 bytes,
// each of which a power cut leaves as it was or as it was last written, whole, unless it was
// synced. Files created, renamed or removed since the last sync_directory() may each be there or
// not. It fills up, flips bits and loses files on request, and can stop the process at any
// operation. Everything comes from one seed; nothing allocates per sector.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/disk.h"
#include "tests/simulation/random.h"

namespace okiagari::simulation {

// Thrown out of the armed operation: the process has died there. Catch it, drop what used the disk,
// and call crash() or kill().
struct SimulatedCrash {};

class SimulatedDisk final : public journal::Disk {
 public:
  explicit SimulatedDisk(std::uint64_t seed, std::uint64_t capacity_bytes = UINT64_MAX,
                         std::string name = "simulated disk");

  base::Result<FileId> open(const std::string& name, bool create) override;
  void close(FileId file) override;
  base::Result<std::uint64_t> size(FileId file) override;
  base::Status write(FileId file, std::uint64_t offset, base::Bytes bytes) override;
  base::Status read(FileId file, std::uint64_t offset, base::MutableBytes into) override;
  base::Status sync(FileId file) override;
  void start_sync(FileId file) override { syncing_ = file; }
  std::optional<base::Status> finished_sync(bool wait) override;
  // A sync in the background ends when it is waited for, or as chance has it when it is asked for.
  // Else at once.
  void sync_in_the_background(bool on) { syncs_in_background_ = on; }
  base::Status allocate(FileId file, std::uint64_t size) override;
  base::Status truncate(FileId file, std::uint64_t size) override;
  base::Status rename(const std::string& from, const std::string& to) override;
  base::Status remove(const std::string& name) override;
  base::Status sync_directory() override;
  base::Result<std::vector<std::string>> list() override;
  base::Result<std::uint64_t> free_bytes() override;
  [[nodiscard]] std::string where() const override { return name_; }

  // The process has ended, and with it what it waited for.
  void forget_sync() { syncing_.reset(); }
  // Power is cut: what was not synced is kept or lost, sector by sector. Open files are gone.
  void crash();
  // Only the process dies: what it wrote is still in the kernel's cache, and still not durable.
  void kill();

  // The n-th operation from now that changes something, or the n-th sync of a file, throws
  // SimulatedCrash, before it has had its effect or, as chance has it, after. n is from 1.
  void crash_at_operation(std::uint64_t n) { operations_left_ = n; }
  void crash_at_sync(std::uint64_t n) { syncs_left_ = n; }
  void disarm();
  // From now on each write, sync and allocation fails, as of a dying device.
  void fail(bool on) { fails_ = on; }
  void set_capacity(std::uint64_t bytes) { capacity_bytes_ = bytes; }

  // Damage to what is durable. Only between crash() or kill() and the next use. False: no such
  // place.
  bool flip_bit(const std::string& name, std::uint64_t offset, unsigned bit);
  bool zero_sector(const std::string& name, std::uint64_t offset);
  bool cut_file(const std::string& name, std::uint64_t size);
  bool lose_file(const std::string& name);
  bool swap_contents(const std::string& a, const std::string& b);
  // What a reader would see now; empty when there is no such file.
  [[nodiscard]] std::vector<std::byte> contents(const std::string& name) const;

  struct Counters {
    std::uint64_t writes = 0;
    std::uint64_t syncs = 0;
    std::uint64_t crashes = 0;
    std::uint64_t sectors_kept = 0;  // of those that were not synced when power was cut
    std::uint64_t sectors_lost = 0;
    std::uint64_t names_kept = 0;
    std::uint64_t names_lost = 0;
    std::uint64_t refused_full = 0;
    std::uint64_t bits_flipped = 0;
    std::uint64_t files_lost = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct File {
    std::vector<std::byte> now;
    std::vector<std::byte> durable;
    std::vector<std::uint32_t> dirty;    // sectors where they may differ
    std::vector<std::uint8_t> is_dirty;  // by sector
  };
  struct NameChange {
    enum class Kind : std::uint8_t { create, rename, remove } kind;
    std::string name;
    std::string to;
    std::uint32_t file;
  };
  using Names = std::map<std::string, std::uint32_t>;

  // Counts an operation that changes something; true: throw after it has had its effect.
  bool begin_operation(bool is_sync);
  void end_operation(bool dies);
  base::Error error(const std::string& what) const;
  File* opened(FileId file);
  std::uint32_t new_file();
  [[nodiscard]] std::uint64_t used_bytes() const;
  base::Status grow(File& file, std::uint64_t size);
  static void mark_dirty(File& file, std::uint64_t from, std::uint64_t to);
  static void make_durable(File& file);
  void crash_file(File& file);
  static void apply(Names& names, const NameChange& change);

  std::string name_;
  Random random_;
  std::uint64_t capacity_bytes_;
  std::vector<File> files_;
  Names names_;          // as a reader sees them
  Names durable_names_;  // as of the last sync_directory()
  std::vector<NameChange> name_changes_;
  std::vector<std::uint32_t> handles_;  // file of each handle; ids are never used twice
  std::optional<FileId> syncing_;       // in the background
  bool syncs_in_background_ = false;
  std::uint64_t operations_left_ = 0;
  std::uint64_t syncs_left_ = 0;
  bool fails_ = false;
  Counters counters_;
};

}  // namespace okiagari::simulation
