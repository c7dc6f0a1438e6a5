// The API from outside: a server on the loopback, everything by HTTP.
#include "web/api.h"

#include <gmock/gmock.h>

#include <set>

#include "web/test_site.h"

namespace okiagari::web {
namespace {

using net::HttpMethod;
using testing::ElementsAre;
using testing::HasSubstr;

class ApiTest : public SiteTest {};

std::string filled(std::string_view path) {
  std::string text(path);
  for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{')) {
    const std::size_t end = text.find('}');
    const bool is_number = text.substr(at, end - at) == "{proposal";
    text.replace(at, end - at + 1, is_number ? "1" : "inc-1");
  }
  return text;
}

TEST_F(ApiTest, EveryRouteAsksStrangersToLogInUnlessItIsOpen) {
  for (const Route& route : routes()) {
    const auto response = call(route.method, filled(route.path));
    if (route.power == Power::open) {
      EXPECT_NE(response.status, 403) << route.path;
      EXPECT_NE(response.status, 404) << route.path;
    } else {
      EXPECT_EQ(response.status, 401) << route.path;
    }
    EXPECT_TRUE(response.header("content-security-policy").has_value()) << route.path;
    pass(30);
  }
}

TEST_F(ApiTest, EveryRouteRefusesEveryRoleThatLacksItsPower) {
  for (std::size_t at = 0; at < desk::kRoles; ++at) {
    const auto role = static_cast<desk::Role>(at);
    const std::string login = std::string("p") + std::to_string(at);
    add_person(login, {std::string(desk::to_string(role))});
    pass(60);
    const auto headers = log_in(login);
    for (const Route& route : routes()) {
      if (route.work == Work::events || route.work == Work::log_out) continue;
      if (may(desk::Roles(role), route.power)) continue;
      const auto response = call(route.method, filled(route.path), "{}", headers);
      EXPECT_EQ(response.status, 403) << desk::to_string(role) << " " << route.path;
      pass(1);
    }
  }
}

TEST_F(ApiTest, UnknownPathsAndMethodsAreToldApart) {
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/nothing").status, 404);
  const auto response = call(HttpMethod::put, "/api/desk/halts", "{}");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.header("allow"), "GET, HEAD, POST");
  EXPECT_EQ(response.header("content-type"), "application/problem+json");
}

TEST_F(ApiTest, WhoIsLoggedInSeesHimselfAndActsUnderHisName) {
  add_person("hanako", {"duty_officer"});
  const auto headers = log_in("hanako");
  EXPECT_EQ(desk::text_or(object(call(HttpMethod::get, "/api/desk/me", "", headers)), "login"),
            "hanako");
  const auto opened = call(HttpMethod::post, "/api/desk/incidents",
                           R"({"title":{"en":"odd","ja":"異常"},"severity":2})", headers);
  EXPECT_EQ(opened.status, 200) << opened.body;
  EXPECT_EQ(desk_.last_.by, "person:hanako");
  const auto whole = object(call(HttpMethod::get, "/api/desk/incidents/inc-1", "", headers));
  EXPECT_TRUE(whole.contains("steps"));
  const auto line = call(HttpMethod::get, "/api/desk/timeline?after=0&most=1", "", headers);
  EXPECT_THAT(line.body, HasSubstr(R"("next":1)"));
}

TEST_F(ApiTest, UnsafeRequestWithoutItsTokenChangesNothing) {
  add_person("hanako", {"duty_officer"});
  auto headers = log_in("hanako");
  headers.pop_back();
  const auto index = desk_.index_;
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", R"({"title":"x"})", headers).status, 403);
  headers.emplace_back("X-CSRF-Token", std::string(64, 'a'));
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", R"({"title":"x"})", headers).status, 403);
  EXPECT_EQ(desk_.index_, index);
}

TEST_F(ApiTest, RequestOfAnotherSiteAndFormsAreRefused) {
  add_person("hanako", {"duty_officer"});
  auto headers = log_in("hanako");
  auto foreign = headers;
  foreign.emplace_back("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", "{}", foreign).status, 403);
  headers.emplace_back("Content-Type", "text/plain");
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", "{}", headers).status, 415);
}

