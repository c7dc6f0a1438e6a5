// Calls as a function of entries: who is called when, what stops it, what happens when a way fails.
// The effects' fates are told as the courier would.
#include "desk/paging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

#include "desk/test_desk.h"

namespace okiagari::desk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kStart = 1'800'000'000 * kSecond;

constexpr const char* kPeople = R"(
pages_per_hour = 3
[[person]]
id = "aiko"
name = "Aiko"
time_zone = "Asia/Tokyo"
roles = ["operations"]
route = [
  {kind = "mail", to = "aiko@x.example"},
  {kind = "webhook", to = "http://x.example", secret = "s"},
]
[[person]]
id = "bob"
name = "Bob"
language = "en"
time_zone = "Europe/London"
roles = ["operations", "management"]
route = [{kind = "pagerduty", secret = "pd"}, {kind = "mail", to = "bob@x.example"}]
[[person]]
id = "chie"
name = "Chie"
time_zone = "Asia/Tokyo"
roles = ["management"]
route = [{kind = "alertmanager", to = "http://am.example"}]
)";

constexpr const char* kTwoSteps = R"(
[[policy]]
id = "two"
severity_max = 3
repeat = 1
repeat_after_s = 300
[[policy.step]]
after_s = 0
targets = ["person:aiko"]
[[policy.step]]
after_s = 120
targets = ["role:management", "person:chie"]
)";

class PagingTest : public TestDesk {
 protected:
  PagingTest() : TestDesk(kStart) {}
  void use(const std::string& policies) {
    auto body = make_contact_body(kPeople + policies, "test.toml");
    ASSERT_TRUE(body.ok()) << body.error().message;
    ASSERT_TRUE(apply("contact.tree", body.value()).ok());
  }
  // Some are to be refused.
  base::Status apply(const std::string& type, boost::json::object body,
                     const std::string& by = "desk") {
    return try_apply(type, std::move(body), by);
  }
  base::Status start(int severity = 3, const std::string& incident = "inc-1") {
    return apply("page.start", {{"incident", incident},
                                {"severity", severity},
                                {"title", {{"en", "no leader"}, {"ja", "リーダー不在"}}}});
  }
  base::Status acknowledge(const std::string& person, const std::string& comment = "") {
    return apply("page.acknowledge", {{"incident", "inc-1"}, {"comment", comment}},
                 "person:" + person);
  }
  void after(std::uint64_t seconds) {
    now_ += seconds * kSecond;
    ASSERT_TRUE(apply("desk.tick", {}).ok());
  }
  void done(const std::string& key) {
    ASSERT_TRUE(apply("effect.begun", {{"key", key}}).ok()) << key;
    ASSERT_TRUE(apply("effect.done", {{"key", key}, {"outcome", "250 ok"}}).ok()) << key;
  }
  // Keys of what waits to be carried out.
  [[nodiscard]] std::vector<std::string> waiting() const {
    std::vector<std::string> keys;
    for (const Effect* effect : desk_.outbox().ready(kNever - 1, 1'000))
      keys.push_back(effect->key);
    return keys;
  }
  [[nodiscard]] const Page& page() const { return *paging_->page_of("inc-1"); }

  Paging* paging_ = &desk_.add(std::make_unique<Paging>());
};

TEST_F(PagingTest, StepsAreTakenByTimeAndEachPersonIsCalledOnceInAStep) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/1/aiko/mail"));
  done("page/inc-1/1/aiko/mail");
  after(119);
  EXPECT_THAT(waiting(), IsEmpty());
  after(1);
  EXPECT_THAT(waiting(),
              ElementsAre("page/inc-1/2/bob/pagerduty", "page/inc-1/2/chie/alertmanager"));
  done("page/inc-1/2/bob/pagerduty");
  done("page/inc-1/2/chie/alertmanager");
  after(300);
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/3/aiko/mail"));
  EXPECT_EQ(page().state, PageState::calling);
}

TEST_F(PagingTest, WhenNobodyAnswersInAnyRoundItIsSaidAndACallCanStillBeAnswered) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  for (int i = 0; i < 30; ++i) {
    for (const std::string& key : waiting()) done(key);
    after(60);
  }
  EXPECT_EQ(page().state, PageState::exhausted);
  EXPECT_EQ(page().steps.size(), 4u);
  EXPECT_EQ(count("page.exhausted"), 1);
  ASSERT_TRUE(acknowledge("bob").ok());
  EXPECT_EQ(page().state, PageState::acknowledged);
}

