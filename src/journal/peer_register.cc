#include "journal/peer_register.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace okiagari::journal {
namespace {

constexpr std::size_t kPeersMax = 30;

struct StoredPeer {
  NodeId node = 0;  // 0: the place is free
  std::array<std::uint8_t, 6> reserved{};
  StorageId storage = 0;
};
using StoredPeers = std::array<StoredPeer, kPeersMax>;
static_assert(sizeof(StoredPeers) == TwoSlotFile::kPayloadBytesMax);

base::Result<bool> has_file(Disk& disk) {
  const base::Result<std::vector<std::string>> names = disk.list();
  if (!names) return names.error();
  return std::find(names.value().begin(), names.value().end(), kPeersName) != names.value().end();
}

}  // namespace

base::Result<PeerRegister> PeerRegister::open(Disk& disk) {
  StoredPeers peers{};
  const base::Result<bool> present = has_file(disk);
  if (!present) return present.error();
  if (!present.value()) {
    const base::Status created =
        TwoSlotFile::create(disk, kPeersName, SlotKind::peers, base::object_bytes(peers));
    if (!created) return created.error();
  }
  base::Result<TwoSlotFile> file =
      TwoSlotFile::open(disk, kPeersName, SlotKind::peers,
                        std::as_writable_bytes(std::span<StoredPeers, 1>(&peers, 1)));
  if (!file) return file.error();
  std::map<NodeId, StorageId> storages;
  for (const StoredPeer& peer : peers) {
    if (peer.node != 0) storages.emplace(peer.node, peer.storage);
  }
  return PeerRegister(std::move(file.value()), std::move(storages));
}

base::Status PeerRegister::store() {
  StoredPeers peers{};
  std::size_t place = 0;
  for (const auto& [node, storage] : storages_) {
    peers[place].node = node;
    peers[place].storage = storage;
    ++place;
  }
  return file_.store(base::object_bytes(peers));
}

base::Result<PeerRegister::Verdict> PeerRegister::check(const Sender& sender) {
  const auto known = storages_.find(sender.node);
  if (known != storages_.end() && known->second == sender.storage) return Verdict::known;
  const bool is_new = known == storages_.end();
  if (!is_new && !sender.is_barred_from_voting) return Verdict::refused;
  if (is_new && storages_.size() == kPeersMax) return Verdict::refused;
  storages_[sender.node] = sender.storage;
  const base::Status stored = store();
  if (!stored) return stored.error();
  return is_new ? Verdict::learned : Verdict::replaced;
}

base::Status PeerRegister::set(NodeId node, StorageId storage) {
  const auto known = storages_.find(node);
  if (known != storages_.end() && known->second == storage) return {};
  if (known == storages_.end() && storages_.size() == kPeersMax) return {};
  storages_[node] = storage;
  return store();
}

base::Status PeerRegister::forget(NodeId node) {
  return storages_.erase(node) == 0 ? base::Status() : store();
}

std::optional<StorageId> PeerRegister::storage_of(NodeId node) const {
  const auto known = storages_.find(node);
  if (known == storages_.end()) return {};
  return known->second;
}

}  // namespace okiagari::journal
