#include "desk/timeline.h"

#include <boost/json.hpp>

namespace okiagari::desk {

namespace {

boost::json::object unchained(const TimelineItem& item) {
  return {{"number", item.number},        {"at_ns", item.at_ns}, {"index", item.index},
          {"incident", item.incident},    {"kind", item.kind},   {"by", item.by},
          {"words", to_json(item.words)}, {"data", item.data}};
}

base::Digest chained(const base::Digest& before, const TimelineItem& item) {
  const std::string text = boost::json::serialize(unchained(item));
  return base::digest(before, base::as_bytes(text));
}

}  // namespace

boost::json::object to_json(const TimelineItem& item) {
  boost::json::object object = unchained(item);
  object["chain"] = base::to_hex(item.chain);
  return object;
}

const TimelineItem& Timeline::add(TimelineItem item) {
  item.number = items_.size() + 1;
  item.chain = chained(chain(), item);
  return items_.emplace_back(std::move(item));
}

base::Digest Timeline::chain() const {
  return items_.empty() ? base::Digest{} : items_.back().chain;
}

std::uint64_t Timeline::first_broken(const std::vector<TimelineItem>& items) {
  base::Digest before{};
  std::uint64_t number = 0;
  for (const TimelineItem& item : items) {
    if (item.number != ++number || chained(before, item) != item.chain) return number;
    before = item.chain;
  }
  return 0;
}

}  // namespace okiagari::desk
