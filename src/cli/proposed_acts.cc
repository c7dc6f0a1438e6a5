#include "cli/proposed_acts.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "cli/gateway_guards.h"
#include "client/market_act.h"
#include "deployment/deployment_file.h"
#include "desk/read_words.h"
#include "salvage/rebuild_act.h"
#include "venue/names.h"
#include "wire/halt_document.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kMillisecondNs = 1'000'000;
constexpr std::size_t kLinesShown = 50;

base::Result<web::ReadProposal> read_rebuild(std::string_view payload) {
  const auto act = salvage::RebuildAct::parse(payload, "the proposal");
  if (!act) return act.error();
  const venue::FoundCluster& command = act.value().command;
  const std::vector<std::string>& losses = act.value().losses;
  web::ReadProposal read;
  read.digest = base::to_hex(act.value().digest());
  read.words = {fmt::format("go on with server {} from entry {}; {} lines of losses",
                            command.survivor, command.last_index, losses.size()),
                fmt::format("サーバー{}の記録（{}番まで）から再開。失われるもの {} 行",
                            command.survivor, command.last_index, losses.size())};
  boost::json::array lines;
  for (std::size_t at = 0; at < std::min(losses.size(), kLinesShown); ++at) {
    lines.emplace_back(losses[at]);
  }
  read.preview = {{"survivor", command.survivor}, {"last_index", command.last_index},
                  {"sequence", command.sequence}, {"nodes", act.value().voters.size()},
                  {"losses", losses.size()},      {"lines", std::move(lines)}};
  return read;
}

std::optional<venue::InstrumentState> state_of(std::string_view name) {
  for (int value = 0; value <= static_cast<int>(venue::InstrumentState::closed); ++value) {
    const auto known = static_cast<venue::InstrumentState>(value);
    std::string words(venue::name_of(known));
    std::replace(words.begin(), words.end(), ' ', '_');
    if (words == name) return known;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> number_of(venue::Scope scope, const std::string& target,
                                       const deployment::DeploymentFile& market) {
  if (scope == venue::Scope::market) return std::uint16_t{0};
  if (scope != venue::Scope::instrument) {
    const std::uint16_t number = wire::target_number(target);
    return number == 0 ? std::nullopt : std::optional(number);
  }
  for (const deployment::InstrumentPlace& place : market.instruments) {
    if (place.symbol == target) return place.instrument;
  }
  return std::nullopt;
}

std::string_view state_ja(venue::InstrumentState state) {
  switch (state) {
    case venue::InstrumentState::halted:
      return "全て停止";
    case venue::InstrumentState::cancel_only:
      return "取消のみ受付";
    case venue::InstrumentState::post_only:
      return "板に残る指値のみ受付";
    case venue::InstrumentState::auction_call:
      return "板寄せの注文受付";
    case venue::InstrumentState::uncross:
      return "板寄せ";
    case venue::InstrumentState::limit_only:
      return "指値注文のみ";
    case venue::InstrumentState::full:
      return "通常どおり売買可";
    case venue::InstrumentState::closed:
      return "取引時間外";
  }
  return "不明";
}

// From the command itself, which is what is signed.
desk::Words words_of(const client::MarketAct& act) {
  const auto number = static_cast<unsigned>(act.command.target);
  std::string what = "市場全体";
  if (act.command.scope == venue::Scope::segment) what = fmt::format("区分 {}", number);
  if (act.command.scope == venue::Scope::instrument) what = fmt::format("銘柄番号 {}", number);
  if (act.command.scope == venue::Scope::member) what = fmt::format("参加者 {}", number);
  return {act.words(), fmt::format("{}を「{}」にする（統制番号 {}）", what,
                                   state_ja(act.command.state), act.command.control_number)};
}

}  // namespace

base::Result<web::ReadProposal> read_proposal(std::string_view kind, std::string_view payload) {
  if (kind == "rebuild") return read_rebuild(payload);
  if (kind == "guard_lift") return read_lift(payload);
  if (kind != "market_act") {
    return base::Error{"'kind' is market_act, guard_lift or rebuild"};
  }
  const auto act = client::parse_act(payload);
  if (!act) return act.error();
  web::ReadProposal read;
  read.digest = base::to_hex(act.value().digest());
  read.words = words_of(act.value());
  read.preview = {{"target", act.value().target}, {"reason", act.value().reason}};
  return read;
}

base::Result<std::string> draft_act(const std::string& market_folder,
                                    const boost::json::object& wanted, TimestampNs now_ns) {
  const auto market = deployment::DeploymentFile::load(market_folder);
  if (!market) return market.error();
  const auto scope = wire::scope_of(desk::text_or(wanted, "scope", "market"));
  if (!scope) return base::Error{"'scope' is market, segment, instrument or member"};
  const std::string target = desk::text_or(wanted, "target");
  const auto number = number_of(*scope, target, market.value());
  if (!number) return base::Error{fmt::format("the market has no '{}'", target)};
  const auto state = state_of(desk::text_or(wanted, "state", "full"));
  if (!state) return base::Error{"'state' is no state of an instrument"};
  client::MarketAct act = client::make_act(market.value().cluster, *scope, *number, *state,
                                           now_ns / kMillisecondNs, "OKDK");
  act.target = *scope == venue::Scope::market ? "market" : target;
  return client::to_json(act);
}

base::Result<std::string> approved_act(const desk::Proposal& proposal) {
  if (proposal.kind == "guard_lift") {
    return signed_lift(proposal.payload, desk::to_json(proposal).at("approvals").get_array());
  }
  if (proposal.kind != "rebuild") return proposal.payload;
  auto act = salvage::RebuildAct::parse(proposal.payload, "the proposal");
  if (!act) return act.error();
  std::size_t place = 0;
  for (const desk::Proposal::Approval& given : proposal.approvals) {
    if (place >= act.value().command.approvals.size()) break;
    venue::Approval& approval = act.value().command.approvals[place++];
    approval.operator_id = given.operator_id;
    if (!base::from_hex(given.signature, approval.signature)) {
      return base::Error{"an approval is no signature"};
    }
  }
  return act.value().to_json();
}

}  // namespace okiagari::cli
