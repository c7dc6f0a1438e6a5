#include "web/public_view.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/hash.h"
#include "desk/read_words.h"

namespace okiagari::web {

namespace {

using desk::ComponentState;

std::string impact_of(const boost::json::object& facts) {
  switch (desk::number_or(facts, "severity", 3)) {
    case 1:
      return "critical";
    case 2:
      return "major";
    case 3:
      return "minor";
    default:
      return "none";
  }
}

PublicIncident incident_of(const std::string& id, std::vector<const desk::Notice*> notices) {
  PublicIncident incident;
  incident.id = id;
  const desk::Notice& last = *notices.back();
  incident.title = desk::read_words(last.facts, "title");
  if (desk::is_empty(incident.title)) incident.title = last.subject;
  incident.status = last.status;
  incident.impact = impact_of(last.facts);
  incident.created_ns = notices.front()->released_ns;
  incident.updated_ns = last.released_ns;
  const std::int64_t began_ns = desk::number_or(last.facts, "began_ns", 0);
  incident.began_ns = began_ns > 0 ? static_cast<TimestampNs>(began_ns) : incident.created_ns;
  incident.components = desk::texts_of(last.facts, "components");
  for (const desk::Notice* notice : notices) {
    const bool is_over = notice->status == "resolved" || notice->status == "postmortem";
    // What begins again is not over.
    if (!is_over) incident.resolved_ns = 0;
    if (is_over && incident.resolved_ns == 0) incident.resolved_ns = notice->released_ns;
    if (notice->status == "monitoring" && incident.monitoring_ns == 0) {
      incident.monitoring_ns = notice->released_ns;
    }
  }
  incident.notices = std::move(notices);
  return incident;
}

// The worst of a market's vital parts counts most.
std::string indicator_of(const PublicView& view) {
  bool is_critical = false;
  bool is_major = false;
  bool is_minor = false;
  for (const PublicComponent& item : view.components) {
    const std::string& kind = item.component->kind;
    const bool is_vital = kind == "matching" || kind == "order_entry";
    const bool is_out = item.shown == ComponentState::major_outage;
    if (is_out && is_vital) is_critical = true;
    if (is_out || (item.shown == ComponentState::partial_outage && is_vital)) is_major = true;
    if (item.shown == ComponentState::partial_outage ||
        item.shown == ComponentState::degraded_performance ||
        item.shown == ComponentState::unknown) {
      is_minor = true;
    }
  }
  for (const PublicIncident& incident : view.incidents) {
    if (incident.is_over()) continue;
    is_critical = is_critical || incident.impact == "critical";
    is_major = is_major || incident.impact == "major";
    is_minor = is_minor || incident.impact == "minor";
  }
  if (is_critical) return "critical";
  if (is_major) return "major";
  return is_minor ? "minor" : "none";
}

desk::Words summary_of(std::string_view indicator) {
  if (indicator == "critical") return {"Major System Outage", "重大な障害が発生しています"};
  if (indicator == "major") return {"Partial System Outage", "一部で障害が発生しています"};
  if (indicator == "minor")
    return {"Minor Service Outage", "軽微な障害または未確認の項目があります"};
  return {"All Systems Operational", "すべて正常に稼働しています"};
}

void add_incidents(const desk::Notices& notices, PublicView& view) {
  std::vector<std::string> ids;
  for (const desk::Notice& notice : notices.all()) {
    const bool is_known = std::find(ids.begin(), ids.end(), notice.incident) != ids.end();
    if (notice.state == desk::NoticeState::released && !is_known) ids.push_back(notice.incident);
  }
  for (const std::string& id : ids) {
    view.incidents.push_back(incident_of(id, notices.released(id)));
    view.changed_ns = std::max(view.changed_ns, view.incidents.back().updated_ns);
  }
  std::stable_sort(view.incidents.begin(), view.incidents.end(),
                   [](const auto& a, const auto& b) { return a.created_ns > b.created_ns; });
  if (notices.public_key()) view.public_key = base::to_hex(*notices.public_key());
}

}  // namespace

const PublicIncident* PublicView::find(std::string_view incident) const {
  const auto at = std::find_if(incidents.begin(), incidents.end(),
                               [&](const PublicIncident& i) { return i.id == incident; });
  return at == incidents.end() ? nullptr : &*at;
}

const desk::Component* PublicView::component(std::string_view id) const {
  for (const PublicComponent& item : components) {
    if (item.component->id == id) return item.component;
  }
  return nullptr;
}

PublicView public_view(const desk::Desk& desk, PublicSettings settings, TimestampNs now_ns) {
  PublicView view;
  view.settings = std::move(settings);
  view.now_ns = now_ns;
  if (const auto* components = desk.part<desk::Components>()) {
    for (const desk::Component& component : components->all()) {
      view.components.push_back({&component, components->shown(component)});
      view.changed_ns = std::max(view.changed_ns, component.changed_ns);
    }
  }
  if (const auto* notices = desk.part<desk::Notices>()) add_incidents(*notices, view);
  if (const auto* maintenances = desk.part<desk::Maintenances>()) {
    for (const desk::Maintenance& maintenance : maintenances->all()) {
      view.maintenances.insert(view.maintenances.begin(), &maintenance);
      view.changed_ns = std::max(view.changed_ns, maintenance.changed_ns);
    }
  }
  view.indicator = indicator_of(view);
  view.summary = summary_of(view.indicator);
  return view;
}

std::string short_id(std::string_view of) {
  const base::Digest digest = base::digest(base::as_bytes(of));
  return base::to_hex(digest).substr(0, 12);
}

}  // namespace okiagari::web
