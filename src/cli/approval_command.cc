// `okiagari approval sign`: the digest or the text that the desk holds, signed with a key that
// never leaves this host. The other acts on proposals are in the table of acts (cli/desk_acts.h).
#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/signature.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/desk_act_commands.h"
#include "cli/gateway_guards.h"
#include "cli/secret_input.h"
#include "client/key_file.h"
#include "client/market_act.h"
#include "desk/entry.h"

namespace okiagari::cli {

namespace {

using boost::json::object;

struct SignOptions {
  DeskAccess access;
  Shown shown;
  std::int64_t proposal = 0;
  std::string key_file;
  std::string passphrase_file;
};

base::Result<object> find_proposal(DeskClient& client, std::int64_t number) {
  auto answer = client.get("/api/desk/approvals");
  if (!answer) return answer.error();
  for (const auto& proposal : answer.value().at("items").at("proposals").as_array()) {
    if (desk::number_or(proposal.as_object(), "number", 0) == number) return proposal.as_object();
  }
  return base::Error{fmt::format("there is no proposal {}", number)};
}

// Nobody signs one thing and reads another: the digest is worked out here from what will be done.
base::Status check_digest(const object& proposal) {
  const std::string kind = desk::text_or(proposal, "kind");
  if (kind == "guard_lift") {
    const auto lift = read_lift(desk::text_or(proposal, "payload"));
    if (!lift) return lift.error();
    if (lift.value().signs == desk::text_or(proposal, "signs")) return {};
    return base::Error{"the desk's text is not that of the document: do not sign"};
  }
  if (kind != "market_act") return {};
  auto act = client::parse_act(desk::text_or(proposal, "payload"));
  if (!act) return act.error();
  if (base::to_hex(act.value().digest()) == desk::text_or(proposal, "digest")) return {};
  return base::Error{"the desk's digest is not that of the act: do not sign"};
}

int sign(const SignOptions& options) {
  auto passphrase = read_passphrase(options.passphrase_file);
  if (!passphrase) return failed(passphrase.error().message, kExitWrongUse);
  auto keys = client::load_key(options.key_file, passphrase.value());
  if (!keys) return failed(keys.error().message, kExitWrongUse);
  auto client = DeskClient::log_in(options.access);
  if (!client) return failed(client.error().message);
  auto proposal = find_proposal(client.value(), options.proposal);
  if (!proposal) return failed(proposal.error().message);
  if (base::Status status = check_digest(proposal.value()); !status) {
    return failed(status.error().message, kExitDoesNotHold);
  }
  auto me = client.value().get("/api/desk/me");
  if (!me) return failed(me.error().message);
  base::Digest digest{};
  if (!base::from_hex(desk::text_or(proposal.value(), "digest"), digest)) {
    return failed("the proposal has no digest");
  }
  const std::string signs = desk::text_or(proposal.value(), "signs");
  const auto signature = base::sign(signs.empty() ? base::Bytes(digest) : base::as_bytes(signs),
                                    keys.value().secret_key);
  say(fmt::format("proposal {}: {}\ndigest {}", options.proposal,
                  desk::text_or(proposal.value().at("words").as_object(), "en"),
                  base::to_hex(digest)));
  return options.shown.print(
      client.value().post(fmt::format("/api/desk/approvals/{}/sign", options.proposal),
                          {{"operator", desk::number_or(me.value().as_object(), "operator", 0)},
                           {"signature", base::to_hex(signature)}}));
}

}  // namespace

void add_approval_command(Command app, const Exit& exit) {
  auto options = std::make_shared<SignOptions>();
  const Command command = command_at(app, "approval sign", "Sign one with your key");
  command.option("proposal", options->proposal, "Its number").required();
  command.option("--key", options->key_file, "Your key file, of `okiagari key new`").required();
  command.option("--passphrase-file", options->passphrase_file,
                 "Opens a sealed key with the first line of this file");
  options->shown.add_to(command);
  options->access.add_to(command);
  set_action(command, exit, [options] { return sign(*options); });
}

}  // namespace okiagari::cli
