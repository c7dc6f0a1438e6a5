// The desk's state machine is made of parts, each with the entries of its own words. A part is
// deterministic: time and everything else comes in with the entry; what must happen outside goes
// into the outbox; what must happen in another part follows as an entry of that part's.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "desk/entry.h"
#include "desk/timeline.h"

namespace okiagari::desk {

class Outbox;

inline constexpr TimestampNs kNever = std::numeric_limits<TimestampNs>::max();

// What a part works with while it applies an entry or does what is due.
struct Context {
  TimestampNs now_ns = 0;
  std::uint64_t index = 0;  // of the entry in the desk's log
  std::string by;           // who
  Timeline& timeline;
  Outbox& outbox;
  // Entries that follow from this one; applied right after it, at the same place of the log.
  std::deque<Entry>& following;

  void note(std::string incident, std::string kind, Words words, boost::json::object data = {});
  // `what` is the whole type, "page.start".
  void follow(std::string type, boost::json::object body);
};

class Part {
 public:
  virtual ~Part() = default;

  // The words of the entries that are this part's.
  [[nodiscard]] virtual std::vector<std::string_view> words() const = 0;
  // An error refuses the entry and has changed nothing: its text is for whoever sent it.
  virtual base::Status apply(const Entry& entry, Context& context) = 0;
  // What some part has just written into the timeline, this one included: how parts that know
  // nothing of each other act on each other's news.
  virtual void heard(const TimelineItem&, Context&) {}
  // Does what is due at context.now_ns, which is never before next_due_ns().
  virtual void advance(Context&) {}
  [[nodiscard]] virtual TimestampNs next_due_ns() const { return kNever; }
  // Its state as the API shows it to people who may see everything of it.
  [[nodiscard]] virtual boost::json::value view() const = 0;
};

}  // namespace okiagari::desk
