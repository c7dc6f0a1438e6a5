#include "web/looks.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>

#include "desk/entry.h"
#include "desk/incidents.h"
#include "net/problem.h"
#include "web/answers.h"

namespace okiagari::web {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// A list of a part's view: all of it, or of one incident.
array of_incident(const value& list, std::string_view incident) {
  array found;
  if (!list.is_array()) return found;
  for (const value& item : list.get_array()) {
    if (item.is_object() && desk::text_or(item.get_object(), "incident") == incident) {
      found.push_back(item);
    }
  }
  return found;
}

value member(const value& from, std::string_view key) {
  if (!from.is_object()) return nullptr;
  const value* found = from.get_object().if_contains(key);
  return found == nullptr ? value(nullptr) : *found;
}

// The incident itself, with everything that is about it.
std::optional<object> whole_incident(const desk::DeskPort& port, std::string_view id) {
  const desk::Desk& desk = port.desk();
  const auto* incidents = desk.part<desk::Incidents>();
  const desk::Incident* incident = incidents == nullptr ? nullptr : incidents->find(id);
  if (incident == nullptr) return std::nullopt;
  array evidence;
  for (const watch::Evidence* item : incidents->evidence_of(*incident)) {
    evidence.push_back(watch::to_json(*item));
  }
  const value playbook = desk.view("playbook");
  const value notices = desk.view("notice");
  return object{{"incident", desk::to_json(*incident)},
                {"evidence", std::move(evidence)},
                {"steps", member(member(playbook, "runs"), id)},
                {"halts", of_incident(desk.view("halt"), id)},
                {"proposals", of_incident(member(desk.view("approval"), "proposals"), id)},
                {"notices", of_incident(member(notices, "notices"), id)},
                {"effects", of_incident(desk.view("effect"), id)}};
}

net::HttpResponse no_incident(std::string_view id) {
  return net::problem(404, fmt::format("there is no incident '{}'", id));
}

}  // namespace

net::HttpResponse part_look(const desk::DeskPort& port, std::string_view word) {
  value view = port.desk().view(word);
  if (view.is_null()) return net::problem(404, "this desk has no such part");
  return json_answer({{"as_of_ns", port.desk().now_ns()},
                      {"index", port.desk().index()},
                      {"items", std::move(view)}});
}

net::HttpResponse picture_look(const desk::DeskPort& port) {
  object picture = port.live_picture();
  picture["desk_leads"] = port.leads();
  picture["desk_index"] = port.desk().index();
  return json_answer(picture);
}

net::HttpResponse incident_look(const desk::DeskPort& port, std::string_view id) {
  auto whole = whole_incident(port, id);
  return whole ? json_answer(*whole) : no_incident(id);
}

net::HttpResponse timeline_look(const desk::DeskPort& port, std::string_view incident,
                                std::uint64_t after, std::size_t most) {
  const auto& items = port.desk().timeline().items();
  array found;
  std::uint64_t next = after;
  for (std::uint64_t at = after; at < items.size() && found.size() < most; ++at) {
    next = items[at].number;
    if (incident.empty() || items[at].incident == incident) {
      found.push_back(desk::to_json(items[at]));
    }
  }
  return json_answer({{"items", std::move(found)}, {"next", next}, {"more", next < items.size()}});
}

net::HttpResponse notice_look(const desk::DeskPort& port, std::string_view id) {
  const value notices = member(port.desk().view("notice"), "notices");
  if (notices.is_array()) {
    for (const value& notice : notices.get_array()) {
      if (desk::text_or(notice.get_object(), "id") == id) return json_answer(notice);
    }
  }
  return net::problem(404, fmt::format("there is no notice '{}'", id));
}

net::HttpResponse promises_look(const desk::DeskPort& port) {
  const value notices = port.desk().view("notice");
  return json_answer({{"as_of_ns", port.desk().now_ns()},
                      {"updates", member(notices, "clocks")},
                      {"promises", member(notices, "promises")},
                      {"regulators", port.desk().view("clock")}});
}

net::HttpResponse audit_look(const desk::DeskPort& port) {
  const desk::Timeline& timeline = port.desk().timeline();
  return json_answer({{"items", timeline.items().size()},
                      {"chain", base::to_hex(timeline.chain())},
                      {"first_broken", desk::Timeline::first_broken(timeline.items())},
                      {"index", port.desk().index()}});
}

net::HttpResponse audit_export(const desk::DeskPort& port) {
  net::HttpResponse response;
  response.headers = {{"Content-Type", "application/x-ndjson"},
                      {"Content-Disposition", "attachment; filename=\"timeline.ndjson\""},
                      {"Cache-Control", "no-store"}};
  for (const desk::TimelineItem& item : port.desk().timeline().items()) {
    response.body += boost::json::serialize(desk::to_json(item)) + "\n";
  }
  return response;
}

net::HttpResponse halt_preview(const desk::DeskPort& port, const object& wanted) {
  const std::string scope = desk::text_or(wanted, "scope", "market");
  const std::string target = desk::text_or(wanted, "target");
  if (scope != "market" && scope != "segment" && scope != "instrument" && scope != "member") {
    return net::problem(422, "'scope' is market, segment, instrument or member");
  }
  if ((scope == "market") != target.empty()) {
    return net::problem(422, "'target' names what is stopped, and nothing for the market");
  }
  const object picture = port.live_picture();
  const value facts = member(picture, "facts");
  object answer{{"scope", scope},
                {"target", target},
                {"state", desk::text_or(wanted, "state", "cancel_only")},
                {"picture_ns", member(picture, "at_ns")},
                {"trading_state", member(facts, "trading_state")}};
  if (scope == "market") {
    answer["instruments"] = member(facts, "instruments_total");
    answer["members"] = member(facts, "members_total");
    answer["gateways"] = member(facts, "gateways_total");
    answer["orders_in_flight"] = member(facts, "orders_in_flight");
  }
  return json_answer(answer);
}

}  // namespace okiagari::web
