#include "wire/halt_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <iterator>

namespace okiagari::wire {

namespace json = boost::json;

namespace {

constexpr std::size_t kSymbolCharactersMax = 8;
constexpr std::uint64_t kLastSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z

struct ScopeName {
  venue::Scope scope;
  std::string_view name;
};
constexpr ScopeName kScopeNames[] = {{venue::Scope::market, "market"},
                                     {venue::Scope::segment, "segment"},
                                     {venue::Scope::instrument, "instrument"},
                                     {venue::Scope::member, "member"}};

std::string_view name_of(HaltKind kind) { return kind == HaltKind::halt ? "halt" : "lift"; }

std::string json_string(std::string_view text) { return json::serialize(json::string_view(text)); }

bool is_symbol(std::string_view text) {
  return !text.empty() && text.size() <= kSymbolCharactersMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_reason(std::string_view text) {
  return !text.empty() && text.size() <= kHaltReasonBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x20 && byte != 0x7F;
         });
}

std::string fault_of_target(const HaltDocument& document) {
  switch (document.scope) {
    case venue::Scope::market:
      return document.target.empty() ? "" : "'target' must be empty for the market";
    case venue::Scope::instrument:
      return is_symbol(document.target) ? "" : "'target' must be an instrument's symbol";
    case venue::Scope::segment:
    case venue::Scope::member:
      return target_number(document.target) != 0 ? "" : "'target' must be a number from 1 to 65535";
  }
  return "'scope' is unknown";
}

// Reads one object, and knows which of its keys were asked for. The first fault stays.
class Fields {
 public:
  explicit Fields(const json::value& from) : object_(from.if_object()) {
    if (object_ == nullptr) fault_ = "an object is expected";
  }

  std::string text(std::string_view key) {
    const json::value* value = find(key);
    const json::string* found = value == nullptr ? nullptr : value->if_string();
    if (found == nullptr) return fail(key, "must be a text"), std::string();
    return std::string(*found);
  }
  std::uint64_t integer(std::string_view key, std::uint64_t least, std::uint64_t most) {
    const json::value* value = find(key);
    if (value != nullptr && value->is_int64() && value->get_int64() >= 0) {
      const auto number = static_cast<std::uint64_t>(value->get_int64());
      if (number >= least && number <= most) return number;
    }
    fail(key, fmt::format("must be a whole number from {} to {}", least, most));
    return least;
  }
  std::uint64_t time(std::string_view key) {
    const auto seconds = parse_utc(text(key));
    if (!seconds) fail(key, "must be a time such as 2026-11-26T00:27:02Z");
    return seconds.value_or(0);
  }
  void bytes(std::string_view key, base::MutableBytes into) {
    if (!base::from_hex(text(key), into)) {
      fail(key, fmt::format("must have {} hexadecimal digits", 2 * into.size()));
    }
  }
  const json::array* array(std::string_view key, std::size_t most) {
    const json::value* value = find(key);
    const json::array* found = value == nullptr ? nullptr : value->if_array();
    if (found != nullptr && found->size() <= most) return found;
    fail(key, fmt::format("must be an array of at most {}", most));
    return nullptr;
  }
  void fail(std::string_view key, std::string_view what) {
    if (fault_.empty()) fault_ = fmt::format("'{}' {}", key, what);
  }
  // The first fault, or that there are more fields than were asked for.
  [[nodiscard]] std::string finish() const {
    if (fault_.empty() && object_->size() != asked_) return "there is a field too many";
    return fault_;
  }

 private:
  const json::value* find(std::string_view key) {
    ++asked_;
    return object_ == nullptr ? nullptr : object_->if_contains(json::string_view(key));
  }

  const json::object* object_;
  std::size_t asked_ = 0;
  std::string fault_;
};

std::string read_signatures(const json::array& from, HaltDocument& into) {
  for (const json::value& one : from) {
    Fields fields(one);
    HaltSignature& signature = into.signatures.emplace_back();
    signature.operator_id = static_cast<std::uint16_t>(fields.integer("operator", 1, UINT16_MAX));
    fields.bytes("signature", signature.signature);
    if (std::string fault = fields.finish(); !fault.empty()) return "a signature: " + fault;
  }
  return {};
}

std::string read(const json::value& root, HaltDocument& into) {
  Fields fields(root);
  if (fields.integer("okiagari_halt", 0, kHaltNumberMax) != kHaltDocumentVersion) {
    fields.fail("okiagari_halt", "must be 1, the version that is known here");
  }
  const std::string kind = fields.text("kind");
  if (kind != "halt" && kind != "lift") fields.fail("kind", "must be halt or lift");
  into.kind = kind == "lift" ? HaltKind::lift : HaltKind::halt;
  into.cluster = fields.integer("cluster", 1, INT64_MAX);
  into.number = fields.integer("number", 1, kHaltNumberMax);
  const auto scope = scope_of(fields.text("scope"));
  if (!scope) fields.fail("scope", "must be market, segment, instrument or member");
  into.scope = scope.value_or(venue::Scope::market);
  into.target = fields.text("target");
  into.reason = fields.text("reason");
  into.issued_at_s = fields.time("issued_at");
  into.accept_until_s = fields.time("accept_until");
  if (into.kind == HaltKind::lift) {
    into.lifts = fields.integer("lifts", 0, kHaltNumberMax);
    fields.bytes("proof", into.proof);
  }
  const json::array* signatures = fields.array("signatures", kHaltSignaturesMax);
  if (std::string fault = fields.finish(); !fault.empty()) return fault;
  if (std::string fault = fault_of(into); !fault.empty()) return fault;
  return read_signatures(*signatures, into);
}

}  // namespace

