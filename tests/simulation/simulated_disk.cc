#include "tests/simulation/simulated_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace okiagari::simulation {
namespace {

constexpr std::uint64_t kSectorBytes = 512;
constexpr std::uint32_t kClosed = UINT32_MAX;

}  // namespace

SimulatedDisk::SimulatedDisk(std::uint64_t seed, std::uint64_t capacity_bytes, std::string name)
    : name_(std::move(name)), random_(seed), capacity_bytes_(capacity_bytes) {}

bool SimulatedDisk::begin_operation(bool is_sync) {
  bool dies = operations_left_ == 1;
  if (operations_left_ > 0) --operations_left_;
  if (is_sync) {
    dies = dies || syncs_left_ == 1;
    if (syncs_left_ > 0) --syncs_left_;
  }
  if (dies && random_.chance(700)) throw SimulatedCrash{};
  return dies;
}

void SimulatedDisk::end_operation(bool dies) {
  if (dies) throw SimulatedCrash{};
}

void SimulatedDisk::disarm() {
  operations_left_ = 0;
  syncs_left_ = 0;
}

base::Error SimulatedDisk::error(const std::string& what) const {
  return {fmt::format("{}: {}", name_, what)};
}

SimulatedDisk::File* SimulatedDisk::opened(FileId file) {
  const auto handle = static_cast<std::size_t>(file);
  if (file < 0 || handle >= handles_.size() || handles_[handle] == kClosed) return nullptr;
  return &files_[handles_[handle]];
}

std::uint32_t SimulatedDisk::new_file() {
  files_.emplace_back();
  return static_cast<std::uint32_t>(files_.size() - 1);
}

std::uint64_t SimulatedDisk::used_bytes() const {
  std::uint64_t used = 0;
  for (const auto& [name, file] : names_) used += files_[file].now.size();
  return used;
}

base::Result<journal::Disk::FileId> SimulatedDisk::open(const std::string& name, bool create) {
  auto found = names_.find(name);
  if (found == names_.end()) {
    if (!create) return error(name + ": there is no such file");
    const bool dies = begin_operation(false);
    const std::uint32_t file = new_file();
    found = names_.emplace(name, file).first;
    name_changes_.push_back({NameChange::Kind::create, name, "", file});
    end_operation(dies);
  }
  handles_.push_back(found->second);
  return static_cast<FileId>(handles_.size() - 1);
}

void SimulatedDisk::close(FileId file) {
  if (opened(file) != nullptr) handles_[static_cast<std::size_t>(file)] = kClosed;
}

base::Result<std::uint64_t> SimulatedDisk::size(FileId file) {
  const File* at = opened(file);
  if (at == nullptr) return error("the file is not open");
  return at->now.size();
}

void SimulatedDisk::mark_dirty(File& file, std::uint64_t from, std::uint64_t to) {
  const std::uint64_t sectors = (file.now.size() + kSectorBytes - 1) / kSectorBytes;
  if (file.is_dirty.size() < sectors) file.is_dirty.resize(sectors);
  for (std::uint64_t sector = from / kSectorBytes; sector * kSectorBytes < to; ++sector) {
    if (file.is_dirty[sector] != 0) continue;
    file.is_dirty[sector] = 1;
    file.dirty.push_back(static_cast<std::uint32_t>(sector));
  }
}

base::Status SimulatedDisk::grow(File& file, std::uint64_t size_bytes) {
  if (size_bytes <= file.now.size()) return {};
  if (capacity_bytes_ != UINT64_MAX &&
      used_bytes() + (size_bytes - file.now.size()) > capacity_bytes_) {
    ++counters_.refused_full;
    return error("no space left");
  }
  file.now.resize(size_bytes);
  return {};
}

base::Status SimulatedDisk::write(FileId file, std::uint64_t offset, base::Bytes bytes) {
  const bool dies = begin_operation(false);
  File* at = opened(file);
  if (at == nullptr) return error("the file is not open");
  if (fails_) return error("the device fails");
  const base::Status grown = grow(*at, offset + bytes.size());
  if (!grown) return grown;
  if (!bytes.empty()) std::memcpy(at->now.data() + offset, bytes.data(), bytes.size());
  mark_dirty(*at, offset, offset + bytes.size());
  ++counters_.writes;
  end_operation(dies);
  return {};
}

