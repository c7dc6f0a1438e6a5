// Which public messages concern the sites that the market runs at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "watch/hazard.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct SiteSettings {
  std::string name;
  std::vector<std::string> servers;  // what stands there, as evidence calls it
  std::vector<std::string> areas;    // names or codes: "東京都", "13", "東京都２３区"
  std::optional<Coordinate> where;
  double radius_km = 100;      // an earthquake without areas, or a circle, is near within it
  double magnitude_least = 5;  // by distance alone
  int intensity_least = 4;     // rank: see intensity_rank()
};

// One observation for each site that it concerns. Exercises and tests concern none; what was issued
// before and is cancelled is said as such.
[[nodiscard]] std::vector<Observation> concerns(const Hazard& hazard,
                                                const std::vector<SiteSettings>& sites);

[[nodiscard]] double distance_km(const Coordinate& from, const Coordinate& to);

}  // namespace okiagari::watch
