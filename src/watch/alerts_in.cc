#include "watch/alerts_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>

#include "base/hash.h"
#include "watch/signal.h"

namespace okiagari::watch {

namespace json = boost::json;

namespace {

constexpr std::size_t kBodyBytesMax = 512u << 10;  // PagerDuty's own bound
constexpr std::size_t kAlertsMax = 1'000;
constexpr std::size_t kTextBytesMax = 1'024;
constexpr std::size_t kDepthMax = 16;

base::Result<json::value> parse(std::string_view body) {
  if (body.size() > kBodyBytesMax) {
    return base::Error{fmt::format("a body of {} bytes; at most {}", body.size(), kBodyBytesMax)};
  }
  json::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code error;
  json::value value = json::parse({body.data(), body.size()}, error, {}, options);
  if (error) return base::Error{fmt::format("no JSON: {}", error.message())};
  return value;
}

const json::object* object_of(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

// Empty when it is not there or no text; cut where it is too long, between characters of UTF-8.
std::string text_of(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  std::string_view text = value->get_string();
  if (text.size() > kTextBytesMax) {
    std::size_t end = kTextBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
    text = text.substr(0, end);
  }
  return std::string(text);
}

std::string first_of(const json::object& from, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    std::string text = text_of(from, key);
    if (!text.empty()) return text;
  }
  return {};
}

std::string fingerprint_of(std::string_view text) {
  return fmt::format("{:016x}", base::hash64(base::as_bytes(text)));
}

// A label set as one text, the same whatever the order in which it came.
std::string canonical(const json::object& labels) {
  std::vector<std::string> pairs;
  for (const auto& pair : labels) {
    pairs.push_back(json::serialize(pair.key()) + "=" + json::serialize(pair.value()));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string text;
  for (const std::string& one : pairs) text += one + ",";
  return text;
}

std::string_view name_of(Alert::State state) {
  return state == Alert::State::firing     ? "firing"
         : state == Alert::State::resolved ? "resolved"
                                           : "acknowledged";
}

Sentence words_of(Alert::State state) {
  const std::string en(name_of(state));
  return {en, state == Alert::State::firing     ? "発報中"
              : state == Alert::State::resolved ? "解消"
                                                : "確認済み"};
}

// Of Alertmanager: the shape that both of its messages have in common.
base::Result<Alert> alert_of(const json::value& value, std::size_t number) {
  const json::object* object = value.if_object();
  if (object == nullptr) return base::Error{fmt::format("alert {} is no object", number)};
  const json::object* labels = object_of(*object, "labels");
  if (labels == nullptr || labels->empty()) {
    return base::Error{fmt::format("alert {} has no labels", number)};
  }
  Alert alert;
  alert.name = text_of(*labels, "alertname");
  alert.severity = text_of(*labels, "severity");
  alert.entity = first_of(*labels, {"entity", "instance", "service", "job"});
  if (const json::object* notes = object_of(*object, "annotations")) {
    alert.summary = first_of(*notes, {"summary", "description", "message"});
  }
  alert.reference = text_of(*object, "generatorURL");
  alert.fingerprint = text_of(*object, "fingerprint");
  if (alert.fingerprint.empty()) alert.fingerprint = fingerprint_of(canonical(*labels));
  for (const auto& [key, into] :
       {std::pair<std::string_view, TimestampNs*>{"startsAt", &alert.starts_ns},
        std::pair<std::string_view, TimestampNs*>{"endsAt", &alert.ends_ns}}) {
    const std::string text = text_of(*object, key);
    if (!text.empty() && !parse_time(text, *into)) {
      return base::Error{fmt::format("alert {}: {} '{}' is no time", number, key, text)};
    }
  }
  return alert;
}

void give_key(Alert& alert) {
  alert.key = fmt::format("{}/{}/{}", alert.fingerprint, alert.starts_ns, name_of(alert.state));
}

template <typename Finish>
base::Result<std::vector<Alert>> alerts_of(const json::array& list, Finish finish) {
  if (list.size() > kAlertsMax) {
    return base::Error{fmt::format("{} alerts; at most {}", list.size(), kAlertsMax)};
  }
  std::vector<Alert> alerts;
  for (const json::value& value : list) {
    auto alert = alert_of(value, alerts.size() + 1);
    if (!alert) return alert.error();
    const base::Status status = finish(alert.value(), value.get_object());
    if (!status) return status.error();
    give_key(alert.value());
    alerts.push_back(std::move(alert.value()));
  }
  return alerts;
}

// The number at that place of a fixed layout; false when there is none.
bool digits(std::string_view text, std::size_t at, std::size_t count, int& into) {
  if (at + count > text.size()) return false;
  const char* begin = text.data() + at;
  const auto [end, error] = std::from_chars(begin, begin + count, into);
  return error == std::errc() && end == begin + count && *begin != '-';
}

}  // namespace

bool parse_time(std::string_view text, TimestampNs& into) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!digits(text, 0, 4, year) || !digits(text, 5, 2, month) || !digits(text, 8, 2, day) ||
      !digits(text, 11, 2, hour) || !digits(text, 14, 2, minute) || !digits(text, 17, 2, second)) {
    return false;
  }
  const bool is_laid_out = text[4] == '-' && text[7] == '-' &&
                           (text[10] == 'T' || text[10] == 't' || text[10] == ' ') &&
                           text[13] == ':' && text[16] == ':';
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!is_laid_out || !date.ok() || hour > 23 || minute > 59 || second > 60) return false;
  std::string_view rest = text.substr(19);
  std::uint64_t fraction_ns = 0;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    std::uint64_t unit_ns = 100'000'000;
    for (; !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; rest.remove_prefix(1)) {
      fraction_ns += unit_ns * static_cast<std::uint64_t>(rest[0] - '0');
      unit_ns /= 10;
    }
  }
  int zone_hours = 0;
  int zone_minutes = 0;
  if (rest != "Z" && rest != "z") {
    const bool is_zone = rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':' &&
                         digits(rest, 1, 2, zone_hours) && digits(rest, 4, 2, zone_minutes);
    if (!is_zone) return false;
  }
  const std::int64_t zone_s =
      (rest[0] == '-' ? -1 : 1) * (std::int64_t{zone_hours} * 3'600 + zone_minutes * 60);
  const std::int64_t seconds =
      std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400} + hour * 3'600 +
      minute * 60 + second - zone_s;
  // The zero time of Go, with which Alertmanager says "not yet".
  constexpr std::int64_t kLastSecond = 18'000'000'000;  // what fits 64 bits of nanoseconds
  into = seconds < 0 || seconds > kLastSecond
             ? 0
             : static_cast<TimestampNs>(seconds) * 1'000'000'000 + fraction_ns;
  return true;
}

