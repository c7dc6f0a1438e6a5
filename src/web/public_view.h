// What the public may know at this moment, out of the desk's state: components, incidents that have
// been told of, maintenance. Every public page, feed and file is made of this and of nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "desk/components.h"
#include "desk/desk.h"
#include "desk/maintenances.h"
#include "desk/notices.h"
#include "desk/words.h"

namespace okiagari::web {

struct PublicSettings {
  desk::Words name = {"Okiagari status", "Okiagari 障害情報"};
  std::string url = "http://localhost";  // of the public page, without a slash at its end
  desk::Words contact;                   // telephone or address; may be empty
};

struct PublicComponent {
  const desk::Component* component = nullptr;
  desk::ComponentState shown = desk::ComponentState::unknown;
};

struct PublicIncident {
  std::string id;  // the desk's: "inc-3"
  desk::Words title;
  std::string status;  // as the last notice says it
  std::string impact;  // none, minor, major, critical
  TimestampNs began_ns = 0;
  TimestampNs created_ns = 0;
  TimestampNs updated_ns = 0;
  TimestampNs monitoring_ns = 0;  // 0: it is not, or was not
  TimestampNs resolved_ns = 0;
  std::vector<std::string> components;
  std::vector<const desk::Notice*> notices;  // by number; never empty
  [[nodiscard]] bool is_over() const { return status == "resolved" || status == "postmortem"; }
};

struct PublicView {
  PublicSettings settings;
  TimestampNs now_ns = 0;
  TimestampNs changed_ns = 0;  // when anything in here changed last
  std::vector<PublicComponent> components;
  std::vector<PublicIncident> incidents;               // the newest first
  std::vector<const desk::Maintenance*> maintenances;  // the newest first
  std::string public_key;                              // hex; empty: nothing is signed
  std::string indicator;                               // none, minor, major, critical
  desk::Words summary;                                 // one line

  [[nodiscard]] const PublicIncident* find(std::string_view incident) const;
  [[nodiscard]] const desk::Component* component(std::string_view id) const;
};

// It borrows from the desk: use it before the desk changes. `now_ns` is the writer's clock.
[[nodiscard]] PublicView public_view(const desk::Desk& desk, PublicSettings settings,
                                     TimestampNs now_ns);

// Twelve lower-case letters and digits that always stand for the same thing.
[[nodiscard]] std::string short_id(std::string_view of);

}  // namespace okiagari::web
