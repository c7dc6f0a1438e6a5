#include "node/rebuilt_folders.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>

#include "journal/configuration.h"
#include "journal/posix_disk.h"
#include "journal/snapshot_files.h"
#include "node/history.h"
#include "node/level_in_force.h"
#include "node/node.h"
#include "node/stored_state.h"

namespace okiagari::node {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kEntriesPerProgress = 50'000;

base::Status sync_path(const std::string& path) {
  const int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = handle >= 0 && ::fsync(handle) == 0;
  const int problem = errno;
  if (handle >= 0) ::close(handle);
  if (synced) return {};
  return base::Error{fmt::format("{}: cannot be synced: {}", path, std::strerror(problem))};
}

// All files of `from`, durable in `to` when it returns well.
base::Status copy_folder(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_directories(to, error);
  if (!error) fs::copy(from, to, fs::copy_options::overwrite_existing, error);
  if (error) {
    return base::Error{fmt::format("{}: cannot be copied to {}: {}", from, to, error.message())};
  }
  for (const auto& entry : fs::directory_iterator(to, error)) {
    if (base::Status status = sync_path(entry.path().string()); !status) return status;
  }
  return sync_path(to);
}

class Rebuilder {
 public:
  Rebuilder(const Rebuild& rebuild, const std::function<void(const std::string&)>& progress)
      : rebuild_(rebuild), progress_(progress), venue_(rebuild.limits) {}

  // Whether nothing is where the new folders are to be.
  [[nodiscard]] base::Status check_folders() const;
  base::Status run() {
    base::Status status = open_survivor();
    if (status) status = begin_state();
    if (status) status = replay();
    if (status) status = check_end();
    if (status) status = write_state();
    for (std::size_t i = 0; status && i < rebuild_.nodes.size(); ++i) status = make_folder(i);
    return status;
  }

 private:
  base::Status open_survivor();
  base::Status begin_state();
  base::Status load_state(journal::Index index);
  base::Status replay();
  base::Status apply(const journal::Entry& entry);
  base::Status check_end() const;
  base::Status write_state();
  base::Status make_folder(std::size_t at);
  [[nodiscard]] std::string history_of(std::size_t at) const {
    return history_folder(rebuild_.nodes[at].folder);
  }

