// Notices, told by entries alone: who may release one, when the next is due, what each channel
// gets.
#include "desk/notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "desk/desk.h"
#include "desk/subscriptions.h"
#include "desk/time_text.h"
#include "test_places.h"

namespace okiagari::desk {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kMinute = 60 * kSecond;
constexpr TimestampNs kStart = 1'800'000'000 * kSecond;

class NoticesTest : public ::testing::Test {
 protected:
  NoticesTest() {
    const Subscriptions& subscriptions = desk_.add(std::make_unique<Subscriptions>());
    notices_ = &desk_.add(std::make_unique<Notices>(&subscriptions));
    auto templates = NoticeTemplates::load(OKIAGARI_SOURCE_DIR "/config/notices.toml");
    EXPECT_TRUE(templates.ok()) << (templates.ok() ? "" : templates.error().message);
    EXPECT_TRUE(apply("notice.templates", {{"templates", templates.value().to_json()}}).ok());
    EXPECT_TRUE(
        apply("notice.channels", {{"channels",
                                   {{{"id", "file"}, {"kind", "file"}},
                                    {{"id", "members"},
                                     {"kind", "webhook"},
                                     {"with", {{"to", "https://members.example/notices"}}}}}}})
            .ok());
    EXPECT_TRUE(apply("notice.key", {{"public_key", base::to_hex(key_.public_key)}}).ok());
  }

  base::Status apply(const std::string& type, boost::json::object body,
                     const std::string& by = "desk") {
    Entry entry;
    entry.type = type;
    entry.by = by;
    entry.at_ns = kStart + now_;
    entry.body = std::move(body);
    return desk_.apply(entry, ++index_);
  }
  void tick() { EXPECT_TRUE(apply("desk.tick", {}).ok()); }
  static boost::json::object facts() {
    return {{"incident", "inc-1"},
            {"template", "first"},
            {"severity", 1},
            {"began_ns", kStart},
            {"title", {{"en", "most servers are gone"}, {"ja", "過半数のサーバーが停止"}}},
            {"affected", {"matching", {{"en", "order entry"}, {"ja", "注文受付"}}}},
            {"trading_state", "cancel_only"},
            {"components", {"matching"}},
            {"members_hit", {{{"id", 7}, {"name", "Secret Securities"}}}}};
  }
  base::Status sign(const std::string& id) {
    const base::Signature signature =
        base::sign(base::as_bytes(notices_->find(id)->signed_text), key_.secret_key);
    return apply("notice.signed", {{"notice", id}, {"signature", base::to_hex(signature)}});
  }
  void release_first() {
    ASSERT_TRUE(apply("notice.auto", facts()).ok());
    ASSERT_TRUE(sign("inc-1/n1").ok());
  }
  [[nodiscard]] int count(const std::string& kind) const {
    int found = 0;
    for (const TimelineItem& item : desk_.timeline().items()) found += item.kind == kind ? 1 : 0;
    return found;
  }