base::Result<std::vector<Alert>> parse_alertmanager_webhook(std::string_view body) {
  auto parsed = parse(body);
  if (!parsed) return parsed.error();
  const json::object* root = parsed.value().if_object();
  if (root == nullptr) return base::Error{"a webhook's body is an object"};
  const json::value* version = root->if_contains("version");
  // Grafana sends "1" and is otherwise the same.
  const bool is_known = version != nullptr && version->is_string() &&
                        (version->get_string() == "4" || version->get_string() == "1");
  if (!is_known) return base::Error{"'version' must be \"4\""};
  const json::value* list = root->if_contains("alerts");
  if (list == nullptr || !list->is_array()) return base::Error{"'alerts' must be an array"};
  const std::string group = text_of(*root, "groupKey");
  return alerts_of(list->get_array(), [&](Alert& alert, const json::object& from) -> base::Status {
    const std::string status = text_of(from, "status");
    if (status != "firing" && status != "resolved") {
      return base::Error{"an alert's 'status' is firing or resolved"};
    }
    alert.state = status == "firing" ? Alert::State::firing : Alert::State::resolved;
    // The sender's identity of a message is of its group, too.
    if (!group.empty()) alert.fingerprint += "-" + fingerprint_of(group);
    return {};
  });
}

base::Result<std::vector<Alert>> parse_alertmanager_alerts(std::string_view body) {
  auto parsed = parse(body);
  if (!parsed) return parsed.error();
  const json::array* list = parsed.value().if_array();
  if (list == nullptr) return base::Error{"the body must be an array of alerts"};
  return alerts_of(*list, [](Alert& alert, const json::object&) -> base::Status {
    const TimestampNs now_ns = net::Loop::wall_ns();
    const bool is_over = alert.ends_ns != 0 && alert.ends_ns <= now_ns;
    alert.state = is_over ? Alert::State::resolved : Alert::State::firing;
    return {};
  });
}

