#include "web/routes.h"

#include <algorithm>
#include <array>
#include <optional>

namespace okiagari::web {

namespace {

using enum net::HttpMethod;
using P = Power;
using W = Work;

constexpr auto kRoutes = std::to_array<Route>({
    // Oneself.
    {get, "/api/desk/me", P::self, W::me, "", "", false},
    {post, "/api/desk/login", P::open, W::log_in, "", "login password code", false},
    {post, "/api/desk/logout", P::self, W::log_out, "account.signed_out", "", false},
    {post, "/api/desk/step-up", P::self, W::step_up, "", "code", false},
    {post, "/api/desk/tokens", P::self, W::make_token, "account.token", "name days", true},
    {delete_resource, "/api/desk/tokens/{id}", P::self, W::submit, "account.token_remove", "",
     false},
    // How everything is.
    {get, "/api/desk/picture", P::look, W::picture, "", "", false},
    {get, "/api/desk/series", P::look, W::series, "", "", false},
    {get, "/api/desk/timeline", P::look, W::timeline, "", "", false},
    {get, "/api/desk/events", P::look, W::events, "", "", false},
    {get, "/api/desk/effects", P::look, W::view, "effect", "", false},
    // Incidents.
    {get, "/api/desk/incidents", P::look, W::view, "incident", "", false},
    {post, "/api/desk/incidents", P::command, W::submit, "incident.open", "title severity", false},
    {get, "/api/desk/incidents/{incident}", P::look_incident, W::incident, "", "", false},
    {get, "/api/desk/incidents/{incident}/timeline", P::look_incident, W::incident_timeline, "", "",
     false},
    {get, "/api/desk/incidents/{incident}/bundle", P::take_bundle, W::incident_bundle, "", "",
     false},
    {post, "/api/desk/incidents/{incident}/notes", P::write, W::submit, "incident.note", "text",
     false},
    {post, "/api/desk/incidents/{incident}/links", P::write, W::submit, "incident.link", "other",
     false},
    {post, "/api/desk/incidents/{incident}/merge", P::command, W::submit, "incident.merge", "into",
     false},
    {post, "/api/desk/incidents/{incident}/split", P::command, W::submit, "incident.split",
     "evidence title", false},
    {post, "/api/desk/incidents/{incident}/roles", P::command, W::submit, "incident.role",
     "role person", false},
    {post, "/api/desk/incidents/{incident}/severity", P::command, W::submit, "incident.severity",
     "severity reason", false},
    {post, "/api/desk/incidents/{incident}/status", P::command, W::submit, "incident.status",
     "status", false},
    {post, "/api/desk/incidents/{incident}/cause", P::command, W::submit, "notice.cause",
     "cause evidence", false},
    // Its playbook.
    {get, "/api/desk/playbook", P::look, W::view, "playbook", "", false},
    {post, "/api/desk/incidents/{incident}/steps/{step}/done", P::run_playbook, W::submit,
     "playbook.done", "reason", false},
    {post, "/api/desk/incidents/{incident}/steps/{step}/skip", P::run_playbook, W::submit,
     "playbook.skip", "reason", false},
    {post, "/api/desk/incidents/{incident}/steps/{step}/extend", P::run_playbook, W::submit,
     "playbook.extend", "seconds reason", false},
    // Stopping, and what two must want.
    {get, "/api/desk/halts", P::look, W::view, "halt", "", false},
    {post, "/api/desk/halts/preview", P::stop_market, W::halt_preview, "", "scope target state",
     false},
    {post, "/api/desk/halts", P::stop_market, W::submit, "halt.order",
     "incident scope target state reason", true},
    {get, "/api/desk/approvals", P::look, W::view, "approval", "", false},
    {post, "/api/desk/approvals", P::propose, W::propose, "approval.propose",
     "incident kind payload valid_s", true},
    {post, "/api/desk/approvals/{proposal}/sign", P::sign, W::submit, "approval.sign",
     "operator signature", true},
    {post, "/api/desk/approvals/{proposal}/withdraw", P::propose, W::submit, "approval.withdraw",
     "outcome", false},
    {post, "/api/desk/approvals/{proposal}/executed", P::propose, W::submit, "approval.executed",
     "outcome", true},
    {post, "/api/desk/approvals/draft", P::propose, W::draft_act, "", "scope target state", false},
    {get, "/api/desk/guards", P::look, W::guards, "", "", false},
    {post, "/api/desk/guards/draft", P::propose, W::draft_lift, "", "lifts proof reason", false},
    {get, "/api/desk/approvals/{proposal}/act", P::look, W::approved_act, "", "", false},
    {get, "/api/desk/rebuild", P::look, W::rebuild_look, "", "", false},
    {post, "/api/desk/rebuild/look", P::propose, W::begin_rebuild_look, "", "", false},
    // Calling people.
    {get, "/api/desk/contacts", P::look_people, W::contacts, "", "", false},
    {get, "/api/desk/contacts/dry-run", P::look_people, W::contact_dry_run, "", "", false},
    {get, "/api/desk/pages", P::look_people, W::view, "page", "", false},
    {post, "/api/desk/incidents/{incident}/page/start", P::page, W::submit, "page.start",
     "severity title policy words", false},
    {post, "/api/desk/incidents/{incident}/page/acknowledge", P::acknowledge, W::submit,
     "page.acknowledge", "comment", false},
    {post, "/api/desk/incidents/{incident}/page/escalate", P::page, W::submit, "page.escalate",
     "step", false},
    {post, "/api/desk/incidents/{incident}/page/hand-over", P::page, W::submit, "page.hand_over",
     "to comment", false},
    {post, "/api/desk/incidents/{incident}/page/link", P::page, W::submit, "page.link",
     "person route", false},
    {post, "/api/desk/incidents/{incident}/page/snooze", P::page, W::submit, "page.snooze",
     "seconds reason", false},
    {post, "/api/desk/incidents/{incident}/page/close", P::page, W::submit, "page.close", "",
     false},
    // Telling everyone.
    {get, "/api/desk/notices", P::look_public, W::view, "notice", "", false},
    {get, "/api/desk/notices/{incident}/{notice}", P::look_public, W::notice, "", "", false},
    {post, "/api/desk/notices", P::draft_notice, W::submit, "notice.draft",
     "incident template subject text status supersedes correction_reason severity began_ns title "
     "what_happened affected not_affected components can_trade trading_state order_disposition "
     "trade_validity outage_position next_action expected resume contact",
     false},
    {post, "/api/desk/notices/{incident}/{notice}/approve", P::release_notice, W::submit,
     "notice.approve", "", true},
    {post, "/api/desk/notices/{incident}/{notice}/reject", P::release_notice, W::submit,
     "notice.reject", "reason", false},
    {get, "/api/desk/clocks", P::look_public, W::promises, "", "", false},
    {get, "/api/desk/components", P::look_public, W::view, "component", "", false},
    {post, "/api/desk/components/{component}", P::set_component, W::submit, "component.set",
     "state reason until_ns", false},
    {delete_resource, "/api/desk/components/{component}", P::set_component, W::submit,
     "component.clear", "", false},
    {get, "/api/desk/maintenance", P::look_public, W::view, "maintenance", "", false},
    {post, "/api/desk/maintenance", P::plan_work, W::submit, "maintenance.plan",
     "title text components impact from_ns until_ns every_days times", false},
    {post, "/api/desk/maintenance/{maintenance}/move", P::plan_work, W::submit, "maintenance.move",
     "from_ns until_ns", false},
    {post, "/api/desk/maintenance/{maintenance}/start", P::plan_work, W::submit,
     "maintenance.start", "", false},
    {post, "/api/desk/maintenance/{maintenance}/verify", P::plan_work, W::submit,
     "maintenance.verify", "", false},
    {post, "/api/desk/maintenance/{maintenance}/complete", P::plan_work, W::submit,
     "maintenance.complete", "", false},
    {post, "/api/desk/maintenance/{maintenance}/cancel", P::plan_work, W::submit,
     "maintenance.cancel", "", false},
    {get, "/api/desk/subscriptions", P::look_people, W::view, "subscription", "", false},
    {delete_resource, "/api/desk/subscriptions/{id}", P::release_notice, W::submit,
     "subscription.leave", "", false},
    // The record, and who may come in.
    {get, "/api/desk/audit", P::look_audit, W::audit, "", "", false},
    {get, "/api/desk/audit/timeline", P::look_audit, W::audit_export, "", "", false},
    {get, "/api/desk/accounts", P::manage_accounts, W::view, "account", "", false},
    {post, "/api/desk/accounts", P::manage_accounts, W::set_account, "account.set",
     "login name roles language operator public_key password locked expires_ns incident "
     "new_second_factor",
     true},
    {delete_resource, "/api/desk/accounts/{login}", P::manage_accounts, W::submit, "account.remove",
     "", true},
    {get, "/api/openapi.json", P::open, W::description, "", "", false},
    // Other people's alerts; they show a key of their own.
    {post, "/api/v2/alerts", P::open, W::alertmanager, "evidence.seen", "", false},
    {post, "/webhooks/alertmanager", P::open, W::alertmanager, "evidence.seen", "", false},
    {post, "/v2/enqueue", P::open, W::pager, "evidence.seen", "", false},
    {post, "/webhooks/public-message", P::open, W::public_message, "evidence.seen", "", false},
});

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

using Parameters = std::map<std::string, std::string, std::less<>>;

std::optional<Parameters> match(std::string_view pattern, std::string_view path) {
  Parameters found;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty() || given.size() > 200) return std::nullopt;
      found.emplace(wanted.substr(1, wanted.size() - 2), given);
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return found;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

RouteMatch match_route(net::HttpMethod method, std::string_view path) {
  RouteMatch result;
  if (!path.starts_with('/')) return result;
  for (const Route& route : kRoutes) {
    auto parameters = match(route.path, path);
    if (!parameters) continue;
    if (route.method == method) {
      result.route = &route;
      result.path = std::move(*parameters);
      return result;
    }
    if (!result.allowed.empty()) result.allowed += ", ";
    result.allowed += route.method == get ? "GET, HEAD" : std::string(to_string(route.method));
  }
  return result;
}

}  // namespace okiagari::web
