#include "cli/desk_client.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/hash.h"
#include "base/whole_file.h"
#include "cli/command_line.h"
#include "cli/secret_input.h"
#include "deployment/desk_deployment.h"
#include "deployment/desk_people.h"
#include "desk/entry.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "web/totp.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kCallMs = 10'000;
constexpr std::uint64_t kLongCallMs = 60'000;  // as long as the desk's server waits
constexpr std::size_t kAnswerBytesMax = 256u << 20;
constexpr std::uint64_t kLeaderWaitMs = 5'000;
constexpr auto kAskAgainAfter = std::chrono::milliseconds(50);
constexpr const char* kAccessGroup = "Who asks which desk";

base::Result<net::HttpResponse> call(net::HttpCall what, bool is_long) {
  net::Loop loop;
  net::HttpClient client(loop);
  std::optional<base::Result<net::HttpResponse>> answer;
  const std::uint64_t limit_ms = is_long ? kLongCallMs : kCallMs;
  what.timeout_ms = limit_ms;
  what.body_bytes_max = kAnswerBytesMax;
  client.fetch(std::move(what),
               [&](base::Result<net::HttpResponse> got) { answer = std::move(got); });
  const std::uint64_t end_ms = net::Loop::now_ms() + 2 * limit_ms;
  while (!answer && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  if (!answer) return base::Error{"the desk does not answer"};
  return std::move(*answer);
}

base::Result<boost::json::value> body_of(const net::HttpResponse& response) {
  boost::system::error_code error;
  boost::json::value value =
      boost::json::parse(response.body.empty() ? "{}" : response.body, error);
  if (response.status >= 300) {
    std::string detail = fmt::format("the desk answers {}", response.status);
    if (!error && value.is_object()) {
      detail = desk::text_or(value.get_object(), "title", detail);
      detail = desk::text_or(value.get_object(), "detail", detail);
    }
    return base::Error{detail};
  }
  if (error) return base::Error{"the desk's answer is no JSON"};
  return value;
}

// The rehearsal market's person of that name, when its file has one.
std::optional<desk::NewAccount> rehearsal_person(const DeskAccess& access) {
  auto people = deployment::load_people(access.market_folder + "/desk/people.json");
  if (!people) return std::nullopt;
  for (desk::NewAccount& account : people.value()) {
    if (account.login == access.login) return std::move(account);
  }
  return std::nullopt;
}

base::Result<std::string> password_of(const DeskAccess& access) {
  if (!access.password_file.empty()) return read_passphrase(access.password_file);
  if (access.password_descriptor >= 0) return read_secret_line(access.password_descriptor);
  if (const auto person = rehearsal_person(access)) return person->password;
  return ask_at_terminal(fmt::format("password of {}", access.login), false);
}

base::Result<std::string> code_of(const DeskAccess& access) {
  constexpr std::int64_t kStepNs = 30'000'000'000;
  if (!access.code.empty()) return access.code;
  if (const auto person = rehearsal_person(access)) {
    const auto step = static_cast<std::int64_t>(net::Loop::wall_ns()) / kStepNs;
    return web::totp_code(person->totp_secret, step);
  }
  return ask_at_terminal("what your second factor shows now", true);
}

base::Result<std::vector<net::Endpoint>> desks_of(const DeskAccess& access) {
  std::vector<net::Endpoint> desks;
  for (const std::string& text : access.desks) {
    auto endpoint = net::parse_endpoint(text);
    if (!endpoint) return endpoint.error();
    desks.push_back(endpoint.value());
  }
  if (!desks.empty()) return desks;
  auto places = deployment::DeskDeployment::load(access.market_folder);
  if (!places) return places.error();
  for (const deployment::DeskDeployment::Place& place : places.value()) desks.push_back(place.http);
  return desks;
}

std::string make_key() {
  std::array<std::byte, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return base::to_hex(bytes);
}

bool is_code_wanted(const net::HttpResponse& response) {
  return response.status == 401 &&
         response.header("www-authenticate").value_or("").find("max_age=") !=
             std::string_view::npos;
}

}  // namespace

void DeskAccess::add_to(Command command) {
  command.option("--data", market_folder, "The folder of the market whose desk it is")
      .shows_default()
      .group(kAccessGroup);
  add_person_to(command);
}

void DeskAccess::add_person_to(Command command) {
  const char* group = kAccessGroup;
  command.option("--desk-at", desks, "A desk's address, HOST:PORT, instead of --data; repeat")
      .group(group);
  command.option("--as", login, "Who you are").shows_default().group(group);
  command
      .option("--password-file", password_file,
              "Your password is this file's first line; else it is asked at the terminal")
      .group(group);
  command
      .option("--password-fd", password_descriptor,
              "Your password is the first line of this open descriptor")
      .group(group);
  command.option("--one-time-code", code, "What your second factor shows now").group(group);
  command
      .option("--session-file", session_file,
              "Where the session is kept between commands; default: in the market's folder")
      .group(group);
}