base::Result<Alert> parse_pagerduty_event(std::string_view body) {
  constexpr std::size_t kKeyCharactersMax = 255;
  auto parsed = parse(body);
  if (!parsed) return parsed.error();
  const json::object* root = parsed.value().if_object();
  if (root == nullptr) return base::Error{"an event is an object"};
  const std::string routing = text_of(*root, "routing_key");
  if (routing.size() != 32) return base::Error{"'routing_key' has 32 characters"};
  const std::string action = text_of(*root, "event_action");
  Alert alert;
  if (action == "trigger") {
    alert.state = Alert::State::firing;
  } else if (action == "acknowledge") {
    alert.state = Alert::State::acknowledged;
  } else if (action == "resolve") {
    alert.state = Alert::State::resolved;
  } else {
    return base::Error{"'event_action' is trigger, acknowledge or resolve"};
  }
  const std::string given = text_of(*root, "dedup_key");
  if (given.size() > kKeyCharactersMax)
    return base::Error{"'dedup_key' has at most 255 characters"};
  if (const json::object* payload = object_of(*root, "payload")) {
    alert.summary = text_of(*payload, "summary");
    alert.severity = text_of(*payload, "severity");
    alert.entity = first_of(*payload, {"component", "source"});
    alert.name = first_of(*payload, {"class", "group"});
    const std::string time = text_of(*payload, "timestamp");
    // Its time is free text in practice; what is none is left out.
    if (!time.empty()) (void)parse_time(time, alert.starts_ns);
  }
  if (alert.state == Alert::State::firing) {
    constexpr std::string_view kSeverities[] = {"critical", "error", "warning", "info"};
    const bool is_severity = std::find(std::begin(kSeverities), std::end(kSeverities),
                                       alert.severity) != std::end(kSeverities);
    if (alert.summary.empty()) return base::Error{"'payload.summary' is missing"};
    if (alert.entity.empty()) return base::Error{"'payload.source' is missing"};
    if (!is_severity) return base::Error{"'payload.severity' is critical, error, warning or info"};
  } else if (given.empty()) {
    return base::Error{"'dedup_key' is needed to acknowledge or resolve"};
  }
  alert.reference = text_of(*root, "client_url");
  alert.fingerprint = given.empty() ? fingerprint_of(body) : fingerprint_of(routing + given);
  give_key(alert);
  return alert;
}

Observation observation_of(const Alert& alert) {
  const bool is_over = alert.state == Alert::State::resolved;
  Sentence what = alert.name.empty() ? Sentence("an alert", "名前のない警報") : both(alert.name);
  if (!alert.severity.empty()) what += said(" ({})", "（{}）", alert.severity);
  return {.kind = EvidenceKind::alert,
          .entity = alert.entity.empty() ? "market" : alert.entity,
          .signal = is_over ? signal::alert_resolved : signal::alert_firing,
          .statement = said("{} is {}{}{}", "{}は{}{}{}", what, words_of(alert.state),
                            alert.summary.empty() ? "" : ": ", alert.summary),
          .from_ns = alert.starts_ns,
          .until_ns = is_over ? alert.ends_ns : 0,
          .reference = alert.reference.empty() ? alert.fingerprint : alert.reference};
}

}  // namespace okiagari::watch
