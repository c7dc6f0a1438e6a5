#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/whole_file.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/halt_by_desk.h"
#include "cli/halt_market.h"
#include "cli/halt_request.h"
#include "cli/nodes_options.h"
#include "client/halt_delivery.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

constexpr std::uint64_t kAnswerWaitMs = 5'000;

int write_text(const std::string& path, const std::string& text) {
  if (base::Status status = base::write_whole_file(path, text); !status) {
    return failed(status.error().message);
  }
  fmt::print("{}\n", path);
  return kExitHolds;
}

void print_answer(const std::string& folder, const client::HaltDelivery& delivery) {
  const json::value answer = json::parse(delivery.answer);
  fmt::print("{}: {}: {} ({} ms); {}\n", folder, std::string_view(answer.at("verdict").as_string()),
             std::string_view(answer.at("text").as_string()), delivery.took_ms,
             delivery.answer_path);
  for (const json::value& session : answer.at("sessions").as_array()) {
    fmt::print("  session {} {}: last order {}, message {} of epoch {}\n",
               session.at("session").to_number<std::uint64_t>(),
               std::string_view(session.at("name").as_string()),
               session.at("last_user_reference").to_number<std::uint64_t>(),
               session.at("last_stream_number").to_number<std::uint64_t>(),
               session.at("epoch").to_number<std::uint64_t>());
  }
}

// Every gateway is told, also when an earlier one does not answer.
int hand_over(const std::vector<std::string>& folders, const std::string& document) {
  const std::string name =
      base::to_hex(base::Bytes(base::digest(base::as_bytes(document))).first(6)) +
      fmt::format("-{}.json", net::Loop::wall_ns());
  int status = kExitHolds;
  for (const std::string& folder : folders) {
    auto delivered = client::deliver_halt(folder, name, document, kAnswerWaitMs);
    if (!delivered) {
      status = failed(delivered.error().message);
      continue;
    }
    print_answer(folder, delivered.value());
    if (!delivered.value().carried_out) status = kExitDoesNotHold;
  }
  return status;
}

int run_documents(const HaltRequest& request, bool is_lift) {
  if (!request.gateway_dirs.empty() && !request.file.empty()) {
    auto text = base::read_whole_file(request.file);
    if (!text) return failed(text.error().message, kExitWrongUse);
    return hand_over(request.gateway_dirs, text.value());
  }
  if (std::string fault = request.fault(); !fault.empty()) return failed(fault, kExitWrongUse);
  auto document = request.document(is_lift);
  if (!document) return failed(document.error().message, kExitWrongUse);
  const std::string text = wire::to_json(document.value());
  if (request.gateway_dirs.empty()) return write_text(request.file, text);
  return hand_over(request.gateway_dirs, text);
}

int run_halt(const HaltRequest& request, bool is_lift) {
  if (request.by_desk) return run_halt_by_desk(request, is_lift);
  if (!request.file.empty() || !request.gateway_dirs.empty()) {
    return run_documents(request, is_lift);
  }
  if (std::string fault = request.fault(); !fault.empty()) return failed(fault, kExitWrongUse);
  if (request.preview) {
    auto preview = ask_preview(request.nodes, request.preview_request());
    if (!preview) return failed(preview.error().message);
    print_preview(preview.value());
    return kExitHolds;
  }
  auto act = make_market_act(request, is_lift);
  if (!act) return failed(act.error().message, kExitWrongUse);
  if (!request.propose.empty()) {
    fmt::print("{}\ndigest {}\n", act.value().words(), base::to_hex(act.value().digest()));
    return write_text(request.propose, client::to_json(act.value()));
  }
  if (request.access.key_files.empty()) {
    return failed("--key: whose key signs it? (or --propose, for others to sign)", kExitWrongUse);
  }
  return carry_out(request.nodes, act.value());
}

int sign_document(const std::string& path, const std::string& text, const HaltRequest& request) {
  auto document = wire::parse_halt_document(text);
  if (!document) return failed(path + ": " + document.error().message, kExitWrongUse);
  auto signers = request.access.signers(request.nodes.folder);
  if (!signers) return failed(signers.error().message, kExitWrongUse);
  for (const Signer& signer : signers.value()) {
    wire::sign_halt_document(document.value(), signer.operator_id, signer.keys.secret_key);
  }
  fmt::print("{}", wire::signed_text(document.value()));
  return write_text(path, wire::to_json(document.value()));
}

