#include "desk/promises.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "desk/time_text.h"

namespace okiagari::desk {

void Promises::end(const std::string& incident, std::string_view what, std::string_view state,
                   Context& context) {
  for (Promise& promise : promises_) {
    if (promise.state != "open" || promise.incident != incident || promise.what != what) continue;
    promise.state = state;
    promise.ended_ns = context.now_ns;
  }
}

void Promises::make(Promise promise, std::string_view end_of_the_last, Context& context) {
  end(promise.incident, promise.what, end_of_the_last, context);
  // The oldest that is over makes place; open ones are at most two for each incident.
  if (promises_.size() >= kMost) {
    const auto over = std::find_if(promises_.begin(), promises_.end(),
                                   [](const Promise& p) { return p.state != "open"; });
    if (over != promises_.end()) promises_.erase(over);
  }
  promise.number = promises_.empty() ? 1 : promises_.back().number + 1;
  promise.made_ns = context.now_ns;
  promises_.push_back(std::move(promise));
}

void Promises::keep(const std::string& incident, std::string_view what, Context& context) {
  end(incident, what, "kept", context);
}

TimestampNs Promises::next_due_ns() const {
  TimestampNs due = kNever;
  for (const Promise& promise : promises_) {
    // Kept at its very time is kept.
    if (promise.state == "open") due = std::min(due, promise.due_ns + 1);
  }
  return due;
}

void Promises::advance(Context& context) {
  for (Promise& promise : promises_) {
    if (promise.state != "open" || promise.due_ns >= context.now_ns) continue;
    const bool is_first = std::none_of(promises_.begin(), promises_.end(), [&](const Promise& p) {
      return p.incident == promise.incident && p.state == "missed";
    });
    promise.state = "missed";
    promise.ended_ns = context.now_ns;
    const Words time = time_words(promise.due_ns);
    const Words title{
        fmt::format("a promised time was missed: {} by {}", promise.what, time.en),
        fmt::format("約束した時刻を守れなかった: {} {}",
                    promise.what == "recovery" ? "復旧見込み" : "次回のお知らせ", time.ja)};
    context.note(promise.incident, "notice.promise_missed", title,
                 {{"what", promise.what}, {"due_ns", promise.due_ns}, {"notice", promise.notice}});
    if (is_first) {
      context.follow("page.start", {{"incident", promise.incident},
                                    {"severity", 1},
                                    {"title", to_json(title)},
                                    {"reason", "promise_missed"},
                                    {"escalates", true}});
    }
  }
}

boost::json::array Promises::view() const {
  boost::json::array array;
  for (const Promise& promise : promises_) {
    array.push_back({{"number", promise.number},
                     {"incident", promise.incident},
                     {"what", promise.what},
                     {"notice", promise.notice},
                     {"made_ns", promise.made_ns},
                     {"due_ns", promise.due_ns},
                     {"ended_ns", promise.ended_ns},
                     {"state", promise.state}});
  }
  return array;
}

}  // namespace okiagari::desk