base::Status SimulatedDisk::read(FileId file, std::uint64_t offset, base::MutableBytes into) {
  const File* at = opened(file);
  if (at == nullptr) return error("the file is not open");
  if (offset + into.size() > at->now.size()) return error("the file ends before that");
  if (!into.empty()) std::memcpy(into.data(), at->now.data() + offset, into.size());
  return {};
}

void SimulatedDisk::make_durable(File& file) {
  file.durable.resize(file.now.size());
  for (const std::uint32_t sector : file.dirty) {
    file.is_dirty[sector] = 0;
    const std::uint64_t from = sector * kSectorBytes;
    if (from >= file.now.size()) continue;
    const std::uint64_t size = std::min(kSectorBytes, file.now.size() - from);
    std::memcpy(file.durable.data() + from, file.now.data() + from, size);
  }
  file.dirty.clear();
}

base::Status SimulatedDisk::sync(FileId file) {
  const bool dies = begin_operation(true);
  File* at = opened(file);
  if (at == nullptr) return error("the file is not open");
  if (fails_) return error("the device fails");
  make_durable(*at);
  ++counters_.syncs;
  end_operation(dies);
  return {};
}

std::optional<base::Status> SimulatedDisk::finished_sync(bool wait) {
  if (!syncing_) return {};
  if (syncs_in_background_ && !wait && random_.chance(500)) return {};
  return sync(*std::exchange(syncing_, std::nullopt));
}

// The grown part is zero now and on the disk, so nothing of it has to be remembered as dirty.
base::Status SimulatedDisk::allocate(FileId file, std::uint64_t size_bytes) {
  const bool dies = begin_operation(false);
  File* at = opened(file);
  if (at == nullptr) return error("the file is not open");
  if (fails_) return error("the device fails");
  const base::Status grown = grow(*at, size_bytes);
  if (!grown) return grown;
  end_operation(dies);  // half-way: the new size is not durable
  make_durable(*at);
  return {};
}

base::Status SimulatedDisk::truncate(FileId file, std::uint64_t size_bytes) {
  const bool dies = begin_operation(false);
  File* at = opened(file);
  if (at == nullptr) return error("the file is not open");
  const std::uint64_t before = at->now.size();
  if (size_bytes > before) {
    const base::Status grown = grow(*at, size_bytes);
    if (!grown) return grown;
  }
  // Marked while the file is at its longer size: growing again must not bring back what was cut.
  mark_dirty(*at, std::min(before, size_bytes), std::max(before, size_bytes));
  at->now.resize(size_bytes);
  end_operation(dies);
  return {};
}

void SimulatedDisk::apply(Names& names, const NameChange& change) {
  switch (change.kind) {
    case NameChange::Kind::create:
      names[change.name] = change.file;
      return;
    case NameChange::Kind::remove:
      names.erase(change.name);
      return;
    case NameChange::Kind::rename: {
      // If the creation was lost, the file comes into being under its new name.
      names.erase(change.name);
      names[change.to] = change.file;
      return;
    }
  }
}

base::Status SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const bool dies = begin_operation(false);
  const auto found = names_.find(from);
  if (found == names_.end()) return error(from + ": there is no such file");
  name_changes_.push_back({NameChange::Kind::rename, from, to, found->second});
  apply(names_, name_changes_.back());
  end_operation(dies);
  return {};
}

base::Status SimulatedDisk::remove(const std::string& name) {
  const bool dies = begin_operation(false);
  const auto found = names_.find(name);
  if (found == names_.end()) return error(name + ": there is no such file");
  name_changes_.push_back({NameChange::Kind::remove, name, "", found->second});
  names_.erase(found);
  end_operation(dies);
  return {};
}

base::Status SimulatedDisk::sync_directory() {
  const bool dies = begin_operation(false);
  if (fails_) return error("the device fails");
  if (!name_changes_.empty()) {
    durable_names_ = names_;
    name_changes_.clear();
  }
  ++counters_.syncs;
  end_operation(dies);
  return {};
}

base::Result<std::vector<std::string>> SimulatedDisk::list() {
  std::vector<std::string> names;
  names.reserve(names_.size());
  for (const auto& [name, file] : names_) names.push_back(name);
  return names;
}

base::Result<std::uint64_t> SimulatedDisk::free_bytes() {
  if (capacity_bytes_ == UINT64_MAX) return capacity_bytes_;
  const std::uint64_t used = used_bytes();
  return capacity_bytes_ > used ? capacity_bytes_ - used : 0;
}

