#include "desk/approvals.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "desk/outbox.h"

namespace okiagari::desk {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr std::int64_t kValidS = 600;
constexpr std::size_t kSignsBytesMax = 4u << 10;

bool is_open(const Proposal& proposal) { return proposal.state == "open"; }

boost::json::array approvals_of(const Proposal& proposal) {
  boost::json::array array;
  for (const Proposal::Approval& approval : proposal.approvals) {
    array.push_back({{"operator", approval.operator_id},
                     {"signature", approval.signature},
                     {"by", approval.by},
                     {"at_ns", approval.at_ns}});
  }
  return array;
}

base::Result<OperatorKey> read_operator(const boost::json::value& value) {
  if (!value.is_object()) return base::Error{"an operator is no object"};
  const boost::json::object& object = value.get_object();
  OperatorKey key;
  const std::int64_t id = number_or(object, "id", 0);
  if (id < 1 || id > 65'535) return base::Error{"an operator's 'id' is 1 to 65535"};
  key.id = static_cast<std::uint16_t>(id);
  key.name = text_or(object, "name");
  key.is_stop_only = flag_or(object, "stop_only", false);
  if (!base::from_hex(text_or(object, "public_key"), key.public_key)) {
    return base::Error{fmt::format("operator {}: 'public_key' is 64 hex digits", id)};
  }
  return key;
}

}  // namespace

boost::json::object to_json(const Proposal& proposal) {
  return {{"number", proposal.number},
          {"incident", proposal.incident},
          {"kind", proposal.kind},
          {"digest", base::to_hex(proposal.digest)},
          {"payload", proposal.payload},
          {"signs", proposal.signs},
          {"words", to_json(proposal.words)},
          {"preview", proposal.preview},
          {"by", proposal.by},
          {"proposed_ns", proposal.proposed_ns},
          {"expires_ns", proposal.expires_ns},
          {"state", proposal.state},
          {"outcome", proposal.outcome},
          {"needed", Approvals::kNeeded},
          {"approvals", approvals_of(proposal)}};
}

const Proposal* Approvals::find(std::uint64_t number) const {
  const auto found = proposals_.find(number);
  return found == proposals_.end() ? nullptr : &found->second;
}

base::Status Approvals::apply(const Entry& entry, Context& context) {
  if (entry.what() == "operators") return set_operators(entry, context);
  if (entry.what() == "propose") return propose(entry, context);
  std::int64_t number = number_or(entry.body, "proposal", 0);
  if (entry.what() == "effect") {
    const Effect* effect = context.outbox.find(text_or(entry.body, "key"));
    if (effect == nullptr) return base::Error{"an effect that is none of the outbox"};
    number = number_or(effect->what, "proposal", 0);
  }
  const auto found = proposals_.find(static_cast<std::uint64_t>(number));
  if (found == proposals_.end()) {
    return base::Error{fmt::format("there is no proposal {}", number)};
  }
  if (entry.what() == "sign") return sign(found->second, entry, context);
  return close(found->second, entry, context);
}

base::Status Approvals::set_operators(const Entry& entry, Context& context) {
  const boost::json::value* list = entry.body.if_contains("operators");
  if (list == nullptr || !list->is_array()) return base::Error{"'operators' is missing"};
  std::map<std::uint16_t, OperatorKey> operators;
  for (const boost::json::value& value : list->get_array()) {
    auto key = read_operator(value);
    if (!key) return key.error();
    if (!operators.emplace(key.value().id, key.value()).second) {
      return base::Error{fmt::format("operator {} is there twice", key.value().id)};
    }
  }
  operators_ = std::move(operators);
  context.note("", "approval.operators",
               {fmt::format("{} operators' keys are known", operators_.size()),
                fmt::format("運用者の鍵 {} 件を登録", operators_.size())});
  return {};
}

base::Status Approvals::propose(const Entry& entry, Context& context) {
  Proposal proposal;
  proposal.kind = text_or(entry.body, "kind");
  if (proposal.kind != "market_act" && proposal.kind != "guard_lift" &&
      proposal.kind != "rebuild") {
    return base::Error{"'kind' is market_act, guard_lift or rebuild"};
  }
  if (!base::from_hex(text_or(entry.body, "digest"), proposal.digest)) {
    return base::Error{"'digest' is 64 hex digits"};
  }
  auto payload = text_of(entry.body, "payload", 64u << 10);
  if (!payload) return payload.error();
  proposal.payload = payload.value();
  proposal.signs = text_or(entry.body, "signs");
  if (proposal.signs.size() > kSignsBytesMax) return base::Error{"'signs' is too long"};
  const boost::json::value* words = entry.body.if_contains("words");
  if (words == nullptr || !words->is_object()) return base::Error{"'words' is missing"};
  proposal.words = {text_or(words->get_object(), "en"), text_or(words->get_object(), "ja")};
  if (const auto* preview = entry.body.if_contains("preview"); preview && preview->is_object()) {
    proposal.preview = preview->get_object();
  }
  const std::int64_t valid_s = number_or(entry.body, "valid_s", kValidS);
  if (valid_s < 1 || valid_s > kValidMaxS) {
    return base::Error{fmt::format("'valid_s' is 1 to {}", kValidMaxS)};
  }
  proposal.number = proposals_.size() + 1;
  proposal.incident = text_or(entry.body, "incident");
  proposal.by = context.by;
  proposal.proposed_ns = context.now_ns;
  proposal.expires_ns = context.now_ns + static_cast<TimestampNs>(valid_s) * kSecondNs;
  context.note(proposal.incident, "approval.proposed",
               {fmt::format("proposed: {}; {} signatures needed", proposal.words.en, kNeeded),
                fmt::format("提案: {}（署名 {} 名が必要）", proposal.words.ja, kNeeded)},
               {{"proposal", proposal.number}, {"digest", base::to_hex(proposal.digest)}});
  proposals_.emplace(proposal.number, std::move(proposal));
  return {};
}

base::Status Approvals::sign(Proposal& proposal, const Entry& entry, Context& context) {
  if (!is_open(proposal)) {
    return base::Error{fmt::format("proposal {} is {}", proposal.number, proposal.state)};
  }
  const auto id = static_cast<std::uint16_t>(number_or(entry.body, "operator", 0));
  const auto key = operators_.find(id);
  if (key == operators_.end()) return base::Error{fmt::format("there is no operator {}", id)};
  if (key->second.is_stop_only) {
    return base::Error{fmt::format("operator {} may stop only, not start", id)};
  }
  for (const Proposal::Approval& approval : proposal.approvals) {
    if (approval.operator_id == id || approval.by == entry.by) {
      return base::Error{"a second approval must come from another person and another key"};
    }
  }
  base::Signature signature{};
  const std::string hex = text_or(entry.body, "signature");
  const base::Bytes signs =
      proposal.signs.empty() ? base::Bytes(proposal.digest) : base::as_bytes(proposal.signs);
  if (!base::from_hex(hex, signature) ||
      !base::verify_signature(signs, signature, key->second.public_key)) {
    return base::Error{fmt::format(
        "that is no signature of operator {} over {}", id,
        proposal.signs.empty() ? base::to_hex(proposal.digest) : "the text that is signed")};
  }
  proposal.approvals.push_back({id, hex, entry.by, context.now_ns});
  context.note(
      proposal.incident, "approval.signed",
      {fmt::format("operator {} ({}) approved: {}", id, key->second.name, proposal.words.en),
       fmt::format("運用者 {}（{}）が承認: {}", id, key->second.name, proposal.words.ja)},
      {{"proposal", proposal.number}});
  if (proposal.approvals.size() >= kNeeded) approve(proposal, context);
  return {};
}

void Approvals::approve(Proposal& proposal, Context& context) {
  proposal.state = "approved";
  context.note(proposal.incident, "approval.approved",
               {fmt::format("approved by two: {}", proposal.words.en),
                fmt::format("二名の承認が揃った: {}", proposal.words.ja)},
               {{"proposal", proposal.number}});
  if (proposal.kind == "rebuild") return;
  Effect effect;
  effect.key = fmt::format("approval/{}", proposal.number);
  effect.kind = proposal.kind;
  effect.owner = "approval";
  effect.incident = proposal.incident;
  effect.what = {{"proposal", proposal.number},
                 {"payload", proposal.payload},
                 {"approvals", approvals_of(proposal)}};
  effect.give_up_ns = proposal.expires_ns;
  context.outbox.add(std::move(effect), context);
}

base::Status Approvals::close(Proposal& proposal, const Entry& entry, Context& context) {
  const std::string outcome = text_or(entry.body, "outcome");
  std::string state;
  if (entry.what() == "withdraw" && is_open(proposal)) {
    state = "withdrawn";
  } else if (entry.what() == "executed" && proposal.state == "approved") {
    state = "executed";
  } else if (entry.what() == "effect") {
    state = text_or(entry.body, "state") == "done" ? "executed" : "failed";
  } else {
    return base::Error{fmt::format("proposal {} is {}", proposal.number, proposal.state)};
  }
  proposal.state = state;
  proposal.outcome = outcome;
  context.note(proposal.incident, "approval." + state,
               {fmt::format("{}: {} {}", state, proposal.words.en, outcome),
                fmt::format("{}: {} {}", state, proposal.words.ja, outcome)},
               {{"proposal", proposal.number}});
  return {};
}

TimestampNs Approvals::next_due_ns() const {
  TimestampNs due = kNever;
  for (const auto& [number, proposal] : proposals_) {
    if (is_open(proposal)) due = std::min(due, proposal.expires_ns);
  }
  return due;
}

void Approvals::advance(Context& context) {
  for (auto& [number, proposal] : proposals_) {
    if (!is_open(proposal) || proposal.expires_ns > context.now_ns) continue;
    proposal.state = "expired";
    context.note(proposal.incident, "approval.expired",
                 {fmt::format("expired without two signatures: {}", proposal.words.en),
                  fmt::format("署名が揃わず失効: {}", proposal.words.ja)},
                 {{"proposal", number}});
  }
}

boost::json::value Approvals::view() const {
  boost::json::array proposals;
  for (const auto& [number, proposal] : proposals_) proposals.push_back(to_json(proposal));
  boost::json::array operators;
  for (const auto& [id, key] : operators_) {
    operators.push_back({{"id", id},
                         {"name", key.name},
                         {"public_key", base::to_hex(key.public_key)},
                         {"stop_only", key.is_stop_only}});
  }
  return {{"proposals", std::move(proposals)}, {"operators", std::move(operators)}};
}

}  // namespace okiagari::desk
