// What leaves the house, byte by byte where a format demands it.
#include "desk/outgoing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/base64.h"
#include "desk/mail_message.h"

namespace okiagari::desk {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kNow = 1'800'000'000 * kSecond;

CourierSettings settings() {
  CourierSettings made;
  made.mail.host = "mail.example";
  made.mail.from = "desk@exchange.example";
  made.mail.from_name = "障害対策デスク";
  made.public_url = "https://desk.example";
  made.secrets = {{"phones", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
                  {"pd", "0123456789abcdef0123456789abcdef"}};
  made.sirens = {{"control_room", {"/usr/bin/horn", "--loud"}}};
  return made;
}

Effect call(const std::string& kind, boost::json::object more) {
  Effect effect;
  effect.key = "page/inc-1/2/hanako/" + kind;
  effect.kind = kind;
  effect.owner = "page";
  effect.incident = "inc-1";
  effect.added_ns = kNow;
  effect.what = {{"action", "trigger"},
                 {"step", 2},
                 {"severity", 1},
                 {"person", "hanako"},
                 {"name", "佐藤 花子"},
                 {"language", "ja"},
                 {"subject", "[inc-1 P1] 市場停止"},
                 {"text", "応答:\n{acknowledge}\n"},
                 {"began_ns", kNow},
                 {"at_ns", kNow},
                 {"expires_s", 1'800'086'400}};
  for (auto& pair : more) effect.what[pair.key()] = pair.value();
  return effect;
}

HttpPost post_of(const Effect& effect) {
  auto outgoing = make_outgoing(effect, settings(), kNow);
  EXPECT_TRUE(outgoing.ok()) << (outgoing.ok() ? "" : outgoing.error().message);
  return outgoing.ok() ? std::get<HttpPost>(outgoing.value()) : HttpPost{};
}

boost::json::object body_of(const HttpPost& post) {
  return boost::json::parse(post.body).get_object();
}

TEST(OutgoingTest, AWebhookIsSignedAsTheStandardsExampleIs) {
  EXPECT_EQ(
      webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        1'614'265'330, R"({"test": 2432232314})"),
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(OutgoingTest, AWebhookIsACloudEventWithTheLinkAndWithoutTheSecret) {
  const HttpPost post =
      post_of(call("webhook", {{"to", "https://phones.example/h"}, {"secret", "phones"}}));
  EXPECT_EQ(post.url, "https://phones.example/h");
  EXPECT_THAT(post.headers, testing::Contains("webhook-id: page/inc-1/2/hanako/webhook"));
  EXPECT_THAT(post.headers, testing::Contains("webhook-timestamp: 1800000000"));
  EXPECT_THAT(post.headers,
              testing::Contains("webhook-signature: " +
                                webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                                                  "page/inc-1/2/hanako/webhook", 1'800'000'000,
                                                  post.body)));
  const boost::json::object event = body_of(post);
  EXPECT_EQ(event.at("specversion").as_string(), "1.0");
  EXPECT_EQ(event.at("id").as_string(), "page/inc-1/2/hanako/webhook");
  EXPECT_EQ(event.at("source").as_string(), "https://desk.example");
  EXPECT_EQ(event.at("time").as_string(), "2027-01-15T08:00:00.000Z");
  const boost::json::object& data = event.at("data").as_object();
  EXPECT_FALSE(data.contains("secret"));
  const std::string url(data.at("acknowledge_url").as_string());
  const std::string prefix = "https://desk.example/ack/";
  ASSERT_THAT(url, StartsWith(prefix));
  const auto claim = read_ack_token(url.substr(prefix.size()), settings().ack_key, 1'800'000'000);
  ASSERT_TRUE(claim.ok()) << claim.error().message;
  EXPECT_EQ(claim.value(), (AckClaim{"inc-1", 2, "hanako", 1'800'086'400}));
}

TEST(OutgoingTest, APagerDutyEventHasWhatItsVersionTwoDemands) {
  const boost::json::object event = body_of(
      post_of(call("pagerduty", {{"to", "https://pd.example/v2/enqueue"}, {"secret", "pd"}})));
  EXPECT_EQ(event.at("routing_key").as_string(), "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(event.at("event_action").as_string(), "trigger");
  EXPECT_EQ(event.at("dedup_key").as_string(), "page/inc-1/2/hanako/pagerduty");
  const boost::json::object& payload = event.at("payload").as_object();
  EXPECT_EQ(payload.at("summary").as_string(), "[inc-1 P1] 市場停止");
  EXPECT_EQ(payload.at("severity").as_string(), "critical");
  EXPECT_EQ(payload.at("source").as_string(), "https://desk.example");
  EXPECT_TRUE(payload.at("custom_details").is_object());
  ASSERT_TRUE(event.at("links").is_array());
  EXPECT_TRUE(event.at("links").as_array().at(0).as_object().at("href").is_string());
}

TEST(OutgoingTest, NewsToAPagerHaveTheKeyOfTheCall) {
  Effect news = call("pagerduty", {{"to", "https://pd.example"}, {"secret", "pd"}});
  news.key += "/acknowledge";
  news.what["action"] = "acknowledge";
  const boost::json::object event = body_of(post_of(news));
  EXPECT_EQ(event.at("event_action").as_string(), "acknowledge");
  EXPECT_EQ(event.at("dedup_key").as_string(), "page/inc-1/2/hanako/pagerduty");
}

TEST(OutgoingTest, AnAlertBeginsAndEndsWithTheSameLabels) {
  Effect begin = call("alertmanager", {{"to", "http://am.example:9093/"}});
  const HttpPost post = post_of(begin);
  EXPECT_EQ(post.url, "http://am.example:9093/api/v2/alerts");
  Effect end = begin;
  end.key += "/resolve";
  end.what["action"] = "resolve";
  const auto first = boost::json::parse(post.body).as_array().at(0).as_object();
  const auto last = boost::json::parse(post_of(end).body).as_array().at(0).as_object();
  EXPECT_EQ(first.at("labels"), last.at("labels"));
  EXPECT_EQ(first.at("startsAt"), last.at("startsAt"));
  EXPECT_EQ(first.at("endsAt").as_string(), "2027-01-15T12:00:00.000Z");
  EXPECT_EQ(last.at("endsAt").as_string(), "2027-01-15T08:00:00.000Z");
}

TEST(OutgoingTest, WhatTheSettingsDoNotHaveIsRefusedForGood) {
  CourierSettings empty;
  for (const char* kind : {"mail", "webhook", "pagerduty", "siren"}) {
    const auto outgoing =
        make_outgoing(call(kind, {{"to", "x"}, {"secret", "phones"}}), empty, kNow);
    EXPECT_FALSE(outgoing.ok()) << kind;
  }
  EXPECT_FALSE(make_outgoing(call("market_act", {}), settings(), kNow).ok());
  EXPECT_FALSE(is_carried("file"));
}

TEST(OutgoingTest, AStatusMeansDoneAgainOrNever) {
  EXPECT_EQ(fate_of_status(202), Fate::done);
  for (const long status : {408L, 429L, 500L, 503L})
    EXPECT_EQ(fate_of_status(status), Fate::try_again);
  for (const long status : {301L, 400L, 404L, 410L})
    EXPECT_EQ(fate_of_status(status), Fate::refused);
}

std::string mail_of(const Effect& effect) {
  auto outgoing = make_outgoing(effect, settings(), kNow);
  EXPECT_TRUE(outgoing.ok()) << (outgoing.ok() ? "" : outgoing.error().message);
  return outgoing.ok() ? std::get<OutgoingMail>(outgoing.value()).message : "";
}

TEST(MailMessageTest, AMailHasItsHeadsInAsciiAndItsTextInBase64) {
  const std::string mail = mail_of(call("mail", {{"to", "hanako@exchange.example"}}));
  EXPECT_THAT(mail, HasSubstr("Message-ID: <page/inc-1/2/hanako/mail@exchange.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("In-Reply-To: <incident/inc-1@exchange.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"));
  EXPECT_THAT(mail, HasSubstr("Idempotency-Key: page/inc-1/2/hanako/mail\r\n"));
  EXPECT_THAT(mail, HasSubstr("X-Priority: 1"));
  EXPECT_TRUE(std::all_of(mail.begin(), mail.end(), [](char c) { return c > 0; }));
  for (std::size_t at = 0; at < mail.size();) {
    const std::size_t end = mail.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 78u);
    at = end + 2;
  }
  const std::string body = mail.substr(mail.find("\r\n\r\n") + 4);
  std::string joined;
  for (const char c : body) {
    if (c != '\r' && c != '\n') joined += c;
  }
  EXPECT_THAT(base::from_base64(joined).value_or(""),
              HasSubstr("応答:\r\nhttps://desk.example/ack/"));
}

TEST(MailMessageTest, NoTextWritesAHeadOfItsOwn) {
  Effect effect = call(
      "mail", {{"to", "a@b.example"},
               {"subject", "x\r\nBcc: everyone@b.example"},
               {"name", "\"A\", <evil@b.example>"},
               {"headers", {{"List-Unsubscribe", "<https://x>\r\nBcc: c@d"}, {"Bad Name", "x"}}}});
  const std::string mail = mail_of(effect);
  EXPECT_THAT(mail, Not(HasSubstr("\nBcc:")));
  EXPECT_THAT(mail, Not(HasSubstr("<evil@")));
  EXPECT_THAT(mail, Not(HasSubstr("Bad Name")));
  EXPECT_THAT(mail, HasSubstr("List-Unsubscribe: <https://x>  Bcc: c@d\r\n"));
  effect.what["to"] = "a@b.example>\r\nDATA";
  EXPECT_FALSE(make_outgoing(effect, settings(), kNow).ok());
}

TEST(MailMessageTest, EncodedWordsDoNotCutACharacter) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "障";
  const std::string words = encoded_words(text);
  std::string decoded;
  for (std::size_t at = words.find("?B?"); at != std::string::npos;
       at = words.find("?B?", at + 1)) {
    const auto part = base::from_base64(words.substr(at + 3, words.find("?=", at + 3) - at - 3));
    ASSERT_TRUE(part.has_value());
    EXPECT_EQ(part->size() % 3, 0u);
    decoded += *part;
  }
  EXPECT_EQ(decoded, text);
  EXPECT_EQ(encoded_words("plain"), "plain");
}

TEST(AckTokenTest, ATokenIsGoodForWhatItSaysAndForNothingElse) {
  AckKey key{};
  key[0] = std::byte{7};
  const AckClaim claim{"inc-1", 2, "hanako", 1'000};
  const std::string token = make_ack_token(claim, key);
  ASSERT_TRUE(read_ack_token(token, key, 999).ok());
  EXPECT_EQ(read_ack_token(token, key, 999).value(), claim);
  EXPECT_FALSE(read_ack_token(token, key, 1'000).ok());
  EXPECT_FALSE(read_ack_token(token, AckKey{}, 999).ok());
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == '1' ? '2' : '1';
    EXPECT_FALSE(read_ack_token(changed, key, 999).ok()) << changed;
    EXPECT_FALSE(read_ack_token(token.substr(0, at), key, 999).ok());
  }
}

TEST(CourierSettingsTest, TheExampleIsReadAndAPasswordInTheClearIsRefused) {
  const auto read = parse_courier_settings(R"(
public_url = "https://desk.example"
ack_key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
[mail]
host = "mail.example"
from = "desk@exchange.example"
user = "desk"
password = "secret"
[[siren]]
name = "control_room"
command = ["/usr/bin/horn"]
)",
                                           "courier.toml");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().mail.security, MailSecurity::starttls);
  const auto clear = parse_courier_settings(
      "public_url = \"https://d\"\nack_key = \"" + std::string(64, '0') +
          "\"\n[mail]\nhost = \"m\"\nfrom = \"a@b\"\npassword = \"x\"\nsecurity = \"none\"\n",
      "courier.toml");
  ASSERT_FALSE(clear.ok());
  EXPECT_THAT(clear.error().message, HasSubstr("courier.toml:7: a password is not sent"));
}

}  // namespace
}  // namespace okiagari::desk