TEST_F(ApiTest, FieldsThatARouteDoesNotTakeAreNamed) {
  add_person("hanako", {"duty_officer"});
  const auto headers = log_in("hanako");
  const auto response = call(HttpMethod::post, "/api/desk/incidents/inc-1/notes",
                             R"({"text":"a","incident":"inc-2"})", headers);
  EXPECT_EQ(response.status, 422);
  EXPECT_THAT(response.body, HasSubstr(R"("pointer":"/incident")"));
}

TEST_F(ApiTest, BodyThatIsTooLargeOrNoObjectIsRefused) {
  add_person("hanako", {"duty_officer"});
  const auto headers = log_in("hanako");
  const std::string large = R"({"title":")" + std::string(Api::kBodyBytesMax, 'x') + "\"}";
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", large, headers).status, 413);
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", "[1]", headers).status, 400);
  const std::string deep = std::string(1'000, '[');
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", deep, headers).status, 400);
}

TEST_F(ApiTest, DangerousActNeedsACodeShownLately) {
  add_person("hanako", {"duty_officer"});
  auto headers = log_in("hanako");
  ASSERT_EQ(call(HttpMethod::post, "/api/desk/incidents", R"({"title":"x","severity":1})", headers)
                .status,
            200);
  pass(Sessions::kStepUpS);
  const std::string halt = R"({"incident":"inc-1","scope":"market","reason":"test"})";
  const auto refused = call(HttpMethod::post, "/api/desk/halts", halt, headers);
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(std::string(refused.header("www-authenticate").value_or("")),
              HasSubstr("insufficient_user_authentication"));
  const auto stepped = call(HttpMethod::post, "/api/desk/step-up",
                            fmt::format(R"({{"code":"{}"}})", code()), headers);
  ASSERT_EQ(stepped.status, 200) << stepped.body;
  const std::string cookie(stepped.header("set-cookie").value_or(""));
  headers[0].second = cookie.substr(0, cookie.find(';'));
  const auto done = call(HttpMethod::post, "/api/desk/halts", halt, headers);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(desk_.last_.type, "halt.order");
}

TEST_F(ApiTest, TokenOfTheCommandLineActsButDoesNothingDangerous) {
  add_person("hanako", {"duty_officer"});
  const auto session = log_in("hanako");
  const auto made =
      object(call(HttpMethod::post, "/api/desk/tokens", R"({"name":"laptop","days":1})", session));
  const std::string token = desk::text_or(made, "token");
  const net::HttpHeaders headers = {{"Authorization", "Bearer " + token}};
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", R"({"title":"x"})", headers).status, 200);
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/halts", "{}", headers).status, 403);
  pass(86'400);
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/me", "", headers).status, 401);
}

TEST_F(ApiTest, FollowerSendsActsToTheLeaderOrSaysWhenToComeAgain) {
  add_person("hanako", {"duty_officer"});
  const auto headers = log_in("hanako");
  desk_.leads_ = false;
  const auto waiting = call(HttpMethod::post, "/api/desk/incidents", R"({"title":"x"})", headers);
  EXPECT_EQ(waiting.status, 503);
  EXPECT_EQ(waiting.header("retry-after"), "2");
  desk_.leader_url_ = "http://127.0.0.1:9";
  const auto sent = call(HttpMethod::post, "/api/desk/incidents", R"({"title":"x"})", headers);
  EXPECT_EQ(sent.status, 307);
  EXPECT_EQ(sent.header("location"), "http://127.0.0.1:9/api/desk/incidents");
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/incidents", "", headers).status, 200);
}

TEST_F(ApiTest, RepeatWithTheSameKeyHappensOnce) {
  add_person("hanako", {"duty_officer"});
  auto headers = log_in("hanako");
  headers.emplace_back("Idempotency-Key", "one");
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(call(HttpMethod::post, "/api/desk/incidents", R"({"title":"x"})", headers).status,
              200);
  }
  EXPECT_EQ(desk_.desk_.part<desk::Incidents>()->all().size(), 1u);
}

TEST_F(ApiTest, ProposalsDigestAndWordsComeFromThePayload) {
  add_person("taro", {"market_ops_approver"});
  const auto headers = log_in("taro");
  const auto response = call(HttpMethod::post, "/api/desk/approvals",
                             R"({"kind":"market_act","payload":"open"})", headers);
  EXPECT_EQ(response.status, 200) << response.body;
  const auto* proposal = desk_.desk_.part<desk::Approvals>()->find(1);
  ASSERT_NE(proposal, nullptr);
  EXPECT_EQ(proposal->digest, base::digest(base::as_bytes("open")));
  EXPECT_EQ(proposal->words.en, "trade again");
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/approvals",
                 R"({"kind":"market_act","payload":"open","digest":"00"})", headers)
                .status,
            422);
}