  const Rebuild& rebuild_;
  const std::function<void(const std::string&)>& progress_;
  std::unique_ptr<journal::PosixDisk> disk_;
  std::unique_ptr<journal::LogReader> log_;
  std::unique_ptr<History> history_;
  venue::Venue venue_;
  LevelInForce level_{wire::kNewestFormatLevel};
  journal::Index state_index_ = 0;  // the state is of this entry
  LogEnd end_;
  base::ByteWriter events_;
  base::ByteWriter state_;
};

base::Status Rebuilder::check_folders() const {
  if (rebuild_.nodes.empty()) return base::Error{"no folder was given for a new node"};
  for (const RebuiltNode& node : rebuild_.nodes) {
    std::error_code error;
    if (!fs::exists(journal_folder(node.folder), error) &&
        !fs::exists(history_folder(node.folder), error)) {
      continue;
    }
    return base::Error{fmt::format(
        "{}: there is a node in it already; give the new cluster folders of its own", node.folder)};
  }
  return {};
}

base::Status Rebuilder::open_survivor() {
  auto disk = journal::PosixDisk::open_folder(journal_folder(rebuild_.survivor), false);
  if (!disk) return disk.error();
  disk_ = std::move(disk.value());
  // A node that runs could still write.
  if (base::Status status = disk_->claim(); !status) return status;
  auto log = journal::LogReader::open(*disk_);
  if (!log) return log.error();
  log_ = std::move(log.value());
  const journal::Entry start = log_->start();
  end_ = {start.index, start.term, start.chain, 0, 0};
  return {};
}

base::Status Rebuilder::begin_state() {
  std::optional<journal::Index> first;
  if (end_.index != 0) {
    auto indexes = journal::snapshot_indexes(*disk_);
    if (!indexes) return indexes.error();
    for (const journal::Index index : indexes.value()) {
      if (index >= end_.index && !first) first = index;
    }
    if (!first) {
      return base::Error{fmt::format("{}: no snapshot of entry {}, behind which the log begins",
                                     disk_->where(), end_.index)};
    }
    base::Status copied = copy_folder(history_folder(rebuild_.survivor), history_of(0));
    if (!copied) return copied;
  }
  auto history = History::open(history_of(0));
  if (!history) return history.error();
  history_ = std::move(history.value());
  return first ? load_state(*first) : history_->clear();
}

base::Status Rebuilder::load_state(journal::Index index) {
  journal::SnapshotInfo info;
  std::vector<std::byte> state;
  base::Status status = journal::load_snapshot(*disk_, index, info, state);
  if (!status) return status;
  const auto parts = split_stored_state(state);
  if (!parts) {
    return base::Error{
        fmt::format("{}: the snapshot at index {} is of another version", disk_->where(), index)};
  }
  status = level_.take_snapshot(parts->format_level);
  if (status) status = venue_.load_snapshot(parts->venue);
  if (!status) return status;
  base::ByteReader history(parts->history);
  status = history_->load_state(history);
  state_index_ = index;
  return status;
}

base::Status Rebuilder::replay() {
  journal::Entry entry;
  for (;;) {
    auto more = log_->next(entry);
    if (!more) return more.error();
    if (!more.value()) break;
    if (entry.index > state_index_) {
      if (base::Status status = apply(entry); !status) return status;
    }
    end_.index = entry.index;
    end_.term = entry.term;
    end_.chain = entry.chain;
    if (entry.index % kEntriesPerProgress == 0) {
      progress_(fmt::format("{}: entry {} replayed", rebuild_.survivor, entry.index));
    }
  }
  end_.sequence = venue_.last_sequence();
  end_.state_hash = venue_.state_hash();
  return history_->status();
}

base::Status Rebuilder::apply(const journal::Entry& entry) {
  if (entry.type != journal::EntryType::command || entry.payload.empty()) return {};
  if (base::Status status = level_.take_batch(entry.payload); !status) return status;
  events_.clear();
  venue_.apply_batch(entry.payload, events_);
  base::Bytes events = events_.view();
  while (events.size() >= sizeof(venue::EventHeader)) {
    const auto* event = reinterpret_cast<const venue::EventHeader*>(events.data());
    history_->append(*event);
    events = events.subspan(event->size_bytes);
  }
  return {};
}

base::Status Rebuilder::check_end() const {
  if (state_index_ > end_.index) {
    return base::Error{fmt::format("{}: the log ends at entry {}, before the snapshot of entry {}",
                                   disk_->where(), end_.index, state_index_)};
  }
  if (end_ == rebuild_.expected) return venue_.check_invariants();
  return base::Error{fmt::format(
      "{}: is not what was approved. The log ends at entry {} of term {}, sequence {}, chain {}, "
      "state {:016x}; the act says entry {} of term {}, sequence {}, chain {}, state {:016x}. Take "
      "the folder that was looked at, or propose anew and have it signed again",
      rebuild_.survivor, end_.index, end_.term, end_.sequence, base::to_hex(end_.chain),
      end_.state_hash, rebuild_.expected.index, rebuild_.expected.term, rebuild_.expected.sequence,
      base::to_hex(rebuild_.expected.chain), rebuild_.expected.state_hash)};
}

base::Status Rebuilder::write_state() {
  venue_.hold_for(rebuild_.act);
  StateHead head;
  head.format_level = level_.in_force();
  state_.object(head);
  venue_.write_snapshot(state_);
  head.venue_bytes = state_.size() - sizeof head;
  if (base::Status status = history_->write_state(state_); !status) return status;
  head.history_bytes = state_.size() - sizeof head - head.venue_bytes;
  std::memcpy(state_.data(), &head, sizeof head);
  if (!history_->is_complete()) {
    progress_(fmt::format(
        "{}: the survivor's history is not complete; what it lacks is lost to the members",
        rebuild_.survivor));
  }
  history_ = nullptr;
  return {};
}

// The identity comes last, so that no node starts in a folder that is not whole.
base::Status Rebuilder::make_folder(std::size_t at) {
  const RebuiltNode& node = rebuild_.nodes[at];
  if (at > 0) {
    if (base::Status status = copy_folder(history_of(0), history_of(at)); !status) return status;
  }
  auto disk = journal::PosixDisk::open_folder(journal_folder(node.folder), true);
  if (!disk) return disk.error();
  std::vector<NodeId> voters;
  for (const RebuiltNode& voter : rebuild_.nodes) voters.push_back(voter.identity.node);
  journal::SnapshotInfo info;
  info.index = end_.index;
  info.term = end_.term;
  info.chain = end_.chain;
  info.configuration_index = end_.index;
  info.configuration = journal::encode_configuration(journal::voters_only(voters));
  if (!journal::decode_configuration(info.configuration)) {
    return base::Error{"the voters of the new cluster must be 1 to 16 different node numbers"};
  }
  base::Status status = journal::store_snapshot(*disk.value(), info, state_.view());
  if (status) status = journal::format(*disk.value(), node.identity, {end_.term, 0});
  if (status) progress_(fmt::format("{}: made for node {}", node.folder, node.identity.node));
  return status;
}

}  // namespace

base::Status make_rebuilt_folders(const Rebuild& rebuild,
                                  const std::function<void(const std::string&)>& progress) {
  Rebuilder rebuilder(rebuild, progress);
  base::Status status = rebuilder.check_folders();
  if (!status) return status;
  status = rebuilder.run();
  if (status) return {};
  for (const RebuiltNode& node : rebuild.nodes) {
    std::error_code ignored;
    fs::remove_all(journal_folder(node.folder), ignored);
    fs::remove_all(history_folder(node.folder), ignored);
  }
  return status;
}

}  // namespace okiagari::node
