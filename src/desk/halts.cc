#include "desk/halts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "desk/outbox.h"

namespace okiagari::desk {

namespace {

constexpr std::array<std::string_view, 4> kScopes = {"market", "segment", "instrument", "member"};
// The roads that an order takes, each by an effect of its own.
constexpr std::array<std::string_view, 2> kRoads = {"log", "guard"};
constexpr TimestampNs kGiveUpNs = 3'600'000'000'000;

}  // namespace

namespace {

std::uint64_t count_of(const boost::json::object& body, std::string_view key) {
  const std::int64_t count = number_or(body, key, 0);
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

base::Result<StopsSeen> read_seen(const boost::json::object& body) {
  StopsSeen seen;
  seen.asked_ns = count_of(body, "asked_ns");
  seen.sequence = count_of(body, "sequence");
  seen.instruments = count_of(body, "instruments");
  seen.stopped_count = count_of(body, "stopped_count");
  seen.guards = count_of(body, "guards");
  seen.guards_unknown = count_of(body, "guards_unknown");
  if (seen.asked_ns == 0) return base::Error{"'asked_ns' is missing"};
  const boost::json::value* stopped = body.if_contains("stopped");
  if (stopped != nullptr && stopped->is_array()) {
    for (const boost::json::value& item : stopped->get_array()) {
      if (!item.is_object() || seen.stopped.size() >= Halts::kStoppedMax) break;
      seen.stopped.push_back({text_or(item.get_object(), "symbol"),
                              number_or(item.get_object(), "segment", 0),
                              text_or(item.get_object(), "state")});
    }
  }
  const boost::json::value* members = body.if_contains("members");
  if (members != nullptr && members->is_array()) {
    for (const boost::json::value& item : members->get_array()) {
      if (item.is_int64()) seen.members.push_back(item.get_int64());
    }
  }
  return seen;
}

// Where in the market's log it took effect; 0 when it went by the gateways alone.
std::uint64_t sequence_of(const Halt& halt) {
  const auto proof = halt.proofs.find("halt_by_log");
  if (proof == halt.proofs.end()) return 0;
  const boost::json::value* answer = proof->second.if_contains("answer");
  if (answer == nullptr || !answer->is_object()) return 0;
  return count_of(answer->get_object(), "sequence");
}

bool is_proven(const Halt& halt, std::string_view road) {
  const auto proof = halt.proofs.find(std::string(road));
  return proof != halt.proofs.end() && text_or(proof->second, "state") == "done";
}

}  // namespace

std::vector<const Halt*> Halts::in_force() const {
  std::vector<const Halt*> found;
  for (const auto& [number, halt] : halts_) {
    if (halt.in_effect_ns != 0 && halt.over_ns == 0) found.push_back(&halt);
  }
  return found;
}

bool Halts::is_any_in_force() const { return seen_.is_any() || !in_force().empty(); }

bool Halts::is_market_stopped() const {
  if (seen_.instruments != 0 && seen_.stopped_count >= seen_.instruments) return true;
  const std::vector<const Halt*> orders = in_force();
  return std::any_of(orders.begin(), orders.end(),
                     [](const Halt* halt) { return halt->scope == "market"; });
}

bool Halts::is_segment_stopped(std::int64_t segment) const {
  const auto is_of_it = [&](const auto& one) { return one.segment == segment; };
  const std::vector<const Halt*> orders = in_force();
  return is_market_stopped() || std::any_of(seen_.stopped.begin(), seen_.stopped.end(), is_of_it) ||
         std::any_of(orders.begin(), orders.end(), [&](const Halt* halt) {
           return halt->scope == "segment" && halt->target == fmt::format("{}", segment);
         });
}

bool Halts::is_instrument_stopped(std::string_view symbol) const {
  const std::vector<const Halt*> orders = in_force();
  return is_market_stopped() ||
         std::any_of(seen_.stopped.begin(), seen_.stopped.end(),
                     [&](const auto& one) { return one.symbol == symbol; }) ||
         std::any_of(orders.begin(), orders.end(), [&](const Halt* halt) {
           return halt->scope == "instrument" && halt->target == symbol;
         });
}

std::string_view Halts::market_state() const {
  const std::vector<const Halt*> orders = in_force();
  const bool is_hard = std::any_of(seen_.stopped.begin(), seen_.stopped.end(),
                                   [](const auto& one) { return one.state == "halted"; }) ||
                       std::any_of(orders.begin(), orders.end(),
                                   [](const Halt* halt) { return halt->state == "halted"; });
  return is_hard ? "halted" : "cancel_only";
}

// What was asked before the halt took effect says nothing of it. A gateway that does not say
// whether it obeys it may do so, also when it comes back.
bool Halts::is_lifted(const Halt& halt, const StopsSeen& seen) {
  if (halt.in_effect_ns == 0 || halt.over_ns != 0 || seen.asked_ns <= halt.in_effect_ns) {
    return false;
  }
  if (seen.guards + seen.guards_unknown != 0 && is_proven(halt, "halt_by_guard")) return false;
  if (seen.sequence < sequence_of(halt)) return false;
  if (halt.scope == "market") return seen.stopped_count == 0;
  if (halt.scope == "member") {
    return std::none_of(seen.members.begin(), seen.members.end(), [&](std::int64_t member) {
      return fmt::format("{}", member) == halt.target;
    });
  }
  // There may be more stopped ones than were named.
  if (seen.stopped_count > seen.stopped.size()) return false;
  return std::none_of(seen.stopped.begin(), seen.stopped.end(), [&](const auto& one) {
    return halt.scope == "segment" ? fmt::format("{}", one.segment) == halt.target
                                   : one.symbol == halt.target;
  });
}

bool Halts::lifts_any(const boost::json::object& body) const {
  const auto seen = read_seen(body);
  return seen && std::any_of(halts_.begin(), halts_.end(), [&](const auto& item) {
           return is_lifted(item.second, seen.value());
         });
}

base::Status Halts::see(const Entry& entry, Context& context) {
  if (context.by.starts_with("person:")) return base::Error{"the market says what is stopped"};
  auto seen = read_seen(entry.body);
  if (!seen) return seen.error();
  const bool was_any = is_any_in_force();
  seen_ = std::move(seen.value());
  for (auto& [number, halt] : halts_) {
    if (!is_lifted(halt, seen_)) continue;
    halt.over_ns = context.now_ns;
    context.note(halt.incident, "halt.lifted",
                 {fmt::format("the halt of {} {} was lifted", halt.scope, halt.target),
                  fmt::format("{} {} の停止が解除された", halt.scope, halt.target)},
                 {{"halt", number}});
  }
  if (seen_.is_any()) {
    context.note(
        "", "halt.seen",
        {fmt::format("stopped in the market: {} of {} instruments, {} members; {} gateways obey a "
                     "halt",
                     seen_.stopped_count, seen_.instruments, seen_.members.size(), seen_.guards),
         fmt::format("市場の停止状況: {} / {} 銘柄、{} 会員、停止中のゲートウェイ {}",
                     seen_.stopped_count, seen_.instruments, seen_.members.size(), seen_.guards)});
  }
  if (was_any && !is_any_in_force()) {
    context.note("", "halt.none_in_force",
                 {"no halt is in force any more", "有効な売買停止はなくなった"});
  }
  return {};
}

base::Status Halts::apply(const Entry& entry, Context& context) {
  if (entry.what() == "order") return order(entry, context);
  if (entry.what() == "effect") return take_effect(entry, context);
  if (entry.what() == "seen") return see(entry, context);
  return base::Error{fmt::format("there is no entry '{}'", entry.type)};
}

base::Status Halts::order(const Entry& entry, Context& context) {
  Halt halt;
  halt.scope = text_or(entry.body, "scope", "market");
  halt.target = text_or(entry.body, "target");
  halt.state = text_or(entry.body, "state", "cancel_only");
  halt.reason = text_or(entry.body, "reason");
  if (std::find(kScopes.begin(), kScopes.end(), halt.scope) == kScopes.end()) {
    return base::Error{"'scope' is market, segment, instrument or member"};
  }
  if ((halt.scope == "market") != halt.target.empty()) {
    return base::Error{
        "'target' names the segment, instrument or member, and nothing for a market"};
  }
  if (halt.state != "cancel_only" && halt.state != "halted") {
    return base::Error{"'state' is cancel_only or halted"};
  }
  if (halt.reason.empty()) return base::Error{"'reason' is missing"};
  halt.number = halts_.size() + 1;
  halt.incident = text_or(entry.body, "incident");
  halt.by = context.by;
  halt.ordered_ns = context.now_ns;
  context.note(halt.incident, "halt.ordered",
               {fmt::format("halt of {} {} ordered: {}", halt.scope, halt.target, halt.reason),
                fmt::format("{} {} の停止を指示: {}", halt.scope, halt.target, halt.reason)},
               {{"halt", halt.number}});
  for (const std::string_view road : kRoads) {
    Effect effect;
    effect.key = fmt::format("halt/{}/{}", halt.number, road);
    effect.kind = fmt::format("halt_by_{}", road);
    effect.owner = "halt";
    effect.incident = halt.incident;
    effect.what = {{"halt", halt.number},          {"scope", halt.scope},   {"target", halt.target},
                   {"state", halt.state},          {"reason", halt.reason}, {"by", halt.by},
                   {"ordered_ns", halt.ordered_ns}};
    effect.give_up_ns = context.now_ns + kGiveUpNs;
    context.outbox.add(std::move(effect), context);
  }
  halts_.emplace(halt.number, std::move(halt));
  return {};
}

base::Status Halts::take_effect(const Entry& entry, Context& context) {
  const Effect* effect = context.outbox.find(text_or(entry.body, "key"));
  if (effect == nullptr) return base::Error{"an effect that is none of the outbox"};
  const auto found = halts_.find(static_cast<std::uint64_t>(number_or(effect->what, "halt", 0)));
  if (found == halts_.end()) return base::Error{"an effect of no halt"};
  Halt& halt = found->second;
  const bool is_done = effect->state == EffectState::done;
  boost::json::object proof{{"state", to_string(effect->state)}, {"outcome", effect->outcome}};
  if (const auto* answer = effect->what.if_contains("answer")) proof["answer"] = *answer;
  halt.proofs[effect->kind] = proof;
  if (!is_done) return {};
  if (halt.in_effect_ns == 0) {
    halt.in_effect_ns = context.now_ns;
    context.note(halt.incident, "halt.in_effect",
                 {fmt::format("the halt is in effect: {}", effect->outcome),
                  fmt::format("停止が有効になった: {}", effect->outcome)},
                 proof);
  } else {
    context.note(halt.incident, "halt.confirmed",
                 {fmt::format("the halt is in effect by a second road too: {}", effect->outcome),
                  fmt::format("第二の経路でも停止を確認: {}", effect->outcome)},
                 proof);
  }
  return {};
}

boost::json::value Halts::view() const {
  boost::json::array array;
  for (const auto& [number, halt] : halts_) {
    boost::json::object proofs;
    for (const auto& [road, proof] : halt.proofs) proofs[road] = proof;
    array.push_back({{"number", number},
                     {"incident", halt.incident},
                     {"scope", halt.scope},
                     {"target", halt.target},
                     {"state", halt.state},
                     {"reason", halt.reason},
                     {"by", halt.by},
                     {"ordered_ns", halt.ordered_ns},
                     {"in_effect_ns", halt.in_effect_ns},
                     {"over_ns", halt.over_ns},
                     {"proofs", std::move(proofs)}});
  }
  return array;
}

}  // namespace okiagari::desk
