#include "cli/halt_market.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "cli/commands.h"
#include "client/act_submission.h"
#include "client/operator_link.h"
#include "venue/names.h"

namespace okiagari::cli {

namespace json = boost::json;

namespace {

std::uint64_t number(const json::value& from, const char* key) {
  return from.at(key).to_number<std::uint64_t>();
}

struct KnownNode {
  net::Endpoint endpoint;
  bool is_open = false;
  std::uint64_t cluster = 0;
};

std::vector<KnownNode> answering(const deployment::MarketNodesOptions& nodes, std::string& fault) {
  std::vector<KnownNode> known;
  auto endpoints = nodes.endpoints();
  if (!endpoints) {
    fault = endpoints.error().message;
    return known;
  }
  for (const deployment::NodeAnswer& answer :
       deployment::ask_nodes(endpoints.value(), nodes.timeout_ms)) {
    if (!answer.report) continue;
    const json::value report = json::parse(*answer.report);
    known.push_back({answer.endpoint, report.at("open").as_bool(), number(report, "cluster")});
  }
  if (known.empty()) {
    fault = "no node answers; --file and --gateway-data halt without them";
  }
  std::stable_sort(known.begin(), known.end(),
                   [](const KnownNode& a, const KnownNode& b) { return a.is_open < b.is_open; });
  return known;
}

std::optional<std::string> ask_one(const KnownNode& node, const wire::PreviewRequest& request,
                                   std::uint32_t timeout_ms) {
  net::Loop loop;
  std::optional<std::string> preview;
  bool is_lost = false;
  std::unique_ptr<client::OperatorLink> link;
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [&] {
    link->greet(node.cluster);
    link->request_preview(request);
  };
  handlers.on_preview = [&](const std::string& text) { preview = text; };
  handlers.on_lost = [&](const std::string&) { is_lost = true; };
  link = std::make_unique<client::OperatorLink>(loop, node.endpoint, std::move(handlers));
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  while (!preview && !is_lost && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  return preview;
}

// Numbers rise by themselves: one above what the market has, or the clock if that is higher, so
// that two people who have not seen each other's act do not take the same.
std::uint64_t next_control_number(std::uint64_t last) {
  return std::max(last + 1, net::Loop::wall_ns() / 1'000'000);
}

}  // namespace

base::Result<std::string> ask_preview(const deployment::MarketNodesOptions& nodes,
                                      const wire::PreviewRequest& request) {
  std::string fault;
  for (const KnownNode& node : answering(nodes, fault)) {
    if (auto preview = ask_one(node, request, nodes.timeout_ms)) return *preview;
  }
  return base::Error{fault.empty() ? "no node says whom it would hit" : fault};
}

void print_preview(const std::string& preview) {
  const json::value root = json::parse(preview);
  fmt::print("{} {}: {} instruments, {} resting orders, {} waiting stops, as of sequence {}\n",
             std::string_view(root.at("scope").as_string()),
             number(root, "target") == 0 ? "" : std::to_string(number(root, "target")),
             number(root, "instruments"), number(root, "orders"), number(root, "waiting_stops"),
             number(root, "sequence"));
  for (const auto& [state, count] : root.at("states").as_object()) {
    fmt::print("  {:>6} now {}\n", count.to_number<std::uint64_t>(), std::string_view(state));
  }
  for (const json::value& member : root.at("members").as_array()) {
    fmt::print("  member {} {}: {} resting orders, {} waiting stops, {} sessions{}\n",
               number(member, "member"), std::string_view(member.at("firm").as_string()),
               number(member, "orders"), number(member, "waiting_stops"),
               number(member, "sessions"), member.at("halted").as_bool() ? ", halted" : "");
  }
}

base::Result<client::MarketAct> make_market_act(const HaltRequest& request, bool is_lift) {
  auto state = request.wanted_state(is_lift);
  if (!state) return state.error();
  auto preview = ask_preview(request.nodes, request.preview_request());
  if (!preview) return preview.error();
  const json::value root = json::parse(preview.value());
  const auto target = static_cast<std::uint16_t>(number(root, "target"));
  if (request.scope() == venue::Scope::instrument && target == 0) {
    return base::Error{fmt::format("there is no instrument '{}'", request.instrument)};
  }
  std::string fault;
  const std::vector<KnownNode> nodes = answering(request.nodes, fault);
  if (nodes.empty()) return base::Error{fault};
  const std::uint64_t control_number =
      request.number != 0 ? request.number : next_control_number(number(root, "control_number"));
  client::MarketAct act = client::make_act(nodes.front().cluster, request.scope(), target,
                                           state.value(), control_number, request.code);
  act.target = request.target();
  act.reason = request.reason;
  auto signers = request.access.signers(request.nodes.folder);
  if (!signers) return signers.error();
  const auto until_s = static_cast<std::uint32_t>(wall_s() + request.valid_s);
  for (const Signer& signer : signers.value()) {
    if (!client::approve_act(act, signer.operator_id, signer.keys.secret_key, until_s)) {
      return base::Error{
          fmt::format("{} cannot sign: signed before, or two others have", signer.name)};
    }
  }
  return act;
}

int carry_out(const deployment::MarketNodesOptions& nodes, const client::MarketAct& act) {
  std::string fault;
  const std::vector<KnownNode> known = answering(nodes, fault);
  if (known.empty()) return failed(fault);
  if (!known.back().is_open) {
    return failed("no node leads; --file and --gateway-data halt without one");
  }
  const std::uint64_t begin_ms = net::Loop::now_ms();
  auto result = client::submit_act(known.back().endpoint, act, nodes.timeout_ms);
  if (!result) return failed(result.error().message);
  const client::ActResult& done = result.value();
  if (done.reason != venue::Reason::none) {
    return failed(fmt::format("{}: refused at sequence {}: {}", act.words(), done.sequence,
                              venue::name_of(done.reason)),
                  kExitDoesNotHold);
  }
  fmt::print("{}: in effect at sequence {}, event {}, {} affected, {} ms\n", act.words(),
             done.sequence, done.event, done.affected, net::Loop::now_ms() - begin_ms);
  wire::PreviewRequest request;
  request.scope = static_cast<std::uint8_t>(act.command.scope);
  request.target = act.command.target;
  const auto after = ask_one(known.back(), request, nodes.timeout_ms);
  if (!after) return kExitHolds;
  const json::value root = json::parse(*after);
  fmt::print("last order number taken of each session, as of sequence {}:\n",
             number(root, "sequence"));
  for (const json::value& session : root.at("sessions").as_array()) {
    fmt::print("  session {:>5}  member {:>5}  order {:>10}  next message {:>10}\n",
               number(session, "session"), number(session, "member"),
               number(session, "last_user_reference"), number(session, "next_message"));
  }
  return kExitHolds;
}

}  // namespace okiagari::cli
