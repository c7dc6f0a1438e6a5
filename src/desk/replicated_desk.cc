#include "desk/replicated_desk.h"

#include <fmt/format.h>

#include <algorithm>

namespace okiagari::desk {

namespace {

constexpr std::size_t kBatchBytesMax = 512u << 10;

}  // namespace

ReplicatedDesk::ReplicatedDesk(MakeDesk make) : make_(std::move(make)), desk_(make_()) {}

void ReplicatedDesk::submit(Entry entry, OnAnswer on_answer) {
  if (!leads_ || waiting_.size() >= kWaitingMax) {
    if (on_answer) {
      on_answer(base::Error{leads_ ? "the desk has too much to do; try again"
                                   : "this desk does not lead; ask the one that does"},
                0);
    }
    return;
  }
  waiting_.push_back({std::move(entry), std::move(on_answer)});
}

TimestampNs ReplicatedDesk::next_due_ns() const {
  if (!leads_) return kNever;
  if (!waiting_.empty()) return 0;
  const TimestampNs due = desk_->next_due_ns();
  return due == kNever || is_tick_under_way_ ? kNever : due;
}

void ReplicatedDesk::end_turn(TimestampNs wall_ns) {
  if (!leads_) return;
  if (desk_->next_due_ns() <= wall_ns && !is_tick_under_way_) {
    is_tick_under_way_ = true;
    Entry tick;
    tick.type = "desk.tick";
    tick.by = "desk";
    waiting_.push_back({std::move(tick), [this](const base::Status&, std::uint64_t) {
                          is_tick_under_way_ = false;
                        }});
  }
  while (!waiting_.empty() && replica_->can_submit()) {
    base::ByteWriter batch;
    std::vector<OnAnswer> answers;
    std::size_t taken = 0;
    for (; taken < waiting_.size() && batch.size() < kBatchBytesMax; ++taken) {
      Waiting& next = waiting_[taken];
      stamped_ns_ = std::max({stamped_ns_, desk_->now_ns(), wall_ns});
      next.entry.at_ns = stamped_ns_;
      append_entry(batch, next.entry);
      answers.push_back(std::move(next.on_answer));
    }
    const journal::SubmitResult result = replica_->submit(batch.view());
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(taken);
    if (result != journal::SubmitResult::accepted) {
      for (std::size_t at = 0; at < taken; ++at) waiting_[at].on_answer = std::move(answers[at]);
      return;
    }
    waiting_.erase(waiting_.begin(), end);
    under_way_.push_back(std::move(answers));
  }
}

base::Status ReplicatedDesk::apply(journal::Index, journal::Term, base::Bytes batch,
                                   const base::Digest&, bool own) {
  history_.object(static_cast<std::uint32_t>(batch.size()));
  history_.bytes(batch);
  if (!own || under_way_.empty()) {
    apply_batch(batch, nullptr);
    return {};
  }
  std::vector<OnAnswer> answers = std::move(under_way_.front());
  under_way_.pop_front();
  apply_batch(batch, &answers);
  return {};
}

void ReplicatedDesk::apply_batch(base::Bytes batch, std::vector<OnAnswer>* answers) {
  auto entries = read_entries(batch);
  // It was written by a desk and its checksum held.
  ASSERT(entries.ok(), "a batch of the desk's log: {}", entries.error().message);
  std::size_t at = 0;
  for (const Entry& entry : entries.value()) {
    const std::uint64_t first_new = desk_->timeline().items().size() + 1;
    const base::Status answer = desk_->apply(entry, ++entries_);
    if (on_applied) on_applied(entry, entries_, answer, first_new);
    if (answers != nullptr && at < answers->size() && (*answers)[at]) {
      (*answers)[at](answer, entries_);
    }
    ++at;
  }
}

void ReplicatedDesk::leadership_open(journal::Term) {
  leads_ = true;
  is_tick_under_way_ = false;
  Entry entry;
  entry.type = "effect.taken_over";
  entry.by = "desk";
  submit(std::move(entry));
  if (on_lead) on_lead();
}

void ReplicatedDesk::leadership_lost() {
  leads_ = false;
  fail_all("leadership was lost while this was under way; whether it happened is not known yet");
  if (on_follow) on_follow();
}

void ReplicatedDesk::fail_all(const std::string& why) {
  std::vector<OnAnswer> answers;
  for (auto& batch : under_way_) {
    for (OnAnswer& answer : batch) answers.push_back(std::move(answer));
  }
  for (Waiting& waiting : waiting_) answers.push_back(std::move(waiting.on_answer));
  under_way_.clear();
  waiting_.clear();
  for (OnAnswer& answer : answers) {
    if (answer) answer(base::Error{why}, 0);
  }
}

// The past is what people will ask for, so a snapshot keeps all of it.
void ReplicatedDesk::write_snapshot(base::ByteWriter& into) { into.bytes(history_.view()); }

base::Status ReplicatedDesk::load_snapshot(base::Bytes snapshot, journal::Index) {
  desk_ = make_();
  entries_ = 0;
  history_.clear();
  history_.bytes(snapshot);
  while (!snapshot.empty()) {
    std::uint32_t size = 0;
    if (snapshot.size() < sizeof size) return base::Error{"the desk's snapshot is cut off"};
    std::memcpy(&size, snapshot.data(), sizeof size);
    snapshot = snapshot.subspan(sizeof size);
    if (size > snapshot.size()) return base::Error{"the desk's snapshot is cut off"};
    apply_batch(snapshot.first(size), nullptr);
    snapshot = snapshot.subspan(size);
  }
  return {};
}

}  // namespace okiagari::desk
