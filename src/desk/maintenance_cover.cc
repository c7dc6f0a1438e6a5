#include "desk/maintenance_cover.h"

#include <algorithm>
#include <string>

#include "desk/components.h"
#include "desk/incidents.h"
#include "desk/maintenances.h"

namespace okiagari::desk {

// A maintenance names components of the public page, or servers as evidence calls them. Servers are
// what matching runs on, and each has a feed.
bool MaintenanceCover::covers_entity(std::string_view entity, TimestampNs now_ns) const {
  if (maintenances_.is_in_window(entity, now_ns)) return true;
  const bool is_server = entity.starts_with("node-") || entity == "market";
  const bool is_feed = entity.starts_with("feed ");
  const auto& all = components_.all();
  return std::any_of(all.begin(), all.end(), [&](const Component& component) {
    const bool is_of_it = component.of == entity || (is_server && component.of == "matching") ||
                          (is_feed && component.kind == "market_data");
    return is_of_it && maintenances_.is_in_window(component.id, now_ns);
  });
}

bool MaintenanceCover::covers(std::string_view id, TimestampNs now_ns) const {
  const Incident* incident = incidents_.find(id);
  // What a person has opened was looked at by one.
  if (incident == nullptr || incident->severity <= kSevere || incident->evidence.empty()) {
    return false;
  }
  const auto items = incidents_.evidence_of(*incident);
  return std::all_of(items.begin(), items.end(), [&](const watch::Evidence* item) {
    return !incidents_.is_trouble(*item) || covers_entity(item->entity, now_ns);
  });
}

}  // namespace okiagari::desk
