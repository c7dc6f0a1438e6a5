// Who is a server of the cluster, and changes of that.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "journal/replica_driver.h"

namespace okiagari::journal {
namespace {

// A server whose frames come at heartbeats is away when none came for so long.
constexpr std::uint64_t kReachableMs = 300;
constexpr std::uint64_t kTellAgainMs = 200;
constexpr std::uint64_t kTellAddressMs = 500;
constexpr std::size_t kRemovedMax = 64;

}  // namespace

const Configuration& ReplicaDriver::servers() const { return core_.configuration(); }

// A storage that lost votes or entries has no say in elections; neither has one under whose number
// the log knows another storage, because it is of the server before or after.
bool ReplicaDriver::may_vote() const {
  if (identity_.barred_from_voting || is_removed_) return false;
  const Server* own = find(core_.configuration(), options_.node);
  return own == nullptr || own->storage == 0 || own->storage == identity_.storage;
}

Standing ReplicaDriver::standing_of(NodeId node) const {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return {};
  const Peer& peer = found->second;
  Standing standing;
  standing.is_reachable = peer.is_linked && now_ms_ <= peer.heard_at_ms + kReachableMs;
  standing.never_votes = peer.is_barred;
  standing.is_disk_low = peer.is_disk_low;
  const Index match = core_.match_index(node);
  standing.missing_entries = core_.last_index() - std::min(match, core_.last_index());
  standing.knows_servers = match >= core_.committed_configuration_index();
  return standing;
}

base::Result<ChangeOutcome> ReplicaDriver::change_servers(const ServerChange& change) {
  if (failure_ || !is_open()) return base::Error{"this server does not lead"};
  if (hand_over_.is_under_way() || !core_.can_change_configuration()) {
    return base::Error{"another change or a hand-over is under way: try again when it is done"};
  }
  const bool was_removed = change.kind == ServerChange::Kind::add &&
                           std::any_of(removed_.begin(), removed_.end(), [&](const auto& removed) {
                             return removed.storage == change.server.storage;
                           });
  if (was_removed) {
    return base::Error{fmt::format(
        "node {} comes with a storage that was removed: format an empty folder for it, with a new "
        "number",
        change.server.node)};
  }
  const Configuration present = core_.configuration();
  const auto wanted = configuration_after(present, change, options_.node,
                                          [this](NodeId node) { return standing_of(node); });
  if (!wanted) return wanted.error();
  const bool is_same = wanted.value() == present;
  if (is_same && change.kind != ServerChange::Kind::none) return ChangeOutcome::unchanged;
  if (find(wanted.value(), options_.node) == nullptr) {
    const base::Status left = transfer(0);
    if (!left) return left.error();
    return ChangeOutcome::handing_over;
  }
  const std::vector<std::byte> encoded = encode_configuration(wanted.value());
  if (!core_.submit(now_ms_, EntryType::change, encoded)) {
    return base::Error{"the change was refused: try again"};
  }
  is_turn_due_ = true;
  if (!carry_out_update()) return failure_.value();
  return ChangeOutcome::logged;
}

bool ReplicaDriver::is_leaders_word(const PeerMessage& message) const {
  if (const auto* entries = std::get_if<AppendEntries>(&message)) {
    return entries->term >= core_.term();
  }
  const auto* chunk = std::get_if<SnapshotChunk>(&message);
  return chunk != nullptr && chunk->term >= core_.term();
}

// A server that this log does not know may have come while this one was away: it speaks for itself.
base::Result<PeerRegister::Verdict> ReplicaDriver::storage_verdict(const Sender& sender) {
  using Verdict = PeerRegister::Verdict;
  const Server* server = find(core_.configuration(), sender.node);
  const bool is_named = server != nullptr && server->storage != 0;
  if (is_named && server->storage == sender.storage) {
    const base::Status noted = register_.set(sender.node, sender.storage);
    if (!noted) return noted.error();
    return Verdict::known;
  }
  if (tell_if_removed(sender)) return Verdict::refused;
  if (server == nullptr) return Verdict::known;
  if (is_named && !sender.is_barred_from_voting) return Verdict::refused;
  if (!is_named && sender.joined_later) return verdict_on_successor(sender);
  return register_.check(sender);
}

// By this log the number is of a server that the cluster began with, and no such server joined
// later: somebody gave a new server a number that is taken. No leader adds it, and its storage is
// never noted as the first one's.
PeerRegister::Verdict ReplicaDriver::verdict_on_successor(const Sender& sender) const {
  using Verdict = PeerRegister::Verdict;
  const auto first = register_.storage_of(sender.node);
  const bool may_forget_votes = first && *first != sender.storage && !sender.is_barred_from_voting;
  return may_forget_votes ? Verdict::refused : Verdict::known;
}

bool ReplicaDriver::tell_if_removed(const Sender& sender) {
  for (RemovedServer& removed : removed_) {
    if (removed.node != sender.node || removed.storage != sender.storage) continue;
    if (now_ms_ >= removed.told_at_ms + kTellAgainMs) {
      sender_.send(sender.node, Removed{removed.configuration_index, removed.storage});
      removed.told_at_ms = now_ms_;
    }
    return true;
  }
  return false;
}

// `before` was the configuration that was applied until now.
void ReplicaDriver::servers_are_applied(base::Bytes before) {
  const auto was = decode_configuration(before);
  const auto is = decode_configuration(configuration_);
  if (!was || !is) return;
  for (const Server& server : *was) {
    const Server* still = find(*is, server.node);
    if (still != nullptr && still->storage == server.storage) continue;
    const StorageId met = register_.storage_of(server.node).value_or(0);
    note_removed(server.node, server.storage);
    if (met != server.storage) note_removed(server.node, met);
    const base::Status forgotten = register_.forget(server.node);
    if (!forgotten) return fail(forgotten.error());
  }
}

void ReplicaDriver::note_removed(NodeId node, StorageId storage) {
  if (storage == 0 || node == options_.node) return;
  removed_.push_back({node, storage, configuration_index_, now_ms_});
  if (removed_.size() > kRemovedMax) removed_.pop_front();
  sender_.send(node, Removed{configuration_index_, storage});
}

void ReplicaDriver::handle(NodeId from, Removed& message) {
  if (message.storage != identity_.storage || leads() || is_removed_) return;
  if (message.configuration_index <= configuration_index_ &&
      find(core_.configuration(), options_.node) != nullptr) {
    return;
  }
  is_removed_ = true;
  notable(fmt::format("{}: this server was removed from the cluster, says node {}", disk_.where(),
                      from));
}

// It is answered, so that who is heard hears too: otherwise whoever looks at the links takes the
// silence of two followers for a cut in one direction.
void ReplicaDriver::handle(NodeId from, ServerAddress& message) {
  if (options_.on_server_address) options_.on_server_address(from, message.address);
  sender_.send(from, Introduction{true});
}

bool ReplicaDriver::tells_address() const { return identity_.joins && !options_.address.empty(); }

// Of a server that joined later, to those that say nothing: they may not know that it is here now.
// Where the first servers are stands in everybody's configuration.
void ReplicaDriver::tell_address() {
  if (!tells_address() || now_ms_ < address_due_ms_) return;
  address_due_ms_ = now_ms_ + kTellAddressMs;
  for (const Server& server : core_.configuration()) {
    if (server.node == options_.node) continue;
    const Peer& peer = peers_[server.node];
    if (now_ms_ <= peer.heard_at_ms + kReachableMs && peer.heard_at_ms != 0) continue;
    sender_.send(server.node, ServerAddress{options_.address});
  }
}

void ReplicaDriver::tell_servers() {
  if (!options_.on_servers || core_.configuration_version() == servers_told_) return;
  servers_told_ = core_.configuration_version();
  options_.on_servers(core_.configuration());
}

}  // namespace okiagari::journal
