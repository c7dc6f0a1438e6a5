// The public's pages, feeds and forms, asked for as a browser would.
#include "web/public_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>

#include "desk/notice_signer.h"
#include "net/http_target.h"
#include "test_places.h"
#include "web/feeds.h"
#include "web/public_market.h"
#include "web/status_palette.h"
#include "web/statuspage_json.h"

namespace okiagari::web {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PublicSiteTest : public ::testing::Test {
 protected:
  PublicSiteTest() {
    settings_.url = "https://status.example";
    site_ = std::make_unique<PublicSite>(market_, settings_, tokens_,
                                         [this] { return market_.now_ns; });
  }
  net::HttpResponse get(const std::string& target, const std::string& language = "ja") {
    return ask(net::HttpMethod::get, target, {}, language);
  }
  net::HttpResponse post(const std::string& target, const std::string& body) {
    return ask(net::HttpMethod::post, target, body, "ja");
  }
  net::HttpResponse ask(net::HttpMethod method, const std::string& target, const std::string& body,
                        const std::string& language) {
    net::HttpRequest request;
    request.method = method;
    request.target = target;
    const auto parsed = net::parse_target(target);
    request.path = parsed.value().path;
    request.query = parsed.value().query;
    request.headers = {{"Accept-Language", language}};
    request.body = body;
    request.peer = "192.0.2.1";
    const auto response = site_->serve(request);
    if (response) return *response;
    net::HttpResponse none;
    none.status = 404;
    return none;
  }
  // The link in the last mail to that address.
  [[nodiscard]] std::string link_in_mail(const std::string& key) const {
    std::string found;
    for (const auto& [number, effect] : market_.desk().outbox().all()) {
      if (desk::text_or(effect.what, "to").empty()) continue;
      const std::string link = desk::text_or(effect.what, key);
      if (!link.empty()) found = link.substr(std::string("https://status.example").size());
    }
    return found;
  }

