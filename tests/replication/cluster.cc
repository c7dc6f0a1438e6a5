#include "tests/replication/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace okiagari::replication {
namespace {

constexpr std::uint64_t kDelayUs = 100;

std::string text_of(base::Bytes bytes) { return std::string(base::as_text(bytes)); }

}  // namespace

base::Status RecordingMachine::apply(Index index, Term term, base::Bytes batch, const base::Digest&,
                                     bool own) {
  if (text_of(batch) == refused) return base::Error{"a batch that cannot be applied here"};
  applied_.push_back({index, term, text_of(batch), own});
  return {};
}

void RecordingMachine::write_snapshot(base::ByteWriter& into) {
  into.little(static_cast<std::uint64_t>(applied_.size()));
  for (const Applied& applied : applied_) {
    into.little(applied.index);
    into.little(applied.term);
    into.little(static_cast<std::uint64_t>(applied.batch.size()));
    into.bytes(base::as_bytes(applied.batch));
  }
}

base::Status RecordingMachine::load_snapshot(base::Bytes snapshot, Index) {
  applied_.clear();
  base::ByteReader reader(snapshot);
  const auto count = reader.little<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    Applied applied;
    applied.index = reader.little<Index>();
    applied.term = reader.little<Term>();
    applied.batch = text_of(reader.bytes(reader.little<std::uint64_t>()));
    applied_.push_back(std::move(applied));
  }
  if (!reader.at_end()) return base::Error{"not a snapshot"};
  return {};
}

bool Cluster::NodeLinks::send(NodeId to, base::Bytes frame) {
  if (!cluster_.nodes_.contains(to)) return false;
  const Node& peer = cluster_.nodes_.at(to);
  if (peer.replica == nullptr || cluster_.blocked_.contains({self_, to})) return false;
  journal::PeerFrame decoded;
  const journal::FrameFault fault = journal::decode(frame, decoded);
  ASSERT(fault == journal::FrameFault::none, "{}", journal::name_of(fault));
  if (cluster_.loses && cluster_.loses(self_, to, decoded.message)) return true;
  cluster_.network_.push_back({cluster_.now_us_ + kDelayUs, self_, to,
                               cluster_.nodes_.at(self_).life, peer.life,
                               std::vector<std::byte>(frame.begin(), frame.end())});
  return true;
}

void Cluster::InPlaceWorker::start(std::unique_ptr<journal::SnapshotJob> job) {
  state_ = job->run() ? State::done : State::failed;
}

journal::SnapshotWorker::State Cluster::InPlaceWorker::poll() {
  return std::exchange(state_, State::idle);
}

Cluster::Node::Node(NodeId node) : disk(node, UINT64_MAX, fmt::format("disk {}", node)) {}

Cluster::Cluster(std::size_t size) {
  for (NodeId node = 1; node <= size; ++node) {
    options.voters.push_back(node);
    nodes_.emplace(node, node);
    nodes_.at(node).links = std::make_unique<NodeLinks>(*this, node);
    wipe(node, 1000U + node, false);
  }
  options.log.segment_bytes = 1U << 20;
  options.log.spare_segments = 0;
  options.min_free_bytes = 0;
}

Cluster::~Cluster() = default;

void Cluster::wipe(NodeId node, journal::StorageId storage, bool barred) {
  Node& there = nodes_.at(node);
  there.disk = simulation::SimulatedDisk(storage, UINT64_MAX, fmt::format("disk {}", node));
  const base::Status formatted =
      journal::format(there.disk, {options.cluster, node, storage, barred});
  ASSERT(formatted.ok(), "{}", formatted.error().message);
}

void Cluster::format_joining(NodeId node, journal::StorageId storage) {
  if (!nodes_.contains(node)) {
    nodes_.emplace(node, node);
    nodes_.at(node).links = std::make_unique<NodeLinks>(*this, node);
  }
  Node& there = nodes_.at(node);
  there.disk = simulation::SimulatedDisk(storage, UINT64_MAX, fmt::format("disk {}", node));
  const base::Status formatted =
      journal::format(there.disk, {options.cluster, node, storage, false, true});
  ASSERT(formatted.ok(), "{}", formatted.error().message);
}

void Cluster::start(NodeId id) {
  Node& node = nodes_.at(id);
  journal::ReplicaOptions mine = options;
  mine.node = id;
  mine.random_seed = 77 * id + node.life;
  mine.on_notable = [this, id](const std::string& line) {
    notables_.push_back(fmt::format("{}: {}", id, line));
  };
  node.error.clear();
  node.machine = std::make_unique<RecordingMachine>();
  node.worker = std::make_unique<InPlaceWorker>();
  auto started = journal::Replica::start(mine, node.disk, *node.links, *node.worker, *node.machine,
                                         now_us_ / 1000);
  if (!started) {
    node.error = started.error().message;
    return;
  }
  node.replica = std::move(started.value());
  ++node.life;
  tell_links(id, true);
}

void Cluster::start_all() {
  for (const auto& [id, node] : nodes_) {
    if (node.replica == nullptr) start(id);
  }
}

