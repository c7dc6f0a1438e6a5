// The desk as a state machine: entries in, timeline and effects out. Every replica of the desk
// makes the same of the same log; docs/desk.md is the tour through its parts.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "desk/entry.h"
#include "desk/outbox.h"
#include "desk/part.h"
#include "desk/timeline.h"

namespace okiagari::desk {

class Desk {
 public:
  Desk();

  // Takes over a part; before the first entry. Two parts never share a word.
  template <typename T>
  T& add(std::unique_ptr<T> part) {
    T& added = *part;
    add_part(std::move(part));
    return added;
  }

  // An error is a refusal: what was asked has not happened, and the timeline says who asked.
  // `index` is the place in the desk's log.
  base::Status apply(const Entry& entry, std::uint64_t index);

  // When an entry is needed though nobody does anything: somebody submits a "desk.tick" then.
  [[nodiscard]] TimestampNs next_due_ns() const;

  [[nodiscard]] const Timeline& timeline() const { return timeline_; }
  [[nodiscard]] const Outbox& outbox() const { return *outbox_; }
  [[nodiscard]] TimestampNs now_ns() const { return now_ns_; }
  [[nodiscard]] std::uint64_t index() const { return index_; }
  // A part by its type; null when it was not added.
  template <typename T>
  [[nodiscard]] const T* part() const {
    for (const auto& candidate : parts_) {
      if (const auto* found = dynamic_cast<const T*>(candidate.get())) return found;
    }
    return nullptr;
  }
  // The view of the part with that word; null when there is none.
  [[nodiscard]] boost::json::value view(std::string_view word) const;

 private:
  void add_part(std::unique_ptr<Part> part);
  [[nodiscard]] Part* find(std::string_view word) const;
  void advance_to(TimestampNs now_ns, std::uint64_t index);
  void follow_up(Context& context);
  base::Status apply_one(const Entry& entry, Context& context);
  bool is_repeat(const Entry& entry, base::Status& answer) const;
  void remember(const Entry& entry, const base::Status& answer);

  std::vector<std::unique_ptr<Part>> parts_;
  std::map<std::string, Part*, std::less<>> by_word_;
  Outbox* outbox_ = nullptr;
  Timeline timeline_;
  std::size_t heard_ = 0;  // items of the timeline that the parts have heard
  TimestampNs now_ns_ = 0;
  std::uint64_t index_ = 0;

  // Answers to the last requests, so that a repeat after a fail-over gets the same one. Bounded:
  // the oldest is forgotten.
  std::map<std::string, std::string, std::less<>> answers_;  // empty: accepted
  std::deque<std::string> requests_;
};

}  // namespace okiagari::desk
