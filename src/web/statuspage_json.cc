#include "web/statuspage_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "desk/time_text.h"

namespace okiagari::web {

namespace {

constexpr std::size_t kIncidentsMax = 50;
namespace json = boost::json;
using desk::rfc3339_text;

json::value time_or_null(TimestampNs at_ns) {
  if (at_ns == 0) return nullptr;
  return json::value(rfc3339_text(at_ns));
}

std::string page_id(const PublicView& view) { return short_id("page/" + view.settings.url); }

json::object page_json(const PublicView& view) {
  return {{"id", page_id(view)},
          {"name", view.settings.name.en},
          {"url", view.settings.url},
          {"time_zone", "Asia/Tokyo"},
          {"updated_at", rfc3339_text(view.changed_ns)}};
}

json::object status_json(const PublicView& view) {
  return {{"indicator", view.indicator}, {"description", view.summary.en}};
}

// The format has no word for what nobody has measured: it is not said to be well.
std::string_view state_word(desk::ComponentState state) {
  return state == desk::ComponentState::unknown ? "degraded_performance" : desk::to_string(state);
}

json::object component_json(const PublicView& view, const PublicComponent& item,
                            std::size_t position) {
  const desk::Component& component = *item.component;
  json::object object{{"id", short_id("component/" + component.id)},
                      {"name", component.name.en},
                      {"status", state_word(item.shown)},
                      {"created_at", rfc3339_text(component.created_ns)},
                      {"updated_at", rfc3339_text(component.changed_ns)},
                      {"position", position},
                      {"description", nullptr},
                      {"showcase", true},
                      {"start_date", nullptr},
                      {"group_id", nullptr},
                      {"page_id", page_id(view)},
                      {"group", false},
                      {"only_show_if_degraded", false}};
  if (!component.description.en.empty()) object["description"] = component.description.en;
  return object;
}

json::array components_json(const PublicView& view, const std::vector<std::string>* only) {
  json::array array;
  for (std::size_t at = 0; at < view.components.size(); ++at) {
    const std::string& id = view.components[at].component->id;
    if (only != nullptr && std::find(only->begin(), only->end(), id) == only->end()) continue;
    array.push_back(component_json(view, view.components[at], at + 1));
  }
  return array;
}

json::object update_json(const PublicIncident& incident, const desk::Notice& notice) {
  return {{"id", short_id("notice/" + notice.id)},
          {"status", notice.status},
          {"body", notice.text.en + "\n----\n" + notice.text.ja},
          {"incident_id", short_id("incident/" + incident.id)},
          {"created_at", rfc3339_text(notice.released_ns)},
          {"updated_at", rfc3339_text(notice.released_ns)},
          {"display_at", rfc3339_text(notice.released_ns)},
          {"affected_components", nullptr},
          {"deliver_notifications", true},
          {"custom_tweet", nullptr},
          {"tweet_id", nullptr}};
}

json::object incident_json(const PublicView& view, const PublicIncident& incident) {
  json::array updates;
  for (auto at = incident.notices.rbegin(); at != incident.notices.rend(); ++at) {
    updates.push_back(update_json(incident, **at));
  }
  return {{"id", short_id("incident/" + incident.id)},
          {"name", incident.title.en},
          {"status", incident.status},
          {"created_at", rfc3339_text(incident.created_ns)},
          {"updated_at", rfc3339_text(incident.updated_ns)},
          {"monitoring_at", time_or_null(incident.monitoring_ns)},
          {"resolved_at", time_or_null(incident.resolved_ns)},
          {"impact", incident.impact},
          {"shortlink", fmt::format("{}/en/incidents/{}", view.settings.url, incident.id)},
          {"started_at", rfc3339_text(incident.began_ns)},
          {"page_id", page_id(view)},
          {"incident_updates", std::move(updates)},
          {"components", components_json(view, &incident.components)}};
}

json::array incidents_json(const PublicView& view, bool unresolved_only) {
  json::array array;
  for (const PublicIncident& incident : view.incidents) {
    if (array.size() >= kIncidentsMax) break;
    if (!unresolved_only || !incident.is_over()) array.push_back(incident_json(view, incident));
  }
  return array;
}

json::object maintenance_json(const PublicView& view, const desk::Maintenance& m) {
  // The format does not know "cancelled".
  const bool is_over =
      m.state == desk::MaintenanceState::completed || m.state == desk::MaintenanceState::cancelled;
  const std::string_view status = is_over ? "completed" : desk::to_string(m.state);
  const std::string id = short_id("maintenance/" + m.id);
  const std::string cancelled =
      m.state == desk::MaintenanceState::cancelled ? "Cancelled / 中止\n" : "";
  json::array updates;
  updates.push_back({{"id", short_id(fmt::format("maintenance/{}/{}", m.id, m.changes))},
                     {"status", status},
                     {"body", cancelled + m.text.en + "\n----\n" + m.text.ja},
                     {"incident_id", id},
                     {"created_at", rfc3339_text(m.changed_ns)},
                     {"updated_at", rfc3339_text(m.changed_ns)},
                     {"display_at", rfc3339_text(m.changed_ns)},
                     {"affected_components", nullptr},
                     {"deliver_notifications", true},
                     {"custom_tweet", nullptr},
                     {"tweet_id", nullptr}});
  return {{"id", id},
          {"name", m.title.en},
          {"status", status},
          {"created_at", rfc3339_text(m.created_ns)},
          {"updated_at", rfc3339_text(m.changed_ns)},
          {"monitoring_at", nullptr},
          {"resolved_at", time_or_null(m.ended_ns)},
          {"impact", "maintenance"},
          {"shortlink", view.settings.url + "/en"},
          {"started_at", rfc3339_text(m.from_ns)},
          {"page_id", page_id(view)},
          {"incident_updates", std::move(updates)},
          {"components", components_json(view, &m.components)},
          {"scheduled_for", rfc3339_text(m.from_ns)},
          {"scheduled_until", rfc3339_text(m.until_ns)}};
}

enum class Which : std::uint8_t { all, upcoming, active, upcoming_and_active };

json::array maintenances_json(const PublicView& view, Which which) {
  json::array array;
  for (const desk::Maintenance* m : view.maintenances) {
    const bool is_upcoming = m->state == desk::MaintenanceState::scheduled;
    const bool is_active = m->state == desk::MaintenanceState::in_progress ||
                           m->state == desk::MaintenanceState::verifying;
    const bool is_wanted = which == Which::all || (which != Which::active && is_upcoming) ||
                           (which != Which::upcoming && is_active);
    if (is_wanted && array.size() < kIncidentsMax) array.push_back(maintenance_json(view, *m));
  }
  return array;
}

}  // namespace

const std::vector<std::string>& statuspage_paths() {
  static const std::vector<std::string> kPaths = {"status.json",
                                                  "summary.json",
                                                  "components.json",
                                                  "incidents.json",
                                                  "incidents/unresolved.json",
                                                  "scheduled-maintenances.json",
                                                  "scheduled-maintenances/upcoming.json",
                                                  "scheduled-maintenances/active.json"};
  return kPaths;
}

std::optional<std::string> statuspage_json(const PublicView& view, std::string_view path) {
  json::object body{{"page", page_json(view)}};
  if (path == "status.json") {
    body["status"] = status_json(view);
  } else if (path == "summary.json") {
    body["components"] = components_json(view, nullptr);
    body["incidents"] = incidents_json(view, true);
    body["scheduled_maintenances"] = maintenances_json(view, Which::upcoming_and_active);
    body["status"] = status_json(view);
  } else if (path == "components.json") {
    body["components"] = components_json(view, nullptr);
  } else if (path == "incidents.json") {
    body["incidents"] = incidents_json(view, false);
  } else if (path == "incidents/unresolved.json") {
    body["incidents"] = incidents_json(view, true);
  } else if (path == "scheduled-maintenances.json") {
    body["scheduled_maintenances"] = maintenances_json(view, Which::all);
  } else if (path == "scheduled-maintenances/upcoming.json") {
    body["scheduled_maintenances"] = maintenances_json(view, Which::upcoming);
  } else if (path == "scheduled-maintenances/active.json") {
    body["scheduled_maintenances"] = maintenances_json(view, Which::active);
  } else {
    return std::nullopt;
  }
  return json::serialize(body);
}

}  // namespace okiagari::web