void Cluster::tell_links(NodeId id, bool up) {
  Node& node = nodes_.at(id);
  for (auto& [peer, there] : nodes_) {
    if (peer == id || there.replica == nullptr) continue;
    if (up) {
      there.replica->link_up(id);
      node.replica->link_up(peer);
    } else {
      there.replica->link_lost(id);
      there.has_news = true;
    }
  }
}

void Cluster::end(NodeId id) {
  Node& node = nodes_.at(id);
  node.replica.reset();
  frozen_.erase(id);
}

void Cluster::kill(NodeId id, bool silent) {
  end(id);
  nodes_.at(id).disk.kill();
  if (!silent) tell_links(id, false);
}

void Cluster::power_off(NodeId id) {
  end(id);
  nodes_.at(id).disk.crash();
}

void Cluster::break_link(NodeId from, NodeId to) {
  replica(to).link_lost(from);
  nodes_.at(to).has_news = true;
  std::erase_if(network_,
                [&](const InFlight& message) { return message.from == from && message.to == to; });
}

void Cluster::deliver() {
  while (!network_.empty() && network_.front().at_us <= now_us_) {
    const InFlight message = std::move(network_.front());
    network_.pop_front();
    Node& node = nodes_.at(message.to);
    const bool is_alive = node.replica != nullptr && node.life == message.to_life &&
                          nodes_.at(message.from).life == message.from_life;
    if (!is_alive || frozen_.contains(message.to)) continue;
    node.replica->receive(message.from, message.frame);
    node.has_news = true;
  }
}

void Cluster::deliver(NodeId to, const journal::Sender& sender,
                      const journal::PeerMessage& message) {
  base::ByteWriter frame;
  journal::encode(sender, message, frame);
  replica(to).receive(sender.node, frame.view());
  nodes_.at(to).has_news = true;
}

void Cluster::turn(NodeId id, Node& node) {
  node.has_news = false;
  const base::Status ended = node.replica->end_turn(now_us_ / 1000);
  if (ended) return;
  node.error = ended.error().message;
  kill(id);
}

std::uint64_t Cluster::next_us() {
  std::uint64_t next = network_.empty() ? UINT64_MAX : network_.front().at_us;
  for (auto& [id, node] : nodes_) {
    if (node.replica == nullptr || frozen_.contains(id)) continue;
    next = std::min(next, node.replica->next_deadline_ms() * 1000);
  }
  // Work that is due at once is done a moment later, so that time moves in any case.
  return std::max(next, now_us_ + 10);
}

bool Cluster::run_until(const std::function<bool()>& condition, std::uint64_t limit_ms) {
  const std::uint64_t end_us = now_us_ + limit_ms * 1000;
  while (!condition()) {
    if (now_us_ >= end_us) return false;
    now_us_ = std::min(end_us, next_us());
    deliver();
    for (auto& [id, node] : nodes_) {
      if (node.replica == nullptr || frozen_.contains(id)) continue;
      if (node.has_news || node.replica->next_deadline_ms() * 1000 <= now_us_) turn(id, node);
    }
  }
  return true;
}

void Cluster::run_ms(std::uint64_t ms) {
  static_cast<void>(run_until([] { return false; }, ms));
}

NodeId Cluster::leader() const {
  NodeId found = 0;
  Term term = 0;
  for (const auto& [id, node] : nodes_) {
    if (node.replica == nullptr || frozen_.contains(id)) continue;
    const journal::ReplicaView view = node.replica->view();
    if (view.open && view.term > term) {
      found = id;
      term = view.term;
    }
  }
  return found;
}

NodeId Cluster::elect(std::uint64_t limit_ms) {
  static_cast<void>(run_until([this] { return leader() != 0; }, limit_ms));
  return leader();
}

bool Cluster::replicate(std::size_t count, std::size_t batch_bytes) {
  const NodeId at = elect();
  if (at == 0) return false;
  std::size_t done = 0;
  const auto all_have = [&] {
    while (done < count && leader() == at && replica(at).can_submit()) {
      std::string batch = fmt::format("batch {}", ++submitted_);
      batch.resize(std::max(batch.size(), batch_bytes), '.');
      if (replica(at).submit(base::as_bytes(batch)) != journal::SubmitResult::accepted) break;
      ++done;
    }
    if (done < count) return false;
    const std::string wanted = fmt::format("batch {}", submitted_);
    return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& pair) {
      const Node& node = pair.second;
      if (node.replica == nullptr || frozen_.contains(pair.first)) return true;
      const auto& applied = node.machine->applied();
      return !applied.empty() && applied.back().batch.starts_with(wanted);
    });
  };
  return run_until(all_have, 20'000);
}

bool Cluster::agree() const {
  const std::vector<RecordingMachine::Applied>* longest = nullptr;
  for (const auto& [id, node] : nodes_) {
    if (node.replica == nullptr) continue;
    const auto& applied = node.machine->applied();
    if (longest == nullptr || applied.size() > longest->size()) longest = &applied;
  }
  for (const auto& [id, node] : nodes_) {
    if (node.replica == nullptr) continue;
    const auto& applied = node.machine->applied();
    for (std::size_t i = 0; i < applied.size(); ++i) {
      const auto& other = (*longest)[i];
      if (applied[i].index != other.index || applied[i].batch != other.batch) return false;
    }
  }
  return true;
}

}  // namespace okiagari::replication
