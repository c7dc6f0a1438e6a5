// Which document answers which look.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "net/problem.h"
#include "web/answers.h"
#include "web/api.h"
#include "web/builtin_openapi.h"
#include "web/contact_look.h"
#include "web/looks.h"

namespace okiagari::web {

namespace {

std::uint64_t number_of(const net::HttpRequest& request, std::string_view key,
                        std::uint64_t otherwise) {
  const std::string_view text = request.parameter(key).value_or("");
  std::uint64_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

net::HttpResponse description() {
  net::HttpResponse response;
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-cache"}};
  response.body = kOpenApi;
  return response;
}

}  // namespace

net::HttpResponse Api::look(const Call& call) const {
  const std::uint64_t after = number_of(call.request, "after", 0);
  const auto most = static_cast<std::size_t>(
      std::clamp<std::uint64_t>(number_of(call.request, "most", 200), 1, kTimelineMost));
  const auto path = [&](std::string_view key) -> std::string {
    const auto found = call.path.find(key);
    return found == call.path.end() ? std::string() : found->second;
  };
  switch (call.route.work) {
    case Work::view:
      return part_look(port_, call.route.entry);
    case Work::me:
      return me(call);
    case Work::picture:
      return picture_look(port_);
    case Work::incident:
      return incident_look(port_, path("incident"));
    case Work::incident_timeline:
      return timeline_look(port_, path("incident"), after, most);
    case Work::timeline:
      return timeline_look(port_, "", after, most);
    case Work::notice:
      return notice_look(port_, path("incident") + "/" + path("notice"));
    case Work::promises:
      return promises_look(port_);
    case Work::series:
      return json_answer(history_.series(number_of(call.request, "after_ns", 0)));
    case Work::contacts:
      return contact_look(port_, options_.wall_ns());
    case Work::contact_dry_run:
      return contact_dry_run(port_, number_of(call.request, "severity", 1),
                             number_of(call.request, "at_ns", options_.wall_ns()));
    case Work::approved_act:
      return approved_act(path("proposal"));
    case Work::guards:
      return guards();
    case Work::rebuild_look:
      return rebuild_look();
    case Work::audit:
      return audit_look(port_);
    case Work::audit_export:
      return audit_export(port_);
    case Work::description:
      return description();
    default:
      ASSERT(false, "{} is no look", call.route.path);
  }
}

void Api::send_bundle(const Call& call, net::HttpReply reply) const {
  const std::string incident = call.path.at("incident");
  auto kept = std::make_shared<net::HttpReply>(std::move(reply));
  const auto send = [kept, incident,
                     is_tls = call.request.is_tls](base::Result<std::string> archive) {
    net::HttpResponse response;
    if (archive) {
      response.headers = {{"Content-Type", "application/x-xz"},
                          {"Content-Disposition",
                           fmt::format("attachment; filename=\"okiagari-{}.tar.xz\"", incident)},
                          {"Cache-Control", "no-store"}};
      response.body = std::move(archive.value());
    } else {
      response = net::problem(404, archive.error().message);
    }
    add_security_headers(response, is_tls);
    kept->send(std::move(response));
  };
  if (!options_.make_bundle) return send(base::Error{"this desk makes no bundles"});
  options_.make_bundle(incident, send);
}

}  // namespace okiagari::web
