// The desk's state machine as a whole: an outage from its first evidence to the default action when
// nobody decides, told by entries alone.
#include "desk/desk.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "base/signature.h"
#include "desk/approvals.h"
#include "desk/halts.h"
#include "desk/incidents.h"
#include "desk/playbook_runs.h"
#include "test_places.h"

namespace okiagari::desk {
namespace {

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kStart = 1'800'000'000 * kSecond;

class DeskTest : public ::testing::Test {
 protected:
  DeskTest() {
    auto playbook = load_playbook(OKIAGARI_SOURCE_DIR "/config/playbook.toml");
    EXPECT_TRUE(playbook.ok()) << (playbook.ok() ? "" : playbook.error().message);
    desk_ = std::make_unique<Desk>();
    auto& incidents = desk_->add(std::make_unique<Incidents>(playbook.value().triggers));
    desk_->add(std::make_unique<PlaybookRuns>(playbook.value(), incidents));
    desk_->add(std::make_unique<Halts>());
    desk_->add(std::make_unique<Approvals>());
  }

  base::Status apply(const std::string& type, boost::json::object body,
                     const std::string& by = "desk", const std::string& request = "") {
    Entry entry;
    entry.type = type;
    entry.by = by;
    entry.request = request;
    entry.at_ns = kStart + now_;
    entry.body = std::move(body);
    return desk_->apply(entry, ++index_);
  }
  base::Status see(const std::string& id, const std::string& signal, const std::string& entity,
                   bool self_reported = false) {
    watch::Evidence evidence;
    evidence.id = id;
    evidence.signal = signal;
    evidence.entity = entity;
    evidence.source = "desk";
    evidence.from_ns = kStart + now_;
    evidence.self_reported = self_reported;
    return apply("evidence.seen", {{"items", {watch::to_json(evidence)}}}, "watch");
  }
  base::Status size(bool can_trade, int servers_hit = 1) {
    return apply(
        "incident.sized",
        {{"incident", "inc-1"},
         {"facts",
          {{"can_trade", can_trade}, {"servers_hit_count", servers_hit}, {"servers_spare", 1}}}});
  }
  [[nodiscard]] int count(const std::string& kind) const {
    int found = 0;
    for (const TimelineItem& item : desk_->timeline().items()) found += item.kind == kind;
    return found;
  }
  [[nodiscard]] const Incident& incident() const {
    return *desk_->part<Incidents>()->find("inc-1");
  }

