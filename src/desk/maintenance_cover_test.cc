// Nobody is called for what was announced; everybody is for what is wider, worse or longer.
#include "desk/maintenance_cover.h"

#include <memory>

#include "desk/components.h"
#include "desk/incidents.h"
#include "desk/maintenances.h"
#include "desk/playbook_runs.h"
#include "desk/test_desk.h"
#include "desk/time_text.h"

namespace okiagari::desk {
namespace {

constexpr TimestampNs kMinute = 60'000'000'000;

class MaintenanceCoverTest : public TestDesk {
 protected:
  MaintenanceCoverTest() : TestDesk(*parse_utc("2026-10-24T00:00")) {
    const Playbook playbook = this->playbook();
    auto& incidents = desk_.add(std::make_unique<Incidents>(playbook.triggers));
    desk_.add(std::make_unique<PlaybookRuns>(playbook, incidents));
    maintenances_ = &desk_.add(std::make_unique<Maintenances>());
    auto& components = desk_.add(std::make_unique<Components>(maintenances_));
    desk_.add(std::make_unique<Paging>(MaintenanceCover(incidents, *maintenances_, components)));
    take_person();
    apply("component.define",
          {{"components",
            {{{"id", "gateway-1"}, {"kind", "order_entry"}, {"name", "gateway 1"}},
             {{"id", "gateway-2"}, {"kind", "order_entry"}, {"name", "gateway 2"}},
             {{"id", "matching"}, {"kind", "matching"}, {"name", "matching"}}}}});
  }
  void plan(const char* component) {
    apply("maintenance.plan",
          {{"title", "new disks"},
           {"components", {component}},
           {"from_ns", now_ + kMinute},
           {"until_ns", now_ + 61 * kMinute}},
          "person:hanako");
    pass(2 * kMinute);
  }

  Maintenances* maintenances_ = nullptr;
};

TEST_F(MaintenanceCoverTest, WhatWasAnnouncedCallsNobodyAndStandsInTheTimeline) {
  plan("gateway-1");
  see("process.gone", "gateway-1");
  EXPECT_EQ(count("incident.opened"), 1);
  EXPECT_EQ(count("page.started"), 0);
  EXPECT_EQ(count("page.silenced"), 1);
}

TEST_F(MaintenanceCoverTest, AnotherComponentThatFailsInTheWindowCallsPeople) {
  plan("gateway-1");
  see("process.gone", "gateway-2");
  EXPECT_EQ(count("page.started"), 1);
}

TEST_F(MaintenanceCoverTest, AnOutageThatGrowsWiderThanAnnouncedCallsPeopleThen) {
  plan("gateway-1");
  see("process.gone", "gateway-1");
  EXPECT_EQ(count("page.started"), 0);
  see("canary.good", "gateway-2");
  EXPECT_EQ(count("page.started"), 0) << "good news is no trouble";
  see("process.gone", "gateway-2");
  EXPECT_EQ(count("page.started"), 1);
}

TEST_F(MaintenanceCoverTest, ASevereIncidentCallsPeopleWhateverWasAnnounced) {
  plan("matching");
  see("process.gone", "node-1");
  EXPECT_EQ(count("page.started"), 0) << "a server of what is maintained";
  apply("incident.sized",
        {{"incident", "inc-1"}, {"facts", {{"can_trade", false}, {"servers_spare", 0}}}});
  EXPECT_EQ(count("page.started"), 1);
  EXPECT_EQ(desk_.part<Paging>()->page_of("inc-1")->severity, 1);
}

TEST_F(MaintenanceCoverTest, WhenTheWindowIsOverAndTheTroubleIsNotPeopleAreCalled) {
  plan("gateway-1");
  see("process.gone", "gateway-1");
  pass(58 * kMinute);
  EXPECT_EQ(count("page.started"), 0);
  pass(3 * kMinute);
  EXPECT_EQ(maintenances_->find("mnt-1")->state, MaintenanceState::verifying);
  EXPECT_EQ(count("page.started"), 1);
}

TEST_F(MaintenanceCoverTest, WhatIsOverInTheWindowCallsNobodyLater) {
  plan("gateway-1");
  see("process.gone", "gateway-1");
  apply("incident.status", {{"incident", "inc-1"}, {"status", "resolved"}}, "person:hanako");
  pass(120 * kMinute);
  EXPECT_EQ(count("page.started"), 0);
}

// London sets its clocks back on 25 October 2026 and forward on 28 March 2027.
TEST_F(MaintenanceCoverTest, AWeeklyWindowKeepsItsHourOnTheWallWhenTheClocksAreSet) {
  apply("maintenance.zone", {{"zone", TimeZone::of_system("Europe/London").value().to_json()}});
  apply("maintenance.plan",
        {{"title", "new disks"},
         {"components", {"gateway-1"}},
         {"from_ns", *parse_utc("2026-10-24T02:00")},
         {"until_ns", *parse_utc("2026-10-24T03:00")},
         {"every_days", 7},
         {"times", 2}},
        "person:hanako");
  pass(181 * kMinute);
  apply("maintenance.complete", {{"maintenance", "mnt-1"}}, "person:hanako");
  const Maintenance& next = *maintenances_->find("mnt-2");
  EXPECT_EQ(utc_text(next.from_ns), "2026-10-31 03:00:00 UTC") << "03:00 in London, as before";
  EXPECT_EQ(utc_text(next.until_ns), "2026-10-31 04:00:00 UTC");
  now_ = *parse_utc("2026-10-31T02:30");
  see("process.gone", "gateway-1");
  EXPECT_EQ(count("page.started"), 1) << "the hour that would be in the window in summer";
  apply("incident.status", {{"incident", "inc-1"}, {"status", "resolved"}}, "person:hanako");
  now_ = *parse_utc("2026-10-31T03:30");
  see("process.gone", "gateway-1");
  EXPECT_EQ(count("page.started"), 1);
  EXPECT_EQ(count("page.silenced"), 1);
}

}  // namespace
}  // namespace okiagari::desk
