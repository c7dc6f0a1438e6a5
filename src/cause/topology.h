// What stands next to what: servers on hosts on sites, services that call each other. How near two
// things are damps evidence that has nothing to do with a hypothesis.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace okiagari::cause {

class Topology {
 public:
  static constexpr std::uint32_t kFar = 100;  // no path, or more than kStepsMax
  static constexpr std::uint32_t kStepsMax = 6;
  static constexpr std::size_t kEntitiesMax = 10'000;

  // `part` depends on, stands on or calls `whole`. False when there are too many entities.
  bool connect(const std::string& part, const std::string& whole);

  // Steps between the two in either direction. The market is one step from everything, and no way
  // through. A "link a b" is one step from its ends, and a "feed a" one from who publishes it,
  // though nobody connected them.
  [[nodiscard]] std::uint32_t distance(std::string_view from, std::string_view to) const;

  // What `part` was connected to, and what was connected to `whole`.
  [[nodiscard]] const std::vector<std::string>& below(std::string_view part) const;
  [[nodiscard]] const std::vector<std::string>& above(std::string_view whole) const;

 private:
  struct Neighbours {
    std::vector<std::string> below;
    std::vector<std::string> above;
  };
  [[nodiscard]] std::uint32_t connected_distance(std::string_view from, std::string_view to) const;

  std::map<std::string, Neighbours, std::less<>> entities_;
};

}  // namespace okiagari::cause
