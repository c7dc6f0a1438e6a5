#include "cause/topology.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace okiagari::cause {

namespace {

constexpr std::string_view kMarket = "market";
constexpr std::string_view kFeedOf = "feed ";

// The two ends of "link a b".
std::optional<std::pair<std::string_view, std::string_view>> ends_of_link(std::string_view name) {
  constexpr std::string_view kLink = "link ";
  if (!name.starts_with(kLink)) return std::nullopt;
  name.remove_prefix(kLink.size());
  const std::size_t space = name.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  return std::pair{name.substr(0, space), name.substr(space + 1)};
}

void add_once(std::vector<std::string>& list, const std::string& name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

}  // namespace

bool Topology::connect(const std::string& part, const std::string& whole) {
  if (entities_.size() + 2 > kEntitiesMax) return false;
  if (part == whole) return true;
  add_once(entities_[part].below, whole);
  add_once(entities_[whole].above, part);
  return true;
}

std::uint32_t Topology::distance(std::string_view from, std::string_view to) const {
  if (from == to) return 0;
  if (from == kMarket || to == kMarket) return 1;
  if (from.starts_with(kFeedOf)) return 1 + distance(from.substr(kFeedOf.size()), to);
  if (to.starts_with(kFeedOf)) return 1 + distance(from, to.substr(kFeedOf.size()));
  if (const auto ends = ends_of_link(from)) {
    return 1 + std::min(distance(ends->first, to), distance(ends->second, to));
  }
  if (const auto ends = ends_of_link(to)) {
    return 1 + std::min(distance(from, ends->first), distance(from, ends->second));
  }
  return connected_distance(from, to);
}

std::uint32_t Topology::connected_distance(std::string_view from, std::string_view to) const {
  std::set<std::string_view> seen{from};
  std::deque<std::pair<std::string_view, std::uint32_t>> open{{from, 0}};
  while (!open.empty()) {
    const auto [name, steps] = open.front();
    open.pop_front();
    if (name == to) return steps;
    const auto found = entities_.find(name);
    if (found == entities_.end() || steps == kStepsMax) continue;
    for (const auto* list : {&found->second.below, &found->second.above}) {
      for (const std::string& next : *list) {
        if (next != kMarket && seen.insert(next).second) open.emplace_back(next, steps + 1);
      }
    }
  }
  return kFar;
}

const std::vector<std::string>& Topology::below(std::string_view part) const {
  static const std::vector<std::string> kNone;
  const auto found = entities_.find(part);
  return found == entities_.end() ? kNone : found->second.below;
}

const std::vector<std::string>& Topology::above(std::string_view whole) const {
  static const std::vector<std::string> kNone;
  const auto found = entities_.find(whole);
  return found == entities_.end() ? kNone : found->second.above;
}

}  // namespace okiagari::cause
