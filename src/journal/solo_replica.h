// A replica without peers or disk, for tests: what is submitted commits at the end of the turn. The
// test says when it leads.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "journal/replica.h"

namespace okiagari::journal {

class SoloReplica final : public Replica {
 public:
  explicit SoloReplica(StateMachine& machine) : machine_(machine) {}

  void lead(Term term) {
    view_.term = term;
    view_.role = Role::leader;
    view_.leader = 1;
    view_.open = true;
    machine_.leadership_open(term);
  }
  void lose(NodeId to) {
    view_.role = Role::follower;
    view_.leader = to;
    view_.open = false;
    queue_.clear();
    machine_.leadership_lost();
  }
  // A batch that came from another leader.
  void replicate(base::Bytes batch) { queue_.emplace_back(batch.begin(), batch.end()); }
  void set_busy(bool busy) { busy_ = busy; }
  [[nodiscard]] const std::vector<std::vector<std::byte>>& log() const { return log_; }
  NodeId transferred_to = 0;
  std::vector<ServerChange> changes;

  void receive(NodeId, base::Bytes) override {}
  void link_up(NodeId) override {}
  void link_lost(NodeId) override {}
  SubmitResult submit(base::Bytes batch) override {
    if (!can_submit()) return SubmitResult::busy;
    replicate(batch);
    return SubmitResult::accepted;
  }
  [[nodiscard]] bool can_submit() const override { return view_.open && !busy_; }
  base::Status transfer(NodeId target) override {
    transferred_to = target;
    return {};
  }
  base::Result<ChangeOutcome> change_servers(const ServerChange& change) override {
    changes.push_back(change);
    return ChangeOutcome::logged;
  }
  [[nodiscard]] const Configuration& servers() const override { return servers_; }
  base::Status end_turn(std::uint64_t) override {
    for (auto& batch : std::exchange(queue_, {})) {
      log_.push_back(std::move(batch));
      ++view_.last_index;
      view_.commit_index = view_.applied_index = view_.last_index;
      chain_ = base::digest(chain_, log_.back());
      const base::Status applied =
          machine_.apply(view_.last_index, view_.term, log_.back(), chain_, view_.open);
      if (!applied) return applied;
    }
    return {};
  }
  [[nodiscard]] std::uint64_t next_deadline_ms() const override { return UINT64_MAX; }
  [[nodiscard]] ReplicaView view() const override { return view_; }

 private:
  StateMachine& machine_;
  ReplicaView view_ = [] {
    ReplicaView view;
    view.voters = 3;
    return view;
  }();
  Configuration servers_ = voters_only({1, 2, 3});
  base::Digest chain_{};
  bool busy_ = false;
  std::vector<std::vector<std::byte>> queue_;
  std::vector<std::vector<std::byte>> log_;
};

}  // namespace okiagari::journal