  PublicMarket market_{OKIAGARI_SOURCE_DIR "/config/notices.toml"};
  PublicSettings settings_;
  SubscriptionTokens tokens_{SubscriptionTokens::Key{std::byte{7}}};
  std::unique_ptr<PublicSite> site_;
};

TEST_F(PublicSiteTest, TheFrontPageComesInTheLanguageThatTheReaderPrefers) {
  EXPECT_THAT(get("/", "ja,en;q=0.8").body, HasSubstr("<html lang=\"ja\">"));
  EXPECT_THAT(get("/", "en-GB,en;q=0.9,ja;q=0.3").body, HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(get("/", "fr").body, HasSubstr("<html lang=\"ja\">"));
  EXPECT_THAT(get("/ja", "en").body, HasSubstr("<html lang=\"ja\">"));
  EXPECT_THAT(get("/en", "ja").body, HasSubstr("<html lang=\"en\">"));
  EXPECT_EQ(get("/desk").status, 404);
}

TEST_F(PublicSiteTest, WhatNobodyHasMeasuredIsNotCalledWell) {
  EXPECT_THAT(get("/en").body, HasSubstr("Unknown: not measured"));
  EXPECT_THAT(get("/en").body, Not(HasSubstr("All Systems Operational")));
  for (const char* component : {"entry-1", "matching", "feed"}) {
    market_.measure(component, "operational");
  }
  EXPECT_THAT(get("/en").body, HasSubstr("All Systems Operational"));
}

TEST_F(PublicSiteTest, SeveralIncidentsAtOnceStandOnThePageAndTextOfNoticesIsNoMarkup) {
  market_.tell("inc-1", "first", 1);
  market_.tell("inc-2", "first", 3);
  const std::string page = get("/ja").body;
  EXPECT_THAT(page, HasSubstr("/ja/incidents/inc-1"));
  EXPECT_THAT(page, HasSubstr("/ja/incidents/inc-2"));
  EXPECT_THAT(page, HasSubstr("注文が&lt;約定&gt;しない"));
  EXPECT_THAT(page, Not(HasSubstr("<約定>")));
  EXPECT_THAT(page, HasSubstr("売買の状態: 停止中（取消のみ受付）"));
  EXPECT_THAT(get("/en/incidents/inc-1").body, HasSubstr("orders &lt;are&gt; not matched &amp;"));
  EXPECT_EQ(get("/en/incidents/inc-9").status, 404);
}

TEST_F(PublicSiteTest, WhatAPersonSaysStandsBesideWhatIsMeasuredAndRunsOut) {
  market_.measure("matching", "major_outage");
  EXPECT_NE(market_.apply("component.set",
                          {{"component", "matching"},
                           {"state", "operational"},
                           {"reason", "the probe is wrong"},
                           {"until_ns", PublicMarket::kStart + 60 * PublicMarket::kSecond}},
                          "watch"),
            "");
  ASSERT_EQ(market_.apply("component.set",
                          {{"component", "matching"},
                           {"state", "degraded_performance"},
                           {"reason", "the probe is wrong"},
                           {"until_ns", PublicMarket::kStart + 60 * PublicMarket::kSecond}},
                          "person:hanako"),
            "");
  market_.measure("matching", "partial_outage");
  const std::string page = get("/en").body;
  EXPECT_THAT(page, HasSubstr("Degraded performance"));
  EXPECT_THAT(page, HasSubstr("the probe is wrong"));
  EXPECT_THAT(page, HasSubstr("Partial outage"));
  market_.now_ns += 61 * PublicMarket::kSecond;
  market_.apply("desk.tick", {});
  EXPECT_THAT(get("/en").body, Not(HasSubstr("the probe is wrong")));
}

TEST_F(PublicSiteTest, EveryPageHasItsLandmarksItsLanguageOneHeadingAndNoScript) {
  market_.tell("inc-1", "first", 1);
  for (const char* path : {"/ja", "/en", "/ja/history", "/en/history", "/ja/incidents/inc-1",
                           "/en/verify", "/ja/maintenance"}) {
    const std::string page = get(path).body;
    SCOPED_TRACE(path);
    EXPECT_THAT(page, HasSubstr("<html lang=\""));
    EXPECT_THAT(page, HasSubstr("<a class=\"skip\" href=\"#main\">"));
    EXPECT_THAT(page, HasSubstr("<main id=\"main\""));
    EXPECT_THAT(page, HasSubstr("<nav aria-label=\""));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("style=\"")));
    const std::regex heading("<h1>");
    EXPECT_EQ(std::distance(std::sregex_iterator(page.begin(), page.end(), heading), {}), 1);
  }
}

