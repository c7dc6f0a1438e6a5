// Every door of the API, as data: method, path, the power it needs, and what is done. What is not
// in the table does not exist; tests hold the table to openapi.json.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "net/http_message.h"
#include "web/powers.h"

namespace okiagari::web {

enum class Work : std::uint8_t {
  submit,  // the body becomes an entry of the desk's log
  view,    // the state of a part, by its word
  me,
  log_in,
  log_out,
  step_up,
  make_token,
  picture,
  incident,
  incident_timeline,
  incident_bundle,
  timeline,
  events,
  halt_preview,
  draft_act,
  draft_lift,
  guards,
  approved_act,
  rebuild_look,
  begin_rebuild_look,
  series,
  contacts,
  contact_dry_run,
  propose,
  notice,
  promises,
  set_account,
  audit,
  audit_export,
  description,  // openapi.json
  alertmanager,
  pager,
  public_message,
};

struct Route {
  net::HttpMethod method = net::HttpMethod::get;
  std::string_view path;  // "/api/desk/incidents/{incident}"
  Power power = Power::open;
  Work work = Work::view;
  std::string_view entry;   // of submit: its type; of view: the part's word
  std::string_view fields;  // of the body that are taken, with spaces between
  bool steps_up = false;    // a one-time code must have been shown lately
};

[[nodiscard]] std::span<const Route> routes();

struct RouteMatch {
  const Route* route = nullptr;
  std::map<std::string, std::string, std::less<>> path;  // "incident" -> "inc-1"
  std::string allowed;                                   // methods, when only the path is known
};
[[nodiscard]] RouteMatch match_route(net::HttpMethod method, std::string_view path);

}  // namespace okiagari::web