  Desk desk_;
  Notices* notices_ = nullptr;
  base::KeyPair key_ = base::key_pair_from_seed({});
  TimestampNs now_ = 0;
  std::uint64_t index_ = 0;
};

TEST_F(NoticesTest, AnApprovedTemplateGoesOutByItselfSignedInBothLanguagesAtOnePlaceOfTheLog) {
  ASSERT_TRUE(apply("notice.auto", facts()).ok());
  EXPECT_EQ(notices_->find("inc-1/n1")->state, NoticeState::signing);
  EXPECT_EQ(desk_.outbox().ready(kNever, 10).size(), 0u) << "nothing leaves before it is signed";
  ASSERT_TRUE(sign("inc-1/n1").ok());
  const Notice& notice = *notices_->find("inc-1/n1");
  EXPECT_EQ(notice.state, NoticeState::released);
  EXPECT_EQ(notice.number, 1u);
  EXPECT_EQ(notice.released_index, index_);
  EXPECT_EQ(notice.subject.ja, "【第1報】過半数のサーバーが停止");
  EXPECT_EQ(notice.subject.en, "[No. 1] most servers are gone");
  EXPECT_THAT(notice.text.ja, HasSubstr("影響範囲: matching、注文受付\n"));
  EXPECT_THAT(notice.text.en, HasSubstr("Affected: matching, order entry\n"));
  EXPECT_THAT(notice.text.ja,
              HasSubstr("売買の状態: 停止中（取消のみ受付）\n原因: 不明（調査中）\n"));
  EXPECT_THAT(notice.text.en, HasSubstr("Expected recovery: unknown\n"));
  EXPECT_THAT(notice.text.en, HasSubstr("Next update by: 2027-01-15 08:15:00 UTC"));
  ASSERT_EQ(desk_.outbox().ready(kNever, 10).size(), 2u);
  EXPECT_EQ(desk_.outbox().ready(kNever, 10)[0]->added_ns,
            desk_.outbox().ready(kNever, 10)[1]->added_ns);
}

TEST_F(NoticesTest, NamesOfMembersStayInside) {
  release_first();
  for (const auto& [number, effect] : desk_.outbox().all()) {
    EXPECT_THAT(boost::json::serialize(effect.what), Not(HasSubstr("Secret Securities")));
  }
  EXPECT_THAT(boost::json::serialize(notices_->view()), Not(HasSubstr("Secret Securities")));
}

TEST_F(NoticesTest, ASignatureOverAnotherTextReleasesNothing) {
  ASSERT_TRUE(apply("notice.auto", facts()).ok());
  const base::Signature wrong = base::sign(base::as_bytes("something else"), key_.secret_key);
  EXPECT_FALSE(
      apply("notice.signed", {{"notice", "inc-1/n1"}, {"signature", base::to_hex(wrong)}}).ok());
  EXPECT_EQ(notices_->find("inc-1/n1")->state, NoticeState::signing);
}

TEST_F(NoticesTest, WithoutASignerItGoesOutUnsignedAndTheTimelineSaysSo) {
  ASSERT_TRUE(apply("notice.auto", facts()).ok());
  now_ = 10 * kSecond;
  tick();
  EXPECT_EQ(notices_->find("inc-1/n1")->state, NoticeState::released);
  EXPECT_EQ(count("notice.unsigned"), 1);
}

TEST_F(NoticesTest, ATemplateThatIsNotApprovedInAdvanceNeedsTwoPeople) {
  boost::json::object body = facts();
  body["template"] = "halted";
  EXPECT_FALSE(apply("notice.auto", body).ok());
  EXPECT_FALSE(apply("notice.draft", body, "watch").ok());
  ASSERT_TRUE(apply("notice.draft", body, "person:hanako").ok());
  EXPECT_THAT(notices_->find("inc-1/n1")->text.ja, HasSubstr("売買を停止"));
  EXPECT_FALSE(apply("notice.approve", {{"notice", "inc-1/n1"}}, "person:hanako").ok());
  EXPECT_FALSE(apply("notice.approve", {{"notice", "inc-1/n1"}}, "desk").ok());
  ASSERT_TRUE(apply("notice.approve", {{"notice", "inc-1/n1"}}, "person:taro").ok());
  EXPECT_FALSE(apply("notice.approve", {{"notice", "inc-1/n1"}}, "person:jiro").ok());
  EXPECT_EQ(notices_->find("inc-1/n1")->approved_by, "person:taro");
}

TEST_F(NoticesTest, NoCauseIsStatedBeforeItIsOnRecordWithItsEvidence) {
  release_first();
  boost::json::object body = facts();
  body["status"] = "identified";
  EXPECT_FALSE(apply("notice.draft", body, "person:hanako").ok());
  body["status"] = "investigating";
  body["cause"] = "a disk";
  EXPECT_FALSE(apply("notice.draft", body, "person:hanako").ok());
  const boost::json::object cause{{"incident", "inc-1"},
                                  {"cause", {{"en", "a disk stalled"}, {"ja", "ディスク停止"}}}};
  EXPECT_FALSE(apply("notice.cause", cause, "person:hanako").ok());
  boost::json::object proven = cause;
  proven["evidence"].emplace_array().emplace_back("e-17");
  EXPECT_FALSE(apply("notice.cause", proven, "desk").ok());
  ASSERT_TRUE(apply("notice.cause", proven, "person:hanako").ok());
  body.erase("cause");
  body["status"] = "identified";
  ASSERT_TRUE(apply("notice.draft", body, "person:hanako").ok());
  ASSERT_TRUE(apply("notice.approve", {{"notice", "inc-1/n2"}}, "person:taro").ok());
  EXPECT_THAT(notices_->find("inc-1/n2")->text.en, HasSubstr("Cause: a disk stalled\n"));
  EXPECT_THAT(notices_->find("inc-1/n1")->text.en, HasSubstr("Cause: unknown"));
}

TEST_F(NoticesTest, WarnsAfterTenMinutesAndSaysNoChangeBeforeFifteen) {
  release_first();
  now_ = 9 * kMinute;
  tick();
  EXPECT_EQ(count("notice.update_due"), 0);
  now_ = 10 * kMinute;
  tick();
  EXPECT_EQ(count("notice.update_due"), 1);
  now_ = 15 * kMinute;
  tick();
  ASSERT_EQ(notices_->released("inc-1").size(), 2u);
  const Notice& second = *notices_->released("inc-1")[1];
  EXPECT_LE(second.released_ns, kStart + 15 * kMinute);
  EXPECT_EQ(second.status, "investigating");
  EXPECT_THAT(second.text.ja, HasSubstr("第1報（2027-01-15 17:00:00 JST"));
  EXPECT_THAT(second.text.ja, HasSubstr("影響範囲: matching、注文受付\n"));
  EXPECT_EQ(count("notice.promise_missed"), 0);
  now_ = 30 * kMinute;
  tick();
  EXPECT_EQ(notices_->released("inc-1").size(), 3u);
}

TEST_F(NoticesTest, WhenNoTemplateSaysNoChangeThePromiseIsMissedAndTheHardLimitIsNoted) {
  ASSERT_TRUE(
      apply("notice.templates",
            {{"templates",
              {{{"id", "first"}, {"pre_approved", true}, {"subject", "s"}, {"text", "t"}}}}})
          .ok());
  release_first();
  now_ = 31 * kMinute;
  tick();
  EXPECT_EQ(count("notice.promise_missed"), 1);
  EXPECT_EQ(count("notice.update_breached"), 1);
  EXPECT_EQ(notices_->promises().all()[0].state, "missed");
}

TEST_F(NoticesTest, AnEndStopsTheClock) {
  release_first();
  boost::json::object body = facts();
  body["template"] = "resolved";
  ASSERT_TRUE(apply("notice.draft", body, "person:hanako").ok());
  ASSERT_TRUE(apply("notice.approve", {{"notice", "inc-1/n2"}}, "person:taro").ok());
  ASSERT_TRUE(sign("inc-1/n2").ok());
  EXPECT_EQ(notices_->next_due_ns(), kNever);
  now_ = 60 * kMinute;
  tick();
  EXPECT_EQ(notices_->released("inc-1").size(), 2u);
}

TEST_F(NoticesTest, ANewTimeOfRecoveryRevisesTheOldOneAndTheFirstMissedCallsPeople) {
  struct Pages final : Part {
    int count = 0;
    [[nodiscard]] std::vector<std::string_view> words() const override { return {"page"}; }
    base::Status apply(const Entry&, Context&) override {
      ++count;
      return {};
    }
    [[nodiscard]] boost::json::value view() const override { return {}; }
  };
  const Pages& pages = desk_.add(std::make_unique<Pages>());
  boost::json::object body = facts();
  const auto expect = [](TimestampNs to_ns) {
    return boost::json::object{{"from_ns", kStart}, {"to_ns", to_ns}, {"basis", "drill 7"}};
  };
  body["expected"] = expect(kStart + 5 * kMinute);
  ASSERT_TRUE(apply("notice.auto", body).ok());
  ASSERT_TRUE(sign("inc-1/n1").ok());
  EXPECT_THAT(notices_->find("inc-1/n1")->text.en,
              HasSubstr("Expected recovery: 2027-01-15 08:00:00 UTC"));
  now_ = 4 * kMinute;
  body["expected"] = expect(kStart + 8 * kMinute);
  ASSERT_TRUE(apply("notice.auto", body).ok());
  ASSERT_TRUE(sign("inc-1/n2").ok());
  now_ = 7 * kMinute;
  tick();
  EXPECT_EQ(count("notice.promise_missed"), 0);
  now_ = 9 * kMinute;
  tick();
  EXPECT_EQ(count("notice.promise_missed"), 1);
  EXPECT_EQ(pages.count, 1);
}

TEST_F(NoticesTest, ACorrectionSaysWhatItCorrectsAndLeavesTheOldTextAlone) {
  release_first();
  const std::string before = notices_->find("inc-1/n1")->signed_text;
  boost::json::object body = facts();
  body["supersedes"] = 1;
  EXPECT_FALSE(apply("notice.draft", body, "person:hanako").ok()) << "no reason is given";
  body["correction_reason"] = {{"en", "the time was wrong"}, {"ja", "時刻の誤り"}};
  ASSERT_TRUE(apply("notice.draft", body, "person:hanako").ok());
  ASSERT_TRUE(apply("notice.approve", {{"notice", "inc-1/n2"}}, "person:taro").ok());
  ASSERT_TRUE(sign("inc-1/n2").ok());
  EXPECT_EQ(notices_->find("inc-1/n1")->signed_text, before);
  EXPECT_EQ(notices_->find("inc-1/n1")->superseded_by, 2u);
  EXPECT_THAT(notices_->find("inc-1/n2")->text.ja, HasSubstr("第1報の訂正: 時刻の誤り"));
  body["supersedes"] = 9;
  EXPECT_FALSE(apply("notice.draft", body, "person:hanako").ok());
}

TEST_F(NoticesTest, TheLedgerKnowsWhenEachChannelTookItAndHowFarApart) {
  release_first();
  now_ = 2 * kSecond;
  ASSERT_TRUE(apply("effect.done", {{"key", "notice/inc-1/n1/file"}, {"outcome", "x"}}).ok());
  EXPECT_EQ(count("notice.delivered"), 0);
  now_ = 5 * kSecond;
  ASSERT_TRUE(apply("effect.done", {{"key", "notice/inc-1/n1/members"}, {"outcome", "200"}}).ok());
  EXPECT_EQ(count("notice.delivered"), 1);
  EXPECT_EQ(spread_s(*notices_->find("inc-1/n1")), 3);
  EXPECT_EQ(notices_->find("inc-1/n1")->deliveries[1].outcome, "200");
}

TEST_F(NoticesTest, SubscribersOfTheComponentAreMailedWithAWayOutAndOthersAreNot) {
  for (const char* component : {"matching", "market-data"}) {
    const std::string id = component;
    ASSERT_TRUE(apply("subscription.request", {{"id", id},
                                               {"kind", "mail"},
                                               {"target", id + "@investor.example"},
                                               {"components", {component}},
                                               {"confirm_url", "https://x.example/c"},
                                               {"unsubscribe_url", "https://x.example/u/" + id}})
                    .ok());
    ASSERT_TRUE(apply("subscription.confirm", {{"id", id}}).ok());
  }
  release_first();
  const Effect* mail = desk_.outbox().find("notice/inc-1/n1/mail/matching");
  ASSERT_NE(mail, nullptr);
  EXPECT_FALSE(mail->repeat_is_safe);
  EXPECT_EQ(text_or(mail->what, "to"), "matching@investor.example");
  EXPECT_EQ(text_or(mail->what.at("headers").as_object(), "List-Unsubscribe"),
            "<https://x.example/u/matching>");
  EXPECT_EQ(desk_.outbox().find("notice/inc-1/n1/mail/market-data"), nullptr);
}

TEST(NoticeTemplates, ATemplateThatCannotBeReadIsRefusedByName) {
  const auto read = NoticeTemplates::from_json(
      {{{"id", "broken"}, {"subject", "s"}, {"text", "{{#open}} never closed"}}});
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("'broken'"));
}