base::Result<net::HttpResponse> DeskClient::send(net::HttpMethod method, const std::string& path,
                                                 const std::string& body, const std::string& key,
                                                 bool is_long) {
  net::HttpCall what;
  what.to = desk_;
  what.method = method;
  what.target = path;
  what.body = body;
  if (!cookie_.empty()) what.headers.emplace_back("Cookie", cookie_);
  if (!csrf_.empty()) what.headers.emplace_back("X-CSRF-Token", csrf_);
  if (!key.empty()) what.headers.emplace_back("Idempotency-Key", key);
  if (!body.empty()) what.headers.emplace_back("Content-Type", "application/json");
  auto response = call(std::move(what), is_long);
  if (!response) return response;
  // A session that is used goes on, under another cookie.
  const auto set = response.value().header("set-cookie");
  if (set && response.value().status < 300 && path != "/api/desk/logout") {
    cookie_ = std::string(set->substr(0, set->find(';')));
    keep_session();
  }
  return response;
}

bool DeskClient::leads() {
  auto health = send(net::HttpMethod::get, "/healthz", "");
  if (!health) return false;
  auto state = body_of(health.value());
  return state && state.value().is_object() &&
         desk::flag_or(state.value().get_object(), "leads", false);
}

base::Result<DeskClient> DeskClient::log_in(const DeskAccess& access) {
  auto desks = desks_of(access);
  if (!desks) return desks.error();
  if (desks.value().empty()) return base::Error{access.market_folder + ": has no desk"};
  // While another takes over, none leads.
  const std::uint64_t end_ms = net::Loop::now_ms() + kLeaderWaitMs;
  for (std::size_t at = 0;; at = (at + 1) % desks.value().size()) {
    if (net::Loop::now_ms() >= end_ms) break;
    DeskClient client(desks.value()[at], access);
    if (!client.leads()) {
      std::this_thread::sleep_for(kAskAgainAfter);
      continue;
    }
    client.load_session();
    if (!client.cookie_.empty() && client.get("/api/desk/me")) return client;
    client.cookie_.clear();
    client.csrf_.clear();
    if (base::Status status = client.enter(); !status) return status.error();
    return client;
  }
  return base::Error{"no desk answers that leads"};
}

base::Status DeskClient::enter() {
  auto password = password_of(access_);
  if (!password) return password.error();
  auto code = code_of(access_);
  if (!code) return code.error();
  auto entered =
      send(net::HttpMethod::post, "/api/desk/login",
           boost::json::serialize(boost::json::object{
               {"login", access_.login}, {"password", password.value()}, {"code", code.value()}}));
  if (!entered) return entered.error();
  auto told = body_of(entered.value());
  if (!told) return told.error();
  csrf_ = desk::text_or(told.value().get_object(), "csrf_token");
  keep_session();
  return {};
}

base::Status DeskClient::step_up() {
  auto code = code_of(access_);
  if (!code) return code.error();
  auto stepped = send(net::HttpMethod::post, "/api/desk/step-up",
                      boost::json::serialize(boost::json::object{{"code", code.value()}}));
  if (!stepped) return stepped.error();
  auto told = body_of(stepped.value());
  if (!told) return told.error();
  csrf_ = desk::text_or(told.value().get_object(), "csrf_token", csrf_);
  keep_session();
  return {};
}

std::string DeskClient::session_path() const {
  if (!access_.session_file.empty()) return access_.session_file;
  const std::string folder = access_.market_folder + "/desk";
  std::error_code error;
  if (!access_.desks.empty() || !std::filesystem::is_directory(folder, error)) return {};
  return fmt::format("{}/session-{}", folder, access_.login);
}

void DeskClient::load_session() {
  const std::string path = session_path();
  if (path.empty()) return;
  const auto text = base::read_whole_file(path, 1u << 14);
  if (!text) return;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text.value(), error);
  if (error || !value.is_object()) return;
  cookie_ = desk::text_or(value.get_object(), "cookie");
  csrf_ = desk::text_or(value.get_object(), "csrf_token");
}

// A one-time code works once; the next command must not wait for another. Where the file cannot be
// written, the next one asks again.
void DeskClient::keep_session() const {
  const std::string path = session_path();
  if (path.empty() || csrf_.empty()) return;
  const boost::json::object session{{"cookie", cookie_}, {"csrf_token", csrf_}};
  (void)base::write_whole_file(path, boost::json::serialize(session) + "\n", 0600).ok();
}

base::Result<std::string> DeskClient::get_text(const std::string& path) {
  auto response = send(net::HttpMethod::get, path, "", "", true);
  if (!response) return response.error();
  if (response.value().status >= 300) return body_of(response.value()).error();
  return std::move(response.value().body);
}

base::Result<boost::json::value> DeskClient::get(const std::string& path) {
  auto response = send(net::HttpMethod::get, path, "");
  if (!response) return response.error();
  return body_of(response.value());
}

base::Result<boost::json::value> DeskClient::act(net::HttpMethod method, const std::string& path,
                                                 const boost::json::object& body) {
  const std::string key = make_key();
  const std::string text = boost::json::serialize(body);
  auto response = send(method, path, text, key);
  if (response && is_code_wanted(response.value())) {
    if (base::Status status = step_up(); !status) return status.error();
    response = send(method, path, text, key);
  }
  if (!response) return response.error();
  return body_of(response.value());
}

base::Status DeskClient::log_out() {
  auto answer = act(net::HttpMethod::post, "/api/desk/logout", {});
  if (!answer) return answer.error();
  if (const std::string path = session_path(); !path.empty()) std::remove(path.c_str());
  return {};
}

}  // namespace okiagari::cli
