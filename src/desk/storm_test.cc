// A thousand alerts in a second are one incident, one call and a timeline that a person can read;
// and every one of them is in it.
#include "desk/storm.h"

#include <memory>

#include "desk/incidents.h"
#include "desk/playbook_runs.h"
#include "desk/test_desk.h"

namespace okiagari::desk {
namespace {

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kStart = 1'800'000'000 * kSecond;

class StormTest : public TestDesk {
 protected:
  StormTest() : TestDesk(kStart) {
    const Playbook playbook = this->playbook();
    incidents_ = &desk_.add(std::make_unique<Incidents>(playbook.triggers));
    desk_.add(std::make_unique<PlaybookRuns>(playbook, *incidents_));
    desk_.add(std::make_unique<Paging>());
    take_person();
  }
  void alerts(int count) {
    for (int at = 0; at < count; ++at) {
      now_ += kSecond / 1'000;
      see("alert.firing", "host-" + std::to_string(at), watch::EvidenceKind::alert);
    }
  }
  [[nodiscard]] std::int64_t summed(const char* signal) const {
    std::int64_t sum = 0;
    for (const TimelineItem& item : desk_.timeline().items()) {
      if (item.kind != "evidence.counted") continue;
      sum += number_or(item.data.at("counts").get_object(), signal, 0);
    }
    return sum;
  }

  Incidents* incidents_ = nullptr;
};

TEST_F(StormTest, AThousandAlertsAreOneIncidentOneCallAndEachIsToldOrCounted) {
  see("process.gone", "node-1");
  alerts(1'000);
  EXPECT_EQ(incidents_->all().size(), 1u);
  EXPECT_EQ(count("page.started"), 1);
  EXPECT_EQ(count("evidence.alert.firing"), static_cast<int>(Storm::kToldMax) - 1);
  EXPECT_EQ(count("evidence.storm"), 1);
  pass(10 * kSecond);
  EXPECT_EQ(count("evidence.alert.firing") + summed("alert.firing"), 1'000);
  EXPECT_EQ(incidents_->find("inc-1")->evidence.size(), 1'001u) << "what causes are sought in";
  EXPECT_EQ(incidents_->find("inc-1")->counted, 901u);
  alerts(3);
  EXPECT_EQ(count("evidence.alert.firing"), static_cast<int>(Storm::kToldMax) + 2)
      << "a new window tells again";
}

TEST_F(StormTest, WhatOpensIncidentsOrWasTriedFromOutsideIsNeverInASum) {
  see("process.gone", "node-1");
  alerts(500);
  see("canary.fail_over_observed", "market", watch::EvidenceKind::probe);
  see("cluster.quorum_lost", "market");
  see("change.operator_command", "market", watch::EvidenceKind::change);
  EXPECT_EQ(count("incident.path_observed"), 1);
  EXPECT_EQ(count("evidence.cluster.quorum_lost"), 1);
  EXPECT_EQ(count("evidence.change.operator_command"), 1);
  EXPECT_EQ(incidents_->find("inc-1")->severity, 1);
}

TEST_F(StormTest, AStormThatGoesOnIsToldOnceInTenSecondsAndNothingIsLostBetween) {
  for (int second = 0; second < 60; ++second) alerts(1'000);
  pass(10 * kSecond);
  EXPECT_EQ(count("evidence.alert.firing") + summed("alert.firing"), 60'000);
  EXPECT_LE(desk_.timeline().items().size(), 1'000u);
}

}  // namespace
}  // namespace okiagari::desk
