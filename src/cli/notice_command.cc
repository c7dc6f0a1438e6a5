// `okiagari notice`: what the public is told, where it takes more than one request to the desk, and
// the check of the signed copy that needs no desk at all.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/desk_act_commands.h"
#include "cli/document_text.h"
#include "desk/entry.h"
#include "net/loop.h"
#include "web/status_bundle.h"

namespace okiagari::cli {

namespace {

using boost::json::object;
using boost::json::value;

// All channels have it within 5 s; what is longer under way is shown as it stands.
constexpr std::uint64_t kReleaseWaitMs = 15'000;
constexpr auto kAskAgainAfter = std::chrono::milliseconds(200);

struct NoticeOptions {
  DeskAccess access;
  Shown shown;
  std::string notice;
  std::string incident;
  ActFields fields;
  std::string bundle;
  std::string public_key;
};
using Options = std::shared_ptr<NoticeOptions>;

std::span<const ActField> draft_fields() {
  const auto acts = desk_acts();
  const auto found = std::find_if(acts.begin(), acts.end(),
                                  [](const DeskAct& act) { return act.command == "notice draft"; });
  // Without the incident: a notice that is there knows its own.
  return found->fields.subspan(1);
}

base::Result<std::string> path_of(const std::string& notice) {
  return filled_path("/api/desk/notices/{incident}/{notice}", {{"notice", notice}});
}

int run_verify_bundle(const NoticeOptions& options) {
  const auto verdict = web::verify_bundle(options.bundle, options.public_key);
  if (!verdict) return failed(verdict.error().message);
  for (const std::string& problem : verdict.value().problems) say(problem);
  if (!verdict.value().problems.empty()) {
    return failed(fmt::format("{} does not hold", options.bundle), kExitDoesNotHold);
  }
  say(fmt::format("{} holds: {} files, written {}, signed by {}", options.bundle,
                  verdict.value().files, verdict.value().written, verdict.value().public_key));
  if (options.public_key.empty()) {
    say("The key is the bundle's own: give --key to know that it is the exchange's.");
  }
  return 0;
}

void print_line(const object& notice, const std::string& language) {
  const std::int64_t number = desk::number_or(notice, "number", 0);
  const auto at_ns = static_cast<TimestampNs>(
      desk::number_or(notice, number != 0 ? "issued_ns" : "drafted_ns", 0));
  fmt::print("{:<10} {:<9} {:<8} {:<14} {}  {} / {}  {}\n", desk::text_or(notice, "id"),
             desk::text_or(notice, "state"), number == 0 ? "" : fmt::format("No. {}", number),
             desk::text_or(notice, "status"), time_text(at_ns), desk::text_or(notice, "by"),
             desk::text_or(notice, "approved_by", "nobody yet"),
             words_in(notice.at("subject"), language));
}

int list(const NoticeOptions& options) {
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto answer = client.value().get("/api/desk/notices");
  if (!answer || options.shown.json) return options.shown.print(answer);
  const auto& notices = answer.value().at("items").at("notices").as_array();
  for (const value& notice : notices) {
    if (options.incident.empty() ||
        desk::text_or(notice.as_object(), "incident") == options.incident) {
      print_line(notice.as_object(), options.shown.language);
    }
  }
  if (notices.empty()) fmt::print("no notices\n");
  return kExitHolds;
}

int templates(const NoticeOptions& options) {
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto answer = client.value().get("/api/desk/notices");
  if (!answer) return options.shown.print(answer);
  return options.shown.print(answer.value().at("items").at("templates"));
}

// Both languages as they will be read, and how it stands.
void print_whole(const object& notice) {
  print_line(notice, "en");
  for (const char* language : {"ja", "en"}) {
    fmt::print("\n{}\n\n{}\n", words_in(notice.at("subject"), language),
               words_in(notice.at("text"), language));
  }
  for (const value& delivery : notice.at("deliveries").as_array()) {
    fmt::print("{:<40} {:<9} {}\n", desk::text_or(delivery.as_object(), "channel"),
               desk::text_or(delivery.as_object(), "state"),
               desk::text_or(delivery.as_object(), "outcome"));
  }
}

int show(const NoticeOptions& options) {
  const auto path = path_of(options.notice);
  if (!path) return failed(path.error().message, kExitWrongUse);
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto answer = client.value().get(path.value());
  if (!answer || options.shown.json) return options.shown.print(answer);
  print_whole(answer.value().as_object());
  return kExitHolds;
}

bool has_gone_out(const object& notice) {
  const auto& deliveries = notice.at("deliveries").as_array();
  return desk::text_or(notice, "state") == "released" &&
         std::none_of(deliveries.begin(), deliveries.end(), [](const value& delivery) {
           return desk::text_or(delivery.as_object(), "state") == "waiting";
         });
}

// The second person's word; then waits to see it leave by every channel.
int approve(const NoticeOptions& options) {
  const auto path = path_of(options.notice);
  if (!path) return failed(path.error().message, kExitWrongUse);
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto approved = client.value().post(path.value() + "/approve", {});
  if (!approved) return failed(approved.error().message);
  const std::uint64_t end_ms = net::Loop::now_ms() + kReleaseWaitMs;
  auto answer = client.value().get(path.value());
  while (answer && !has_gone_out(answer.value().as_object()) && net::Loop::now_ms() < end_ms) {
    std::this_thread::sleep_for(kAskAgainAfter);
    answer = client.value().get(path.value());
  }
  if (!answer || options.shown.json) return options.shown.print(answer);
  print_whole(answer.value().as_object());
  return has_gone_out(answer.value().as_object()) ? kExitHolds : kExitDoesNotHold;
}

// What a draft was made from, as the body of another one.
object draft_of(const object& notice) {
  object body{{"incident", notice.at("incident")}, {"status", notice.at("status")}};
  const bool is_by_template = !desk::text_or(notice, "template").empty();
  if (is_by_template) {
    body["template"] = notice.at("template");
  } else {
    body["subject"] = notice.at("subject");
    body["text"] = notice.at("text");
  }
  if (desk::number_or(notice, "supersedes", 0) != 0) {
    body["supersedes"] = notice.at("supersedes");
    body["correction_reason"] = notice.at("correction_reason");
  }
  for (const auto& fact : notice.at("facts").as_object()) {
    const auto fields = draft_fields();
    const bool is_taken = std::any_of(fields.begin(), fields.end(), [&](const ActField& field) {
      return field.name == std::string_view(fact.key());
    });
    if (is_taken) body[fact.key()] = fact.value();
  }
  return body;
}

// In one language only, the other stays as it was.
void lay_over(object& body, const object& given) {
  for (const auto& field : given) {
    value& place = body[field.key()];
    if (field.value().is_object() && place.is_object()) {
      for (const auto& part : field.value().get_object()) {
        place.get_object()[part.key()] = part.value();
      }
    } else {
      place = field.value();
    }
  }
}

// The one that this person wrote last: machines write notices of the same incident at any moment.
base::Result<std::string> newest_of(DeskClient& client, const std::string& incident,
                                    const std::string& login) {
  auto answer = client.get("/api/desk/notices");
  if (!answer) return answer.error();
  std::string newest;
  for (const value& notice : answer.value().at("items").at("notices").as_array()) {
    if (desk::text_or(notice.as_object(), "incident") == incident &&
        desk::text_or(notice.as_object(), "by") == "person:" + login) {
      newest = desk::text_or(notice.as_object(), "id");
    }
  }
  if (newest.empty()) return base::Error{"the desk does not know of the draft"};
  return newest;
}

base::Result<object> load(DeskClient& client, const std::string& notice) {
  auto path = path_of(notice);
  if (!path) return path.error();
  auto answer = client.get(path.value());
  if (!answer) return answer.error();
  return answer.value().as_object();
}

int show_newest(DeskClient& client, const std::string& incident, const NoticeOptions& options) {
  auto id = newest_of(client, incident, options.access.login);
  if (!id) return failed(id.error().message);
  auto notice = load(client, id.value());
  if (!notice) return failed(notice.error().message);
  if (options.shown.json) return options.shown.print(value(notice.value()));
  print_whole(notice.value());
  return kExitHolds;
}

int draft(const NoticeOptions& options) {
  auto body = options.fields.body(draft_fields());
  if (!body) return failed(body.error().message, kExitWrongUse);
  body.value()["incident"] = options.incident;
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto drafted = client.value().post("/api/desk/notices", body.value());
  if (!drafted) return failed(drafted.error().message);
  return show_newest(client.value(), options.incident, options);
}

// A draft is never changed under the eyes of who is to release it: another takes its place.
int edit(const NoticeOptions& options) {
  auto given = options.fields.body(draft_fields());
  if (!given) return failed(given.error().message, kExitWrongUse);
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto before = load(client.value(), options.notice);
  if (!before) return failed(before.error().message);
  if (desk::text_or(before.value(), "state") != "draft") {
    return failed(fmt::format("{} is {}: what has gone out is corrected, not changed",
                              options.notice, desk::text_or(before.value(), "state")));
  }
  object body = draft_of(before.value());
  lay_over(body, given.value());
  auto drafted = client.value().post("/api/desk/notices", body);
  if (!drafted) return failed(drafted.error().message);
  auto id =
      newest_of(client.value(), desk::text_or(before.value(), "incident"), options.access.login);
  if (!id) return failed(id.error().message);
  auto rejected = client.value().post(path_of(options.notice).value() + "/reject",
                                      {{"reason", "replaced by " + id.value()}});
  if (!rejected) {
    say(fmt::format("{} is still there: {}", options.notice, rejected.error().message));
  }
  auto after = load(client.value(), id.value());
  if (!after) return failed(after.error().message);
  if (options.shown.json) return options.shown.print(value(after.value()));
  print_whole(after.value());
  return kExitHolds;
}

int correct(const NoticeOptions& options) {
  auto given = options.fields.body(draft_fields());
  if (!given) return failed(given.error().message, kExitWrongUse);
  if (!given.value().contains("correction_reason")) {
    return failed("--correction-reason: why was it wrong?", kExitWrongUse);
  }
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto wrong = load(client.value(), options.notice);
  if (!wrong) return failed(wrong.error().message);
  object body = draft_of(wrong.value());
  body["supersedes"] = wrong.value().at("number");
  lay_over(body, given.value());
  auto drafted = client.value().post("/api/desk/notices", body);
  if (!drafted) return failed(drafted.error().message);
  return show_newest(client.value(), desk::text_or(wrong.value(), "incident"), options);
}

Command add(Command group, const Exit& exit, const char* name, const char* what,
            int (*action)(const NoticeOptions&), const Options& options) {
  const Command command = group.command(name, what);
  options->shown.add_to(command);
  options->access.add_to(command);
  set_action(command, exit, [options, action] { return action(*options); });
  return command;
}

Command add_of_one(Command group, const Exit& exit, const char* name, const char* what,
                   int (*action)(const NoticeOptions&)) {
  auto options = std::make_shared<NoticeOptions>();
  const Command command = add(group, exit, name, what, action, options);
  command.option("notice", options->notice, "inc-1/n2").required();
  if (action == edit || action == correct) options->fields.add_to(command, draft_fields());
  return command;
}

void add_verify(Command group, const Exit& exit) {
  auto options = std::make_shared<NoticeOptions>();
  const Command verify = group.command(
      "verify", "Check a copy of the public page: every file's hashes and the signature");
  verify.option("BUNDLE", options->bundle, "The folder of the copy").required().existing_folder();
  verify.option("--key", options->public_key,
                "The exchange's public key, 64 hex digits, from another source");
  set_action(verify, exit, [options] { return run_verify_bundle(*options); });
}

}  // namespace

void add_notice_command(Command app, const Exit& exit) {
  const Command group =
      app.command("notice", "What the public is told: written by one, released by another");
  group.needs_command();
  add_verify(group, exit);
  auto options = std::make_shared<NoticeOptions>();
  add(group, exit, "list", "Drafts and released notices", list, options)
      .option("--incident", options->incident, "Only of this incident");
  add(group, exit, "templates", "The texts that there are, with places for facts", templates,
      std::make_shared<NoticeOptions>());
  auto drafting = std::make_shared<NoticeOptions>();
  const Command writing =
      add(group, exit, "draft", "Write one; another person releases it", draft, drafting);
  writing.option("incident", drafting->incident, "inc-1").required();
  drafting->fields.add_to(writing, draft_fields());
  add_of_one(group, exit, "show", "One in both languages, as it will be read", show);
  add_of_one(group, exit, "edit", "Another draft in the place of one that is not out yet", edit);
  add_of_one(group, exit, "correct", "A draft that corrects one that is out", correct);
  add_of_one(group, exit, "approve", "The second person's word: it goes out to everyone", approve)
      .alias("release");
}

}  // namespace okiagari::cli
