#include "cli/halt_by_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "cli/command.h"
#include "cli/document_text.h"
#include "cli/halt_market.h"
#include "client/market_act.h"
#include "desk/entry.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

using boost::json::object;
using boost::json::value;

// Both roads together are to be heard of within 5 s.
constexpr std::uint64_t kEffectWaitMs = 10'000;
constexpr auto kAskAgainAfter = std::chrono::milliseconds(100);

std::string scope_of(const HaltRequest& request) {
  if (request.segment != 0) return "segment";
  if (!request.instrument.empty()) return "instrument";
  return request.member != 0 ? "member" : "market";
}

// As the desk calls it: "cancel_only".
std::string state_of(const HaltRequest& request) {
  std::string state = request.state.empty() ? "cancel_only" : request.state;
  std::replace(state.begin(), state.end(), '-', '_');
  return state;
}

int print(const base::Result<value>& answer) {
  if (!answer) return failed(answer.error().message);
  fmt::print("{}", document_text(answer.value(), "en"));
  return kExitHolds;
}

// The newest of the desk's orders: the one that was just given, or one that came behind it.
base::Result<object> newest_halt(DeskClient& client, const std::string& reason) {
  auto answer = client.get("/api/desk/halts");
  if (!answer) return answer.error();
  const auto& halts = answer.value().at("items").as_array();
  for (auto halt = halts.rbegin(); halt != halts.rend(); ++halt) {
    if (desk::text_or(halt->as_object(), "reason") == reason) return halt->as_object();
  }
  return base::Error{"the desk does not know of the halt"};
}

int order(DeskClient& client, const HaltRequest& request, object body) {
  if (request.reason.empty()) return failed("--reason: why?", kExitWrongUse);
  body["reason"] = request.reason;
  body["incident"] = request.incident;
  auto ordered = client.post("/api/desk/halts", body);
  if (!ordered) return failed(ordered.error().message, kExitDoesNotHold);
  const std::uint64_t end_ms = net::Loop::now_ms() + kEffectWaitMs;
  auto halt = newest_halt(client, request.reason);
  while (halt && desk::number_or(halt.value(), "in_effect_ns", 0) == 0 &&
         net::Loop::now_ms() < end_ms) {
    std::this_thread::sleep_for(kAskAgainAfter);
    halt = newest_halt(client, request.reason);
  }
  if (!halt) return failed(halt.error().message);
  const bool is_in_effect = desk::number_or(halt.value(), "in_effect_ns", 0) != 0;
  (void)print(value(halt.value()));
  if (is_in_effect) return kExitHolds;
  return failed("the order is on record and not in effect: halt without the desk, by --key",
                kExitDoesNotHold);
}

// The act for the market's log; or the document for gateways, which the desk writes, because it
// sees what they obey.
base::Result<object> lift_of(DeskClient& client, const HaltRequest& request) {
  if (request.lifts == 0) {
    auto act = make_market_act(request, true);
    if (!act) return act.error();
    return object{{"kind", "market_act"}, {"payload", client::to_json(act.value())}};
  }
  auto draft =
      client.post("/api/desk/guards/draft",
                  {{"lifts", request.lifts}, {"proof", request.proof}, {"reason", request.reason}});
  if (!draft) return draft.error();
  return object{{"kind", "guard_lift"},
                {"payload", desk::text_or(draft.value().as_object(), "payload")}};
}

int propose_lift(DeskClient& client, const HaltRequest& request) {
  auto lift = lift_of(client, request);
  if (!lift) return failed(lift.error().message, kExitWrongUse);
  lift.value()["incident"] = request.incident;
  auto proposed = client.post("/api/desk/approvals", std::move(lift.value()));
  if (!proposed) return failed(proposed.error().message);
  auto all = client.get("/api/desk/approvals");
  if (!all) return failed(all.error().message);
  const auto& proposals = all.value().at("items").at("proposals").as_array();
  const std::string digest = desk::text_or(proposed.value().as_object(), "digest");
  for (auto one = proposals.rbegin(); one != proposals.rend(); ++one) {
    if (desk::text_or(one->as_object(), "digest") != digest) continue;
    (void)print(*one);
    say(fmt::format("Two people sign it: okiagari approval sign {} --key FILE",
                    desk::number_or(one->as_object(), "number", 0)));
    return kExitHolds;
  }
  return failed("the desk does not know of the proposal");
}

}  // namespace

int run_halt_by_desk(const HaltRequest& request, bool is_lift) {
  if (std::string fault = request.fault(); !fault.empty()) return failed(fault, kExitWrongUse);
  DeskAccess access = request.desk;
  access.market_folder = request.nodes.folder;
  auto client = DeskClient::log_in(access);
  if (!client) {
    return failed(client.error().message + "; without the desk: okiagari halt --key FILE");
  }
  if (is_lift) return propose_lift(client.value(), request);
  object body{
      {"scope", scope_of(request)}, {"target", request.target()}, {"state", state_of(request)}};
  if (request.preview) return print(client.value().post("/api/desk/halts/preview", body));
  return order(client.value(), request, std::move(body));
}

}  // namespace okiagari::cli