  std::unique_ptr<Desk> desk_;
  TimestampNs now_ = 0;
  std::uint64_t index_ = 0;
};

TEST_F(DeskTest, EvidenceFromOutsideOpensAnIncidentAndWhatAComponentSaysOfItselfDoesNot) {
  ASSERT_TRUE(see("a", "process.gone", "node-1", true).ok());
  EXPECT_EQ(count("incident.opened"), 0);
  ASSERT_TRUE(see("b", "process.gone", "node-1").ok());
  EXPECT_EQ(count("incident.opened"), 1);
  ASSERT_TRUE(see("c", "cluster.leader_changed", "market").ok());
  ASSERT_TRUE(see("c", "cluster.leader_changed", "market").ok());
  // What was seen just before belongs to it, whoever said it.
  EXPECT_EQ(incident().evidence, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(DeskTest, WhenNobodyDecidesTheMarketIsHaltedByItself) {
  ASSERT_TRUE(see("a", "cluster.quorum_lost", "market").ok());
  ASSERT_TRUE(size(false, 2).ok());
  EXPECT_EQ(incident().severity, 1);
  now_ = 59 * kSecond;
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("halt.ordered"), 0);
  EXPECT_EQ(desk_->next_due_ns(), kStart + 60 * kSecond);
  now_ = 61 * kSecond;
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("halt.ordered"), 1);
  const Effect* by_log = desk_->outbox().find("halt/1/log");
  const Effect* by_guard = desk_->outbox().find("halt/1/guard");
  ASSERT_NE(by_log, nullptr);
  ASSERT_NE(by_guard, nullptr);
  EXPECT_EQ(by_log->added_ns, kStart + 60 * kSecond) << "due at its own time, not at the tick's";
  ASSERT_TRUE(apply("effect.failed", {{"key", "halt/1/log"}, {"outcome", "no leader"}}).ok());
  EXPECT_EQ(count("halt.in_effect"), 0);
  ASSERT_TRUE(apply("effect.done", {{"key", "halt/1/guard"}, {"outcome", "2 gateways"}}).ok());
  EXPECT_EQ(count("halt.in_effect"), 1);
}

TEST_F(DeskTest, APersonWhoHaltsInTimeLeavesNothingToTheDefault) {
  ASSERT_TRUE(see("a", "cluster.quorum_lost", "market").ok());
  ASSERT_TRUE(size(false, 2).ok());
  ASSERT_TRUE(
      apply("halt.order", {{"incident", "inc-1"}, {"reason", "no quorum"}}, "person:hanako").ok());
  ASSERT_TRUE(apply("effect.done", {{"key", "halt/1/log"}, {"outcome", "position 7"}}).ok());
  now_ = 600 * kSecond;
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("halt.ordered"), 1);
}

TEST_F(DeskTest, MoreTimeNeedsTwoPeople) {
  ASSERT_TRUE(see("a", "cluster.quorum_lost", "market").ok());
  ASSERT_TRUE(size(false, 2).ok());
  const boost::json::object more{
      {"incident", "inc-1"}, {"step", "halt"}, {"seconds", 120}, {"reason", "DR is coming up"}};
  ASSERT_TRUE(apply("playbook.extend", more, "person:hanako").ok());
  EXPECT_FALSE(apply("playbook.extend", more, "person:hanako").ok());
  EXPECT_EQ(desk_->next_due_ns(), kStart + 30 * kSecond);
  ASSERT_TRUE(apply("playbook.extend", more, "person:taro").ok());
  now_ = 179 * kSecond;
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("halt.ordered"), 0);
  now_ = 181 * kSecond;
  ASSERT_TRUE(apply("desk.tick", {}).ok());
  EXPECT_EQ(count("halt.ordered"), 1);
}

TEST_F(DeskTest, WhatAPersonSetIsNotUndoneByARobot) {
  ASSERT_TRUE(see("a", "process.gone", "node-1").ok());
  ASSERT_TRUE(apply("incident.severity",
                    {{"incident", "inc-1"}, {"severity", 2}, {"reason", "the press is here"}},
                    "person:hanako")
                  .ok());
  ASSERT_TRUE(size(true).ok());
  EXPECT_EQ(incident().severity, 2);
  EXPECT_EQ(incident().measured_severity, 3);
}

