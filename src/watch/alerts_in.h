// What other people's systems send when they see something: Alertmanager's webhook (version 4), its
// POST /api/v2/alerts, and PagerDuty's Events API v2. Bodies in, alerts out, as evidence; the door
// they come through is built elsewhere. What we have no use for, Grafana's extras among it, is
// ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct Alert {
  enum class State : std::uint8_t { firing, acknowledged, resolved };
  // The same for every repeat of the same message, and another for its next state: who keeps the
  // keys it has seen takes each message once, however often it is sent.
  std::string key;
  // The same for all messages about one alert.
  std::string fingerprint;
  State state = State::firing;
  std::string name;
  std::string entity;  // from the labels: what it is about
  std::string severity;
  std::string summary;
  TimestampNs starts_ns = 0;  // 0: not said
  TimestampNs ends_ns = 0;
  std::string reference;  // where its origin shows it
};

// Errors name what is wrong in words that can be sent back.
[[nodiscard]] base::Result<std::vector<Alert>> parse_alertmanager_webhook(std::string_view body);
[[nodiscard]] base::Result<std::vector<Alert>> parse_alertmanager_alerts(std::string_view body);
// One event; `deduplication_key` is ours when the sender gave none, from what it sent.
[[nodiscard]] base::Result<Alert> parse_pagerduty_event(std::string_view body);

[[nodiscard]] Observation observation_of(const Alert& alert);

// RFC 3339 as these systems write it; 0001-01-01 means never and is 0. Nothing for what is no time.
[[nodiscard]] bool parse_time(std::string_view text, TimestampNs& into);

}  // namespace okiagari::watch
