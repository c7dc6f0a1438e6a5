// `okiagari incident`, `okiagari audit`, `okiagari desk timeline`: what takes more than one
// request, or a page of its own; the rest is in the table of acts (cli/desk_acts.h).
#include <fmt/format.h>

#include <boost/json.hpp>
#include <thread>

#include "base/whole_file.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/desk_act_commands.h"
#include "cli/document_text.h"
#include "cli/signed_bundle.h"
#include "cli/stop_signal.h"
#include "desk/entry.h"

namespace okiagari::cli {

namespace {

constexpr std::size_t kItemsOfOneAnswer = 1'000;
constexpr auto kAskAgainAfter = std::chrono::seconds(1);

struct IncidentOptions {
  DeskAccess access;
  Shown shown;
  std::string incident;
  std::string reason;
  std::string out;
  std::string check;
  std::string key;
  bool follow = false;
};
using Options = std::shared_ptr<IncidentOptions>;

void print_incident(const boost::json::object& incident, const std::string& language) {
  const auto words = [&](const boost::json::object& from, std::string_view key) {
    const boost::json::value* value = from.if_contains(key);
    return value == nullptr ? std::string() : words_in(*value, language);
  };
  fmt::print("{}  severity {}  {}  {}\n", desk::text_or(incident, "id"),
             desk::number_or(incident, "severity", 0), desk::text_or(incident, "status"),
             words(incident, "title"));
  const boost::json::value* report = incident.if_contains("report");
  if (report == nullptr || !report->is_array()) return;
  for (const boost::json::value& sentence : report->get_array()) {
    fmt::print("    {}\n", words_in(sentence, language));
  }
}

int list(const IncidentOptions& options) {
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto answer = client.value().get("/api/desk/incidents");
  if (!answer || options.shown.json) return options.shown.print(answer);
  const boost::json::value* incidents =
      answer.value().is_object() ? answer.value().get_object().if_contains("items") : nullptr;
  if (incidents == nullptr || !incidents->is_array()) return options.shown.print(answer);
  if (incidents->get_array().empty()) fmt::print("no incidents\n");
  for (const boost::json::value& incident : incidents->get_array()) {
    if (incident.is_object()) print_incident(incident.get_object(), options.shown.language);
  }
  return kExitHolds;
}

void print_item(const boost::json::object& item, const Shown& shown) {
  if (shown.json) {
    fmt::print("{}\n", boost::json::serialize(item));
    return;
  }
  const boost::json::value* words = item.if_contains("words");
  fmt::print("{}  {:>6}  {:<8} {:<22} {:<18} {}\n",
             time_text(static_cast<TimestampNs>(desk::number_or(item, "at_ns", 0))),
             desk::number_or(item, "number", 0), desk::text_or(item, "incident"),
             desk::text_or(item, "kind"), desk::text_or(item, "by"),
             words == nullptr ? std::string() : words_in(*words, shown.language));
}

// The number to go on from; prints what is behind `after`.
base::Result<std::uint64_t> print_items(DeskClient& client, const IncidentOptions& options,
                                        std::uint64_t after) {
  const std::string path = options.incident.empty()
                               ? "/api/desk/timeline"
                               : fmt::format("/api/desk/incidents/{}/timeline", options.incident);
  for (;;) {
    auto answer = client.get(fmt::format("{}?after={}&most={}", path, after, kItemsOfOneAnswer));
    if (!answer) return answer.error();
    const boost::json::object& told = answer.value().as_object();
    for (const boost::json::value& item : told.at("items").as_array()) {
      print_item(item.as_object(), options.shown);
    }
    after = static_cast<std::uint64_t>(desk::number_or(told, "next", 0));
    if (!desk::flag_or(told, "more", false)) return after;
  }
}

int timeline(const IncidentOptions& options) {
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  const std::atomic<bool>& stop_asked = catch_stop_signals();
  std::uint64_t after = 0;
  do {
    auto next = print_items(client.value(), options, after);
    if (!next) return failed(next.error().message);
    after = next.value();
    std::fflush(stdout);
    if (options.follow && !stop_asked) std::this_thread::sleep_for(kAskAgainAfter);
  } while (options.follow && !stop_asked);
  return kExitHolds;
}

// The last word on it: said why, then closed.
int close(const IncidentOptions& options) {
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  const std::string path = fmt::format("/api/desk/incidents/{}", options.incident);
  if (!options.reason.empty()) {
    auto noted = client.value().post(path + "/notes", {{"text", options.reason}});
    if (!noted) return failed(noted.error().message);
  }
  return options.shown.print(client.value().post(path + "/status", {{"status", "resolved"}}));
}

int check_bundle(const IncidentOptions& options) {
  auto check = check_signed_bundle(options.check, options.key);
  if (!check) return failed(check.error().message);
  for (const std::string& problem : check.value().problems) say(problem);
  if (!check.value().problems.empty()) {
    return failed(fmt::format("{} does not hold", options.check), kExitDoesNotHold);
  }
  say(fmt::format("{} holds: {} files, signed by {}", options.check, check.value().files,
                  check.value().public_key));
  if (options.key.empty()) {
    say("The key is the bundle's own: give --key to know that it is the exchange's.");
  }
  return kExitHolds;
}

// What has arrived is checked before anybody relies on it.
int bundle(const IncidentOptions& options) {
  if (!options.check.empty()) return check_bundle(options);
  if (options.incident.empty() || options.out.empty()) {
    return failed("say which incident and --out FILE; or --check FILE", kExitWrongUse);
  }
  const auto path =
      filled_path("/api/desk/incidents/{incident}/bundle", {{"incident", options.incident}});
  if (!path) return failed(path.error().message, kExitWrongUse);
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto archive = client.value().get_text(path.value());
  if (!archive) return failed(archive.error().message);
  if (base::Status status = base::write_whole_file(options.out, archive.value()); !status) {
    return failed(status.error().message);
  }
  IncidentOptions checked = options;
  checked.check = options.out;
  return check_bundle(checked);
}

int export_record(const IncidentOptions& options) {
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto lines = client.value().get_text("/api/desk/audit/timeline");
  if (!lines) return failed(lines.error().message);
  if (options.out.empty()) {
    std::fwrite(lines.value().data(), 1, lines.value().size(), stdout);
    return kExitHolds;
  }
  if (base::Status status = base::write_whole_file(options.out, lines.value()); !status) {
    return failed(status.error().message);
  }
  say(fmt::format("written to {}", options.out));
  return kExitHolds;
}

Options add(Command app, const Exit& exit, const char* words, const char* what,
            int (*action)(const IncidentOptions&)) {
  auto options = std::make_shared<IncidentOptions>();
  const Command command = command_at(app, words, what);
  if (action == timeline || action == list || action == close) options->shown.add_to(command);
  options->access.add_to(command);
  set_action(command, exit, [options, action] { return action(*options); });
  return options;
}

}  // namespace

void add_incident_command(Command app, const Exit& exit) {
  const Command group = app.command("incident", "Incidents at the desk: look and act");
  group.needs_command();
  add(app, exit, "incident list", "All incidents with their situation reports", list);
  Options of_one =
      add(app, exit, "incident timeline", "What happened in it, oldest first", timeline);
  Command command = command_at(app, "incident timeline", "");
  command.option("incident", of_one->incident, "inc-1").required();
  command.flag("--follow", of_one->follow, "Go on with what comes, until Ctrl-C");
  Options bundling = add(app, exit, "incident bundle",
                         "All of it in one signed file, for an expert from outside", bundle);
  command = command_at(app, "incident bundle", "");
  command.option("incident", bundling->incident, "inc-1");
  command.option("--out", bundling->out, "The file to write, .tar.xz");
  command
      .option("--check", bundling->check,
              "Check such a file instead: every file's hash and the signature")
      .existing_file();
  command.option("--key", bundling->key,
                 "The exchange's public key, 64 hex digits, from another source");
  Options closing = add(app, exit, "incident close", "Say that it is over", close);
  command = command_at(app, "incident close", "");
  command.option("incident", closing->incident, "inc-1").required();
  command.option("--reason", closing->reason, "For its timeline");
}

void add_audit_command(Command app, const Exit& exit) {
  Options exporting =
      add(app, exit, "audit export", "The whole timeline with its chain values", export_record);
  command_at(app, "audit export", "")
      .option("--out", exporting->out, "The file to write; without it, standard output");
  Options all = add(app, exit, "desk timeline", "What happened, oldest first", timeline);
  command_at(app, "desk timeline", "")
      .flag("--follow", all->follow, "Go on with what comes, until Ctrl-C");
}

}  // namespace okiagari::cli
