// `okiagari promote`: what to do when a majority of the servers is gone for good, step by step.
#include <fmt/format.h>

#include <fstream>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/operator_access.h"
#include "salvage/quorum_rebuild.h"

namespace okiagari::cli {

namespace {

constexpr std::size_t kLinesShown = 50;

struct LookOptions {
  std::vector<std::string> nodes;
  std::vector<std::string> gateways;
  std::string list;
  ReportOptions report;

  void add_to(Command command) {
    command.option("FOLDER", nodes, "Folders of the nodes that are left")
        .required()
        .existing_folder();
    command
        .option("--witness", gateways,
                "Data folder of a gateway, which knows what members were told; one for each")
        .existing_folder();
  }
};

// The whole list into the file, the first lines to the person.
base::Status show_losses(const std::vector<std::string>& lines, const std::string& path) {
  for (std::size_t i = 0; i < lines.size() && i < kLinesShown; ++i) say("  " + lines[i]);
  if (lines.size() > kLinesShown) {
    say(fmt::format("  and {} lines more; --list FILE writes them all",
                    lines.size() - kLinesShown));
  }
  if (path.empty()) return {};
  std::ofstream file(path);
  for (const std::string& line : lines) file << line << '\n';
  file.close();
  if (!file) return base::Error{path + ": cannot be written"};
  return {};
}

int run_look(const LookOptions& options) {
  auto found = salvage::look_at_survivors(options.nodes, options.gateways, say);
  if (!found) return failed(found.error().message);
  const salvage::ColdNode& best = found.value().best();
  say(fmt::format("furthest: node {} in {}, entry {} of term {}", best.identity.node, best.folder,
                  best.last_index, best.last_term));
  say("what going on with it would lose:");
  base::Status shown = show_losses(found.value().losses.lines(), options.list);
  if (!shown) return failed(shown.error().message);
  return options.report.print(found.value().report);
}

void add_look(Command app, const Exit& exit) {
  auto options = std::make_shared<LookOptions>();
  const Command command = app.command(
      "look", "Show how far each survivor's log goes and what going on with the best would lose");
  options->add_to(command);
  command.option("--list", options->list, "Write every line of what is lost to this file");
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_look(*options); });
}

base::Report report_of(const salvage::RebuildAct& act) {
  base::Report report("promote", 0);
  const auto text = [&](const char* name, std::string value) { report.check(name, value, value); };
  text("act", base::to_hex(act.digest()));
  text("old cluster", std::to_string(act.command.old_cluster));
  text("new cluster", std::to_string(act.command.new_cluster));
  report.figure("survivor", act.command.survivor, "node");
  report.figure("last entry", static_cast<double>(act.command.last_index), "index");
  report.figure("last command", static_cast<double>(act.command.sequence), "sequence");
  report.figure("nodes of the new cluster", static_cast<double>(act.voters.size()), "nodes");
  report.figure("approvals", act.approvals(), "people");
  return report;
}

struct ProposeOptions {
  LookOptions look;
  std::string out;
  std::vector<std::uint16_t> voters = {1, 2, 3};
};

int run_propose(const ProposeOptions& options) {
  auto found = salvage::look_at_survivors(options.look.nodes, options.look.gateways, say);
  if (!found) return failed(found.error().message);
  auto act =
      salvage::propose_rebuild(found.value(), {options.voters.begin(), options.voters.end()});
  if (!act) return failed(act.error().message, kExitDoesNotHold);
  if (base::Status status = act.value().store(options.out); !status) {
    return failed(status.error().message);
  }
  say(fmt::format("the act is {}; two people sign it: okiagari promote sign {} --key FILE",
                  options.out, options.out));
  return options.look.report.print(report_of(act.value()));
}

void add_propose(Command app, const Exit& exit) {
  auto options = std::make_shared<ProposeOptions>();
  const Command command =
      app.command("propose", "Write the act of going on with the best survivor, to be signed");
  options->look.add_to(command);
  command.option("--out", options->out, "Write the act to this file").required();
  command.option("--nodes", options->voters, "Numbers of the new cluster's nodes")
      .separated_by(',')
      .shows_default();
  options->look.report.add_to(command);
  set_action(command, exit, [options] { return run_propose(*options); });
}

struct SignOptions {
  std::string act;
  std::string market = "market";
  OperatorAccess access;
  ReportOptions report;
};

