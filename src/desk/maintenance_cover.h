// Whether an incident is what a maintenance under way was announced to cause: then nobody is called
// for it. Only in the announced window, only for what was named, and never for a severe one: work
// that hits more than was said is an outage like any other.
#pragma once

#include <string_view>

#include "base/types.h"

namespace okiagari::desk {

class Components;
class Incidents;
class Maintenances;

class MaintenanceCover {
 public:
  // Incidents at least as bad as this are never covered.
  static constexpr int kSevere = 2;

  // All borrowed.
  MaintenanceCover(const Incidents& incidents, const Maintenances& maintenances,
                   const Components& components)
      : incidents_(incidents), maintenances_(maintenances), components_(components) {}

  [[nodiscard]] bool covers(std::string_view incident, TimestampNs now_ns) const;

 private:
  [[nodiscard]] bool covers_entity(std::string_view entity, TimestampNs now_ns) const;

  const Incidents& incidents_;
  const Maintenances& maintenances_;
  const Components& components_;
};

}  // namespace okiagari::desk
