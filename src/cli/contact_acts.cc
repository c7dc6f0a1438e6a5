// `okiagari contact ack`, `okiagari contact link`: the acknowledgement of a call from the command
// line, by who is logged in or by the link that the call carried; and such a link for somebody who
// was told by telephone, printed or sent to him by the desk.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <optional>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/desk_act_commands.h"
#include "deployment/desk_deployment.h"
#include "deployment/desk_secrets.h"
#include "desk/ack_token.h"
#include "net/http_client.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kCallMs = 10'000;
constexpr std::int64_t kSecondNs = 1'000'000'000;

struct AckOptions {
  DeskAccess access;
  Shown shown;
  std::string incident;
  std::string comment;
  std::string link;
  std::string person;
  bool is_to_be_sent = false;
  std::string route;
  std::uint32_t step = 0;
  std::int64_t valid_s = 3'600;
  std::string url;
};

// "http://HOST:PORT/ack/TOKEN"
struct AckLinkParts {
  net::Endpoint desk;
  std::string token;
};

base::Result<AckLinkParts> parse_link(const std::string& link) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::string_view kPath = "/ack/";
  const std::size_t at = link.find(kPath);
  if (!link.starts_with(kScheme) || at == std::string::npos) {
    return base::Error{
        "--link: the link of a call is http://HOST:PORT/ack/...; one with https is "
        "opened in a browser"};
  }
  auto desk = net::parse_endpoint(link.substr(kScheme.size(), at - kScheme.size()));
  if (!desk) return desk.error();
  return AckLinkParts{desk.value(), link.substr(at + kPath.size())};
}

int ack_by_link(const AckOptions& options) {
  auto parts = parse_link(options.link);
  if (!parts) return failed(parts.error().message, kExitWrongUse);
  net::Loop loop;
  net::HttpClient client(loop);
  std::optional<base::Result<net::HttpResponse>> answer;
  net::HttpCall what;
  what.to = parts.value().desk;
  what.method = net::HttpMethod::post;
  what.target = "/ack";
  what.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  what.body = "token=" + parts.value().token;
  what.timeout_ms = kCallMs;
  client.fetch(std::move(what), [&](auto got) { answer = std::move(got); });
  const std::uint64_t end_ms = net::Loop::now_ms() + 2 * kCallMs;
  while (!answer && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  if (!answer) return failed("the desk does not answer");
  if (!*answer) return failed(answer->error().message);
  if (answer->value().status != 200) {
    return failed(fmt::format("the desk answers {}: the link has run out, is not whole, or another "
                              "desk leads",
                              answer->value().status),
                  kExitDoesNotHold);
  }
  say("recorded; nobody else is called for this");
  return kExitHolds;
}

int ack(const AckOptions& options) {
  if (!options.link.empty()) return ack_by_link(options);
  if (options.incident.empty()) {
    return failed("say which incident, or give the --link of the call", kExitWrongUse);
  }
  const auto path = filled_path("/api/desk/incidents/{incident}/page/acknowledge",
                                {{"incident", options.incident}});
  if (!path) return failed(path.error().message, kExitWrongUse);
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  return options.shown.print(client.value().post(path.value(), {{"comment", options.comment}}));
}

// Signed with the desks' own key, so it is made where that key lies.
int make_link(const AckOptions& options) {
  const std::string folder = options.access.market_folder;
  const std::string path = folder + "/desk/secrets.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return failed(fmt::format("{}: is not there; a link is made on a desk's host", path),
                  kExitWrongUse);
  }
  auto secrets = deployment::load_or_make_secrets(path);
  if (!secrets) return failed(secrets.error().message);
  std::string url = options.url;
  if (url.empty()) {
    auto places = deployment::DeskDeployment::load(folder);
    if (!places) return failed(places.error().message + "; or give --url");
    if (places.value().empty()) return failed(folder + ": has no desk; give --url");
    url = "http://" + net::to_string(places.value().front().http);
  }
  desk::AckClaim claim{
      options.incident, options.step, options.person,
      static_cast<std::int64_t>(net::Loop::wall_ns() / kSecondNs) + options.valid_s};
  fmt::print("{}/ack/{}\n", url, desk::make_ack_token(claim, secrets.value().link_key));
  return kExitHolds;
}

// The desk's outbox carries it, on a route of the contact tree; the timeline says how it went.
int send_link(const AckOptions& options) {
  const auto path =
      filled_path("/api/desk/incidents/{incident}/page/link", {{"incident", options.incident}});
  if (!path) return failed(path.error().message, kExitWrongUse);
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  boost::json::object body{{"person", options.person}};
  if (!options.route.empty()) body["route"] = options.route;
  return options.shown.print(client.value().post(path.value(), body));
}

}  // namespace

void add_contact_acts(Command app, const Exit& exit) {
  auto acking = std::make_shared<AckOptions>();
  Command command =
      command_at(app, "contact ack", "Say that you are on it: nobody is called any more");
  command.option("incident", acking->incident, "inc-1");
  command.option("--comment", acking->comment, "For the timeline");
  command.option("--link", acking->link, "The link of the call, instead of a log-in");
  acking->shown.add_to(command);
  acking->access.add_to(command);
  set_action(command, exit, [acking] { return ack(*acking); });

  auto linking = std::make_shared<AckOptions>();
  command = command_at(app, "contact link",
                       "A signed link with which one person acknowledges, for a telephone call");
  command.option("incident", linking->incident, "inc-1").required();
  command.option("person", linking->person, "Their id in the contact tree").required();
  command.option("--step", linking->step, "The step of the policy that they are called at");
  command.option("--valid-s", linking->valid_s, "How long it is good")
      .within(1, 86'400)
      .shows_default();
  command.option("--url", linking->url, "Where people reach the desk; default: its address");
  const Option send =
      command.flag("--send", linking->is_to_be_sent,
                   "The desk sends it, on a route of the contact tree; needs a log-in");
  command.option("--route", linking->route, "Which of their routes; default: the first")
      .one_of({"mail", "webhook", "pagerduty", "alertmanager", "siren"})
      .needs(send);
  linking->shown.add_to(command);
  linking->access.add_to(command);
  set_action(command, exit, [linking] {
    return linking->is_to_be_sent ? send_link(*linking) : make_link(*linking);
  });
}

}  // namespace okiagari::cli
