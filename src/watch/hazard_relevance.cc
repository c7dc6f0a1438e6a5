#include "watch/hazard_relevance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {

std::string_view signal_of(Hazard::Kind kind) {
  switch (kind) {
    case Hazard::Kind::earthquake:
      return signal::earthquake;
    case Hazard::Kind::tsunami:
      return signal::tsunami;
    case Hazard::Kind::lightning:
      return signal::lightning;
    case Hazard::Kind::other:
      break;
  }
  return signal::other_hazard;
}

bool is_of(const SiteSettings& site, const Hazard::Area& area) {
  return std::any_of(site.areas.begin(), site.areas.end(), [&](const std::string& wanted) {
    return wanted == area.name ||
           std::find(area.codes.begin(), area.codes.end(), wanted) != area.codes.end();
  });
}

bool is_within(const SiteSettings& site, const Hazard::Area& area) {
  return site.where && area.center && distance_km(*site.where, *area.center) <= area.radius_km;
}

// The strongest of the message's areas that the site is in.
const Hazard::Area* area_at(const SiteSettings& site, const Hazard& hazard) {
  const Hazard::Area* strongest = nullptr;
  for (const Hazard::Area& area : hazard.areas) {
    if (!is_of(site, area) && !is_within(site, area)) continue;
    if (strongest == nullptr || area.rank > strongest->rank) strongest = &area;
  }
  return strongest;
}

bool is_strong(const SiteSettings& site, const Hazard& hazard, const Hazard::Area& area) {
  if (hazard.kind != Hazard::Kind::earthquake) return true;
  // CAP has no scale of intensity: whoever names the area means it.
  return !intensity_rank(area.level) || area.rank >= site.intensity_least;
}

}  // namespace

double distance_km(const Coordinate& from, const Coordinate& to) {
  constexpr double kEarthKm = 6'371;
  const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
  const double north = std::sin(radians(to.latitude - from.latitude) / 2);
  const double east = std::sin(radians(to.longitude - from.longitude) / 2);
  const double square = north * north + std::cos(radians(from.latitude)) *
                                            std::cos(radians(to.latitude)) * east * east;
  return 2 * kEarthKm * std::asin(std::min(1.0, std::sqrt(square)));
}

std::vector<Observation> concerns(const Hazard& hazard, const std::vector<SiteSettings>& sites) {
  std::vector<Observation> found;
  if (hazard.status != Hazard::Status::actual) return found;
  for (const SiteSettings& site : sites) {
    const Hazard::Area* area = area_at(site, hazard);
    double away_km = -1;
    if (site.where && hazard.epicenter) away_km = distance_km(*site.where, *hazard.epicenter);
    const bool is_near = away_km >= 0 && away_km <= site.radius_km &&
                         hazard.magnitude >= site.magnitude_least && hazard.areas.empty();
    const bool is_cancelled = hazard.message == Hazard::Message::cancelled;
    const bool concerns_it = (area != nullptr && is_strong(site, hazard, *area)) || is_near;
    // A cancellation names no areas; whoever was told of the event must be told of its end.
    if (!concerns_it && !(is_cancelled && hazard.areas.empty())) continue;
    Sentence statement = is_cancelled ? Sentence("cancelled: ", "取消: ") : Sentence();
    statement += both(hazard.title);
    if (!hazard.place.empty()) statement += said(", {}", "、{}", hazard.place);
    if (hazard.magnitude > 0)
      statement += said(", magnitude {:.1f}", "、マグニチュード{:.1f}", hazard.magnitude);
    if (area != nullptr) statement += said("; {} at {}", "。{1}で{0}", area->level, area->name);
    if (away_km >= 0)
      statement += said("; {:.0f} km from site {}", "。拠点{1}から{0:.0f} km", away_km, site.name);
    found.push_back({.kind = EvidenceKind::hazard,
                     .entity = "site " + site.name,
                     .signal = signal_of(hazard.kind),
                     .statement = std::move(statement),
                     .value = static_cast<double>(area != nullptr ? area->rank : 0),
                     .from_ns = hazard.began_ns != 0 ? hazard.began_ns : hazard.reported_ns,
                     .until_ns = is_cancelled ? hazard.reported_ns : hazard.ends_ns,
                     .reference = fmt::format("{} {}", hazard.id, hazard.serial)});
  }
  return found;
}

}  // namespace okiagari::watch
