#include "salvage/cold_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>

#include "journal/configuration.h"
#include "journal/posix_disk.h"
#include "journal/snapshot_files.h"
#include "node/history.h"
#include "node/history_builder.h"
#include "node/history_chunk.h"
#include "node/node.h"
#include "node/stored_state.h"
#include "venue/batch_reader.h"

namespace okiagari::salvage {

namespace {

constexpr std::size_t kFindingsKept = 1024;
constexpr std::size_t kEventsKept = 1u << 20;
constexpr std::uint64_t kEntriesPerProgress = 50'000;

// Holds the chunks made again against the ones on disk, as far as those reach.
class ChunkComparison final : public node::ChunkSink {
 public:
  ChunkComparison(std::string folder, ColdNode& found)
      : folder_(std::move(folder)), found_(found) {}
  ~ChunkComparison() override { close(); }

  void take_chunk(std::uint64_t position, base::Bytes header, base::Bytes payload) override {
    bytes_.resize(header.size() + payload.size());
    if (!read(position)) return;
    const bool is_equal =
        std::memcmp(bytes_.data(), header.data(), header.size()) == 0 &&
        std::memcmp(bytes_.data() + header.size(), payload.data(), payload.size()) == 0;
    if (is_equal) {
      ++found_.history_chunks_equal;
    } else {
      differ(position, position % node::kHistoryFileBytes,
             "the chunk there is not the one that the log gives");
    }
  }

 private:
  [[nodiscard]] std::string path(std::uint64_t position) const {
    return fmt::format("{}/history-{:06}", folder_, position / node::kHistoryFileBytes);
  }
  void differ(std::uint64_t position, std::uint64_t offset, const char* what) {
    ++found_.history_chunks_different;
    if (!found_.first_difference.empty()) return;
    found_.first_difference = fmt::format(
        "{}: offset {}: {}. The other nodes have the same history: rebuild this server from them",
        path(position), offset, what);
  }
  // A file that a node has just begun, or whose beginning a crash has left unwritten, says nothing.
  void check_header(std::uint64_t position) {
    node::HistoryFileHeader expected;
    expected.number = number_;
    node::HistoryFileHeader header;
    if (std::fread(&header, sizeof header, 1, file_) != 1) return;
    constexpr decltype(header.magic) kUnwritten{};
    const bool is_unwritten = header.magic == kUnwritten;
    if (is_unwritten || std::memcmp(&header, &expected, sizeof header) == 0) return;
    differ(position, 0, "the file's header is damaged");
  }
  void close() {
    if (file_ != nullptr) std::fclose(file_);
    file_ = nullptr;
  }
  // False where the files do not reach: history is written lazily, and its end may have been lost.
  bool read(std::uint64_t position) {
    const std::uint64_t number = position / node::kHistoryFileBytes;
    if (number != number_) {
      close();
      number_ = number;
      file_ = std::fopen(path(position).c_str(), "rb");
      if (file_ != nullptr) check_header(position);
    }
    if (file_ == nullptr) return false;
    const auto offset = static_cast<long>(position % node::kHistoryFileBytes);
    if (std::fseek(file_, offset, SEEK_SET) != 0) return false;
    if (std::fread(bytes_.data(), 1, bytes_.size(), file_) != bytes_.size()) return false;
    // What was allocated and not yet written is zeros, and says nothing.
    return std::any_of(bytes_.begin(), bytes_.begin() + 4,
                       [](std::byte b) { return b != std::byte{0}; });
  }

  std::string folder_;
  ColdNode& found_;
  std::uint64_t number_ = UINT64_MAX;
  std::FILE* file_ = nullptr;
  std::vector<std::byte> bytes_;
};

class ColdReader {
 public:
  ColdReader(std::string folder, const std::function<void(const std::string&)>& progress,
             const ColdReadHooks& hooks)
      : progress_(progress),
        hooks_(hooks),
        chunks_(node::history_folder(folder), found_),
        history_(chunks_) {
    found_.folder = std::move(folder);
  }

  base::Result<ColdNode> read();

