#include "watch/evidence.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

namespace okiagari::watch {

namespace {

constexpr std::size_t kTextBytesMax = 2'000;

constexpr std::array<std::string_view, 9> kKindNames = {"metric_shift", "log_template", "event",
                                                        "change",       "probe",        "topology",
                                                        "absence",      "alert",        "hazard"};

// Leaves `into` empty when the text is not there; false when it is something else, or too long.
bool read_text(const boost::json::object& object, std::string_view key, std::string& into) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr) return true;
  const boost::json::string* text = value->if_string();
  if (text == nullptr || text->size() > kTextBytesMax) return false;
  into.assign(text->data(), text->size());
  return true;
}

bool read_time(const boost::json::object& object, std::string_view key, TimestampNs& into) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr) return true;
  boost::system::error_code error;
  into = value->to_number<TimestampNs>(error);
  return !error;
}

bool read_number(const boost::json::object& object, std::string_view key, double& into) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr) return true;
  boost::system::error_code error;
  into = value->to_number<double>(error);
  return !error;
}

}  // namespace

std::string_view to_string(EvidenceKind kind) {
  return kKindNames.at(static_cast<std::size_t>(kind));
}

std::optional<EvidenceKind> parse_evidence_kind(std::string_view text) {
  for (std::size_t at = 0; at < kKindNames.size(); ++at) {
    if (kKindNames[at] == text) return static_cast<EvidenceKind>(at);
  }
  return std::nullopt;
}

boost::json::object to_json(const Evidence& evidence) {
  return {{"id", evidence.id},
          {"kind", to_string(evidence.kind)},
          {"source", evidence.source},
          {"entity", evidence.entity},
          {"signal", evidence.signal},
          {"from_ns", evidence.from_ns},
          {"until_ns", evidence.until_ns},
          {"statement", evidence.statement},
          {"statement_ja", evidence.statement_ja},
          {"value", evidence.value},
          {"baseline", evidence.baseline},
          {"effect", evidence.effect},
          {"reference", evidence.reference},
          {"self_reported", evidence.self_reported}};
}

base::Result<Evidence> evidence_from_json(const boost::json::object& object) {
  Evidence evidence;
  std::string kind;
  const bool texts = read_text(object, "id", evidence.id) && read_text(object, "kind", kind) &&
                     read_text(object, "source", evidence.source) &&
                     read_text(object, "entity", evidence.entity) &&
                     read_text(object, "signal", evidence.signal) &&
                     read_text(object, "statement", evidence.statement) &&
                     read_text(object, "statement_ja", evidence.statement_ja) &&
                     read_text(object, "reference", evidence.reference);
  if (!texts) {
    return base::Error{
        fmt::format("evidence: a field is no text, or longer than {} bytes", kTextBytesMax)};
  }
  const auto parsed = parse_evidence_kind(kind);
  if (!parsed) return base::Error{fmt::format("evidence: there is no kind '{}'", kind)};
  evidence.kind = *parsed;
  if (evidence.id.empty() || evidence.entity.empty() || evidence.signal.empty()) {
    return base::Error{"evidence: id, entity and signal are needed"};
  }
  const bool numbers = read_time(object, "from_ns", evidence.from_ns) &&
                       read_time(object, "until_ns", evidence.until_ns) &&
                       read_number(object, "value", evidence.value) &&
                       read_number(object, "baseline", evidence.baseline) &&
                       read_number(object, "effect", evidence.effect);
  if (!numbers) return base::Error{"evidence: a time or value is no number"};
  if (const boost::json::value* value = object.if_contains("self_reported")) {
    if (!value->is_bool()) return base::Error{"evidence: self_reported is true or false"};
    evidence.self_reported = value->get_bool();
  }
  return evidence;
}

}  // namespace okiagari::watch
