#include "web/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "net/problem.h"
#include "web/answers.h"
#include "web/looks.h"

namespace okiagari::web {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;

bool is_unsafe(net::HttpMethod method) {
  return method != net::HttpMethod::get && method != net::HttpMethod::head;
}

bool lists(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(words.size(), end + 1));
  }
  return false;
}

net::HttpResponse field_problem(std::string_view pointer, std::string_view detail) {
  boost::json::array errors{{{"pointer", fmt::format("/{}", pointer)}, {"detail", detail}}};
  return net::problem(422, "", detail, {{"errors", std::move(errors)}});
}

net::HttpResponse not_known() {
  net::HttpResponse response = net::problem(401, "log in first");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"okiagari\"");
  return response;
}

// RFC 9470: what is missing is not who it is but how sure that is.
net::HttpResponse step_up_needed() {
  net::HttpResponse response =
      net::problem(401, "a one-time code is needed for this",
                   "show a new code of your authenticator at /api/desk/step-up and try again");
  response.headers.emplace_back(
      "WWW-Authenticate",
      fmt::format("Bearer error=\"insufficient_user_authentication\", max_age={}",
                  Sessions::kStepUpS));
  return response;
}

}  // namespace

Api::Api(desk::DeskPort& port, ApiOptions options)
    : port_(port),
      options_(std::move(options)),
      sessions_(options_.keys),
      events_(port),
      history_(port) {}

const desk::Accounts& Api::accounts() const {
  const auto* accounts = port_.desk().part<desk::Accounts>();
  return accounts == nullptr ? nobody_ : *accounts;
}

std::int64_t Api::now_s() const {
  return static_cast<std::int64_t>(options_.wall_ns() / kSecondNs);
}

std::optional<Caller> Api::caller(const net::HttpRequest& request) {
  return sessions_.caller(accounts(), request, now_s());
}

void Api::handle(const net::HttpRequest& request, net::HttpReply reply) {
  const auto refuse = [&](net::HttpResponse response) {
    add_security_headers(response, request.is_tls);
    reply.send(std::move(response));
  };
  const auto now = static_cast<double>(now_s());
  // Whoever is known is counted by name: a whole operations room may come from one address.
  std::optional<Caller> who = caller(request);
  if (!requests_.take(who ? "person:" + who->login : request.peer, now)) {
    refuse(come_again(429, "too many requests from this address or person", 1));
    return;
  }
  RouteMatch match = match_route(request.method, request.path);
  if (match.route == nullptr && match.allowed.empty()) {
    refuse(net::problem(404, "there is nothing here; /api/openapi.json lists what there is"));
    return;
  }
  if (match.route == nullptr) {
    net::HttpResponse response = net::problem(405, "this path is asked with " + match.allowed);
    response.headers.emplace_back("Allow", match.allowed);
    refuse(std::move(response));
    return;
  }
  Call call{request, *match.route, std::move(match.path), std::move(who), {}};
  Checked answer = check_power(call);
  if (!answer) answer = check_origin(call);
  if (!answer) answer = check_leader(call);
  if (!answer) answer = read_body(call);
  if (answer) {
    refuse(std::move(*answer));
    return;
  }
  carry_out(call, std::move(reply));
}

Api::Checked Api::check_power(const Call& call) const {
  if (call.route.power == Power::open) return std::nullopt;
  if (!call.who) return not_known();
  if (!may(call.who->roles, call.route.power)) {
    return net::problem(403, "",
                        fmt::format("this needs the power '{}'", to_string(call.route.power)),
                        {{"power", to_string(call.route.power)}});
  }
  if (is_bound_to_incident(call.who->roles, call.route.power)) {
    const desk::Account* account = accounts().find(call.who->login);
    const auto incident = call.path.find("incident");
    const bool is_theirs = account != nullptr && incident != call.path.end() &&
                           !account->incident.empty() && incident->second == account->incident;
    if (!is_theirs) return net::problem(403, "this account is for one incident, and not for this");
  }
  if (!call.route.steps_up) return std::nullopt;
  if (!call.who->session) {
    return net::problem(403, "this needs a person with a one-time code, not a token");
  }
  if (now_s() - call.who->session->stepped_up_s >= Sessions::kStepUpS) return step_up_needed();
  return std::nullopt;
}

// A browser that was led here by another site must not act.
Api::Checked Api::check_origin(const Call& call) const {
  if (!is_unsafe(call.route.method) || !call.route.path.starts_with("/api/desk/")) {
    return std::nullopt;
  }
  const auto site = call.request.header("sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") {
    return net::problem(403, "this may not be asked by another site");
  }
  const std::string_view type = call.request.header("content-type").value_or("");
  const bool is_json =
      net::equals_ignoring_case(type.substr(0, type.find(';')), "application/json");
  if (call.route.method != net::HttpMethod::delete_resource && !is_json) {
    return net::problem(415, "the body is application/json");
  }
  if (!call.who || !call.who->session) return std::nullopt;
  if (!sessions_.is_csrf_token(*call.who->session,
                               call.request.header("x-csrf-token").value_or(""))) {
    return net::problem(403, "the X-CSRF-Token header is missing or wrong; /api/desk/me tells it");
  }
  return std::nullopt;
}

// Only the leader takes entries.
Api::Checked Api::check_leader(const Call& call) const {
  const bool goes_into_log = is_unsafe(call.route.method) && !call.route.entry.empty();
  if (!goes_into_log || port_.leads()) return std::nullopt;
  const std::string leader = port_.leader_url();
  if (leader.empty()) return come_again(503, "no desk leads at this moment", 2);
  net::HttpResponse response = json_answer({{"leader", leader}}, 307);
  response.headers.emplace_back("Location", leader + call.request.target);
  return response;
}

