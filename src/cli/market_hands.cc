#include "cli/market_hands.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/gateway_guards.h"
#include "cli/signed_hand_over.h"
#include "client/act_submission.h"
#include "client/halt_delivery.h"
#include "client/key_file.h"
#include "client/market_act.h"
#include "deployment/market_nodes.h"
#include "desk/entry.h"
#include "net/loop.h"
#include "venue/names.h"
#include "wire/halt_document.h"

namespace okiagari::cli {

namespace {

constexpr std::uint32_t kAskMs = 500;
constexpr std::uint64_t kSubmitMs = 3'000;
constexpr std::uint64_t kGatewayMs = 2'000;
constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kHaltValidS = 600;

std::optional<net::Endpoint> find_leader(const deployment::DeploymentFile& market) {
  std::vector<net::Endpoint> nodes;
  for (const deployment::NodePlace& place : market.nodes) nodes.push_back(place.gateways);
  for (const deployment::NodeAnswer& answer : deployment::ask_nodes(nodes, kAskMs)) {
    if (!answer.report) continue;
    boost::system::error_code error;
    const boost::json::value report = boost::json::parse(*answer.report, error);
    if (!error && report.is_object() && desk::flag_or(report.get_object(), "open", false)) {
      return answer.endpoint;
    }
  }
  return std::nullopt;
}

struct Target {
  venue::Scope scope = venue::Scope::market;
  std::uint16_t number = 0;
};

std::optional<Target> target_of(const boost::json::object& what,
                                const deployment::DeploymentFile& market) {
  const auto scope = wire::scope_of(desk::text_or(what, "scope"));
  if (!scope) return std::nullopt;
  const std::string name = desk::text_or(what, "target");
  if (*scope == venue::Scope::market) return Target{};
  if (*scope != venue::Scope::instrument) return Target{*scope, wire::target_number(name)};
  for (const deployment::InstrumentPlace& place : market.instruments) {
    if (place.symbol == name) return Target{*scope, place.instrument};
  }
  return std::nullopt;
}

// Why a gateway did not do it; empty when it did.
std::string refusal_in(const boost::json::object& answer) {
  const std::string gateway = fmt::format("gateway {}: ", desk::number_or(answer, "gateway", 0));
  if (answer.contains("error")) return gateway + desk::text_or(answer, "error");
  const boost::json::value* said = answer.if_contains("answer");
  if (said == nullptr || !said->is_object()) return gateway + "its answer cannot be read";
  if (desk::flag_or(said->get_object(), "carried_out", false)) return {};
  return gateway + desk::text_or(said->get_object(), "text");
}

}  // namespace

base::Result<std::optional<DeskKey>> load_desk_key(const deployment::DeploymentFile& market) {
  for (const deployment::OperatorPlace& place : market.operators) {
    if (!place.stop_only) continue;
    auto keys = client::load_key(place.key_file, "");
    if (!keys) return keys.error();
    return std::optional<DeskKey>(DeskKey{place.id, keys.value()});
  }
  return std::optional<DeskKey>();
}

bool MarketHands::takes(std::string_view kind) const {
  return kind == "halt_by_log" || kind == "halt_by_guard" || kind == "guard_lift" ||
         kind == "hand_over" || kind == "market_act";
}

void MarketHands::carry_out(const desk::Effect& effect, const Reports& reports) {
  const bool is_taken = work_.add([this, key = effect.key, kind = effect.kind, what = effect.what,
                                   reports]() -> BackgroundWork::Afterwards {
    Outcome outcome = work(kind, what);
    return [key, reports, outcome = std::move(outcome)] {
      if (outcome.is_done) {
        reports.done(key, outcome.words, outcome.answer);
      } else {
        reports.failed(key, outcome.words, outcome.is_final);
      }
    };
  });
  if (!is_taken) reports.failed(effect.key, "too much is waiting for the market", false);
}

MarketHands::Outcome MarketHands::work(std::string_view kind,
                                       const boost::json::object& what) const {
  auto market = deployment::DeploymentFile::load(market_folder_);
  if (!market) return {.words = market.error().message};
  if (kind == "halt_by_log") return halt_by_log(market.value(), what);
  if (kind == "halt_by_guard") return halt_by_guard(market.value(), what);
  if (kind == "guard_lift") return lift_guards(market.value(), what);
  if (kind == "hand_over") return hand_over(market.value(), what);
  return submit_approved(market.value(), what);
}

MarketHands::Outcome MarketHands::submit(const deployment::DeploymentFile& market,
                                         const client::MarketAct& act) {
  const auto leader = find_leader(market);
  if (!leader) return {.words = "no server leads and is open"};
  auto result = client::submit_act(*leader, act, kSubmitMs);
  if (!result) return {.words = result.error().message};
  Outcome outcome;
  // A number that was taken before is this act, which was given twice.
  const venue::Reason reason = result.value().reason;
  outcome.is_done = reason == venue::Reason::none || reason == venue::Reason::stale_control_number;
  outcome.is_final = !outcome.is_done;
  outcome.words = outcome.is_done ? fmt::format("position {} of the log, {} affected",
                                                result.value().sequence, result.value().affected)
                                  : fmt::format("the venue refuses: {}", venue::name_of(reason));
  outcome.answer = {{"sequence", result.value().sequence},
                    {"event", result.value().event},
                    {"affected", result.value().affected},
                    {"timestamp_ns", result.value().timestamp_ns}};
  return outcome;
}

MarketHands::Outcome MarketHands::halt_by_log(const deployment::DeploymentFile& market,
                                              const boost::json::object& what) const {
  if (!key_) return {.is_final = true, .words = "this desk has no key of its own"};
  const auto target = target_of(what, market);
  if (!target) return {.is_final = true, .words = "the market has nothing of that name"};
  const bool is_hard = desk::text_or(what, "state") == "halted";
  const auto ordered_ns = static_cast<std::uint64_t>(desk::number_or(what, "ordered_ns", 0));
  // The order's own time: the same order given twice is one.
  client::MarketAct act = client::make_act(
      market.cluster, target->scope, target->number,
      is_hard ? venue::InstrumentState::halted : venue::InstrumentState::cancel_only,
      ordered_ns / 1'000'000, "OKHA");
  if (!client::approve_act(act, key_->operator_id, key_->keys.secret_key, 0)) {
    return {.is_final = true, .words = "the act takes no approval"};
  }
  return submit(market, act);
}

MarketHands::Outcome MarketHands::halt_by_guard(const deployment::DeploymentFile& market,
                                                const boost::json::object& what) const {
  if (!key_) return {.is_final = true, .words = "this desk has no key of its own"};
  const auto target = target_of(what, market);
  if (!target) return {.is_final = true, .words = "the market has nothing of that name"};
  const auto ordered_ns = static_cast<std::uint64_t>(desk::number_or(what, "ordered_ns", 0));
  wire::HaltDocument document;
  document.cluster = market.cluster;
  document.number = ordered_ns / 1'000'000;
  document.scope = target->scope;
  document.target = desk::text_or(what, "target");
  document.reason = desk::text_or(what, "reason").substr(0, wire::kHaltReasonBytesMax);
  document.issued_at_s = ordered_ns / kSecondNs;
  document.accept_until_s = net::Loop::wall_ns() / kSecondNs + kHaltValidS;
  wire::sign_halt_document(document, key_->operator_id, key_->keys.secret_key);
  boost::json::array answers;
  const std::size_t carried_out = give_to_gateways(market, fmt::format("desk-{}", document.number),
                                                   wire::to_json(document), answers);
  Outcome outcome;
  outcome.is_done = carried_out > 0;
  outcome.words =
      fmt::format("{} of {} gateways refuse new orders", carried_out, market.gateways.size());
  outcome.answer = {{"gateways", std::move(answers)}};
  return outcome;
}

// One that does not answer may be lifted later: done is what all of them did.
MarketHands::Outcome MarketHands::lift_guards(const deployment::DeploymentFile& market,
                                              const boost::json::object& what) {
  const boost::json::value* approvals = what.if_contains("approvals");
  if (approvals == nullptr || !approvals->is_array()) {
    return {.is_final = true, .words = "the lift has no approvals"};
  }
  auto text = signed_lift(desk::text_or(what, "payload"), approvals->get_array());
  if (!text) return {.is_final = true, .words = text.error().message};
  boost::json::array answers;
  const std::size_t carried_out = give_to_gateways(
      market, fmt::format("lift-{}", desk::number_or(what, "proposal", 0)), text.value(), answers);
  Outcome outcome;
  outcome.is_done = carried_out == market.gateways.size();
  outcome.words = fmt::format("lifted at {} of {} gateways", carried_out, market.gateways.size());
  for (const boost::json::value& answer : answers) {
    const std::string why = refusal_in(answer.get_object());
    if (!why.empty()) outcome.words += "; " + why;
  }
  outcome.answer = {{"gateways", std::move(answers)}};
  return outcome;
}

std::size_t MarketHands::give_to_gateways(const deployment::DeploymentFile& market,
                                          const std::string& prefix, const std::string& text,
                                          boost::json::array& answers) {
  std::size_t carried_out = 0;
  for (const deployment::GatewayPlace& place : market.gateways) {
    const std::string name = fmt::format("{}-{}.json", prefix, net::Loop::wall_ns() / 1'000'000);
    const auto delivery = client::deliver_halt(place.folder, name, text, kGatewayMs);
    boost::json::object answer{{"gateway", place.gateway}};
    if (delivery) {
      carried_out += delivery.value().carried_out ? 1 : 0;
      answer["took_ms"] = delivery.value().took_ms;
      boost::system::error_code error;
      answer["answer"] = boost::json::parse(delivery.value().answer, error);
    } else {
      answer["error"] = delivery.error().message;
    }
    answers.push_back(std::move(answer));
  }
  return carried_out;
}

MarketHands::Outcome MarketHands::hand_over(const deployment::DeploymentFile& market,
                                            const boost::json::object& what) const {
  if (!key_) return {.is_final = true, .words = "this desk has no key of its own"};
  HandOverOutcome outcome =
      cli::hand_over(market, {.from = static_cast<NodeId>(desk::number_or(what, "from", 0)),
                              .to = static_cast<NodeId>(desk::number_or(what, "to", 0)),
                              .operator_id = key_->operator_id,
                              .key = key_->keys.secret_key});
  return {.is_done = outcome.is_done,
          .is_final = outcome.is_final,
          .words = std::move(outcome.words),
          .answer = std::move(outcome.answer)};
}

MarketHands::Outcome MarketHands::submit_approved(const deployment::DeploymentFile& market,
                                                  const boost::json::object& what) {
  auto act = client::parse_act(desk::text_or(what, "payload"));
  if (!act) return {.is_final = true, .words = act.error().message};
  const boost::json::value* approvals = what.if_contains("approvals");
  if (approvals == nullptr || !approvals->is_array()) {
    return {.is_final = true, .words = "the act has no approvals"};
  }
  std::size_t place = 0;
  for (const boost::json::value& value : approvals->get_array()) {
    if (place >= act.value().command.approvals.size() || !value.is_object()) break;
    venue::Approval& approval = act.value().command.approvals[place++];
    approval.operator_id =
        static_cast<std::uint16_t>(desk::number_or(value.get_object(), "operator", 0));
    if (!base::from_hex(desk::text_or(value.get_object(), "signature"), approval.signature)) {
      return {.is_final = true, .words = "an approval is no signature"};
    }
  }
  return submit(market, act.value());
}

}  // namespace okiagari::cli
