#include "web/sessions.h"

#include "web/test_site.h"

namespace okiagari::web {
namespace {

using net::HttpMethod;

class SessionsTest : public SiteTest {
 protected:
  int me(const net::HttpHeaders& headers) {
    return call(HttpMethod::get, "/api/desk/me", "", headers).status;
  }
};

TEST(Totp, CodesAreThoseOfRfc6238) {
  const std::string secret = "12345678901234567890";
  EXPECT_EQ(totp_code(secret, 59 / kTotpStepS), "287082");
  EXPECT_EQ(totp_code(secret, 1111111109 / kTotpStepS), "081804");
  EXPECT_EQ(totp_code(secret, 20000000000 / kTotpStepS), "353130");
}

TEST_F(SessionsTest, WrongPasswordUnknownLoginAndWrongCodeGetTheSameAnswer) {
  add_person("hanako", {"viewer"});
  const auto wrong = try_log_in("hanako", "wrong wrong wrong");
  const auto unknown = try_log_in("nobody", "wrong wrong wrong");
  secret_[0] = 'x';
  const auto code = try_log_in("hanako", kPassword);
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
  EXPECT_EQ(wrong.body, code.body);
}

TEST_F(SessionsTest, EachCodeIsTakenOnce) {
  add_person("hanako", {"viewer"});
  EXPECT_EQ(try_log_in("hanako", kPassword).status, 200);
  EXPECT_EQ(try_log_in("hanako", kPassword).status, 401);
  pass(kTotpStepS);
  EXPECT_EQ(try_log_in("hanako", kPassword).status, 200);
}

TEST_F(SessionsTest, GuessingIsSlowedDownAndSaysWhenToComeAgain) {
  add_person("hanako", {"viewer"});
  int refused = 0;
  for (int time = 0; time < 8; ++time) {
    const auto response = try_log_in("hanako", "guess guess guess");
    if (response.status != 429) continue;
    ++refused;
    EXPECT_TRUE(response.header("retry-after").has_value());
  }
  EXPECT_EQ(refused, 3);
}

TEST_F(SessionsTest, CookieIsHiddenFromScriptsAndOtherSites) {
  add_person("hanako", {"viewer"});
  const auto response = try_log_in("hanako", kPassword);
  const std::string cookie(response.header("set-cookie").value_or(""));
  EXPECT_NE(cookie.find("; HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("; SameSite=Strict"), std::string::npos);
  Session session;
  session.login = "hanako";
  EXPECT_NE(Sessions(keys_).set_cookie(session, true, 0).find("; Secure"), std::string::npos);
}

TEST_F(SessionsTest, CookieChangedInAnyByteIsNobodys) {
  add_person("hanako", {"viewer"});
  const auto good = log_in("hanako");
  ASSERT_EQ(me(good), 200);
  for (std::size_t at = good[0].second.find('=') + 1; at < good[0].second.size(); at += 3) {
    auto forged = good;
    forged[0].second[at] = forged[0].second[at] == '1' ? '2' : '1';
    EXPECT_EQ(me(forged), 401) << at;
    pass(1);
  }
}

TEST_F(SessionsTest, SessionEndsWhenItIsIdleOrOldAndLivesWhileItIsUsed) {
  add_person("hanako", {"viewer"});
  auto headers = log_in("hanako");
  std::int64_t age_s = 0;
  for (; age_s + 1'200 < Sessions::kLongestS; age_s += 1'200) {
    pass(1'200);
    const auto response = call(HttpMethod::get, "/api/desk/me", "", headers);
    ASSERT_EQ(response.status, 200) << age_s;
    const std::string cookie(response.header("set-cookie").value_or(""));
    headers[0].second = cookie.substr(0, cookie.find(';'));
  }
  pass(1'200);
  EXPECT_EQ(me(headers), 401);
  pass(kTotpStepS);
  const auto idle = log_in("hanako");
  pass(Sessions::kIdleS);
  EXPECT_EQ(me(idle), 401);
}

TEST_F(SessionsTest, AnotherDeskWithTheSameKeysKnowsTheSession) {
  add_person("hanako", {"viewer"});
  const auto headers = log_in("hanako");
  open();
  EXPECT_EQ(me(headers), 200);
  keys_.cookies.fill(std::byte{8});
  open();
  EXPECT_EQ(me(headers), 401);
}

TEST_F(SessionsTest, SigningOutEndsTheSessionOnEveryDesk) {
  add_person("hanako", {"viewer"});
  const auto headers = log_in("hanako");
  EXPECT_EQ(call(HttpMethod::post, "/api/desk/logout", "{}", headers).status, 200);
  EXPECT_EQ(me(headers), 401);
  open();
  EXPECT_EQ(me(headers), 401);
}

TEST_F(SessionsTest, OtherRolesOrALockEndTheSessionsThereAre) {
  add_person("hanako", {"viewer"});
  const auto headers = log_in("hanako");
  ASSERT_TRUE(desk_.put("account.set", {{"login", "hanako"}, {"name", "Hanako"}}).ok());
  EXPECT_EQ(me(headers), 200);
  ASSERT_TRUE(desk_.put("account.set", {{"login", "hanako"}, {"locked", true}}).ok());
  EXPECT_EQ(me(headers), 401);
  EXPECT_EQ(try_log_in("hanako", kPassword).status, 401);
}

TEST(RateLimiter, FloodOfKeysDoesNotMakeTheLimitDisappear) {
  RateLimiter limiter({1, 1'000});
  for (std::size_t key = 0; key < RateLimiter::kKeysMax; ++key) {
    EXPECT_TRUE(limiter.take(std::to_string(key), 0));
  }
  EXPECT_FALSE(limiter.take("one more", 1));
  EXPECT_FALSE(limiter.take("0", 1));
  EXPECT_EQ(limiter.size(), RateLimiter::kKeysMax);
  EXPECT_TRUE(limiter.take("one more", 1'000));
}

}  // namespace
}  // namespace okiagari::web