 private:
  base::Status open();
  base::Status list_snapshots();
  base::Status begin_state();
  base::Status load_state(journal::Index index);
  base::Result<bool> load_state_before(TimestampNs from_ns);
  base::Status take(const journal::Entry& entry);
  void apply(const journal::Entry& entry);
  void note_voters(base::Bytes configuration);
  void hand_events_to_history();
  void hold_attestations(const journal::Entry& entry);
  void hold(const venue::Attest& attest);
  base::Status hold_snapshot(journal::Index index);
  void differ(std::uint64_t& count, const std::string& what) {
    if (count++ == 0 && found_.first_difference.empty()) found_.first_difference = what;
  }

  struct Finding {
    venue::Venue::CheckpointFinding found;
    base::Digest chain{};
    journal::Index index = 0;
  };

  const std::function<void(const std::string&)>& progress_;
  const ColdReadHooks& hooks_;
  ColdNode found_;
  std::unique_ptr<journal::PosixDisk> disk_;
  std::unique_ptr<journal::LogReader> log_;
  std::vector<journal::Index> snapshots_;  // ascending
  venue::Venue venue_{venue::Limits{}};
  ChunkComparison chunks_;
  node::HistoryBuilder history_;
  journal::Index state_index_ = 0;  // the state is of this entry
  base::ByteWriter events_;
  std::deque<Finding> findings_;
};

base::Status ColdReader::open() {
  auto disk = journal::PosixDisk::open_folder(node::journal_folder(found_.folder), false);
  if (!disk) return disk.error();
  disk_ = std::move(disk.value());
  auto identity = journal::load_identity(*disk_);
  if (!identity) return identity.error();
  found_.identity = identity.value();
  if (auto ballot = journal::BallotFile::open(*disk_); !ballot) return ballot.error();
  auto log = journal::LogReader::open(*disk_);
  if (!log) return log.error();
  log_ = std::move(log.value());
  found_.start_index = log_->start().index;
  found_.last_index = found_.start_index;
  found_.start_chain = log_->start().chain;
  found_.last_term = log_->start().term;
  found_.last_chain = log_->start().chain;
  return list_snapshots();
}

base::Status ColdReader::list_snapshots() {
  auto names = disk_->list();
  if (!names) return names.error();
  for (const std::string& name : names.value()) {
    unsigned long long index = 0;
    int length = 0;
    if (std::sscanf(name.c_str(), "snapshot-%llu%n", &index, &length) == 1 &&
        static_cast<std::size_t>(length) == name.size()) {
      snapshots_.push_back(index);
    }
  }
  std::sort(snapshots_.begin(), snapshots_.end());
  return {};
}

// A log from its first entry begins with an empty market; any other with the oldest snapshot it
// meets.
base::Status ColdReader::begin_state() {
  if (hooks_.from_ns != 0) {
    auto loaded = load_state_before(hooks_.from_ns);
    if (!loaded) return loaded.error();
    if (loaded.value()) return {};
  }
  if (found_.start_index == 0) return {};
  const auto first = std::lower_bound(snapshots_.begin(), snapshots_.end(), found_.start_index);
  // The log no longer reaches back to older ones; they can only be held to their digests.
  for (auto older = snapshots_.begin(); older != first; ++older) {
    journal::SnapshotInfo info;
    std::vector<std::byte> state;
    if (base::Status status = journal::load_snapshot(*disk_, *older, info, state); !status) {
      return status;
    }
  }
  if (first == snapshots_.end()) {
    return base::Error{
        fmt::format("{}: the log begins behind entry {} and no snapshot of that or a later entry "
                    "is there; rebuild this "
                    "server from its peers",
                    found_.folder, found_.start_index)};
  }
  return load_state(*first);
}

// False when no snapshot is that old.
base::Result<bool> ColdReader::load_state_before(TimestampNs from_ns) {
  for (auto index = snapshots_.rbegin(); index != snapshots_.rend(); ++index) {
    if (*index < found_.start_index) break;
    journal::SnapshotInfo info;
    std::vector<std::byte> state;
    if (base::Status status = journal::load_snapshot(*disk_, *index, info, state); !status) {
      return status.error();
    }
    const auto parts = node::split_stored_state(state);
    venue::Venue market{venue::Limits{}};
    if (!parts || !market.load_snapshot(parts->venue) || market.last_timestamp_ns() > from_ns) {
      continue;
    }
    if (base::Status status = load_state(*index); !status) return status.error();
    return true;
  }
  return false;
}

base::Status ColdReader::load_state(journal::Index index) {
  journal::SnapshotInfo info;
  std::vector<std::byte> state;
  if (base::Status status = journal::load_snapshot(*disk_, index, info, state); !status)
    return status;
  const auto parts = node::split_stored_state(state);
  if (!parts) {
    return base::Error{
        fmt::format("{}: the snapshot at index {} is not of a version that this program knows",
                    found_.folder, index)};
  }
  if (base::Status status = venue_.load_snapshot(parts->venue); !status) {
    return base::Error{fmt::format("{}: the snapshot at index {}: {}", found_.folder, index,
                                   status.error().message)};
  }
  base::ByteReader history(parts->history);
  if (base::Status status = history_.load_state(history); !status) return status;
  note_voters(info.configuration);
  if (index == found_.start_index) found_.first_state = base::digest(parts->venue);
  state_index_ = index;
  return {};
}

base::Status ColdReader::take(const journal::Entry& entry) {
  const bool is_new = entry.index > state_index_;
  if (is_new && hooks_.before) hooks_.before(entry, venue_);
  if (is_new) apply(entry);
  found_.last_index = entry.index;
  found_.last_term = entry.term;
  found_.last_chain = entry.chain;
  if (entry.type == journal::EntryType::change) note_voters(entry.payload);
  found_.chains.push_back(entry.chain);
  found_.state_hashes.push_back(entry.index >= state_index_ ? venue_.state_hash() : 0);
  found_.sequences.push_back(entry.index >= state_index_ ? venue_.last_sequence() : 0);
  if (entry.index % kEntriesPerProgress == 0) {
    progress_(
        fmt::format("{}: entry {}, {} commands", found_.folder, entry.index, found_.commands));
  }
  if (is_new) state_index_ = entry.index;
  if (is_new && hooks_.after) hooks_.after(entry, venue_);
  // What lies before the state that it began with cannot be made again.
  if (entry.index < state_index_) return {};
  if (!std::binary_search(snapshots_.begin(), snapshots_.end(), entry.index)) return {};
  return hold_snapshot(entry.index);
}

void ColdReader::note_voters(base::Bytes configuration) {
  const auto servers = journal::decode_configuration(configuration);
  if (!servers) return;
  found_.voters.clear();
  for (const journal::Server& server : *servers) {
    if (server.role == journal::ServerRole::voter) found_.voters.push_back(server.node);
  }
}

void ColdReader::apply(const journal::Entry& entry) {
  if (entry.type != journal::EntryType::command || entry.payload.empty()) return;
  events_.clear();
  const Sequence before = venue_.last_sequence();
  venue_.apply_batch(entry.payload, events_);
  found_.commands += venue_.last_sequence() - before;
  hand_events_to_history();
  const auto finding = venue_.last_checkpoint();
  if (finding.number != 0 &&
      (findings_.empty() || findings_.back().found.number != finding.number)) {
    ++found_.checkpoints;
    if (!finding.conserved) {
      differ(found_.checkpoints_not_conserved,
             fmt::format("{}: at checkpoint {} what came in is not what is there", found_.folder,
                         finding.number));
    }
    findings_.push_back({finding, entry.chain, entry.index});
    if (findings_.size() > kFindingsKept) findings_.pop_front();
  }
  hold_attestations(entry);
}

void ColdReader::hand_events_to_history() {
  base::Bytes events = events_.view();
  while (events.size() >= sizeof(venue::EventHeader)) {
    venue::EventHeader header;
    std::memcpy(&header, events.data(), sizeof header);
    const auto* event = reinterpret_cast<const venue::EventHeader*>(events.data());
    if (header.session_number != 0) {
      history_.append(header.session, header.session_number, *event);
      found_.newest_events.emplace_back(+header.event_number,
                                        base::hash64(events.first(header.size_bytes)));
      if (found_.newest_events.size() > kEventsKept) found_.newest_events.pop_front();
    }
    if (header.feed_number != 0) history_.append(node::kFeedStream, header.feed_number, *event);
    events = events.subspan(header.size_bytes);
  }
}

void ColdReader::hold_attestations(const journal::Entry& entry) {
  venue::BatchReader batch(entry.payload);
  if (!batch.is_whole()) return;
  venue::CommandHeader header;
  base::Bytes raw;
  while (batch.next(header, raw)) {
    venue::Attest attest;
    if (venue::decode(raw, attest)) hold(attest);
    if (header.type == venue::CommandType::quarantine) ++found_.quarantined;
  }
}

void ColdReader::hold(const venue::Attest& attest) {
  const auto finding = std::find_if(findings_.begin(), findings_.end(), [&](const Finding& f) {
    return f.found.number == attest.checkpoint && f.found.sequence == attest.sequence;
  });
  if (finding == findings_.end()) return;
  const bool is_equal = finding->found.state_hash == attest.state_hash &&
                        finding->found.scrub_hash == attest.scrub_hash &&
                        finding->chain == attest.chain;
  if (attest.node == found_.identity.node) {
    found_.surely_committed = std::max(found_.surely_committed, finding->index);
  }
  if (is_equal) {
    ++found_.attestations_equal;
  } else {
    differ(found_.attestations_different,
           fmt::format("{}: node {} attested another state at checkpoint {} (sequence {})",
                       found_.folder, attest.node, attest.checkpoint, attest.sequence));
  }
}

base::Status ColdReader::hold_snapshot(journal::Index index) {
  journal::SnapshotInfo info;
  std::vector<std::byte> state;
  if (base::Status status = journal::load_snapshot(*disk_, index, info, state); !status)
    return status;
  found_.surely_committed = std::max(found_.surely_committed, index);
  const auto parts = node::split_stored_state(state);
  base::ByteWriter venue_now;
  base::ByteWriter history_now;
  venue_.write_snapshot(venue_now);
  history_.write_state(history_now);
  const auto equal = [](base::Bytes a, base::Bytes b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
  };
  if (parts && equal(parts->venue, venue_now.view()) && equal(parts->history, history_now.view()) &&
      info.chain == found_.chains.back()) {
    ++found_.snapshots_equal;
  } else {
    differ(found_.snapshots_different,
           fmt::format("{}: the snapshot at index {} is not the state that the log gives",
                       found_.folder, index));
  }
  return {};
}

base::Result<ColdNode> ColdReader::read() {
  if (base::Status status = open(); !status) return status.error();
  if (base::Status status = begin_state(); !status) return status.error();
  venue_.set_about_to_apply(hooks_.word);
  const auto began = std::chrono::steady_clock::now();
  journal::Entry entry;
  for (;;) {
    auto more = log_->next(entry);
    if (!more) return more.error();
    if (!more.value()) break;
    if (base::Status status = take(entry); !status) return status.error();
  }
  found_.replay_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (state_index_ > found_.last_index) {
    return base::Error{
        fmt::format("{}: the log ends at entry {}, before the snapshot at {}; rebuild this server "
                    "from its peers",
                    found_.folder, found_.last_index, state_index_)};
  }
  if (base::Status status = venue_.check_invariants(); !status) {
    return base::Error{fmt::format("{}: {}", found_.folder, status.error().message)};
  }
  venue_.set_about_to_apply(nullptr);
  found_.market = std::make_shared<const venue::Venue>(std::move(venue_));
  return std::move(found_);
}

}  // namespace

base::Result<ColdNode> read_cold_node(const std::string& folder,
                                      const std::function<void(const std::string&)>& progress,
                                      const ColdReadHooks& hooks) {
  return ColdReader(folder, progress, hooks).read();
}

}  // namespace okiagari::salvage
