#include "journal/raft_core.h"

#include <fmt/format.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <algorithm>
#include <string>

// A C header: its layout checks define types inside sizeof, which C++ does not know, and the
// library was compiled with them anyway.
#define static_assert(...)
extern "C" {
#include <raft.h>
}
#undef static_assert

namespace okiagari::journal {
namespace {

// Versions of the library's own messages; on the wire they are covered by the version of the frame.
constexpr unsigned char kVoteVersion = 2;
constexpr unsigned char kVoteResultVersion = 2;
constexpr unsigned char kAppendResultVersion = 2;

// Given to the library as the owner of payloads that it borrows in submit(): it hands it back, and
// never frees it.
std::byte borrowed_payload;

std::string address_of(NodeId node) { return fmt::format("node-{}", node); }

raft_entry_type library_type(EntryType type) { return static_cast<raft_entry_type>(type); }

raft_entry library_entry(const SentEntry& entry, void* owner) {
  raft_entry into{};
  into.term = entry.term;
  into.type = library_type(entry.type);
  // The library only reads it.
  into.buf.base = const_cast<std::byte*>(entry.payload.data());
  into.buf.len = entry.payload.size();
  into.batch = owner;
  return into;
}

// Ownership goes to whom it is given to.
raft_configuration library_configuration(const Configuration& configuration) {
  raft_configuration into{};
  raft_configuration_init(&into);
  for (const Server& server : configuration) {
    const int error = raft_configuration_add(&into, server.node, library_address(server).c_str(),
                                             static_cast<int>(server.role));
    ASSERT(error == 0, "configuration: {}", raft_strerror(error));
  }
  return into;
}

raft_snapshot_metadata library_metadata(const SnapshotPoint& point) {
  raft_snapshot_metadata metadata{};
  metadata.index = point.index;
  metadata.term = point.term;
  metadata.configuration = library_configuration(point.configuration);
  metadata.configuration_index = point.configuration_index;
  return metadata;
}

void copy_configuration(const raft_configuration& from, Configuration& into) {
  into.resize(from.n);
  for (unsigned i = 0; i < from.n; ++i) {
    const raft_server& server = from.servers[i];
    const auto node = static_cast<NodeId>(server.id);
    const auto role = static_cast<ServerRole>(server.role);
    auto read = from_library_address(node, role, server.address);
    ASSERT(read.has_value(), "server {} has the address '{}'", node, server.address);
    into[i] = std::move(*read);
  }
}

// A server as the library has it, to tell whether it is still so.
struct CopiedServer {
  raft_id node = 0;
  int role = 0;
  std::string address;

  [[nodiscard]] bool is(const raft_server& server) const {
    return node == server.id && role == server.role && address == server.address;
  }
};

}  // namespace

struct RaftCore::Library {
  struct raft raft {};
  Update update;
  std::vector<Outgoing> messages;
  std::vector<SentEntry> entries;
  std::vector<raft_entry> library_entries;
  SnapshotPoint snapshot;
  Configuration configuration;
  std::vector<CopiedServer> copied;  // what `configuration` was made from
  std::uint64_t configuration_version = 0;
  void* owned_payload = nullptr;  // of an entry the library made; freed at the next step
  std::uint16_t capacity = 0;
  std::uint64_t now_ms = 0;