TEST_F(ApiTest, AlertsComeInWithTheirSendersKeyOnly) {
  const std::string alerts =
      R"({"version":"4","alerts":[{"status":"firing","labels":{"alertname":"Slow",)"
      R"("instance":"node-1"},"annotations":{"summary":"it is slow"},)"
      R"("startsAt":"2026-11-26T01:00:00Z"}]})";
  EXPECT_EQ(call(HttpMethod::post, "/webhooks/alertmanager", alerts).status, 401);
  const net::HttpHeaders key = {{"Authorization", "Bearer sender-key"}};
  EXPECT_EQ(call(HttpMethod::post, "/webhooks/alertmanager", alerts, key).status, 200);
  EXPECT_EQ(desk_.last_.type, "evidence.seen");
  const std::string event =
      R"({"routing_key":"sender-key","event_action":"trigger","dedup_key":"d",)"
      R"("payload":{"summary":"disk","source":"host a","severity":"critical"}})";
  const auto taken = call(HttpMethod::post, "/v2/enqueue", event);
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_THAT(taken.body, HasSubstr(R"("dedup_key":"d")"));
}

TEST_F(ApiTest, AnEarthquakeIsEvidenceAboutTheSiteThatItIsNearAndAMessageThatIsNoneIsRefused) {
  const std::string quake =
      R"(<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>q1</identifier>)"
      R"(<sender>s</sender><sent>2026-11-26T01:00:00+00:00</sent><status>Actual</status>)"
      R"(<msgType>Alert</msgType><scope>Public</scope><info><category>Geo</category>)"
      R"(<event>Earthquake</event><urgency>Immediate</urgency><severity>Extreme</severity>)"
      R"(<certainty>Observed</certainty><area><areaDesc>東京都</areaDesc></area></info></alert>)";
  const net::HttpHeaders key = {{"Authorization", "Bearer sender-key"}};
  EXPECT_EQ(call(HttpMethod::post, "/webhooks/public-message", quake).status, 401);
  EXPECT_EQ(call(HttpMethod::post, "/webhooks/public-message", "<no", key).status, 400);
  const auto taken = call(HttpMethod::post, "/webhooks/public-message", quake, key);
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(desk_.last_.type, "evidence.seen");
  const std::string said = boost::json::serialize(desk_.last_.body);
  EXPECT_THAT(said, HasSubstr("hazard.earthquake"));
  EXPECT_THAT(said, HasSubstr("site tokyo"));
}

