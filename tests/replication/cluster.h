// Three replicas in one process, on simulated disks, with a network that keeps order and a clock
// that moves only when nothing else is to do. For tests of one situation at a time; the simulator
// is what looks for the others.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "journal/peer_message.h"
#include "journal/replica.h"
#include "tests/simulation/simulated_disk.h"

namespace okiagari::replication {

using journal::Index;
using journal::Term;

// Keeps every batch it was given, in order.
class RecordingMachine final : public journal::StateMachine {
 public:
  struct Applied {
    Index index = 0;
    Term term = 0;
    std::string batch;
    bool own = false;
  };

  base::Status apply(Index index, Term term, base::Bytes batch, const base::Digest& chain,
                     bool own) override;
  void leadership_open(Term term) override { open_term_ = term; }
  void leadership_lost() override {
    open_term_ = 0;
    ++times_lost_;
  }
  void write_snapshot(base::ByteWriter& into) override;
  base::Status load_snapshot(base::Bytes snapshot, Index index) override;

  std::string refused = "refused";  // it cannot apply that
  [[nodiscard]] const std::vector<Applied>& applied() const { return applied_; }
  [[nodiscard]] Term open_term() const { return open_term_; }
  [[nodiscard]] std::uint64_t times_lost() const { return times_lost_; }

 private:
  std::vector<Applied> applied_;
  Term open_term_ = 0;
  std::uint64_t times_lost_ = 0;
};

class Cluster {
 public:
  explicit Cluster(std::size_t size = 3);
  ~Cluster();

  // Of nodes that are started from now on.
  journal::ReplicaOptions options;

  void start(NodeId node);
  void start_all();
  // The process ends; what it wrote stays. Its peers see their connections end, unless it is
  // silent.
  void kill(NodeId node, bool silent = false);
  // Power is cut: what was not synced is lost, sector by sector, as chance has it.
  void power_off(NodeId node);
  void freeze(NodeId node) { frozen_.insert(node); }
  void thaw(NodeId node) { frozen_.erase(node); }
  void block(NodeId from, NodeId to) { blocked_.insert({from, to}); }
  void unblock(NodeId from, NodeId to) { blocked_.erase({from, to}); }
  void wipe(NodeId node, journal::StorageId storage, bool barred);
  // An empty folder for a server that is to join; its process is not started.
  void format_joining(NodeId node, journal::StorageId storage);
  // The connection that `from` opened to `to` ends; it is back a moment later.
  void break_link(NodeId from, NodeId to);
  // A message for which this is true is lost.
  std::function<bool(NodeId from, NodeId to, const journal::PeerMessage&)> loses;
  // What was sent of a snapshot is said to be on its way still.
  bool holds_chunks_back = false;

  void run_ms(std::uint64_t ms);
  // Runs until the condition holds; false when it does not within the time.
  bool run_until(const std::function<bool()>& condition, std::uint64_t limit_ms = 5000);
  // Runs until somebody is open; who, or 0.
  NodeId elect(std::uint64_t limit_ms = 5000);
  // The one that is open, or 0.
  [[nodiscard]] NodeId leader() const;
  // A frame comes to `to` now, whoever is alive or leads.
  void deliver(NodeId to, const journal::Sender& sender, const journal::PeerMessage& message);
  // Submits so many batches through whoever leads, and waits until all running nodes have applied
  // them.
  bool replicate(std::size_t count, std::size_t batch_bytes = 100);

  [[nodiscard]] bool is_running(NodeId node) const { return nodes_.at(node).replica != nullptr; }
  journal::Replica& replica(NodeId node) { return *nodes_.at(node).replica; }
  RecordingMachine& machine(NodeId node) { return *nodes_.at(node).machine; }
  simulation::SimulatedDisk& disk(NodeId node) { return nodes_.at(node).disk; }
  // Why it ended or would not start; empty when it did not.
  [[nodiscard]] const std::string& error(NodeId node) const { return nodes_.at(node).error; }
  [[nodiscard]] std::uint64_t now_us() const { return now_us_; }
  [[nodiscard]] const std::vector<std::string>& notables() const { return notables_; }
  // All running nodes have applied the same batches, as far as each has come.
  [[nodiscard]] bool agree() const;

 private:
  class NodeLinks final : public journal::Links {
   public:
    NodeLinks(Cluster& cluster, NodeId self) : cluster_(cluster), self_(self) {}
    bool send(NodeId to, base::Bytes frame) override;
    // Over the same way: the simulator has one apart.
    bool send_bulk(NodeId to, base::Bytes frame) override { return send(to, frame); }
    [[nodiscard]] bool is_bulk_on_its_way(NodeId) const override {
      return cluster_.holds_chunks_back;
    }

   private:
    Cluster& cluster_;
    NodeId self_;
  };
  class InPlaceWorker final : public journal::SnapshotWorker {
   public:
    void start(std::unique_ptr<journal::SnapshotJob> job) override;
    State poll() override;

   private:
    State state_ = State::idle;
  };
  struct Node {
    explicit Node(NodeId node);
    simulation::SimulatedDisk disk;
    std::unique_ptr<RecordingMachine> machine;
    std::unique_ptr<NodeLinks> links;
    std::unique_ptr<InPlaceWorker> worker;
    std::unique_ptr<journal::Replica> replica;
    std::string error;
    std::uint64_t life = 0;
    bool has_news = false;
  };
  struct InFlight {
    std::uint64_t at_us = 0;
    NodeId from = 0;
    NodeId to = 0;
    std::uint64_t from_life = 0;
    std::uint64_t to_life = 0;
    std::vector<std::byte> frame;
  };

  void end(NodeId node);
  void tell_links(NodeId node, bool up);
  void deliver();
  void turn(NodeId id, Node& node);
  [[nodiscard]] std::uint64_t next_us();

  std::map<NodeId, Node> nodes_;
  std::deque<InFlight> network_;
  std::set<NodeId> frozen_;
  std::set<std::pair<NodeId, NodeId>> blocked_;
  std::uint64_t now_us_ = 1'000'000;
  std::uint64_t submitted_ = 0;
  std::vector<std::string> notables_;
};

}  // namespace okiagari::replication