base::Result<HaltDocument> parse_halt_document(std::string_view text) {
  if (text.size() > kHaltDocumentBytesMax) {
    return base::Error{fmt::format("it has more than {} bytes", kHaltDocumentBytesMax)};
  }
  boost::system::error_code error;
  const json::value root = json::parse(json::string_view(text), error);
  if (error) return base::Error{"it is no JSON text: " + error.message()};
  HaltDocument document;
  if (std::string fault = read(root, document); !fault.empty()) return base::Error{fault};
  return document;
}

std::string fault_of(const HaltDocument& document) {
  if (document.cluster == 0 || document.cluster > INT64_MAX) return "'cluster' is out of range";
  if (document.number == 0 || document.number > kHaltNumberMax) return "'number' is out of range";
  if (document.lifts > kHaltNumberMax) return "'lifts' is out of range";
  if (!is_reason(document.reason)) {
    return fmt::format("'reason' must have 1 to {} bytes, all of them printable",
                       kHaltReasonBytesMax);
  }
  if (document.issued_at_s > kLastSecond || document.accept_until_s > kLastSecond) {
    return "a time is out of range";
  }
  return fault_of_target(document);
}

std::string to_json(const HaltDocument& document) {
  std::string text = fmt::format(
      "{{\n  \"okiagari_halt\": {},\n  \"kind\": \"{}\",\n  \"cluster\": {},\n  \"number\": {},\n"
      "  \"scope\": \"{}\",\n  \"target\": {},\n  \"reason\": {},\n  \"issued_at\": \"{}\",\n"
      "  \"accept_until\": \"{}\",\n",
      kHaltDocumentVersion, name_of(document.kind), document.cluster, document.number,
      name_of(document.scope), json_string(document.target), json_string(document.reason),
      utc_text(document.issued_at_s), utc_text(document.accept_until_s));
  if (document.kind == HaltKind::lift) {
    fmt::format_to(std::back_inserter(text), "  \"lifts\": {},\n  \"proof\": \"{}\",\n",
                   document.lifts, base::to_hex(document.proof));
  }
  text += "  \"signatures\": [";
  const char* separator = "";
  for (const HaltSignature& one : document.signatures) {
    fmt::format_to(std::back_inserter(text), "{}\n    {{\"operator\": {}, \"signature\": \"{}\"}}",
                   separator, one.operator_id, base::to_hex(one.signature));
    separator = ",";
  }
  return text + "\n  ]\n}\n";
}

std::string signed_text(const HaltDocument& document) {
  std::string text = fmt::format(
      "okiagari halt {}\nkind={}\ncluster={}\nnumber={}\nscope={}\ntarget={}\nreason={}\n"
      "issued_at={}\naccept_until={}\n",
      kHaltDocumentVersion, name_of(document.kind), document.cluster, document.number,
      name_of(document.scope), document.target, document.reason, utc_text(document.issued_at_s),
      utc_text(document.accept_until_s));
  if (document.kind == HaltKind::lift) {
    fmt::format_to(std::back_inserter(text), "lifts={}\nproof={}\n", document.lifts,
                   base::to_hex(document.proof));
  }
  return text;
}

void sign_halt_document(HaltDocument& document, std::uint16_t operator_id,
                        const base::SecretKey& key) {
  document.signatures.push_back(
      {operator_id, base::sign(base::as_bytes(signed_text(document)), key)});
}

std::string_view name_of(venue::Scope scope) {
  for (const ScopeName& known : kScopeNames) {
    if (known.scope == scope) return known.name;
  }
  return "unknown";
}

std::optional<venue::Scope> scope_of(std::string_view name) {
  for (const ScopeName& known : kScopeNames) {
    if (known.name == name) return known.scope;
  }
  return std::nullopt;
}

std::uint16_t target_number(std::string_view target) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), number);
  // Without leading zeros, so that one target is written in one way.
  if (error != std::errc{} || end != target.data() + target.size() || target[0] == '0') return 0;
  return number;
}

std::string utc_text(std::uint64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(std::min(seconds, kLastSecond))};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::uint64_t> parse_utc(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_digit = text[at] >= '0' && text[at] <= '9';
    if (kShape[at] == '0' ? !is_digit : text[at] != kShape[at]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    unsigned value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      value = 10 * value + static_cast<unsigned>(text[i] - '0');
    }
    return value;
  };
  const year_month_day date(year(static_cast<int>(number(0, 4))), month(number(5, 2)),
                            day(number(8, 2)));
  if (!date.ok() || number(0, 4) < 1970 || number(11, 2) > 23 || number(14, 2) > 59 ||
      number(17, 2) > 59) {
    return std::nullopt;
  }
  const auto seconds = sys_days(date).time_since_epoch() + hours(number(11, 2)) +
                       minutes(number(14, 2)) + std::chrono::seconds(number(17, 2));
  return static_cast<std::uint64_t>(std::chrono::seconds(seconds).count());
}

}  // namespace okiagari::wire
