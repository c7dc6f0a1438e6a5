#include "watch/alerts_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "watch/signal.h"

namespace okiagari::watch {
namespace {

using testing::HasSubstr;

// As Alertmanager 0.25 sends it, with what Grafana adds.
constexpr std::string_view kWebhook = R"({"receiver":"web\\.hook","status":"firing","orgId":1,
 "alerts":[{"status":"firing","labels":{"alertname":"DiskFull","instance":"node-2:9100",
 "severity":"critical"},"annotations":{"summary":"disk of node-2 is full"},
 "startsAt":"2026-03-01T09:00:00.5+09:00","endsAt":"0001-01-01T00:00:00Z",
 "generatorURL":"http://prometheus/graph","fingerprint":"0123456789abcdef","silenceURL":"x"}],
 "groupLabels":{"alertname":"DiskFull"},"commonLabels":{},"commonAnnotations":{},
 "externalURL":"http://alertmanager","version":"4","groupKey":"{}:{alertname=\"DiskFull\"}",
 "truncatedAlerts":0,"title":"t","message":"m"})";

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string copy(text);
  copy.replace(copy.find(what), what.size(), by);
  return copy;
}

TEST(AlertsIn, WebhookOfAlertmanagerBecomesEvidence) {
  const auto alerts = parse_alertmanager_webhook(kWebhook);
  ASSERT_TRUE(alerts.ok()) << alerts.error().message;
  ASSERT_EQ(alerts.value().size(), 1u);
  const Alert& alert = alerts.value()[0];
  EXPECT_EQ(alert.starts_ns, 1'772'323'200'500'000'000u) << "2026-03-01T00:00:00.5Z";
  EXPECT_EQ(alert.ends_ns, 0u) << "not over";
  const Observation seen = observation_of(alert);
  EXPECT_EQ(seen.signal, signal::alert_firing);
  EXPECT_EQ(seen.entity, "node-2:9100");
  EXPECT_EQ(seen.statement.en, "DiskFull (critical) is firing: disk of node-2 is full");
  EXPECT_EQ(seen.statement.ja, "DiskFull（critical）は発報中: disk of node-2 is full");
  EXPECT_EQ(seen.reference, "http://prometheus/graph");
}

TEST(AlertsIn, RepeatOfAMessageHasTheSameKeyAndItsEndAnother) {
  const auto first = parse_alertmanager_webhook(kWebhook);
  const auto again = parse_alertmanager_webhook(replaced(kWebhook, "\"title\":\"t\",", ""));
  const auto over = parse_alertmanager_webhook(replaced(
      kWebhook, "\"alerts\":[{\"status\":\"firing\"", "\"alerts\":[{\"status\":\"resolved\""));
  ASSERT_TRUE(first.ok() && again.ok() && over.ok());
  EXPECT_EQ(first.value()[0].key, again.value()[0].key);
  EXPECT_NE(first.value()[0].key, over.value()[0].key);
  EXPECT_EQ(first.value()[0].fingerprint, over.value()[0].fingerprint);
}

TEST(AlertsIn, PostedAlertsAreToldApartByTheirLabelsInAnyOrder) {
  const auto one = parse_alertmanager_alerts(R"([{"labels":{"alertname":"A","job":"b"}}])");
  const auto other = parse_alertmanager_alerts(R"([{"labels":{"job":"b","alertname":"A"}}])");
  const auto third = parse_alertmanager_alerts(R"([{"labels":{"job":"c","alertname":"A"}}])");
  ASSERT_TRUE(one.ok() && other.ok() && third.ok());
  EXPECT_EQ(one.value()[0].key, other.value()[0].key);
  EXPECT_NE(one.value()[0].key, third.value()[0].key);
  EXPECT_EQ(one.value()[0].state, Alert::State::firing);
}

TEST(AlertsIn, PostedAlertWhoseEndIsOverIsResolved) {
  const auto alerts = parse_alertmanager_alerts(
      R"([{"labels":{"alertname":"A"},"endsAt":"2020-01-01T00:00:00Z"}])");
  ASSERT_TRUE(alerts.ok());
  EXPECT_EQ(alerts.value()[0].state, Alert::State::resolved);
}

TEST(AlertsIn, PagerDutyEventsOfOneKeyAreOneAlert) {
  const std::string head = R"({"routing_key":"0123456789abcdef0123456789abcdef","dedup_key":"k",)";
  const auto trigger = parse_pagerduty_event(
      head + R"("event_action":"trigger","payload":{"summary":"s","source":"node-1",
                "severity":"error","timestamp":"yesterday"}})");
  const auto acknowledge = parse_pagerduty_event(head + R"("event_action":"acknowledge"})");
  const auto resolve = parse_pagerduty_event(head + R"("event_action":"resolve"})");
  ASSERT_TRUE(trigger.ok()) << trigger.error().message;
  ASSERT_TRUE(acknowledge.ok() && resolve.ok());
  EXPECT_EQ(trigger.value().fingerprint, resolve.value().fingerprint);
  EXPECT_NE(acknowledge.value().key, resolve.value().key);
  EXPECT_EQ(observation_of(trigger.value()).entity, "node-1");
  EXPECT_EQ(observation_of(resolve.value()).signal, signal::alert_resolved);
}

TEST(AlertsIn, WhatIsWrongIsSaidInWords) {
  const auto wrong = [](auto&& result) { return result.ok() ? "" : result.error().message; };
  EXPECT_THAT(wrong(parse_alertmanager_webhook("[")), HasSubstr("no JSON"));
  EXPECT_THAT(wrong(parse_alertmanager_webhook(R"({"version":"3","alerts":[]})")),
              HasSubstr("version"));
  EXPECT_THAT(wrong(parse_alertmanager_alerts(R"([{"labels":{}}])")), HasSubstr("no labels"));
  EXPECT_THAT(wrong(parse_alertmanager_alerts(R"([{"labels":{"a":"b"},"startsAt":"soon"}])")),
              HasSubstr("'soon' is no time"));
  EXPECT_THAT(wrong(parse_alertmanager_alerts(std::string(600'000, ' '))), HasSubstr("at most"));
  EXPECT_THAT(wrong(parse_pagerduty_event(R"({"routing_key":"x"})")), HasSubstr("32 characters"));
}

TEST(AlertsIn, TimesThatAreNoneAreFound) {
  TimestampNs time = 0;
  for (const char* text :
       {"", "2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T00:00:00",
        "2026-03-01T00:00:00+9:00", "2026/03/01T00:00:00Z", "-026-03-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(text, time)) << text;
  }
}

}  // namespace
}  // namespace okiagari::watch