void SimulatedDisk::crash_file(File& file) {
  if (file.dirty.empty() && file.now.size() == file.durable.size()) return;
  // The size is known to the file system as of the last sync, as of now, or as of between.
  const std::uint64_t before = file.durable.size();
  const std::uint64_t after = file.now.size();
  const std::uint64_t low = std::min(before, after);
  const std::uint64_t size =
      low + (before == after ? 0 : random_.below(before + after - 2 * low + 1));
  const std::array<std::uint32_t, 4> kept_permilles = {0, 500, 900, 1000};
  const std::uint32_t kept_permille = kept_permilles[random_.below(kept_permilles.size())];
  file.durable.resize(std::max(size, before));
  for (const std::uint32_t sector : file.dirty) {
    file.is_dirty[sector] = 0;
    const std::uint64_t from = sector * kSectorBytes;
    if (!random_.chance(kept_permille)) {
      ++counters_.sectors_lost;
      continue;
    }
    ++counters_.sectors_kept;
    if (from >= std::min(after, file.durable.size())) continue;
    const std::uint64_t bytes = std::min(kSectorBytes, std::min(after, file.durable.size()) - from);
    std::memcpy(file.durable.data() + from, file.now.data() + from, bytes);
  }
  file.dirty.clear();
  file.durable.resize(size);
  file.now = file.durable;
}

void SimulatedDisk::crash() {
  ++counters_.crashes;
  kill();
  const std::array<std::uint32_t, 3> kept_permilles = {0, 500, 1000};
  const std::uint32_t kept_permille = kept_permilles[random_.below(kept_permilles.size())];
  for (const NameChange& change : name_changes_) {
    if (random_.chance(kept_permille)) {
      apply(durable_names_, change);
      ++counters_.names_kept;
    } else {
      ++counters_.names_lost;
    }
  }
  name_changes_.clear();
  names_ = durable_names_;
  std::vector<File> kept;
  std::vector<std::uint32_t> places(files_.size(), kClosed);  // a file may have come to two names
  for (auto& [name, file] : names_) {
    if (places[file] == kClosed) {
      places[file] = static_cast<std::uint32_t>(kept.size());
      crash_file(files_[file]);
      kept.push_back(std::move(files_[file]));
    }
    file = places[file];
  }
  files_ = std::move(kept);
  durable_names_ = names_;
}

void SimulatedDisk::kill() {
  disarm();
  fails_ = false;
  std::fill(handles_.begin(), handles_.end(), kClosed);
}

bool SimulatedDisk::flip_bit(const std::string& name, std::uint64_t offset, unsigned bit) {
  const auto found = names_.find(name);
  if (found == names_.end()) return false;
  File& file = files_[found->second];
  if (offset >= file.now.size()) return false;
  file.now[offset] ^= static_cast<std::byte>(1U << (bit % 8));
  if (offset < file.durable.size()) file.durable[offset] = file.now[offset];
  ++counters_.bits_flipped;
  return true;
}

bool SimulatedDisk::zero_sector(const std::string& name, std::uint64_t offset) {
  const auto found = names_.find(name);
  if (found == names_.end()) return false;
  File& file = files_[found->second];
  const std::uint64_t from = offset / kSectorBytes * kSectorBytes;
  for (std::vector<std::byte>* bytes : {&file.now, &file.durable}) {
    if (from >= bytes->size()) return false;
    std::memset(bytes->data() + from, 0, std::min(kSectorBytes, bytes->size() - from));
  }
  return true;
}

bool SimulatedDisk::cut_file(const std::string& name, std::uint64_t size_bytes) {
  const auto found = names_.find(name);
  if (found == names_.end()) return false;
  File& file = files_[found->second];
  if (file.now.size() < size_bytes || file.durable.size() < size_bytes) return false;
  file.now.resize(size_bytes);
  file.durable.resize(size_bytes);
  return true;
}

bool SimulatedDisk::lose_file(const std::string& name) {
  ++counters_.files_lost;
  durable_names_.erase(name);
  std::erase_if(name_changes_,
                [&](const NameChange& change) { return change.name == name || change.to == name; });
  return names_.erase(name) == 1;
}

bool SimulatedDisk::swap_contents(const std::string& a, const std::string& b) {
  const auto first = names_.find(a);
  const auto second = names_.find(b);
  if (first == names_.end() || second == names_.end()) return false;
  std::swap(files_[first->second], files_[second->second]);
  return true;
}

std::vector<std::byte> SimulatedDisk::contents(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? std::vector<std::byte>{} : files_[found->second].now;
}

}  // namespace okiagari::simulation