TEST_F(PagingTest, AnAcknowledgementStopsEverythingAndTellsThePagersThatWereCalled) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  done("page/inc-1/1/aiko/mail");
  after(120);
  done("page/inc-1/2/bob/pagerduty");
  ASSERT_TRUE(acknowledge("aiko", "on it").ok());
  // chie's call had not left: it is withdrawn, and nobody needs to be told about it.
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/2/bob/pagerduty/acknowledge"));
  EXPECT_EQ(desk_.outbox().find("page/inc-1/2/chie/alertmanager")->state, EffectState::given_up);
  EXPECT_EQ(count("page.acknowledged"), 1);
  after(100'000);
  EXPECT_EQ(page().steps.size(), 2u);
  EXPECT_EQ(desk_.next_due_ns(), kNever);
}

TEST_F(PagingTest, ARepeatedAcknowledgementChangesNothingAndAWordMoreIsKept) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  ASSERT_TRUE(acknowledge("aiko").ok());
  const std::size_t items = desk_.timeline().items().size();
  ASSERT_TRUE(acknowledge("aiko").ok());
  EXPECT_EQ(desk_.timeline().items().size(), items);
  ASSERT_TRUE(acknowledge("bob", "me too").ok());
  EXPECT_EQ(count("page.comment"), 1);
  EXPECT_EQ(count("page.acknowledged"), 1);
}

TEST_F(PagingTest, TheSecondRouteIsTakenAtOnceWhenTheFirstHasFailedOrItsFateIsUnknown) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  ASSERT_TRUE(apply("effect.begun", {{"key", "page/inc-1/1/aiko/mail"}}).ok());
  ASSERT_TRUE(apply("effect.taken_over", {}).ok());
  EXPECT_EQ(desk_.outbox().find("page/inc-1/1/aiko/mail")->state, EffectState::unknown);
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/1/aiko/webhook-2"));
  // No route is left after that one: the next step does not wait for its time.
  ASSERT_TRUE(
      apply("effect.failed",
            {{"key", "page/inc-1/1/aiko/webhook-2"}, {"outcome", "410 gone"}, {"permanent", true}})
          .ok());
  EXPECT_EQ(count("page.unreachable"), 1);
  EXPECT_THAT(waiting(),
              ElementsAre("page/inc-1/2/bob/pagerduty", "page/inc-1/2/chie/alertmanager"));
}

TEST_F(PagingTest, AMailThatCannotLeaveInItsTimeIsFollowedByTheSecondRoute) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  ASSERT_TRUE(
      apply("effect.failed", {{"key", "page/inc-1/1/aiko/mail"}, {"outcome", "connection refused"}})
          .ok());
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/1/aiko/mail"));
  after(121);
  EXPECT_EQ(desk_.outbox().find("page/inc-1/1/aiko/mail")->state, EffectState::given_up);
  EXPECT_THAT(waiting(), testing::Contains("page/inc-1/1/aiko/webhook-2"));
}

TEST_F(PagingTest, ACallThatStaysUnansweredTakesTheSecondRouteAfterItsTime) {
  use(R"(
[[policy]]
id = "slow"
severity_max = 4
[[policy.step]]
after_s = 0
targets = ["person:aiko"]
second_route_after_s = 60
)");
  ASSERT_TRUE(start().ok());
  done("page/inc-1/1/aiko/mail");
  after(59);
  EXPECT_THAT(waiting(), IsEmpty());
  after(1);
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/1/aiko/webhook-2"));
}