// The day everybody was called and nobody could answer: calls carried "/ack/TOKEN", and the page
// was at "/ack?token=TOKEN". tests/browser opens the link of a real mail.
TEST_F(ApiTest, LinkInACallAcknowledgesNothingUntilItsButtonIsPressed) {
  ASSERT_TRUE(desk_.put("incident.open", {{"title", "gone"}}).ok());
  const auto index = desk_.index_;
  EXPECT_EQ(call(HttpMethod::get, "/ack/bad").status, 403);
  EXPECT_THAT(call(HttpMethod::get, "/ack/good").body, HasSubstr("<button"));
  EXPECT_EQ(desk_.index_, index);
  (void)call(HttpMethod::post, "/ack", "token=good",
             {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(desk_.last_.type, "page.acknowledge");
  EXPECT_EQ(desk_.last_.by, "person:hanako");
}

class ExpertTest : public ApiTest {
 protected:
  void SetUp() override {
    for (int incident = 0; incident < 2; ++incident) {
      ASSERT_TRUE(desk_.put("incident.open", {{"title", "gone"}, {"severity", 1}}).ok());
    }
    add_person("expert", {"outside_expert"});
  }
  void bind_to(const std::string& incident, std::int64_t seconds) {
    const base::Status status = desk_.put(
        "account.set",
        {{"login", "expert"},
         {"incident", incident},
         {"expires_ns", desk_.now_ns_ + static_cast<TimestampNs>(seconds) * 1'000'000'000}},
        "person:admin");
    ASSERT_TRUE(status.ok()) << status.error().message;
  }
  // Every door of the API, for this incident: those that open.
  std::set<std::string> open_doors(const std::string& incident, const net::HttpHeaders& headers) {
    std::set<std::string> open;
    for (const Route& route : routes()) {
      if (route.power == Power::open || route.work == Work::log_out) continue;
      std::string target(route.path);
      for (std::size_t at = target.find('{'); at != std::string::npos; at = target.find('{')) {
        const std::size_t end = target.find('}', at);
        const bool is_incident = target.compare(at, end - at, "{incident") == 0;
        target.replace(at, end + 1 - at, is_incident ? incident : "1");
      }
      // Answers that stay open are none of the expert's; a refusal comes at once.
      const auto response = call(route.method, target, "", headers);
      if (response.status != 403) open.insert(std::string(route.path));
      EXPECT_NE(response.status, 429) << target;
    }
    return open;
  }
};

TEST_F(ExpertTest, LooksAtOneIncidentAndItsBundleAndDoesNothingElse) {
  bind_to("inc-1", 3'600);
  const auto headers = log_in("expert");
  EXPECT_THAT(open_doors("inc-1", headers),
              ElementsAre("/api/desk/incidents/{incident}", "/api/desk/incidents/{incident}/bundle",
                          "/api/desk/incidents/{incident}/timeline", "/api/desk/me",
                          "/api/desk/step-up", "/api/desk/tokens", "/api/desk/tokens/{id}"));
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/incidents/inc-1/bundle", "", headers).body,
            "archive of inc-1");
  EXPECT_THAT(open_doors("inc-2", headers),
              ElementsAre("/api/desk/me", "/api/desk/step-up", "/api/desk/tokens",
                          "/api/desk/tokens/{id}"));
}

TEST_F(ExpertTest, IsShutOutWhenTheTimeIsOverAndSeesNothingBeforeAnIncidentIsNamed) {
  auto headers = log_in("expert");
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/incidents/inc-1", "", headers).status, 403);
  pass(60);
  bind_to("inc-1", 3'600);
  headers = log_in("expert");
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/incidents/inc-1", "", headers).status, 200);
  pass(3'600);
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/incidents/inc-1", "", headers).status, 401);
}

TEST_F(ExpertTest, IsMadeByAnAdministratorOnTheRecordWithAnEndAndNoOtherRole) {
  bind_to("inc-1", 3'600);
  const auto& items = desk_.desk_.timeline().items();
  EXPECT_EQ(items.back().kind, "account.set");
  EXPECT_EQ(items.back().incident, "inc-1");
  EXPECT_EQ(items.back().by, "person:admin");
  EXPECT_FALSE(desk_.put("account.set", {{"login", "expert"}, {"expires_ns", nullptr}}).ok());
  EXPECT_FALSE(
      desk_.put("account.set", {{"login", "expert"}, {"roles", {"outside_expert", "viewer"}}})
          .ok());
  add_person("hanako", {"duty_officer"});
  EXPECT_FALSE(desk_.put("account.set", {{"login", "hanako"}, {"incident", "inc-1"}}).ok());
}

TEST_F(ApiTest, AnotherSecondFactorIsShownOnceAndTheOldOneIsWorthNothing) {
  add_person("admin", {"admin"});
  add_person("hanako", {"duty_officer"});
  const auto headers = log_in("admin");
  const auto answer = object(call(HttpMethod::post, "/api/desk/accounts",
                                  R"({"login":"hanako","new_second_factor":true})", headers));
  EXPECT_THAT(desk::text_or(answer, "totp_address"), HasSubstr("otpauth://totp/"));
  EXPECT_EQ(try_log_in("hanako", kPassword).status, 401);
}

// The calls went out with links of this form, and the desk answered them with 404.
TEST_F(ApiTest, LinkAsItStandsInTheMailsOpensTheButtonPage) {
  ASSERT_TRUE(desk_.put("incident.open", {{"title", "gone"}}).ok());
  const auto page = call(HttpMethod::get, "/ack/good");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("<button"));
  EXPECT_EQ(call(HttpMethod::get, "/ack/bad").status, 403);
}

TEST_F(ApiTest, RecordIsExportedWithItsChain) {
  add_person("kanri", {"compliance"});
  const auto headers = log_in("kanri");
  const auto head = object(call(HttpMethod::get, "/api/desk/audit", "", headers));
  EXPECT_EQ(desk::number_or(head, "first_broken", -1), 0);
  const auto lines = call(HttpMethod::get, "/api/desk/audit/timeline", "", headers);
  EXPECT_THAT(lines.body, HasSubstr(desk::text_or(head, "chain")));
}

TEST_F(ApiTest, ANoticeIsReleasedByAnotherPersonThanItsAuthorAndByNobodyAlone) {
  add_person("author", {"comms_approver"});
  add_person("other", {"comms_approver"});
  const auto author = log_in("author");
  pass(60);
  const auto other = log_in("other");
  ASSERT_TRUE(desk_.put("incident.open", {{"title", "gone"}, {"severity", 1}}).ok());
  const auto drafted =
      call(HttpMethod::post, "/api/desk/notices",
           R"({"incident":"inc-1","status":"investigating","subject":{"ja":"a","en":"a"},)"
           R"("text":{"ja":"b","en":"b"}})",
           author);
  ASSERT_EQ(drafted.status, 200) << drafted.body;
  const auto* notices = desk_.desk_.part<desk::Notices>();
  ASSERT_FALSE(notices->all().empty());
  const std::string id = notices->all().back().id;
  const std::string path = "/api/desk/notices/" + id + "/approve";
  EXPECT_EQ(call(HttpMethod::post, path, "{}", author).status, 422);
  EXPECT_EQ(notices->find(id)->state, desk::NoticeState::draft);
  EXPECT_EQ(call(HttpMethod::post, path, "{}", other).status, 200);
  EXPECT_NE(notices->find(id)->state, desk::NoticeState::draft);
}

TEST_F(ApiTest, AnAddressThatAsksTooOftenWaitsAndAnotherTimeIsServedAgain) {
  int served = 0;
  int refused = 0;
  for (int time = 0; time < 320; ++time) {
    const auto response = call(HttpMethod::get, "/api/openapi.json");
    served += response.status == 200;
    if (response.status != 429) continue;
    ++refused;
    EXPECT_TRUE(response.header("retry-after").has_value());
  }
  EXPECT_EQ(served, 300);
  EXPECT_EQ(refused, 20);
  pass(10);
  EXPECT_EQ(call(HttpMethod::get, "/api/openapi.json").status, 200);
}

TEST_F(ApiTest, TheTitleOfAnIncidentIsNoMarkupOnThePageOfALink) {
  ASSERT_TRUE(
      desk_.put("incident.open", {{"title", "<script>alert(1)</script>\" onload=\"x"}}).ok());
  const std::string page = call(HttpMethod::get, "/ack/good").body;
  EXPECT_THAT(page, testing::Not(HasSubstr("<script")));
  EXPECT_THAT(page, testing::Not(HasSubstr("\" onload=")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
}

TEST_F(ApiTest, WhatThisDeskCannotDoByItselfIsSaidAndWhatWasApprovedIsHandedOut) {
  add_person("taro", {"market_ops_approver"});
  const auto headers = log_in("taro");
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/rebuild", "", headers).status, 501);
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/rebuild/look", "{}", headers).status, 501);
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/approvals/draft", "{}", headers).status, 501);
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/guards", "", headers).status, 501);
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/guards/draft", "{}", headers).status, 501);
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/approvals/1/act", "", headers).status, 404);
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/approvals/x/act", "", headers).status, 404);
}

}  // namespace
}  // namespace okiagari::web
