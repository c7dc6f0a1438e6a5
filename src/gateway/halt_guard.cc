#include "gateway/halt_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

namespace okiagari::gateway {

namespace json = boost::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr TimestampNs kSecond_ns = 1'000'000'000;

struct VerdictName {
  HaltVerdict verdict;
  std::string_view name;
};
constexpr VerdictName kVerdictNames[] = {
    {HaltVerdict::in_effect, "in_effect"},
    {HaltVerdict::lifted, "lifted"},
    {HaltVerdict::already_known, "already_known"},
    {HaltVerdict::broken, "broken"},
    {HaltVerdict::wrong_cluster, "wrong_cluster"},
    {HaltVerdict::unknown_operator, "unknown_operator"},
    {HaltVerdict::signature_missing, "signature_missing"},
    {HaltVerdict::signature_wrong, "signature_wrong"},
    {HaltVerdict::second_person_missing, "second_person_missing"},
    {HaltVerdict::old_number, "old_number"},
    {HaltVerdict::expired, "expired"},
    {HaltVerdict::not_that_halt, "not_that_halt"},
    {HaltVerdict::too_many_halts, "too_many_halts"},
    {HaltVerdict::not_stored, "not_stored"},
};

base::Digest digest_of(const wire::HaltDocument& document) {
  return base::digest(base::as_bytes(wire::signed_text(document)));
}

// The file whole and on the disk, or the one before.
base::Status replace_file(const std::string& directory, const std::string& path,
                          const std::string& text) {
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool done = file >= 0;
  std::size_t written = 0;
  while (done && written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    done = count > 0;
    if (done) written += static_cast<std::size_t>(count);
  }
  done = done && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  done = done && std::rename(fresh.c_str(), path.c_str()) == 0;
  if (done) {
    const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    done = folder >= 0 && ::fsync(folder) == 0;
    if (folder >= 0) ::close(folder);
  }
  if (done) return {};
  return base::Error{fmt::format("{}: cannot be written; is the disk full?", path)};
}

json::object json_of(const HaltInForce& halt) {
  return {{"number", halt.number},
          {"scope", wire::name_of(halt.scope)},
          {"target", halt.target},
          {"reason", halt.reason},
          {"since_ns", halt.since_ns}};
}

// Throws what boost::json throws.
HaltInForce halt_from(const json::value& from) {
  HaltInForce halt;
  halt.number = from.at("number").to_number<std::uint64_t>();
  const auto scope = wire::scope_of(std::string_view(from.at("scope").as_string()));
  if (!scope) throw std::invalid_argument("scope");
  halt.scope = *scope;
  halt.target = from.at("target").as_string();
  halt.reason = from.at("reason").as_string();
  halt.since_ns = from.at("since_ns").to_number<std::uint64_t>();
  return halt;
}

bool concerns(const HaltInForce& halt, const OrderPlace& order) {
  switch (halt.scope) {
    case venue::Scope::market:
      return true;
    case venue::Scope::member:
      return order.member == 0 || order.member == wire::target_number(halt.target);
    case venue::Scope::instrument:
      return !order.knows_instrument || order.symbol == wire::alpha<8>(halt.target);
    case venue::Scope::segment:
      return !order.knows_segment || order.segment == wire::target_number(halt.target);
  }
  return true;
}

}  // namespace

std::string_view name_of(HaltVerdict verdict) {
  for (const VerdictName& known : kVerdictNames) {
    if (known.verdict == verdict) return known.name;
  }
  return "unknown";
}

HaltGuard::HaltGuard(std::string data_dir, std::uint64_t cluster, wire::OperatorKeys keys)
    : path_(data_dir + "/halt_state.json"),
      directory_(std::move(data_dir)),
      cluster_(cluster),
      keys_(std::move(keys)) {
  const base::Status loaded = load();
  if (loaded.ok()) return;
  spdlog::critical("{}; the whole market is halted here until a lift of halt 0",
                   loaded.error().message);
  halts_ = {HaltInForce{.number = 0,
                        .scope = venue::Scope::market,
                        .target = {},
                        .reason = "what was halted here is not known: halt_state.json is damaged",
                        .since_ns = 0}};
}

base::Status HaltGuard::load() {
  std::ifstream file(path_);
  if (!file) return {};
  std::ostringstream text;
  text << file.rdbuf();
  boost::system::error_code error;
  const json::value root = json::parse(text.str(), error);
  try {
    if (!error && root.at("version").to_number<std::int64_t>() == kVersion) {
      std::vector<HaltInForce> halts;
      for (const json::value& one : root.at("halts").as_array()) halts.push_back(halt_from(one));
      const std::string last(root.at("last_document").as_string());
      if (halts.size() <= 2 * kHaltsMax && base::from_hex(last, last_document_)) {
        last_number_ = root.at("last_number").to_number<std::uint64_t>();
        halts_ = std::move(halts);
        return {};
      }
    }
  } catch (const std::exception&) {
    // A key is missing or of another kind: damaged, like the rest.
  }
  last_document_ = {};
  return base::Error{fmt::format("{}: damaged", path_)};
}

base::Status HaltGuard::store() {
  json::array halts;
  for (const HaltInForce& halt : halts_) halts.push_back(json_of(halt));
  const json::object root{{"version", kVersion},
                          {"last_number", last_number_},
                          {"last_document", base::to_hex(last_document_)},
                          {"halts", std::move(halts)}};
  base::Status stored = replace_file(directory_, path_, json::serialize(root) + "\n");
  is_unstored_ = !stored.ok();
  return stored;
}

