#include "web/foreign_alerts.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <chrono>

#include "base/hash.h"
#include "desk/entry.h"
#include "watch/signal.h"

namespace okiagari::web {

namespace {

using boost::json::object;
constexpr std::size_t kStatementBytesMax = 1'000;
constexpr std::size_t kNameBytesMax = 200;

base::Result<boost::json::value> parse(std::string_view text) {
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = 8;
  boost::json::value value = boost::json::parse(text, error, {}, options);
  if (error) return base::Error{"the body is no JSON"};
  return value;
}

// Cut at the beginning of a character.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0u) == 0x80u) --size;
  text.resize(size);
  return text;
}

object object_or_empty(const object& from, std::string_view key) {
  const boost::json::value* value = from.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : object{};
}

bool read_digits(std::string_view text, std::size_t at, std::size_t count, int& into) {
  if (at + count > text.size()) return false;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, into);
  return error == std::errc{} && end == text.data() + at + count && into >= 0;
}

// RFC 3339; 0 when it is none or before 1970 ("0001-01-01T00:00:00Z" says that it goes on).
TimestampNs read_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!read_digits(text, 0, 4, year) || !read_digits(text, 5, 2, month) ||
      !read_digits(text, 8, 2, day) || !read_digits(text, 11, 2, hour) ||
      !read_digits(text, 14, 2, minute) || !read_digits(text, 17, 2, second)) {
    return 0;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 || second > 60) return 0;
  std::int64_t seconds = std::chrono::sys_days(date).time_since_epoch().count() * 86'400LL +
                         hour * 3'600 + minute * 60 + second;
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    do ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9');
  }
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    int hours = 0, minutes = 0;
    if (!read_digits(text, at + 1, 2, hours) || !read_digits(text, at + 4, 2, minutes)) return 0;
    seconds += (text[at] == '+' ? -1 : 1) * (hours * 3'600 + minutes * 60);
  }
  return seconds < 0 ? 0 : static_cast<TimestampNs>(seconds) * 1'000'000'000;
}

std::string fingerprint(std::string_view text) {
  return base::to_hex(base::digest(base::as_bytes(text))).substr(0, 16);
}

std::string first_of(const object& from, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (std::string text = desk::text_or(from, key); !text.empty()) return text;
  }
  return {};
}

watch::Evidence alert_evidence(const object& alert, std::string_view group_status,
                               TimestampNs now_ns) {
  const object labels = object_or_empty(alert, "labels");
  const object annotations = object_or_empty(alert, "annotations");
  const TimestampNs ends_ns = read_time(desk::text_or(alert, "endsAt"));
  std::string status = desk::text_or(alert, "status", group_status);
  if (status.empty()) status = ends_ns != 0 && ends_ns <= now_ns ? "resolved" : "firing";
  const bool is_resolved = status == "resolved";
  const std::string starts = desk::text_or(alert, "startsAt");
  std::string name = desk::text_or(labels, "alertname");
  if (name.empty()) name = "alert";
  watch::Evidence evidence;
  evidence.kind = watch::EvidenceKind::alert;
  evidence.id = fmt::format("alert/{}/{}", fingerprint(boost::json::serialize(labels) + starts),
                            is_resolved ? "resolved" : "firing");
  evidence.source = "alertmanager";
  evidence.entity =
      cut(first_of(labels, {"okiagari_entity", "instance", "node", "job"}), kNameBytesMax);
  if (evidence.entity.empty()) evidence.entity = "market";
  evidence.signal = is_resolved ? watch::signal::alert_resolved : watch::signal::alert_firing;
  evidence.from_ns = is_resolved ? (ends_ns == 0 ? now_ns : ends_ns) : read_time(starts);
  if (evidence.from_ns == 0 || evidence.from_ns > now_ns) evidence.from_ns = now_ns;
  const std::string summary = first_of(annotations, {"summary", "description", "message"});
  evidence.statement = cut(summary.empty() ? name : name + ": " + summary, kStatementBytesMax);
  evidence.reference = cut(desk::text_or(alert, "generatorURL"), kStatementBytesMax);
  return evidence;
}

}  // namespace

base::Result<ForeignAlerts> read_alertmanager(std::string_view text, TimestampNs now_ns) {
  const auto value = parse(text);
  if (!value) return value.error();
  const boost::json::value* list = &value.value();
  std::string group_status;
  if (list->is_object()) list = list->get_object().if_contains("alerts");
  if (list == nullptr || !list->is_array()) return base::Error{"there is no list of alerts"};
  if (list->get_array().size() > kForeignAlertsMax) {
    return base::Error{fmt::format("at most {} alerts at once", kForeignAlertsMax)};
  }
  ForeignAlerts alerts;
  for (const boost::json::value& alert : list->get_array()) {
    if (!alert.is_object()) return base::Error{"an alert is no object"};
    alerts.evidence.push_back(alert_evidence(alert.get_object(), group_status, now_ns));
  }
  return alerts;
}

base::Result<ForeignAlerts> read_pager_event(std::string_view text, TimestampNs now_ns) {
  const auto value = parse(text);
  if (!value) return value.error();
  if (!value.value().is_object()) return base::Error{"an event is no object"};
  const object& event = value.value().get_object();
  const object payload = object_or_empty(event, "payload");
  const std::string action = desk::text_or(event, "event_action");
  if (action != "trigger" && action != "resolve" && action != "acknowledge") {
    return base::Error{"'event_action' is trigger, acknowledge or resolve"};
  }
  ForeignAlerts alerts;
  alerts.key = desk::text_or(event, "routing_key");
  alerts.dedup_key = cut(desk::text_or(event, "dedup_key"), 255);
  const std::string summary = desk::text_or(payload, "summary");
  if (action == "trigger" && summary.empty()) return base::Error{"'payload.summary' is missing"};
  if (action != "trigger" && alerts.dedup_key.empty()) {
    return base::Error{"'dedup_key' is missing"};
  }
  const std::string at = desk::text_or(payload, "timestamp");
  if (alerts.dedup_key.empty()) alerts.dedup_key = fingerprint(std::string(text));
  if (action == "acknowledge") return alerts;
  watch::Evidence evidence;
  evidence.kind = watch::EvidenceKind::alert;
  evidence.id = fmt::format("pager/{}/{}", fingerprint(alerts.dedup_key + at), action);
  evidence.source = "pager";
  evidence.entity = cut(first_of(payload, {"component", "source"}), kNameBytesMax);
  if (evidence.entity.empty()) evidence.entity = "market";
  evidence.signal =
      action == "resolve" ? watch::signal::alert_resolved : watch::signal::alert_firing;
  evidence.from_ns = read_time(at);
  if (evidence.from_ns == 0 || evidence.from_ns > now_ns) evidence.from_ns = now_ns;
  evidence.statement =
      cut(summary.empty() ? "resolved: " + alerts.dedup_key : summary, kStatementBytesMax);
  evidence.reference = cut(desk::text_or(event, "client_url"), kStatementBytesMax);
  alerts.evidence.push_back(std::move(evidence));
  return alerts;
}

}  // namespace okiagari::web
