// `okiagari desk account`: who may come in, and as what. Passwords are read from the terminal or a
// descriptor, never from the command line.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/desk_act_commands.h"
#include "cli/secret_input.h"
#include "deployment/desk_people.h"
#include "desk/entry.h"
#include "net/loop.h"
#include "web/totp.h"

namespace okiagari::cli {

namespace {

using boost::json::object;

struct AccountOptions {
  DeskAccess access;
  Shown shown;
  std::string login;
  std::string name;
  std::vector<std::string> roles;
  std::string language = "ja";
  std::int64_t operator_id = 0;
  std::string public_key;
  int new_password_descriptor = -1;
  std::string expires;
  std::string incident;
};
using Options = std::shared_ptr<AccountOptions>;

base::Result<std::string> new_password(const AccountOptions& options) {
  if (options.new_password_descriptor >= 0) {
    return read_secret_line(options.new_password_descriptor);
  }
  const std::string question = fmt::format("new password of {}", options.login);
  auto first = ask_at_terminal(question, false);
  if (!first) return first;
  auto second = ask_at_terminal(question + " again", false);
  if (second && second.value() != first.value()) return base::Error{"the two are not the same"};
  return second;
}

int set(const AccountOptions& options, object body) {
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  body["login"] = options.login;
  return options.shown.print(client.value().post("/api/desk/accounts", body));
}

boost::json::array list_of(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

// The second factor's secret comes with the answer, once.
int add_account(const AccountOptions& options) {
  object body{{"name", options.name.empty() ? options.login : options.name},
              {"roles", list_of(options.roles)},
              {"language", options.language}};
  if (options.operator_id != 0) body["operator"] = options.operator_id;
  if (!options.public_key.empty()) body["public_key"] = options.public_key;
  if (!options.incident.empty()) body["incident"] = options.incident;
  if (!options.expires.empty()) {
    const auto at_ns = parse_time(options.expires, net::Loop::wall_ns());
    if (!at_ns) return failed("--expires: " + at_ns.error().message, kExitWrongUse);
    body["expires_ns"] = at_ns.value();
  }
  auto password = new_password(options);
  if (!password) return failed(password.error().message, kExitWrongUse);
  body["password"] = password.value();
  const int status = set(options, std::move(body));
  if (status == kExitHolds) {
    say("Put the address of the second factor into their authenticator: it is not shown again.");
  }
  return status;
}

int disable(const AccountOptions& options) { return set(options, {{"locked", true}}); }
int enable(const AccountOptions& options) { return set(options, {{"locked", false}}); }
int reset_totp(const AccountOptions& options) {
  return set(options, {{"new_second_factor", true}});
}
int give_roles(const AccountOptions& options) {
  return set(options, {{"roles", list_of(options.roles)}});
}
int give_password(const AccountOptions& options) {
  auto password = new_password(options);
  if (!password) return failed(password.error().message, kExitWrongUse);
  return set(options, {{"password", password.value()}});
}

int log_out(const AccountOptions& options) {
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  if (base::Status status = client.value().log_out(); !status) {
    return failed(status.error().message);
  }
  say("the session has ended");
  return kExitHolds;
}

// Nobody has an authenticator for people who were drawn together with their market.
int show_rehearsal(const std::string& market_folder, const std::string& login) {
  const std::string path = market_folder + "/desk/people.json";
  const auto people = deployment::load_people(path);
  if (!people) return failed(people.error().message, kExitWrongUse);
  const auto now_s = static_cast<std::int64_t>(net::Loop::wall_ns() / 1'000'000'000);
  std::string names;
  for (const desk::NewAccount& person : people.value()) {
    names += (names.empty() ? "" : ", ") + person.login;
    if (person.login != login) continue;
    fmt::print("log-in    {}\npassword  {}\ncode      {}, for {} s\n", person.login,
               person.password, web::totp_code(person.totp_secret, now_s / web::kTotpStepS),
               web::kTotpStepS - now_s % web::kTotpStepS);
    return kExitHolds;
  }
  return failed(fmt::format("{}: has no '{}'; there are {}", path, login, names), kExitWrongUse);
}

void add_rehearsal(Command app, const Exit& exit) {
  struct Wanted {
    std::string market_folder = "market";
    std::string login;
  };
  auto wanted = std::make_shared<Wanted>();
  const Command command = command_at(
      app, "desk rehearsal", "What one of a rehearsal's people logs in with at this moment");
  command.option("login", wanted->login, "operator-1, ...").required();
  command.option("--data", wanted->market_folder, "The market's folder").shows_default();
  set_action(command, exit,
             [wanted] { return show_rehearsal(wanted->market_folder, wanted->login); });
}

Options add(Command app, const Exit& exit, const char* words, const char* what,
            int (*action)(const AccountOptions&)) {
  auto options = std::make_shared<AccountOptions>();
  const Command command = command_at(app, words, what);
  if (action != log_out) {
    command.option("login", options->login, "a-z, 0-9, '-', '_' and '.'").required();
    options->shown.add_to(command);
  }
  if (action == add_account || action == give_password) {
    command.option("--new-password-fd", options->new_password_descriptor,
                   "Their password is the first line of this open descriptor; without it, "
                   "it is asked at the terminal");
  }
  options->access.add_to(command);
  set_action(command, exit, [options, action] { return action(*options); });
  return options;
}

constexpr const char* kRolesHelp =
    "viewer, duty_officer, incident_commander, market_ops_approver, comms_approver, "
    "technology_approver, claims_officer, compliance, regulator_room, drill_lead, admin, "
    "outside_expert";

void add_new(Command app, const Exit& exit) {
  Options options = add(app, exit, "desk account add",
                        "A new account; its second factor is shown once", add_account);
  const Command command = command_at(app, "desk account add", "");
  command.option("--name", options->name, "As people call them");
  command.option("--roles", options->roles, kRolesHelp).separated_by(',').required();
  command.option("--language-of", options->language, "What they read: ja or en")
      .one_of({"en", "ja"})
      .shows_default();
  command.option("--operator", options->operator_id, "Their number among the market's operators");
  command.option("--public-key", options->public_key, "Of the key that they sign with");
  command.option("--expires", options->expires, "When it ends: a time, or +7d from now");
  command.option("--incident", options->incident,
                 "Of an expert from outside: the one that they may look at");
}

}  // namespace

void add_account_command(Command app, const Exit& exit) {
  add_new(app, exit);
  add(app, exit, "desk account disable", "Nobody comes in with it any more", disable);
  add(app, exit, "desk account enable", "It may come in again", enable);
  add(app, exit, "desk account reset-totp", "Another second factor, shown once", reset_totp);
  add(app, exit, "desk account password", "Another password", give_password);
  Options roles =
      add(app, exit, "desk account role", "Other roles, instead of those before", give_roles);
  command_at(app, "desk account role", "").option("roles", roles->roles, kRolesHelp).required();
  add_rehearsal(app, exit);
  add(app, exit, "desk log-out", "End your session, at all desks", log_out);
}

}  // namespace okiagari::cli
