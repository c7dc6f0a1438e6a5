#include "cli/gateway_guards.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/hash.h"
#include "base/whole_file.h"
#include "desk/entry.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kMillisecondNs = 1'000'000;
constexpr std::uint64_t kSecondNs = 1'000'000'000;
// As long as a proposal may be signed at the most.
constexpr std::uint64_t kAcceptedForS = 3'600;

boost::json::object guard_of(const deployment::GatewayPlace& place) {
  boost::json::object row{{"gateway", place.gateway}};
  const std::string path = place.folder + "/halt_state.json";
  auto text = base::read_whole_file(path);
  // A gateway writes it with the first halt that it is given.
  if (!text) {
    row["halts"] = boost::json::array();
    return row;
  }
  boost::system::error_code error;
  boost::json::value root = boost::json::parse(text.value(), error);
  boost::json::value* halts =
      error || !root.is_object() ? nullptr : root.get_object().if_contains("halts");
  if (halts == nullptr || !halts->is_array()) {
    row["error"] = path + " is damaged; at its next start the gateway halts the whole market";
  } else {
    row["halts"] = std::move(halts->get_array());
  }
  return row;
}

const boost::json::object* find_halt(const boost::json::array& guards, std::uint64_t number) {
  for (const boost::json::value& row : guards) {
    const boost::json::value* halts = row.get_object().if_contains("halts");
    if (halts == nullptr) continue;
    for (const boost::json::value& halt : halts->get_array()) {
      const boost::json::object* object = halt.if_object();
      if (object != nullptr &&
          desk::number_or(*object, "number", -1) == static_cast<std::int64_t>(number)) {
        return object;
      }
    }
  }
  return nullptr;
}

desk::Words words_of(const wire::HaltDocument& lift) {
  const auto scope = std::string(wire::name_of(lift.scope));
  const std::string space = lift.target.empty() ? "" : " ";
  std::string what = "市場全体";
  if (lift.scope == venue::Scope::segment) what = "区分 " + lift.target;
  if (lift.scope == venue::Scope::instrument) what = "銘柄 " + lift.target;
  if (lift.scope == venue::Scope::member) what = "参加者 " + lift.target;
  return {
      fmt::format("gateways take orders again: halt {} of {}{}{} is lifted", lift.lifts, scope,
                  space, lift.target),
      fmt::format("ゲートウェイの停止 {}（{}）を解除し、注文を再び受け付ける", lift.lifts, what)};
}

}  // namespace

boost::json::array guards_in_force(const deployment::DeploymentFile& market) {
  boost::json::array guards;
  for (const deployment::GatewayPlace& place : market.gateways) guards.push_back(guard_of(place));
  return guards;
}

base::Result<std::string> draft_lift(const deployment::DeploymentFile& market,
                                     const boost::json::object& wanted, TimestampNs now_ns) {
  const auto lifts = static_cast<std::uint64_t>(desk::number_or(wanted, "lifts", 0));
  const boost::json::array guards = guards_in_force(market);
  const boost::json::object* halt = find_halt(guards, lifts);
  if (halt == nullptr) {
    return base::Error{fmt::format("no gateway here obeys a halt of number {}", lifts)};
  }
  const auto scope = wire::scope_of(desk::text_or(*halt, "scope"));
  if (!scope) return base::Error{fmt::format("halt {}: its scope is unknown", lifts)};
  wire::HaltDocument document;
  document.kind = wire::HaltKind::lift;
  document.cluster = market.cluster;
  document.number = now_ns / kMillisecondNs;
  document.scope = *scope;
  document.target = desk::text_or(*halt, "target");
  document.reason = desk::text_or(wanted, "reason");
  document.issued_at_s = now_ns / kSecondNs;
  document.accept_until_s = document.issued_at_s + kAcceptedForS;
  document.lifts = lifts;
  if (!base::from_hex(desk::text_or(wanted, "proof"), document.proof)) {
    return base::Error{
        "'proof' is 64 hexadecimal digits: the digest that `okiagari verify --proof` prints"};
  }
  if (std::string fault = wire::fault_of(document); !fault.empty()) return base::Error{fault};
  return wire::to_json(document);
}

base::Result<web::ReadProposal> read_lift(std::string_view payload) {
  const auto document = wire::parse_halt_document(payload);
  if (!document) return document.error();
  const wire::HaltDocument& lift = document.value();
  if (lift.kind != wire::HaltKind::lift) {
    return base::Error{"a halt needs no second person: order it instead"};
  }
  if (!lift.signatures.empty()) return base::Error{"the document is signed already"};
  web::ReadProposal read;
  read.signs = wire::signed_text(lift);
  read.digest = base::to_hex(base::digest(base::as_bytes(read.signs)));
  read.words = words_of(lift);
  read.preview = {{"lifts", lift.lifts},
                  {"scope", wire::name_of(lift.scope)},
                  {"target", lift.target},
                  {"reason", lift.reason},
                  {"proof", base::to_hex(lift.proof)},
                  {"accept_until", wire::utc_text(lift.accept_until_s)}};
  return read;
}

base::Result<std::string> signed_lift(std::string_view payload,
                                      const boost::json::array& approvals) {
  auto document = wire::parse_halt_document(payload);
  if (!document) return document.error();
  for (const boost::json::value& value : approvals) {
    const boost::json::object* approval = value.if_object();
    if (approval == nullptr) return base::Error{"an approval is no object"};
    wire::HaltSignature signature;
    signature.operator_id = static_cast<std::uint16_t>(desk::number_or(*approval, "operator", 0));
    if (!base::from_hex(desk::text_or(*approval, "signature"), signature.signature)) {
      return base::Error{"an approval is no signature"};
    }
    document.value().signatures.push_back(signature);
  }
  return wire::to_json(document.value());
}

}  // namespace okiagari::cli
