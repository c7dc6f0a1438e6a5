// The desk's state machine driven by its log: entries that are submitted here come back through the
// log on every replica, in the same order, and whoever submitted them hears what became of them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "desk/desk.h"
#include "desk/desk_port.h"
#include "journal/replica.h"

namespace okiagari::desk {

class ReplicatedDesk final : public journal::StateMachine {
 public:
  static constexpr std::size_t kWaitingMax = 10'000;
  using MakeDesk = std::function<std::unique_ptr<Desk>()>;
  using OnAnswer = DeskPort::OnAnswer;

  // `make` gives an empty desk with all its parts; called again when a snapshot is loaded.
  explicit ReplicatedDesk(MakeDesk make);

  // The replica that this is the state machine of; before the first turn.
  void attach(journal::Replica& replica) { replica_ = &replica; }

  // Only on the leader; elsewhere, and when kWaitingMax wait already, the answer is an error at
  // once.
  void submit(Entry entry, OnAnswer on_answer = nullptr);

  // What waits goes into the log, and a tick when something is due. `wall_ns` is the clock.
  void end_turn(TimestampNs wall_ns);
  // When end_turn() is needed at the latest, by the wall clock; kNever: not by itself.
  [[nodiscard]] TimestampNs next_due_ns() const;

  [[nodiscard]] const Desk& desk() const { return *desk_; }
  [[nodiscard]] bool leads() const { return leads_; }
  // Every entry so far, as applied: what a snapshot holds.
  [[nodiscard]] std::uint64_t entries() const { return entries_; }

  // Told in the turn in which it happens.
  std::function<void()> on_lead;
  std::function<void()> on_follow;
  // After each entry, also those of the replay at the start: the entry, its place, its answer, and
  // the first number of the timeline's new items.
  std::function<void(const Entry&, std::uint64_t index, const base::Status&,
                     std::uint64_t first_new_item)>
      on_applied;

  base::Status apply(journal::Index index, journal::Term term, base::Bytes batch,
                     const base::Digest& chain, bool own) override;
  void leadership_open(journal::Term term) override;
  void leadership_lost() override;
  void write_snapshot(base::ByteWriter& into) override;
  base::Status load_snapshot(base::Bytes snapshot, journal::Index index) override;

 private:
  struct Waiting {
    Entry entry;
    OnAnswer on_answer;
  };
  void apply_batch(base::Bytes batch, std::vector<OnAnswer>* answers);
  void fail_all(const std::string& why);

  MakeDesk make_;
  std::unique_ptr<Desk> desk_;
  journal::Replica* replica_ = nullptr;
  bool leads_ = false;
  bool is_tick_under_way_ = false;
  TimestampNs stamped_ns_ = 0;
  std::deque<Waiting> waiting_;
  std::deque<std::vector<OnAnswer>> under_way_;  // per batch in the log, oldest first
  base::ByteWriter history_;                     // all batches, each with its size before it
  std::uint64_t entries_ = 0;
};

}  // namespace okiagari::desk
