// What the public page shows of a market that is watched: changes that last, said once each, and
// never over a person's word.
#include "desk/component_measures.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <vector>

#include "desk/desk.h"
#include "desk/halts.h"
#include "desk/incidents.h"

namespace okiagari::desk {
namespace {

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kStart = 1'800'000'000 * kSecond;

// A desk without a log: what is submitted is applied at once.
class DirectDesk final : public DeskPort {
 public:
  DirectDesk() {
    desk_.add(std::make_unique<Incidents>(std::vector<Trigger>{}));
    desk_.add(std::make_unique<Components>());
    desk_.add(std::make_unique<Halts>());
  }
  [[nodiscard]] const Desk& desk() const override { return desk_; }
  [[nodiscard]] bool leads() const override { return is_leading; }
  [[nodiscard]] std::string leader_url() const override { return {}; }
  void submit(Entry entry, OnAnswer) override {
    entry.at_ns = kStart + now_ms * 1'000'000;
    submitted.push_back(entry.type);
    const base::Status status = desk_.apply(entry, ++index_);
    EXPECT_TRUE(status.ok()) << status.error().message;
  }
  [[nodiscard]] boost::json::object live_picture() const override { return {}; }

  bool is_leading = true;
  std::uint64_t now_ms = 1'000;
  std::vector<std::string> submitted;

 private:
  Desk desk_;
  std::uint64_t index_ = 0;
};

class ComponentMeasuresTest : public ::testing::Test {
 protected:
  ComponentMeasuresTest() : measures_(port_, MeasureLimits{}) {
    boost::json::array components;
    for (const auto& [id, kind] :
         {std::pair{"gateway-1", "order_entry"}, std::pair{"gateway-2", "order_entry"},
          std::pair{"matching", "matching"}, std::pair{"feed", "market_data"}}) {
      components.push_back({{"id", id}, {"kind", kind}, {"name", id}});
    }
    components.push_back(
        {{"id", "bonds"}, {"kind", "matching"}, {"name", "bonds"}, {"of", "segment 2"}});
    apply("component.define", {{"components", std::move(components)}}, "desk");
    picture_.leader = 1;
    picture_.has_canary = true;
    for (NodeId node = 1; node <= 3; ++node) {
      watch::Picture::Server& server = picture_.servers.emplace_back();
      server.node = node;
      server.state = "alive";
    }
    for (GatewayId gateway = 1; gateway <= 2; ++gateway) {
      watch::Picture::Gateway& place = picture_.gateways.emplace_back();
      place.gateway = gateway;
      place.state = "alive";
      place.is_serving = true;
      place.acknowledged_ms = place.median_ms = 1;
      place.orders = place.answers = 10;
    }
  }
  void apply(const char* type, boost::json::object body, const char* by) {
    Entry entry;
    entry.type = type;
    entry.by = by;
    entry.body = std::move(body);
    port_.submit(std::move(entry), nullptr);
  }
  void see(const char* signal, const char* entity) {
    watch::Evidence evidence;
    evidence.id = "e/" + std::to_string(++evidence_);
    evidence.signal = signal;
    evidence.entity = entity;
    apply("evidence.seen", {{"items", {watch::to_json(evidence)}}}, "watch");
  }
  void pass(std::uint64_t ms) {
    const std::uint64_t end_ms = port_.now_ms + ms;
    for (; port_.now_ms < end_ms; port_.now_ms += 50) measures_.look(picture_, port_.now_ms);
  }
  [[nodiscard]] const Component& component(const char* id) const {
    return *port_.desk().part<Components>()->find(id);
  }
  [[nodiscard]] std::string shown(const char* id) const {
    return std::string(to_string(port_.desk().part<Components>()->shown(component(id))));
  }
  [[nodiscard]] std::size_t measured() const {
    return static_cast<std::size_t>(
        std::count(port_.submitted.begin(), port_.submitted.end(), "component.measured"));
  }