Api::Checked Api::read_body(Call& call) const {
  const bool is_foreign = call.route.work == Work::alertmanager || call.route.work == Work::pager ||
                          call.route.work == Work::public_message;
  if (!is_unsafe(call.route.method) || is_foreign) return std::nullopt;
  if (call.request.body.size() > kBodyBytesMax) {
    return net::problem(413, fmt::format("a body has at most {} bytes", kBodyBytesMax));
  }
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = 8;
  const bool is_empty = call.request.body.empty();
  const boost::json::value value =
      is_empty ? boost::json::object{} : boost::json::parse(call.request.body, error, {}, options);
  if (error || !value.is_object()) return net::problem(400, "the body is no JSON object");
  for (const auto& [key, member] : value.get_object()) {
    if (!lists(call.route.fields, key)) {
      return field_problem(key, fmt::format("'{}' is not taken here", std::string_view(key)));
    }
  }
  call.body = value.get_object();
  for (const auto& [key, text] : call.path) {
    if (key == "proposal") {
      std::int64_t number = 0;
      const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (failed != std::errc{} || end != text.data() + text.size()) {
        return net::problem(404, "a proposal has a number");
      }
      call.body[key] = number;
    } else {
      call.body[key] = text;
    }
  }
  if (const auto notice = call.path.find("notice"); notice != call.path.end()) {
    call.body["notice"] = call.path.at("incident") + "/" + notice->second;
  }
  // The entry must fit into the log.
  if (boost::json::serialize(call.body).size() > kBodyBytesMax) {
    return net::problem(413,
                        fmt::format("written out, a body has at most {} bytes", kBodyBytesMax));
  }
  return std::nullopt;
}

void Api::carry_out(Call& call, net::HttpReply reply) {
  if (call.route.work == Work::events) {
    if (!events_.has_room()) {
      reply.send(come_again(503, "too many listen already", 5));
      return;
    }
    std::uint64_t after = 0;
    const std::string_view last = call.request.header("last-event-id")
                                      .value_or(call.request.parameter("after").value_or("0"));
    std::from_chars(last.data(), last.data() + last.size(), after);
    events_.add(reply.stream({{"X-Content-Type-Options", "nosniff"}}), after, net::Loop::now_ms());
    return;
  }
  if (is_unsafe(call.route.method)) {
    act(call, std::move(reply));
    return;
  }
  if (call.route.work == Work::incident_bundle) {
    send_bundle(call, std::move(reply));
    return;
  }
  net::HttpResponse response = look(call);
  add_security_headers(response, call.request.is_tls);
  // Looking keeps a session alive, but not each look is worth a new cookie.
  if (call.who && call.who->session &&
      now_s() - call.who->session->seen_s >= Sessions::kRenewAfterS) {
    response.headers.emplace_back(
        "Set-Cookie", sessions_.set_cookie(*call.who->session, call.request.is_tls, now_s()));
  }
  reply.send(std::move(response));
}

void Api::act(Call& call, net::HttpReply reply) {
  const auto send = [&](net::HttpResponse response) {
    add_security_headers(response, call.request.is_tls);
    reply.send(std::move(response));
  };
  switch (call.route.work) {
    case Work::submit:
      if (call.route.entry == "account.token_remove") call.body["login"] = call.who->login;
      return submit(call, call.body, std::move(reply));
    case Work::log_in:
      return send(log_in(call));
    case Work::step_up:
      return send(step_up(call));
    case Work::log_out:
      return log_out(call, std::move(reply));
    case Work::make_token:
      return make_token(call, std::move(reply));
    case Work::halt_preview:
      return send(halt_preview(port_, call.body));
    case Work::draft_act:
      return send(draft_act(call));
    case Work::draft_lift:
      return send(draft_lift(call));
    case Work::begin_rebuild_look:
      return send(begin_rebuild_look());
    case Work::set_account:
      return set_account(call, std::move(reply));
    case Work::propose:
      return propose(call, std::move(reply));
    case Work::alertmanager:
    case Work::pager:
    case Work::public_message:
      return take_alerts(call, std::move(reply));
    default:
      ASSERT(false, "{} is no act", call.route.path);
  }
}

void Api::submit(const Call& call, boost::json::object body, net::HttpReply reply,
                 boost::json::object more, net::HttpHeaders headers) {
  desk::Entry entry;
  entry.type = call.route.entry;
  entry.by = call.who ? "person:" + call.who->login : "watch";
  const std::string_view key = call.request.header("idempotency-key").value_or("").substr(0, 100);
  // One person's key means nothing in another's hands.
  if (!key.empty()) entry.request = fmt::format("web:{}:{}:{}", entry.by, entry.type, key);
  entry.body = std::move(body);
  auto kept = std::make_shared<net::HttpReply>(std::move(reply));
  port_.submit(std::move(entry),
               [kept, more = std::move(more), headers = std::move(headers),
                is_tls = call.request.is_tls](base::Status status, std::uint64_t index) {
                 net::HttpResponse response;
                 if (status.ok()) {
                   boost::json::object answer = more;
                   answer["index"] = index;
                   response = json_answer(answer);
                   response.headers.insert(response.headers.end(), headers.begin(), headers.end());
                 } else if (index == 0) {
                   response = come_again(503, status.error().message, 2);
                 } else {
                   response = net::problem(422, "", status.error().message, {{"index", index}});
                 }
                 add_security_headers(response, is_tls);
                 kept->send(std::move(response));
               });
}

}  // namespace okiagari::web
