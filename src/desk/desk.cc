#include "desk/desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace okiagari::desk {

namespace {

constexpr std::size_t kRequestsMax = 10'000;
// What may follow from one entry: far more than any part makes, and an end to a circle.
constexpr std::size_t kFollowingMax = 10'000;

}  // namespace

Desk::Desk() { outbox_ = &add(std::make_unique<Outbox>()); }

void Desk::add_part(std::unique_ptr<Part> part) {
  for (const std::string_view word : part->words()) {
    const bool is_new = by_word_.emplace(word, part.get()).second;
    ASSERT(is_new, "two parts of the desk want the word {}", word);
  }
  parts_.push_back(std::move(part));
}

Part* Desk::find(std::string_view word) const {
  const auto found = by_word_.find(word);
  return found == by_word_.end() ? nullptr : found->second;
}

boost::json::value Desk::view(std::string_view word) const {
  const Part* part = find(word);
  return part == nullptr ? boost::json::value{} : part->view();
}

TimestampNs Desk::next_due_ns() const {
  TimestampNs due = kNever;
  for (const auto& part : parts_) due = std::min(due, part->next_due_ns());
  return due;
}

base::Status Desk::apply(const Entry& entry, std::uint64_t index) {
  index_ = index;
  outbox_->forget_touched();
  // A clock that was set back must not turn ours.
  const TimestampNs now_ns = std::max(now_ns_, entry.at_ns);
  advance_to(now_ns, index);
  base::Status answer;
  if (!is_repeat(entry, answer)) {
    std::deque<Entry> following;
    Context context{now_ns, index, entry.by, timeline_, *outbox_, following};
    answer = apply_one(entry, context);
    follow_up(context);
    remember(entry, answer);
  }
  return answer;
}

void Desk::advance_to(TimestampNs now_ns, std::uint64_t index) {
  while (true) {
    Part* first = nullptr;
    TimestampNs due = kNever;
    for (const auto& part : parts_) {
      const TimestampNs of_part = part->next_due_ns();
      if (of_part < due) {
        due = of_part;
        first = part.get();
      }
    }
    if (due > now_ns || first == nullptr) break;
    std::deque<Entry> following;
    Context context{std::max(now_ns_, due), index, "desk", timeline_, *outbox_, following};
    first->advance(context);
    follow_up(context);
    now_ns_ = context.now_ns;
    ASSERT(first->next_due_ns() > due, "what was due at {} is due again", due);
  }
  now_ns_ = now_ns;
}

void Desk::follow_up(Context& context) {
  std::size_t count = 0;
  while (true) {
    while (heard_ < timeline_.items().size()) {
      ASSERT(++count <= kFollowingMax, "news follow each other in a circle");
      const TimelineItem item = timeline_.items()[heard_++];
      for (const auto& part : parts_) part->heard(item, context);
    }
    if (context.following.empty()) return;
    ASSERT(++count <= kFollowingMax, "entries follow each other in a circle: {}",
           context.following.front().type);
    const Entry entry = std::move(context.following.front());
    context.following.pop_front();
    if (base::Status status = apply_one(entry, context); !status && find(entry.word()) != nullptr) {
      const std::string why = fmt::format("{}: {}", entry.type, status.error().message);
      context.note(text_or(entry.body, "incident"), "refused", {why, why});
    }
  }
}

base::Status Desk::apply_one(const Entry& entry, Context& context) {
  if (entry.type == "desk.tick") return {};
  Part* part = find(entry.word());
  if (part == nullptr) {
    return base::Error{fmt::format("the desk knows no entry '{}'", entry.type)};
  }
  base::Status status = part->apply(entry, context);
  if (!status && entry.by.starts_with("person:")) {
    context.note(text_or(entry.body, "incident"), "refused",
                 {fmt::format("refused: {} ({})", entry.type, status.error().message),
                  fmt::format("拒否: {} ({})", entry.type, status.error().message)});
  }
  return status;
}

bool Desk::is_repeat(const Entry& entry, base::Status& answer) const {
  if (entry.request.empty()) return false;
  const auto found = answers_.find(entry.request);
  if (found == answers_.end()) return false;
  if (!found->second.empty()) answer = base::Error{found->second};
  return true;
}

void Desk::remember(const Entry& entry, const base::Status& answer) {
  if (entry.request.empty()) return;
  answers_[entry.request] = answer ? std::string{} : answer.error().message;
  requests_.push_back(entry.request);
  if (requests_.size() <= kRequestsMax) return;
  answers_.erase(requests_.front());
  requests_.pop_front();
}

}  // namespace okiagari::desk