void HaltGuard::store_if_needed() {
  if (is_unstored_) (void)store();
}

HaltVerdict HaltGuard::check_signatures(const wire::HaltDocument& document,
                                        std::string& text) const {
  const std::string message = wire::signed_text(document);
  std::set<std::uint16_t> starters;
  for (const wire::HaltSignature& one : document.signatures) {
    const wire::OperatorKey* key = keys_.find(one.operator_id);
    if (key == nullptr) {
      text = fmt::format("operator {} is not known here", one.operator_id);
      return HaltVerdict::unknown_operator;
    }
    if (!base::verify_signature(base::as_bytes(message), one.signature, key->public_key)) {
      text = fmt::format("the signature of operator {} is not for this document", one.operator_id);
      return HaltVerdict::signature_wrong;
    }
    if (!key->stop_only) starters.insert(one.operator_id);
  }
  if (document.signatures.empty()) {
    text = "nobody has signed it";
    return HaltVerdict::signature_missing;
  }
  if (document.kind == wire::HaltKind::lift && starters.size() < 2) {
    text = fmt::format("a lift needs two different operators who may start; it has {}",
                       starters.size());
    return HaltVerdict::second_person_missing;
  }
  return HaltVerdict::in_effect;
}

HaltVerdict HaltGuard::check(const wire::HaltDocument& document, TimestampNs now_ns,
                             std::string& text) const {
  if (document.cluster != cluster_) {
    text = fmt::format("it is for cluster {}, this is {}", document.cluster, cluster_);
    return HaltVerdict::wrong_cluster;
  }
  if (const HaltVerdict bad = check_signatures(document, text); bad != HaltVerdict::in_effect) {
    return bad;
  }
  if (document.number == last_number_ && digest_of(document) == last_document_) {
    text = "it was carried out before";
    return HaltVerdict::already_known;
  }
  if (document.number <= last_number_) {
    text = fmt::format("its number {} is not above {}, the last one here", document.number,
                       last_number_);
    return HaltVerdict::old_number;
  }
  if (now_ns / kSecond_ns > document.accept_until_s) {
    text =
        fmt::format("it was to be accepted until {}, and it is {} here",
                    wire::utc_text(document.accept_until_s), wire::utc_text(now_ns / kSecond_ns));
    return HaltVerdict::expired;
  }
  return HaltVerdict::in_effect;
}

HaltGuard::Answer HaltGuard::hand_over(std::string_view text, TimestampNs now_ns) {
  Answer answer;
  auto parsed = wire::parse_halt_document(text);
  if (!parsed.ok()) {
    answer.text = parsed.error().message;
    return answer;
  }
  answer.document = std::move(parsed.value());
  answer.was_read = true;
  answer.verdict = check(answer.document, now_ns, answer.text);
  if (answer.verdict != HaltVerdict::in_effect) return answer;
  if (answer.document.kind == wire::HaltKind::halt) {
    begin(answer, now_ns);
  } else {
    lift(answer);
  }
  return answer;
}

void HaltGuard::begin(Answer& answer, TimestampNs now_ns) {
  const wire::HaltDocument& document = answer.document;
  // Of the whole market there is always room for one more, up to twice the bound.
  const bool is_market = document.scope == venue::Scope::market;
  if (halts_.size() >= (is_market ? 2 * kHaltsMax : kHaltsMax)) {
    answer.verdict = HaltVerdict::too_many_halts;
    answer.text = fmt::format("{} halts are in force; halt the market instead", halts_.size());
    return;
  }
  halts_.push_back({document.number, document.scope, document.target, document.reason, now_ns});
  last_number_ = document.number;
  last_document_ = digest_of(document);
  const base::Status stored = store();
  answer.text = stored.ok()
                    ? "new orders are refused"
                    : "new orders are refused, but not after a restart: " + stored.error().message;
}

// What was not stored would be in force again after a restart, and the lift would be an old one.
void HaltGuard::lift(Answer& answer) {
  const wire::HaltDocument& document = answer.document;
  const auto found = std::find_if(halts_.begin(), halts_.end(), [&](const HaltInForce& halt) {
    return halt.number == document.lifts;
  });
  if (found != halts_.end() &&
      (found->scope != document.scope || found->target != document.target)) {
    answer.verdict = HaltVerdict::not_that_halt;
    answer.text = fmt::format("halt {} is of {} {}", found->number, wire::name_of(found->scope),
                              found->target);
    return;
  }
  const std::vector<HaltInForce> before = halts_;
  const auto last = std::pair(last_number_, last_document_);
  answer.text = "that halt is not in force here; the number counts";
  if (found != halts_.end()) {
    answer.lifted = *found;
    answer.text = "orders are taken again as far as no other halt stops them";
    halts_.erase(found);
  }
  last_number_ = document.number;
  last_document_ = digest_of(document);
  answer.verdict = HaltVerdict::lifted;
  if (const base::Status stored = store(); !stored.ok()) {
    halts_ = before;
    std::tie(last_number_, last_document_) = last;
    answer.verdict = HaltVerdict::not_stored;
    answer.text = stored.error().message;
  }
}

bool HaltGuard::stops(const OrderPlace& order) const {
  return std::any_of(halts_.begin(), halts_.end(),
                     [&](const HaltInForce& halt) { return concerns(halt, order); });
}

}  // namespace okiagari::gateway
