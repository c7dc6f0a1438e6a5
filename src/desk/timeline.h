// What happened, machines' events and people's acts on one clock. Append-only; each item's chain
// value covers the one before, so nobody can take one out or change it later without it showing.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/types.h"
#include "desk/words.h"

namespace okiagari::desk {

struct TimelineItem {
  std::uint64_t number = 0;  // from 1
  TimestampNs at_ns = 0;
  std::uint64_t index = 0;  // of the entry in the desk's log that it follows from
  std::string incident;     // empty: of none
  std::string kind;         // "incident.opened", "page.sent", "refused", ...
  std::string by;
  Words words;               // one sentence
  boost::json::object data;  // what a machine wants to know of it
  base::Digest chain{};
};

[[nodiscard]] boost::json::object to_json(const TimelineItem& item);

class Timeline {
 public:
  // Numbers and chains it.
  const TimelineItem& add(TimelineItem item);

  [[nodiscard]] const std::vector<TimelineItem>& items() const { return items_; }
  [[nodiscard]] base::Digest chain() const;
  // The number of the first item whose chain is wrong; 0 when all are right.
  [[nodiscard]] static std::uint64_t first_broken(const std::vector<TimelineItem>& items);

 private:
  std::vector<TimelineItem> items_;
};

}  // namespace okiagari::desk