  DirectDesk port_;
  ComponentMeasures measures_;
  watch::Picture picture_;
  int evidence_ = 0;
};

TEST_F(ComponentMeasuresTest, WhatNobodyHasTriedIsUnknownAndWhatPassesIsSaidToWorkOnceEach) {
  EXPECT_EQ(shown("matching"), "unknown");
  pass(60'000);
  for (const char* id : {"gateway-1", "gateway-2", "matching", "feed", "bonds"}) {
    EXPECT_EQ(shown(id), "operational") << id;
  }
  EXPECT_EQ(measured(), 5u) << "a minute without news adds nothing to the log";
}

TEST_F(ComponentMeasuresTest, AFailOverIsNoOutageAndAGatewayThatIsGoneIsOne) {
  pass(3'000);
  picture_.leader = 0;
  pass(1'000);
  picture_.leader = 2;
  pass(3'000);
  EXPECT_EQ(measured(), 5u);
  picture_.gateways[0].state = "gone";
  picture_.gateways[0].is_serving = false;
  pass(2'000);
  EXPECT_EQ(shown("gateway-1"), "major_outage");
  EXPECT_EQ(component("gateway-1").measured_reason.ja, "ゲートウェイが停止");
  EXPECT_EQ(shown("gateway-2"), "operational");
  EXPECT_EQ(shown("matching"), "operational");
}

TEST_F(ComponentMeasuresTest, OneGoodSecondIsNoRecovery) {
  pass(3'000);
  picture_.leader = 0;
  pass(2'000);
  ASSERT_EQ(shown("matching"), "major_outage");
  const std::size_t said = measured();
  for (int time = 0; time < 5; ++time) {
    picture_.leader = 1;
    pass(1'000);
    picture_.leader = 0;
    pass(100);
  }
  EXPECT_EQ(shown("matching"), "major_outage");
  EXPECT_EQ(measured(), said) << "what flaps is said once";
  picture_.leader = 1;
  pass(5'200);
  EXPECT_EQ(shown("matching"), "operational");
}

TEST_F(ComponentMeasuresTest, ASilentFeedIsLessThanAllAndAllAreNone) {
  pass(3'000);
  see("feed.silent", "feed node-2");
  pass(2'000);
  EXPECT_EQ(shown("feed"), "degraded_performance");
  see("canary.good", "feed node-2");
  pass(6'000);
  EXPECT_EQ(shown("feed"), "operational");
  for (const char* feed : {"feed node-1", "feed node-2", "feed node-3"}) see("feed.silent", feed);
  pass(2'000);
  EXPECT_EQ(shown("feed"), "major_outage");
}

TEST_F(ComponentMeasuresTest, WhatAPersonSetStandsWhateverIsMeasured) {
  pass(3'000);
  apply("component.set",
        {{"component", "matching"},
         {"state", "partial_outage"},
         {"reason", "members report refusals"},
         {"until_ns", kStart + 3'600 * kSecond}},
        "person:hanako");
  picture_.leader = 0;
  pass(3'000);
  picture_.leader = 1;
  pass(9'000);
  EXPECT_EQ(shown("matching"), "partial_outage");
  EXPECT_EQ(component("matching").measured, ComponentState::operational) << "seen beside it";
  apply("component.clear", {{"component", "matching"}}, "person:hanako");
  EXPECT_EQ(shown("matching"), "operational");
}

TEST_F(ComponentMeasuresTest, ANewLeaderSaysAgainOnlyWhatIsDifferent) {
  pass(3'000);
  port_.is_leading = false;
  picture_.gateways[1].state = "frozen";
  pass(3'000);
  EXPECT_EQ(measured(), 5u) << "only the leader measures";
  port_.is_leading = true;
  measures_.begin_to_lead();
  pass(3'000);
  EXPECT_EQ(measured(), 6u);
  EXPECT_EQ(shown("gateway-2"), "major_outage");
}

TEST_F(ComponentMeasuresTest, AHaltShowsOnWhatItStopsAndOnNothingElse) {
  pass(3'000);
  const auto market_says = [&](std::uint64_t stopped, boost::json::array named) {
    apply("halt.seen",
          {{"asked_ns", kStart + port_.now_ms * 1'000'000},
           {"sequence", 9},
           {"instruments", 3},
           {"stopped_count", stopped},
           {"stopped", std::move(named)}},
          "watch");
  };
  market_says(1, {{{"symbol", "JGB10"}, {"segment", 2}, {"state", "cancel only"}}});
  pass(2'000);
  EXPECT_EQ(shown("bonds"), "major_outage");
  EXPECT_EQ(shown("matching"), "partial_outage");
  EXPECT_EQ(shown("gateway-1"), "operational");
  market_says(3, {});
  pass(2'000);
  EXPECT_EQ(shown("matching"), "major_outage");
  EXPECT_EQ(shown("gateway-1"), "partial_outage") << "cancels are taken";
  EXPECT_EQ(shown("feed"), "operational");
  market_says(0, {});
  pass(6'000);
  for (const char* id : {"gateway-1", "matching", "bonds"}) {
    EXPECT_EQ(shown(id), "operational") << id;
  }
}

}  // namespace
}  // namespace okiagari::desk