int run_sign(const HaltRequest& request) {
  auto text = base::read_whole_file(request.file);
  if (!text) return failed(text.error().message, kExitWrongUse);
  if (text.value().find("\"okiagari_halt\"") != std::string::npos) {
    return sign_document(request.file, text.value(), request);
  }
  auto act = client::parse_act(text.value());
  if (!act) return failed(request.file + ": " + act.error().message, kExitWrongUse);
  auto signers = request.access.signers(request.nodes.folder);
  if (!signers) return failed(signers.error().message, kExitWrongUse);
  const auto until_s = static_cast<std::uint32_t>(wall_s() + request.valid_s);
  for (const Signer& signer : signers.value()) {
    if (!client::approve_act(act.value(), signer.operator_id, signer.keys.secret_key, until_s)) {
      return failed(fmt::format("{} cannot sign: signed before, or two others have", signer.name));
    }
  }
  fmt::print("{}\ndigest {}\n", act.value().words(), base::to_hex(act.value().digest()));
  return write_text(request.file, client::to_json(act.value()));
}

int run_submit(const HaltRequest& request) {
  auto text = base::read_whole_file(request.file);
  if (!text) return failed(text.error().message, kExitWrongUse);
  auto act = client::parse_act(text.value());
  if (!act) return failed(request.file + ": " + act.error().message, kExitWrongUse);
  return carry_out(request.nodes, act.value());
}

void print_gateway_state(const std::string& folder) {
  auto text = base::read_whole_file(folder + "/halt_state.json");
  if (!text) {
    fmt::print("{}: no halt was ever given to it\n", folder);
    return;
  }
  boost::system::error_code error;
  const json::value root = json::parse(text.value(), error);
  const json::value* halts =
      error || !root.is_object() ? nullptr : root.as_object().if_contains("halts");
  if (halts == nullptr || !halts->is_array()) {
    fmt::print("{}: halt_state.json is damaged; at its next start the market is halted there\n",
               folder);
    return;
  }
  fmt::print("{}: {} halts in force\n", folder, halts->get_array().size());
  for (const json::value& halt : halts->get_array()) fmt::print("  {}\n", json::serialize(halt));
}

int run_status(const HaltRequest& request) {
  std::vector<std::string> folders = request.gateway_dirs;
  if (const auto market = request.nodes.market()) {
    for (const deployment::GatewayPlace& place : market->gateways) folders.push_back(place.folder);
  }
  for (const std::string& folder : folders) print_gateway_state(folder);
  auto preview = ask_preview(request.nodes, wire::PreviewRequest{});
  if (!preview) return failed(preview.error().message);
  print_preview(preview.value());
  return kExitHolds;
}

std::shared_ptr<HaltRequest> add_part(Command halt, const Exit& exit, const char* name,
                                      const char* what, int (*run)(const HaltRequest&)) {
  auto request = std::make_shared<HaltRequest>();
  const Command command = halt.command(name, what);
  add_nodes_options(command, request->nodes);
  if (name == std::string_view("status")) {
    command.option("--gateway-data", request->gateway_dirs, "Data folders of gateways here");
  } else {
    command.option("file", request->file, "An act, or a halt document").required();
    request->access.add_to(command);
    command.option("--valid-s", request->valid_s, "How long an approval holds").shows_default();
  }
  set_action(command, exit, [request, run] { return run(*request); });
  return request;
}

}  // namespace

void add_halt_command(Command app, const Exit& exit) {
  auto halt = std::make_shared<HaltRequest>();
  const Command command = app.command(
      "halt", "Stop the market or a part of it, by the cluster or without it; and start it again");
  halt->add_to(command, false);
  set_own_action(command, exit, [halt] { return run_halt(*halt, false); });
  auto lift = std::make_shared<HaltRequest>();
  const Command lifting = command.command("lift", "Start again, with two keys");
  lift->add_to(lifting, true);
  set_action(lifting, exit, [lift] { return run_halt(*lift, true); });
  add_part(command, exit, "sign", "Add a signature to an act or a document", run_sign);
  add_part(command, exit, "submit", "Give a signed act to the market", run_submit);
  add_part(command, exit, "status", "What is halted, at the nodes and at gateways here",
           run_status);
}

}  // namespace okiagari::cli