TEST_F(PagingTest, WhereEveryoneMustAcknowledgeOneAnswerStopsOnlyHisOwnCalls) {
  use(R"(
[[policy]]
id = "all"
severity_max = 4
repeat = 3
repeat_after_s = 60
[[policy.step]]
after_s = 0
targets = ["role:management"]
acknowledge = "everyone"
)");
  ASSERT_TRUE(start().ok());
  for (const std::string& key : waiting()) done(key);
  ASSERT_TRUE(acknowledge("bob").ok());
  EXPECT_EQ(page().state, PageState::calling);
  EXPECT_THAT(page().missing(), ElementsAre("chie"));
  after(60);
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/2/chie/alertmanager"));
  ASSERT_TRUE(acknowledge("chie").ok());
  EXPECT_EQ(page().state, PageState::acknowledged);
}

TEST_F(PagingTest, StormsAreKeptFromPeopleButTheWorstGoesThrough) {
  use(R"(
[[policy]]
id = "one"
severity_max = 4
[[policy.step]]
after_s = 0
targets = ["person:aiko"]
)");
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(start(3, fmt::format("inc-{}", i)).ok());
  EXPECT_EQ(waiting().size(), 3u);
  EXPECT_EQ(count("page.held"), 2);
  ASSERT_TRUE(start(1, "inc-6").ok());
  EXPECT_THAT(waiting(), testing::Contains("page/inc-6/1/aiko/mail"));
  // The budget is of an hour that moves along.
  after(3'601);
  ASSERT_TRUE(start(3, "inc-7").ok());
  EXPECT_THAT(waiting(), testing::Contains("page/inc-7/1/aiko/mail"));
}

TEST_F(PagingTest, EscalationNowHandOverAndSnoozeDoWhatTheySay) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  ASSERT_TRUE(apply("page.escalate", {{"incident", "inc-1"}}, "person:aiko").ok());
  EXPECT_THAT(waiting(), testing::Contains("page/inc-1/2/chie/alertmanager"));
  EXPECT_FALSE(apply("page.escalate", {{"incident", "inc-1"}, {"step", 7}}, "person:aiko").ok());
  ASSERT_TRUE(acknowledge("aiko").ok());
  ASSERT_TRUE(apply("page.hand_over", {{"incident", "inc-1"}, {"to", "bob"}}, "person:aiko").ok());
  EXPECT_EQ(page().state, PageState::calling);
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/3/bob/pagerduty"));
  EXPECT_FALSE(apply("page.snooze", {{"incident", "inc-1"}, {"seconds", 600}}, "person:bob").ok());
  ASSERT_TRUE(apply("page.snooze",
                    {{"incident", "inc-1"}, {"seconds", 600}, {"reason", "waiting for parts"}},
                    "person:bob")
                  .ok());
  EXPECT_THAT(waiting(), IsEmpty());
  after(599);
  EXPECT_EQ(page().state, PageState::snoozed);
  after(1);
  EXPECT_EQ(page().state, PageState::calling);
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/4/aiko/mail"));
}

TEST_F(PagingTest, ALinkIsSentToOnePersonOnTheRouteThatSomebodyChoosesAndNobodyElseIsDisturbed) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  const auto send = [&](const char* person, const char* route) {
    return apply("page.link", {{"incident", "inc-1"}, {"person", person}, {"route", route}},
                 "person:aiko");
  };
  EXPECT_FALSE(send("nobody", "").ok());
  EXPECT_FALSE(send("bob", "siren").ok());
  const TimestampNs due_ns = page().due_ns;
  const auto before = waiting();
  ASSERT_TRUE(send("bob", "pagerduty").ok());
  EXPECT_EQ(waiting().size(), before.size() + 1);
  EXPECT_THAT(waiting(), testing::Contains("page/inc-1/2/bob/pagerduty"));
  EXPECT_EQ(page().due_ns, due_ns) << "the next step comes when it was to come";
  ASSERT_TRUE(acknowledge("bob").ok());
  EXPECT_EQ(page().state, PageState::acknowledged) << "by the link as by a call";
  EXPECT_FALSE(send("bob", "").ok());
}