TEST(TimeText, SaysInstantsInEveryFormThatReadersWant) {
  const TimestampNs at = 1'795'654'923'004'000'000;
  EXPECT_EQ(rfc3339_text(at), "2026-11-26T01:02:03.004Z");
  EXPECT_EQ(jst_text(at), "2026-11-26 10:02:03 JST");
  EXPECT_EQ(rfc822_text(at), "Thu, 26 Nov 2026 01:02:03 +0000");
  EXPECT_EQ(icalendar_text(at), "20261126T010203Z");
  EXPECT_EQ(parse_utc("2026-11-26T01:02:03Z"), 1'795'654'923 * kSecond);
  EXPECT_EQ(parse_utc("2026-02-29T01:02"), std::nullopt);
}

TEST_F(NoticesTest, AShorterClockIsKeptAndALongerOneIsRefused) {
  EXPECT_FALSE(apply("notice.clock", {{"every_s", 900}, {"limit_s", 3'600}}).ok());
  EXPECT_FALSE(
      apply("notice.clock", {{"every_s", 60}, {"warn_after_s", 55}, {"limit_s", 90}}).ok());
  EXPECT_FALSE(
      apply("notice.clock", {{"every_s", 60}, {"warn_after_s", 30}, {"limit_s", 90}}, "person:taro")
          .ok());
  ASSERT_TRUE(apply("notice.clock", {{"every_s", 60}, {"warn_after_s", 30}, {"limit_s", 90}}).ok());
  release_first();
  now_ += 30 * kSecond;
  tick();
  EXPECT_EQ(count("notice.update_due"), 1);
  now_ += 20 * kSecond;
  tick();
  ASSERT_NE(notices_->find("inc-1/n2"), nullptr);
  EXPECT_EQ(notices_->find("inc-1/n2")->template_id, "no_change");
  EXPECT_EQ(notices_->find("inc-1/n2")->next_update_by_ns, kStart + now_ + 60 * kSecond);
}

}  // namespace
}  // namespace okiagari::desk