int run_sign(const SignOptions& options) {
  auto act = salvage::RebuildAct::load(options.act);
  if (!act) return failed(act.error().message);
  auto signers = options.access.signers(options.market);
  if (!signers) return failed(signers.error().message, kExitWrongUse);
  if (signers.value().empty()) return failed("--key names whose signature it is", kExitWrongUse);
  base::Status status;
  for (const Signer& signer : signers.value()) {
    say(fmt::format(
        "operator {} ({}) signs to go on with node {} from entry {}, as cluster {}, and "
        "to lose:",
        signer.operator_id, signer.name, +act.value().command.survivor,
        +act.value().command.last_index, +act.value().command.new_cluster));
    (void)show_losses(act.value().losses, "");
    status = act.value().sign(signer.operator_id, signer.keys.secret_key);
    if (!status) break;
  }
  if (status) status = act.value().store(options.act);
  if (!status) return failed(status.error().message);
  return options.report.print(report_of(act.value()));
}

void add_sign(Command app, const Exit& exit) {
  auto options = std::make_shared<SignOptions>();
  const Command command = app.command("sign", "Add an operator's approval to the act");
  command.option("ACT", options->act, "The act").required().existing_file();
  command.option("--data", options->market, "The market's folder, which knows its operators")
      .shows_default();
  options->access.add_to(command);
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_sign(*options); });
}

struct RebuildOptions {
  std::string act;
  std::string from;
  std::vector<std::string> to;
  std::string market;
  ReportOptions report;
};

int run_rebuild(const RebuildOptions& options) {
  auto act = salvage::RebuildAct::load(options.act);
  if (!act) return failed(act.error().message);
  if (!options.market.empty()) {
    auto kept = salvage::rebuild_market(act.value(), options.market, say);
    if (!kept) return failed(kept.error().message, kExitDoesNotHold);
    say("the survivor's folder is kept as " + kept.value());
  } else {
    if (options.from.empty() || options.to.empty()) {
      return failed("name the survivor with --from and the new folders with --to, or a market",
                    kExitWrongUse);
    }
    base::Status status = salvage::rebuild_folders(act.value(), options.from, options.to, say);
    if (!status) return failed(status.error().message, kExitDoesNotHold);
  }
  say(
      fmt::format("configure nodes and gateways with cluster = {} and start them; then `okiagari "
                  "promote found`",
                  +act.value().command.new_cluster));
  return options.report.print(report_of(act.value()));
}

void add_rebuild(Command app, const Exit& exit) {
  auto options = std::make_shared<RebuildOptions>();
  const Command command =
      app.command("rebuild", "Make the new cluster's folders from the survivor's");
  command.option("ACT", options->act, "The act, signed by two people").required().existing_file();
  command.option("--from", options->from, "The survivor's folder; it is only read");
  command.option("--to", options->to, "New folders, in the order of the act's nodes");
  command.option("--data", options->market,
                 "Instead: the folder of a market that `okiagari up` made and that is stopped");
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_rebuild(*options); });
}

struct FoundOptions {
  std::string act;
  std::string market = "market";
  std::vector<std::string> nodes;
  std::uint32_t timeout_ms = 30'000;
  ReportOptions report;
};

base::Result<deployment::DeploymentFile> market_of(const FoundOptions& options,
                                                   const salvage::RebuildAct& act) {
  if (options.nodes.empty()) return deployment::DeploymentFile::load(options.market);
  deployment::DeploymentFile market;
  market.cluster = act.command.new_cluster;
  for (const std::string& text : options.nodes) {
    auto endpoint = net::parse_endpoint(text);
    if (!endpoint) return endpoint.error();
    market.nodes.emplace_back().gateways = endpoint.value();
  }
  return market;
}

int run_found(const FoundOptions& options) {
  auto act = salvage::RebuildAct::load(options.act);
  if (!act) return failed(act.error().message);
  auto market = market_of(options, act.value());
  if (!market) return failed(market.error().message, kExitWrongUse);
  base::Status status = salvage::found_cluster(
      act.value(), market.value(), options.timeout_ms, [] {}, say);
  if (!status) return failed(status.error().message, kExitDoesNotHold);
  say("the cluster is founded; its instruments take cancels. Two people open them again");
  return options.report.print(report_of(act.value()));
}

void add_found(Command app, const Exit& exit) {
  auto options = std::make_shared<FoundOptions>();
  const Command command = app.command(
      "found", "Send the act to the new cluster, whose market is held until it has seen it");
  command.option("ACT", options->act, "The act, signed by two people").required().existing_file();
  command.option("--data", options->market, "Folder of the market").shows_default();
  command.option("--node", options->nodes,
                 "Instead: addresses of the nodes, HOST:PORT, as gateways use them");
  command.option("--timeout", options->timeout_ms, "Milliseconds").shows_default();
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_found(*options); });
}

}  // namespace

void add_promote_command(Command app, const Exit& exit) {
  const Command command = app.command(
      "promote", "Rebuild a cluster from a survivor when its majority is gone for good");
  command.needs_command();
  add_look(command, exit);
  add_propose(command, exit);
  add_sign(command, exit);
  add_rebuild(command, exit);
  add_found(command, exit);
}

}  // namespace okiagari::cli