  void begin(std::uint64_t at_ms);
  void copy_present_configuration();
  [[nodiscard]] raft_server* itself_without_vote();  // null: it votes, or is no server
  int step(raft_event& event);
  base::Status step_or_end(raft_event& event, const char* what);
  void take_update(const raft_event& event, const raft_update& from);
  void take_entries(const raft_event& event, const raft_update& from);
  void take_snapshot(const raft_update& from);
  static Outgoing outgoing(const raft_message& from);
  raft_message incoming(NodeId from, const Incoming& message);
  void fill(raft_message& into, const RequestVote& message);
  void fill(raft_message& into, const RequestVoteResult& message);
  void fill(raft_message& into, const AppendEntries& message);
  void fill(raft_message& into, const AppendEntriesResult& message);
  void fill(raft_message& into, const TimeoutNow& message);
  void fill(raft_message& into, const InstallSnapshot& message);
};

void RaftCore::Library::begin(std::uint64_t at_ms) {
  ASSERT(at_ms >= now_ms, "time went back from {} to {} ms", now_ms, at_ms);
  now_ms = at_ms;
  if (owned_payload != nullptr) raft_free(owned_payload);
  owned_payload = nullptr;
  update = {};
  messages.clear();
  entries.clear();
}

// It is asked for several times in every turn, and changes hardly ever.
void RaftCore::Library::copy_present_configuration() {
  const raft_configuration& present = raft.configuration;
  const bool is_same = std::equal(
      copied.begin(), copied.end(), present.servers, present.servers + present.n,
      [](const CopiedServer& copy, const raft_server& server) { return copy.is(server); });
  if (is_same) return;
  copied.clear();
  for (unsigned i = 0; i < present.n; ++i) {
    const raft_server& server = present.servers[i];
    copied.push_back({server.id, server.role, server.address});
  }
  copy_configuration(present, configuration);
  ++configuration_version;
}

raft_server* RaftCore::Library::itself_without_vote() {
  for (unsigned i = 0; i < raft.configuration.n; ++i) {
    raft_server& server = raft.configuration.servers[i];
    if (server.id == raft.id && server.role == RAFT_STANDBY) return &server;
  }
  return nullptr;
}

int RaftCore::Library::step(raft_event& event) {
  event.time = now_ms;
  event.capacity = capacity;
  raft_update done{};
  const int error = raft_step(&raft, &event, &done);
  if (error == 0) take_update(event, done);
  return error;
}

base::Status RaftCore::Library::step_or_end(raft_event& event, const char* what) {
  const int error = step(event);
  if (error == 0) return {};
  return base::Error{fmt::format(
      "consensus: {} failed at term {}, last entry {}, committed {}: {}{}", what, raft.current_term,
      raft_last_index(&raft), raft.commit_index, raft_strerror(error),
      error == RAFT_SHUTDOWN
          ? ". The leader's log contradicts what is committed here: one of the two was damaged. "
            "Stop this server, compare the logs with `okiagari verify`, and rebuild the wrong one "
            "from its peers"
          : "")};
}

void RaftCore::Library::take_update(const raft_event& event, const raft_update& from) {
  const unsigned flags = from.flags;
  update.ballot_changed =
      (flags & (RAFT_UPDATE_CURRENT_TERM)) != 0 || (flags & (RAFT_UPDATE_VOTED_FOR)) != 0;
  update.state_changed = (flags & (RAFT_UPDATE_STATE)) != 0;
  if ((flags & (RAFT_UPDATE_ENTRIES)) != 0) take_entries(event, from);
  if ((flags & (RAFT_UPDATE_SNAPSHOT)) != 0) take_snapshot(from);
  if ((flags & (RAFT_UPDATE_MESSAGES)) != 0) {
    for (unsigned i = 0; i < from.messages.n; ++i) {
      messages.push_back(outgoing(from.messages.batch[i]));
    }
    update.messages = messages;
  }
}

void RaftCore::Library::take_entries(const raft_event& event, const raft_update& from) {
  update.first_index = from.entries.index;
  for (unsigned i = 0; i < from.entries.n; ++i) {
    const raft_entry& entry = from.entries.batch[i];
    entries.push_back({entry.term,
                       static_cast<EntryType>(entry.type),
                       {static_cast<const std::byte*>(entry.buf.base), entry.buf.len}});
  }
  update.entries = entries;
  void* owner = from.entries.batch[0].batch;
  if (owner == &borrowed_payload) return;
  if (event.type == RAFT_RECEIVE && event.receive.message->type == RAFT_APPEND_ENTRIES) {
    raft_free(owner);  // only stood for the payloads, which are in the frame
  } else {
    owned_payload = owner;
  }
}

void RaftCore::Library::take_snapshot(const raft_update& from) {
  const raft_snapshot_metadata& metadata = from.snapshot.metadata;
  snapshot.index = metadata.index;
  snapshot.term = metadata.term;
  snapshot.configuration_index = metadata.configuration_index;
  copy_configuration(metadata.configuration, snapshot.configuration);
  // snapshot_is_stored() gives the library another copy.
  raft_configuration given = metadata.configuration;
  raft_configuration_close(&given);
  update.snapshot = &snapshot;
}

RaftCore::Outgoing RaftCore::Library::outgoing(const raft_message& from) {
  Outgoing into;
  into.to = static_cast<NodeId>(from.server_id);
  switch (from.type) {
    case RAFT_REQUEST_VOTE: {
      const auto& m = from.request_vote;
      into.message =
          RequestVote{m.term, m.last_log_index, m.last_log_term, m.disrupt_leader, m.pre_vote};
      break;
    }
    case RAFT_REQUEST_VOTE_RESULT: {
      const auto& m = from.request_vote_result;
      into.message = RequestVoteResult{m.term, m.vote_granted, m.pre_vote, m.features, m.capacity};
      break;
    }
    case RAFT_APPEND_ENTRIES: {
      const auto& m = from.append_entries;
      into.message =
          AppendOrder{m.term, m.prev_log_index, m.prev_log_term, m.leader_commit, m.n_entries};
      break;
    }
    case RAFT_APPEND_ENTRIES_RESULT: {
      const auto& m = from.append_entries_result;
      into.message =
          AppendEntriesResult{m.term, m.rejected, m.last_log_index, m.features, m.capacity};
      break;
    }
    case RAFT_INSTALL_SNAPSHOT: {
      const auto& m = from.install_snapshot;
      into.message = SnapshotOrder{m.term, m.last_index, m.last_term};
      break;
    }
    case RAFT_TIMEOUT_NOW: {
      const auto& m = from.timeout_now;
      into.message = TimeoutNow{m.term, m.last_log_index, m.last_log_term};
      break;
    }
  }
  return into;
}

void RaftCore::Library::fill(raft_message& into, const RequestVote& message) {
  into.type = RAFT_REQUEST_VOTE;
  into.request_vote.version = kVoteVersion;
  into.request_vote.term = message.term;
  into.request_vote.candidate_id = into.server_id;
  into.request_vote.last_log_index = message.last_index;
  into.request_vote.last_log_term = message.last_term;
  into.request_vote.disrupt_leader = message.disrupts_leader;
  into.request_vote.pre_vote = message.is_pre_vote;
}

void RaftCore::Library::fill(raft_message& into, const RequestVoteResult& message) {
  into.type = RAFT_REQUEST_VOTE_RESULT;
  into.request_vote_result.version = kVoteResultVersion;
  into.request_vote_result.term = message.term;
  into.request_vote_result.vote_granted = message.is_granted;
  into.request_vote_result.pre_vote = message.is_pre_vote;
  into.request_vote_result.features = message.features;
  into.request_vote_result.capacity = message.capacity;
}

void RaftCore::Library::fill(raft_message& into, const AppendEntries& message) {
  into.type = RAFT_APPEND_ENTRIES;
  into.append_entries.term = message.term;
  into.append_entries.prev_log_index = message.prev_index;
  into.append_entries.prev_log_term = message.prev_term;
  into.append_entries.leader_commit = message.leader_commit;
  // The library frees the owner of what it has no use for, so the owner must be of its heap.
  void* owner = message.entries.empty() ? nullptr : raft_malloc(1);
  library_entries.clear();
  for (const SentEntry& entry : message.entries) {
    library_entries.push_back(library_entry(entry, owner));
  }
  into.append_entries.entries = library_entries.data();
  into.append_entries.n_entries = static_cast<unsigned>(library_entries.size());
}

void RaftCore::Library::fill(raft_message& into, const AppendEntriesResult& message) {
  into.type = RAFT_APPEND_ENTRIES_RESULT;
  into.append_entries_result.version = kAppendResultVersion;
  into.append_entries_result.term = message.term;
  into.append_entries_result.rejected = message.rejected;
  into.append_entries_result.last_log_index = message.last_index;
  into.append_entries_result.features = message.features;
  into.append_entries_result.capacity = message.capacity;
}

void RaftCore::Library::fill(raft_message& into, const TimeoutNow& message) {
  into.type = RAFT_TIMEOUT_NOW;
  into.timeout_now.term = message.term;
  into.timeout_now.last_log_index = message.last_index;
  into.timeout_now.last_log_term = message.last_term;
}

// The state itself is not passed through the library: it is with the one who calls.
void RaftCore::Library::fill(raft_message& into, const InstallSnapshot& message) {
  into.type = RAFT_INSTALL_SNAPSHOT;
  into.install_snapshot.term = message.term;
  into.install_snapshot.last_index = message.point.index;
  into.install_snapshot.last_term = message.point.term;
  into.install_snapshot.conf = library_configuration(message.point.configuration);
  into.install_snapshot.conf_index = message.point.configuration_index;
}

RaftCore::RaftCore(const CoreOptions& options) : library_(std::make_unique<Library>()) {
  struct raft* raft = &library_->raft;
  const int error =
      raft_init(raft, nullptr, nullptr, options.node, address_of(options.node).c_str());
  ASSERT(error == 0, "raft_init: {}", raft_strerror(error));
  raft->tracer = nullptr;  // else each step formats log lines
  raft_seed(raft, static_cast<unsigned>(options.random_seed ^ (options.random_seed >> 32)));
  raft_set_election_timeout(raft, options.election_ms);
  raft_set_heartbeat_timeout(raft, options.heartbeat_ms);
  raft_set_install_snapshot_timeout(raft, options.install_snapshot_ms);
  raft_set_pre_vote(raft, true);
  raft_set_max_inflight_entries(raft, options.max_entries_in_flight);
  raft_set_capacity_threshold(raft, options.capacity_threshold);
}

RaftCore::~RaftCore() {
  library_->begin(library_->now_ms);
  raft_close(&library_->raft, nullptr);
}

base::Status RaftCore::start(std::uint64_t now_ms, const Stored& stored) {
  library_->begin(now_ms);
  std::vector<raft_entry> entries;
  entries.reserve(stored.entries.size());
  for (const SentEntry& entry : stored.entries) {
    entries.push_back(library_entry(entry, &borrowed_payload));
  }
  raft_snapshot_metadata metadata{};
  if (stored.snapshot) metadata = library_metadata(*stored.snapshot);
  raft_event event{};
  event.type = RAFT_START;
  event.start.term = stored.ballot.term;
  event.start.voted_for = stored.ballot.voted_for;
  event.start.metadata = stored.snapshot ? &metadata : nullptr;
  event.start.start_index = stored.first_index;
  event.start.entries = entries.data();
  event.start.n_entries = static_cast<unsigned>(entries.size());
  return library_->step_or_end(event, "start");
}

raft_message RaftCore::Library::incoming(NodeId from, const Incoming& message) {
  raft_message into{};
  into.server_id = from;
  std::visit([&](const auto& alternative) { fill(into, alternative); }, message);
  return into;
}

base::Status RaftCore::receive(std::uint64_t now_ms, NodeId from, const Incoming& message) {
  library_->begin(now_ms);
  raft_message received = library_->incoming(from, message);
  const std::string address = address_of(from);
  received.server_address = address.c_str();
  raft_event event{};
  event.type = RAFT_RECEIVE;
  event.receive.message = &received;
  // Work-around 8. Whoever asks counts this server as a voter, by an entry that may not be here
  // yet; the core would refuse for what its own log says.
  raft_server* const standby =
      std::holds_alternative<RequestVote>(message) ? library_->itself_without_vote() : nullptr;
  if (standby != nullptr) standby->role = RAFT_VOTER;
  const base::Status status = library_->step_or_end(event, "a message of a peer");
  if (standby != nullptr) standby->role = RAFT_STANDBY;
  return status;
}

base::Status RaftCore::entries_are_stored(std::uint64_t now_ms, Index index) {
  library_->begin(now_ms);
  raft_event event{};
  event.type = RAFT_PERSISTED_ENTRIES;
  event.persisted_entries.index = index;
  return library_->step_or_end(event, "completion of a write");
}

base::Status RaftCore::snapshot_is_stored(std::uint64_t now_ms, const SnapshotPoint& point) {
  library_->begin(now_ms);
  raft_event event{};
  event.type = RAFT_PERSISTED_SNAPSHOT;
  event.persisted_snapshot.metadata = library_metadata(point);
  event.persisted_snapshot.offset = 0;
  event.persisted_snapshot.last = true;
  return library_->step_or_end(event, "installation of a snapshot");
}

base::Status RaftCore::configuration_is_applied(std::uint64_t now_ms, Index index,
                                                const Configuration& configuration) {
  library_->begin(now_ms);
  raft_event event{};
  event.type = RAFT_CONFIGURATION;
  event.configuration.index = index;
  event.configuration.conf = library_configuration(configuration);
  return library_->step_or_end(event, "change of the configuration");
}

base::Status RaftCore::snapshot_is_taken(std::uint64_t now_ms, const SnapshotPoint& point,
                                         std::uint32_t trailing) {
  library_->begin(now_ms);
  raft_event event{};
  event.type = RAFT_SNAPSHOT;
  event.snapshot.metadata = library_metadata(point);
  event.snapshot.trailing = trailing;
  return library_->step_or_end(event, "completion of a snapshot");
}

base::Status RaftCore::time_out(std::uint64_t now_ms) {
  library_->begin(now_ms);
  raft_event event{};
  event.type = RAFT_TIMEOUT;
  return library_->step_or_end(event, "a timer");
}

bool RaftCore::submit(std::uint64_t now_ms, EntryType type, base::Bytes payload) {
  library_->begin(now_ms);
  raft_entry entry = library_entry({term(), type, payload}, &borrowed_payload);
  raft_event event{};
  event.type = RAFT_SUBMIT;
  event.submit.entries = &entry;
  event.submit.n = 1;
  return library_->step(event) == 0;
}

bool RaftCore::transfer(std::uint64_t now_ms, NodeId target) {
  library_->begin(now_ms);
  raft_event event{};
  event.type = RAFT_TRANSFER;
  event.transfer.server_id = target;
  return library_->step(event) == 0;
}

const RaftCore::Update& RaftCore::update() const { return library_->update; }

RaftCore::State RaftCore::state() const {
  switch (library_->raft.state) {
    case RAFT_LEADER:
      return State::leader;
    case RAFT_CANDIDATE:
      return State::candidate;
    default:
      return State::follower;
  }
}

Ballot RaftCore::ballot() const {
  return {library_->raft.current_term, static_cast<NodeId>(library_->raft.voted_for)};
}

Term RaftCore::term() const { return library_->raft.current_term; }

NodeId RaftCore::leader() const {
  raft_id id = 0;
  const char* address = nullptr;
  if (state() == State::leader) return static_cast<NodeId>(library_->raft.id);
  raft_leader(&library_->raft, &id, &address);
  return static_cast<NodeId>(id);
}

NodeId RaftCore::transferee() const {
  return static_cast<NodeId>(raft_transferee(&library_->raft));
}

Index RaftCore::last_index() const { return raft_last_index(&library_->raft); }

Term RaftCore::last_term() const {
  const Index last = last_index();
  return last == 0 ? 0 : term_of(last);
}

Index RaftCore::stored_index() const { return library_->raft.last_stored; }
Index RaftCore::commit_index() const { return raft_commit_index(&library_->raft); }
Index RaftCore::snapshot_index() const { return library_->raft.trail.snapshot.index; }
Term RaftCore::snapshot_term() const { return library_->raft.trail.snapshot.term; }

Term RaftCore::term_of(Index index) const {
  const raft_trail& trail = library_->raft.trail;
  if (index == trail.snapshot.index) return trail.snapshot.term;
  if (index <= trail.offset || index > last_index()) return 0;
  // From the newest on: the end is what is asked for nearly always.
  Term term = 0;
  for (unsigned i = trail.back; i != trail.front;) {
    i = (i + trail.size - 1) % trail.size;
    if (index > trail.records[i].index) break;
    term = trail.records[i].term;
  }
  return term;
}

Index RaftCore::match_index(NodeId peer) const {
  raft_index index = 0;
  return raft_match_index(&library_->raft, peer, &index) == 0 ? index : 0;
}

const Configuration& RaftCore::configuration() const {
  library_->copy_present_configuration();
  return library_->configuration;
}

std::uint64_t RaftCore::configuration_version() const {
  library_->copy_present_configuration();
  return library_->configuration_version;
}

Index RaftCore::committed_configuration_index() const {
  return library_->raft.configuration_committed_index;
}

bool RaftCore::can_change_configuration() const {
  const struct raft& raft = library_->raft;
  return state() == State::leader && raft.configuration_uncommitted_index == 0 &&
         raft.leader_state.transferee == 0 && raft.leader_state.promotee_id == 0;
}

std::uint64_t RaftCore::timeout_ms() const { return raft_timeout(&library_->raft); }

void RaftCore::set_election_ms(std::uint32_t election_ms) {
  raft_set_election_timeout(&library_->raft, election_ms);
}

void RaftCore::set_max_entries_in_flight(std::uint32_t entries) {
  raft_set_max_inflight_entries(&library_->raft, entries);
}

void RaftCore::set_capacity(std::uint16_t capacity) { library_->capacity = capacity; }

}  // namespace okiagari::journal