TEST_F(PagingTest, ASecondStartIsRefusedUnlessItIsWorseAndThenItsKeysAreNew) {
  use(std::string(kTwoSteps) + R"(
[[policy]]
id = "worst"
severity_max = 1
[[policy.step]]
after_s = 0
targets = ["person:aiko", "person:chie"]
)");
  ASSERT_TRUE(start(3).ok());
  EXPECT_FALSE(start(3).ok());
  ASSERT_TRUE(start(1).ok());
  EXPECT_EQ(page().id, "inc-1.2");
  EXPECT_THAT(waiting(),
              ElementsAre("page/inc-1.2/1/aiko/mail", "page/inc-1.2/1/chie/alertmanager"));
}

TEST_F(PagingTest, AStepThatCallsNobodyLosesNoTime) {
  use(R"(
[[policy]]
id = "nobody"
severity_max = 4
repeat = 2
[[policy.step]]
after_s = 0
targets = ["role:vendors"]
[[policy.step]]
after_s = 600
targets = ["person:aiko"]
)");
  ASSERT_TRUE(start().ok());
  EXPECT_THAT(waiting(), ElementsAre("page/inc-1/2/aiko/mail"));
}

TEST_F(PagingTest, AMessageSaysItInBothLanguagesThePersonsOwnFirst) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  const auto& what = desk_.outbox().find("page/inc-1/1/aiko/mail")->what;
  const std::string text(what.at("text").as_string());
  EXPECT_EQ(what.at("subject").as_string(), "[inc-1 P3] リーダー不在");
  EXPECT_THAT(text, HasSubstr("no leader"));
  EXPECT_LT(text.find("リーダー不在"), text.find("no leader"));
  EXPECT_THAT(text, HasSubstr("{acknowledge}"));
  done("page/inc-1/1/aiko/mail");
  after(120);
  const auto& english = desk_.outbox().find("page/inc-1/2/bob/pagerduty")->what;
  EXPECT_EQ(english.at("subject").as_string(), "[inc-1 P3] no leader");
}

TEST_F(PagingTest, WithoutATreeNobodyIsCalledAndItIsSaid) {
  const base::Status status = start(1);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr("no policy"));
  EXPECT_FALSE(acknowledge("aiko").ok());
}

TEST_F(PagingTest, TwoDesksMakeTheSameOfTheSameEntries) {
  std::vector<std::string> chains;
  for (int i = 0; i < 2; ++i) {
    Desk desk;
    desk.add(std::make_unique<Paging>());
    std::uint64_t index = 0;
    const auto tree = make_contact_body(std::string(kPeople) + kTwoSteps, "test.toml");
    const auto put = [&](const std::string& type, boost::json::object body, TimestampNs at_ns) {
      Entry entry{type, "desk", "", at_ns, std::move(body)};
      ASSERT_TRUE(desk.apply(entry, ++index).ok());
    };
    put("contact.tree", tree.value(), kStart);
    put("page.start", {{"incident", "inc-1"}, {"severity", 2}, {"title", "x"}}, kStart);
    // Nothing comes in for a long time: what was due meanwhile is done at its own time.
    put("desk.tick", {}, kStart + 5'000 * kSecond);
    chains.push_back(base::to_hex(desk.timeline().chain()));
  }
  EXPECT_EQ(chains[0], chains[1]);
}

TEST_F(PagingTest, AMissedPromiseTakesTheNextStepAtOnceWhilePeopleAreCalledAlready) {
  use(kTwoSteps);
  ASSERT_TRUE(start().ok());
  done("page/inc-1/1/aiko/mail");
  EXPECT_FALSE(apply("page.start", {{"incident", "inc-1"}, {"severity", 3}}).ok());
  ASSERT_TRUE(
      apply("page.start", {{"incident", "inc-1"}, {"severity", 3}, {"escalates", true}}).ok());
  EXPECT_THAT(waiting(),
              ElementsAre("page/inc-1/2/bob/pagerduty", "page/inc-1/2/chie/alertmanager"));
  EXPECT_EQ(count("page.escalated"), 1);
}

}  // namespace
}  // namespace okiagari::desk