TEST_F(DeskTest, MergedIncidentsCanBeSplitAgain) {
  ASSERT_TRUE(see("a", "process.gone", "node-1").ok());
  ASSERT_TRUE(see("b", "edge.connections_high", "gateway-2").ok());
  ASSERT_TRUE(apply("incident.split",
                    {{"incident", "inc-1"}, {"evidence", {"b"}}, {"title", "a flood"}},
                    "person:taro")
                  .ok());
  const Incidents& incidents = *desk_->part<Incidents>();
  EXPECT_EQ(incidents.find("inc-2")->evidence, std::vector<std::string>{"b"});
  EXPECT_EQ(incident().evidence, std::vector<std::string>{"a"});
  ASSERT_TRUE(
      apply("incident.merge", {{"incident", "inc-2"}, {"into", "inc-1"}}, "person:taro").ok());
  EXPECT_EQ(incident().evidence, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(apply("incident.split", {{"incident", "inc-1"}, {"evidence", {"x"}}, {"title", "y"}},
                     "person:taro")
                   .ok());
  EXPECT_EQ(count("refused"), 1);
}

TEST_F(DeskTest, AClockThatIsSetBackDoesNotTurnTheDesk) {
  now_ = 100 * kSecond;
  ASSERT_TRUE(see("a", "process.gone", "node-1").ok());
  now_ = 10 * kSecond;
  ASSERT_TRUE(size(true).ok());
  EXPECT_EQ(desk_->now_ns(), kStart + 100 * kSecond);
  TimestampNs last = 0;
  for (const TimelineItem& item : desk_->timeline().items()) {
    EXPECT_GE(item.at_ns, last);
    last = item.at_ns;
  }
}

TEST_F(DeskTest, ARepeatedRequestGetsTheFirstAnswerAndChangesNothing) {
  ASSERT_TRUE(apply("incident.open", {{"title", "x"}}, "person:taro", "r-1").ok());
  ASSERT_TRUE(apply("incident.open", {{"title", "x"}}, "person:taro", "r-1").ok());
  EXPECT_EQ(count("incident.opened"), 1);
  EXPECT_FALSE(apply("incident.open", {}, "person:taro", "r-2").ok());
  EXPECT_FALSE(apply("incident.open", {{"title", "x"}}, "person:taro", "r-2").ok());
}

TEST_F(DeskTest, AnItemTakenOutOfTheTimelineShows) {
  ASSERT_TRUE(see("a", "process.gone", "node-1").ok());
  std::vector<TimelineItem> items = desk_->timeline().items();
  ASSERT_GE(items.size(), 3u);
  EXPECT_EQ(Timeline::first_broken(items), 0u);
  items[1].words.en = "nothing happened";
  EXPECT_EQ(Timeline::first_broken(items), 2u);
  items = desk_->timeline().items();
  items.erase(items.begin() + 1);
  EXPECT_EQ(Timeline::first_broken(items), 2u);
}

TEST_F(DeskTest, TheLastStepOfAMailIsNotRepeatedByTheNextLeader) {
  struct Sender final : Part {
    [[nodiscard]] std::vector<std::string_view> words() const override { return {"test"}; }
    base::Status apply(const Entry& entry, Context& context) override {
      if (entry.what() == "effect") return {};
      for (const bool repeat_is_safe : {true, false}) {
        Effect effect;
        effect.key = repeat_is_safe ? "hook" : "mail";
        effect.owner = "test";
        effect.repeat_is_safe = repeat_is_safe;
        context.outbox.add(std::move(effect), context);
      }
      return {};
    }
    [[nodiscard]] boost::json::value view() const override { return {}; }
  };
  desk_->add(std::make_unique<Sender>());
  ASSERT_TRUE(apply("test.send", {}).ok());
  ASSERT_TRUE(apply("test.send", {}).ok());
  EXPECT_EQ(desk_->outbox().ready(kNever, 10).size(), 2u);
  ASSERT_TRUE(apply("effect.begun", {{"key", "hook"}}).ok());
  ASSERT_TRUE(apply("effect.begun", {{"key", "mail"}}).ok());
  ASSERT_TRUE(apply("effect.taken_over", {}).ok());
  ASSERT_EQ(desk_->outbox().ready(kNever, 10).size(), 1u);
  EXPECT_EQ(desk_->outbox().ready(kNever, 10)[0]->key, "hook");
  EXPECT_EQ(desk_->outbox().find("mail")->state, EffectState::unknown);
  EXPECT_EQ(count("effect.unknown"), 1);
}

class ApprovalsTest : public DeskTest {
 protected:
  ApprovalsTest() {
    boost::json::array operators;
    for (std::uint16_t id = 1; id <= 3; ++id) {
      std::array<std::byte, 32> seed{};
      seed[0] = static_cast<std::byte>(id);
      keys_.push_back(base::key_pair_from_seed(seed));
      operators.push_back({{"id", id},
                           {"name", "o"},
                           {"public_key", base::to_hex(keys_.back().public_key)},
                           {"stop_only", id == 3}});
    }
    EXPECT_TRUE(apply("approval.operators", {{"operators", operators}}).ok());
    EXPECT_TRUE(apply("approval.propose",
                      {{"kind", "market_act"},
                       {"digest", base::to_hex(digest_)},
                       {"payload", "00"},
                       {"words", {{"en", "reopen"}, {"ja", "再開"}}}},
                      "person:hanako")
                    .ok());
  }
  base::Status sign(std::uint16_t id, const std::string& by, base::Bytes over, int proposal = 1) {
    const base::Signature signature = base::sign(over, keys_[id - 1].secret_key);
    return apply("approval.sign",
                 {{"proposal", proposal}, {"operator", id}, {"signature", base::to_hex(signature)}},
                 by);
  }
  base::Digest digest_ = base::digest(base::as_bytes("the act"));
  std::vector<base::KeyPair> keys_;
};

TEST_F(ApprovalsTest, TwoDifferentPeopleWithTwoDifferentKeysLetItHappen) {
  ASSERT_TRUE(sign(1, "person:hanako", digest_).ok());
  EXPECT_EQ(desk_->outbox().find("approval/1"), nullptr);
  ASSERT_TRUE(sign(2, "person:taro", digest_).ok());
  ASSERT_NE(desk_->outbox().find("approval/1"), nullptr);
  ASSERT_TRUE(apply("effect.done", {{"key", "approval/1"}, {"outcome", "position 9"}}).ok());
  EXPECT_EQ(desk_->part<Approvals>()->find(1)->state, "executed");
}

TEST_F(ApprovalsTest, OnePersonWithTwoKeysAndOneKeyInTwoHandsAreOne) {
  ASSERT_TRUE(sign(1, "person:hanako", digest_).ok());
  EXPECT_FALSE(sign(2, "person:hanako", digest_).ok());
  EXPECT_FALSE(sign(1, "person:taro", digest_).ok());
  EXPECT_EQ(desk_->part<Approvals>()->find(1)->approvals.size(), 1u);
}

TEST_F(ApprovalsTest, ASignatureOverSomethingElseAndAKeyThatMayOnlyStopAreRefused) {
  EXPECT_FALSE(sign(1, "person:hanako", base::digest(base::as_bytes("another act"))).ok());
  EXPECT_FALSE(sign(3, "person:taro", digest_).ok());
  EXPECT_EQ(count("refused"), 2);
}

TEST_F(ApprovalsTest, TheTextThatGatewaysReadIsWhatIsSignedWhereThereIsOneAndNotItsDigest) {
  const std::string text = "okiagari halt 1\nkind=lift\n";
  const base::Digest digest = base::digest(base::as_bytes(text));
  ASSERT_TRUE(apply("approval.propose",
                    {{"kind", "guard_lift"},
                     {"digest", base::to_hex(digest)},
                     {"signs", text},
                     {"payload", "{}"},
                     {"words", {{"en", "lift"}, {"ja", "解除"}}}},
                    "person:hanako")
                  .ok());
  EXPECT_FALSE(sign(1, "person:hanako", digest, 2).ok());
  ASSERT_TRUE(sign(1, "person:hanako", base::as_bytes(text), 2).ok());
  ASSERT_TRUE(sign(2, "person:taro", base::as_bytes(text), 2).ok());
  ASSERT_NE(desk_->outbox().find("approval/2"), nullptr);
  EXPECT_EQ(desk_->outbox().find("approval/2")->kind, "guard_lift");
}

TEST_F(ApprovalsTest, AnExpiredProposalTakesNoSignatureMore) {
  ASSERT_TRUE(sign(1, "person:hanako", digest_).ok());
  now_ = 601 * kSecond;
  EXPECT_FALSE(sign(2, "person:taro", digest_).ok());
  EXPECT_EQ(desk_->part<Approvals>()->find(1)->state, "expired");
  EXPECT_EQ(count("approval.expired"), 1);
}

}  // namespace
}  // namespace okiagari::desk
