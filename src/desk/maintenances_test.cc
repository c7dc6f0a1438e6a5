// Planned work from its announcement to the word that all is well, and what it does to components.
#include "desk/maintenances.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "desk/components.h"
#include "desk/desk.h"

namespace okiagari::desk {
namespace {

constexpr TimestampNs kHour = 3'600'000'000'000;
constexpr TimestampNs kStart = 1'800'000'000'000'000'000;

class MaintenancesTest : public ::testing::Test {
 protected:
  MaintenancesTest() {
    maintenances_ = &desk_.add(std::make_unique<Maintenances>());
    components_ = &desk_.add(std::make_unique<Components>(maintenances_));
    EXPECT_TRUE(
        apply("component.define", {{"components", {{{"id", "matching"}, {"name", "Matching"}}}}})
            .ok());
    EXPECT_TRUE(
        apply("component.measured", {{"component", "matching"}, {"state", "operational"}}, "watch")
            .ok());
  }
  base::Status apply(const std::string& type, boost::json::object body,
                     const std::string& by = "person:hanako") {
    Entry entry;
    entry.type = type;
    entry.by = by;
    entry.at_ns = kStart + now_;
    entry.body = std::move(body);
    return desk_.apply(entry, ++index_);
  }
  base::Status plan(boost::json::object more = {}) {
    boost::json::object body{{"title", "new disks"},
                             {"components", {"matching"}},
                             {"from_ns", kStart + kHour},
                             {"until_ns", kStart + 2 * kHour}};
    for (const auto& member : more) body[member.key()] = member.value();
    return apply("maintenance.plan", std::move(body));
  }
  void pass_to(TimestampNs at) {
    now_ = at;
    ASSERT_TRUE(apply("desk.tick", {}, "desk").ok());
  }
  [[nodiscard]] std::string shown() const {
    return std::string(to_string(components_->shown(*components_->find("matching"))));
  }
  [[nodiscard]] int count(const std::string& kind) const {
    int found = 0;
    for (const TimelineItem& item : desk_.timeline().items()) found += item.kind == kind ? 1 : 0;
    return found;
  }

  Desk desk_;
  Maintenances* maintenances_ = nullptr;
  Components* components_ = nullptr;
  TimestampNs now_ = 0;
  std::uint64_t index_ = 0;
};

TEST_F(MaintenancesTest, BeginsByItselfShowsOnItsComponentsAndEndsOnlyWhenAPersonSaysSo) {
  ASSERT_TRUE(plan().ok());
  EXPECT_FALSE(maintenances_->is_under_way("matching"));
  pass_to(kHour);
  EXPECT_EQ(shown(), "under_maintenance");
  EXPECT_TRUE(maintenances_->is_under_way("matching"));
  EXPECT_FALSE(maintenances_->is_under_way("feed"));
  pass_to(2 * kHour);
  EXPECT_EQ(maintenances_->find("mnt-1")->state, MaintenanceState::verifying);
  EXPECT_EQ(shown(), "under_maintenance") << "over by the clock, but nobody has looked";
  pass_to(3 * kHour);
  EXPECT_EQ(count("maintenance.overdue"), 1);
  ASSERT_TRUE(apply("maintenance.complete", {{"maintenance", "mnt-1"}}).ok());
  EXPECT_EQ(shown(), "operational");
  EXPECT_FALSE(apply("maintenance.cancel", {{"maintenance", "mnt-1"}}).ok());
}

TEST_F(MaintenancesTest, WhatIsRefusedIsRefusedWithAReason) {
  EXPECT_FALSE(plan({{"until_ns", kStart}}).ok());
  EXPECT_FALSE(plan({{"from_ns", kStart - kHour}}).ok());
  EXPECT_FALSE(plan({{"title", nullptr}}).ok());
  EXPECT_FALSE(plan({{"every_days", 1}, {"until_ns", kStart + 30 * kHour}}).ok());
  EXPECT_FALSE(apply("maintenance.plan", {{"title", "x"}}, "watch").ok());
  EXPECT_TRUE(maintenances_->all().empty());
}

TEST_F(MaintenancesTest, AMovedOneHasAHigherSequenceAndOneThatBeganIsNotMoved) {
  ASSERT_TRUE(plan().ok());
  const boost::json::object later{
      {"maintenance", "mnt-1"}, {"from_ns", kStart + 5 * kHour}, {"until_ns", kStart + 6 * kHour}};
  ASSERT_TRUE(apply("maintenance.move", later).ok());
  EXPECT_EQ(maintenances_->find("mnt-1")->changes, 1u);
  pass_to(2 * kHour);
  EXPECT_EQ(maintenances_->find("mnt-1")->state, MaintenanceState::scheduled);
  pass_to(5 * kHour);
  EXPECT_FALSE(apply("maintenance.move", later).ok());
}

TEST_F(MaintenancesTest, ARecurringOneIsPlannedAgainWhenItIsOver) {
  ASSERT_TRUE(plan({{"every_days", 7}, {"times", 2}}).ok());
  pass_to(2 * kHour);
  ASSERT_TRUE(apply("maintenance.complete", {{"maintenance", "mnt-1"}}).ok());
  ASSERT_NE(maintenances_->find("mnt-2"), nullptr);
  EXPECT_EQ(maintenances_->find("mnt-2")->from_ns, kStart + (7 * 24 + 1) * kHour);
  pass_to((7 * 24 + 2) * kHour);
  ASSERT_TRUE(apply("maintenance.complete", {{"maintenance", "mnt-2"}}).ok());
  EXPECT_EQ(maintenances_->find("mnt-3"), nullptr);
}

TEST_F(MaintenancesTest, ARobotNeverUndoesWhatAPersonSetAndAPersonsWordRunsOut) {
  boost::json::object set{{"component", "matching"},
                          {"state", "partial_outage"},
                          {"reason", "members report refusals"},
                          {"until_ns", kStart + kHour}};
  EXPECT_FALSE(apply("component.set", set, "watch").ok());
  ASSERT_TRUE(apply("component.set", set).ok());
  ASSERT_TRUE(
      apply("component.measured", {{"component", "matching"}, {"state", "operational"}}, "watch")
          .ok());
  EXPECT_FALSE(apply("component.clear", {{"component", "matching"}}, "watch").ok());
  EXPECT_EQ(shown(), "partial_outage");
  pass_to(kHour);
  EXPECT_EQ(shown(), "operational");
  EXPECT_EQ(count("component.ran_out"), 1);
  set.erase("until_ns");
  EXPECT_FALSE(apply("component.set", set).ok()) << "for ever is too long";
}

}  // namespace
}  // namespace okiagari::desk