TEST_F(PublicSiteTest, TwentyOpenIncidentsFitIntoSixtyKilobytes) {
  for (int i = 1; i <= 20; ++i) {
    const std::string id = "inc-" + std::to_string(i);
    market_.tell(id, "first", 1);
    market_.tell(id, "no_change", 1);
    market_.tell(id, "first", 1);
  }
  for (const char* path : {"/ja", "/en"}) {
    const net::HttpResponse page = get(path);
    EXPECT_THAT(page.body, HasSubstr("inc-20"));
    EXPECT_LE(page.body.size() + status_css().size(), 60'000u) << path;
  }
}

double luminance(std::uint32_t colour) {
  const auto part = [&](unsigned shift) {
    const double c = static_cast<double>((colour >> shift) & 0xff) / 255;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0);
}

double contrast(std::uint32_t a, std::uint32_t b) {
  const double light = std::max(luminance(a), luminance(b));
  const double dark = std::min(luminance(a), luminance(b));
  return (light + 0.05) / (dark + 0.05);
}

TEST(StatusPalette, EveryColourOfTextHasTheContrastThatWcagAsksFor) {
  EXPECT_NEAR(contrast(0x000000, 0xffffff), 21, 0.001);
  EXPECT_LT(contrast(0x999999, kPaperDay), 4.5) << "the measure itself can fail";
  for (const StatusColour& colour : kStatusColours) {
    EXPECT_GE(contrast(colour.day, kPaperDay), 4.5) << colour.name;
    EXPECT_GE(contrast(colour.night, kPaperNight), 4.5) << colour.name;
  }
}

TEST_F(PublicSiteTest, AMailAddressIsToldOnlyAfterItsOwnerConfirmedAndLeavesWithOneClick) {
  EXPECT_EQ(
      post("/subscriptions", "target=a%40b.example&language=ja&component-matching=yes").status,
      202);
  ASSERT_EQ(market_.last_answer, "");
  const std::string confirm = link_in_mail("confirm_url");
  ASSERT_NE(confirm, "");
  market_.tell("inc-1", "first", 1);
  const auto mails = [this] {
    int count = 0;
    for (const auto& [number, effect] : market_.desk().outbox().all()) {
      count += effect.key.starts_with("notice/") && effect.kind == "mail" ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(mails(), 0);
  EXPECT_THAT(get(confirm).body, HasSubstr("<form method=\"post\""));
  market_.tell("inc-1", "no_change", 1);
  EXPECT_EQ(mails(), 0) << "looking at the link confirms nothing";
  EXPECT_EQ(post(confirm, "token=&language=ja").status, 200);
  market_.tell("inc-1", "no_change", 1);
  ASSERT_EQ(mails(), 1);
  const auto* subscriptions = market_.desk().part<desk::Subscriptions>();
  const std::string id = tokens_.id_of("mail", "a@b.example");
  const std::string leave = subscriptions->find(id)->unsubscribe_url.substr(22);
  EXPECT_EQ(post(leave.substr(0, leave.size() - 1), "List-Unsubscribe=One-Click").status, 403);
  EXPECT_EQ(post(leave, "List-Unsubscribe=One-Click").status, 200);
  EXPECT_EQ(subscriptions->size(), 0u);
  market_.tell("inc-1", "no_change", 1);
  EXPECT_EQ(mails(), 1);
}

TEST_F(PublicSiteTest, FormsAreHeldToALimitAndNobodyLearnsWhoSubscribes) {
  const std::string form = "target=a%40b.example&language=ja";
  const std::string first = post("/subscriptions", form).body;
  EXPECT_EQ(post("/subscriptions", form).body, first);
  EXPECT_THAT(market_.last_answer, HasSubstr("less than ten minutes ago"));
  EXPECT_EQ(post("/subscriptions", "target=http%3A%2F%2Fa.example%2Fhook").status, 400);
  EXPECT_EQ(post("/subscriptions", "target=https%3A%2F%2F10.0.0.1%2Fhook").status, 400);
  EXPECT_EQ(post("/subscriptions", "target=x%40y.example%0d%0aBcc%3A").status, 400);
  EXPECT_EQ(post("/subscriptions", form).status, 429);
  market_.is_leader = false;
  EXPECT_EQ(post("/subscriptions", form).status, 307);
}

TEST_F(PublicSiteTest, EverySubscriptionOfStatuspageReadersIsServedWithItsFields) {
  market_.measure("matching", "major_outage");
  market_.tell("inc-1", "first", 1);
  for (const std::string& path : statuspage_paths()) {
    const net::HttpResponse response = get("/api/v2/" + path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.header("access-control-allow-origin"), "*");
    EXPECT_THAT(response.body, HasSubstr("\"time_zone\":\"Asia/Tokyo\""));
  }
  const boost::json::value summary = boost::json::parse(get("/api/v2/summary.json").body);
  EXPECT_EQ(summary.at("status").at("indicator").as_string(), "critical");
  const boost::json::value& incident = summary.at("incidents").at(0);
  EXPECT_EQ(incident.at("status").as_string(), "investigating");
  EXPECT_EQ(incident.at("impact").as_string(), "critical");
  EXPECT_EQ(incident.at("started_at").as_string(), "2026-11-26T01:02:03.000Z");
  EXPECT_TRUE(incident.at("resolved_at").is_null());
  EXPECT_EQ(incident.at("components").at(0).at("name").as_string(), "Matching");
  EXPECT_EQ(get("/api/v2/nothing.json").status, 404);
}

TEST_F(PublicSiteTest, ADraftIsNotPublicByAnyPath) {
  ASSERT_EQ(market_.apply("notice.draft",
                          {{"incident", "inc-7"},
                           {"subject", "SECRET DRAFT"},
                           {"text", "SECRET DRAFT"},
                           {"status", "investigating"}},
                          "person:hanako"),
            "");
  for (const char* path : {"/ja", "/en/history", "/history.atom", "/history.rss",
                           "/api/v2/incidents.json", "/notices/inc-7/n1.txt"}) {
    EXPECT_THAT(get(path).body, Not(HasSubstr("SECRET DRAFT"))) << path;
  }
  EXPECT_EQ(get("/ja/incidents/inc-7").status, 404);
}

TEST_F(PublicSiteTest, TheLeadersSignerSignsWhatWaitsAndAnyoneCanCheckIt) {
  const auto* notices = market_.desk().part<desk::Notices>();
  const base::KeyPair key = base::key_pair_from_seed({std::byte{3}});
  desk::NoticeSigner signer(market_, *notices, key);
  signer.begin();
  ASSERT_EQ(notices->public_key(), key.public_key);
  market_.apply("notice.auto", {{"incident", "inc-1"}, {"template", "first"}, {"title", "x"}});
  signer.turn();
  const desk::Notice& notice = *notices->find("inc-1/n1");
  ASSERT_EQ(notice.state, desk::NoticeState::released);
  base::Signature signature{};
  ASSERT_TRUE(base::from_hex(notice.signature, signature));
  EXPECT_TRUE(base::verify_signature(base::as_bytes(get("/notices/inc-1/n1.txt").body), signature,
                                     key.public_key));
  EXPECT_EQ(get("/notices/inc-1/n1.sig").body.size(), signature.size());
  EXPECT_THAT(get("/key.pem").body, HasSubstr("BEGIN PUBLIC KEY"));
}

TEST_F(PublicSiteTest, MaintenanceIsToldToItsComponentsSubscribersAndToNobodyElse) {
  for (const std::string component : {"matching", "feed"}) {
    post("/subscriptions", "target=" + component + "%40b.example&component-" + component + "=yes");
    EXPECT_EQ(post(link_in_mail("confirm_url"), "").status, 200);
  }
  ASSERT_EQ(market_.apply("maintenance.plan",
                          {{"title", "new disks"},
                           {"components", {"matching"}},
                           {"from_ns", PublicMarket::kStart + 60 * PublicMarket::kSecond},
                           {"until_ns", PublicMarket::kStart + 90 * PublicMarket::kSecond}},
                          "person:hanako"),
            "");
  market_.now_ns += 61 * PublicMarket::kSecond;
  market_.apply("desk.tick", {});
  std::vector<std::string> told;
  for (const auto& [number, effect] : market_.desk().outbox().all()) {
    if (effect.key.starts_with("maintenance/")) told.push_back(desk::text_or(effect.what, "to"));
  }
  EXPECT_THAT(told, ::testing::ElementsAre("matching@b.example", "matching@b.example"));
}

TEST_F(PublicSiteTest, AReportInMarkdownRunsNoScript) {
  market_.tell("inc-1", "first", 1);
  ASSERT_EQ(market_.apply("notice.draft",
                          {{"incident", "inc-1"},
                           {"status", "postmortem"},
                           {"subject", "Report"},
                           {"text",
                            "# What happened\n\n<script>x</script>\n\n**bold** "
                            "[here](javascript:x)"}},
                          "person:hanako"),
            "");
  ASSERT_EQ(market_.apply("notice.approve", {{"notice", "inc-1/n2"}}, "person:taro"), "");
  market_.sign();
  const std::string page = get("/en/incidents/inc-1").body;
  EXPECT_THAT(page, HasSubstr("<strong>bold</strong>"));
  EXPECT_THAT(page, HasSubstr("<h3>What happened</h3>"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("javascript:")));
}

TEST(Calendar, LinesAreFoldedAt75OctetsAndNeverWithinACharacter) {
  std::string line = "SUMMARY:";
  for (int i = 0; i < 40; ++i) line += "障";
  const std::string folded = folded_line(line);
  std::string unfolded;
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = folded.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 75u);
    const std::string part = folded.substr(at, end - at);
    unfolded += at == 0 ? part : part.substr(1);
    EXPECT_NE(static_cast<unsigned char>(part.back()) & 0xc0, 0xc0) << "cut behind a lead byte";
    at = end + 2;
  }
  EXPECT_EQ(unfolded, line);
}

}  // namespace
}  // namespace okiagari::web
