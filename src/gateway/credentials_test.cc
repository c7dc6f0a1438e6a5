#include "gateway/credentials.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace okiagari::gateway {
namespace {

const std::string kHex(64, 'a');

Credentials two_sessions() {
  CredentialKey key{};
  key[0] = std::byte{1};
  Credentials credentials(key);
  for (SessionId session = 1; session <= 2; ++session) {
    const std::string name = fmt::format("S{}", session);
    EXPECT_TRUE(credentials.add({.session = session,
                                 .name = name,
                                 .token_hash = Credentials::hash_token(key, name, "token"),
                                 .cancel_on_disconnect = session == 2,
                                 .orders_per_second = 100U * session}));
  }
  return credentials;
}

std::string error_of(const std::string& toml) {
  const auto parsed = Credentials::parse(toml, "file.toml");
  return parsed.ok() ? "" : parsed.error().message;
}

TEST(Credentials, NameAndTokenMustBelongTogether) {
  const Credentials credentials = two_sessions();
  ASSERT_NE(credentials.verify("S1", "token"), nullptr);
  EXPECT_EQ(credentials.verify("S1", "token")->session, 1);
  EXPECT_EQ(credentials.verify("S1", "Token"), nullptr);
  EXPECT_EQ(credentials.verify("S1", ""), nullptr);
  EXPECT_EQ(credentials.verify("S3", "token"), nullptr);
  EXPECT_EQ(credentials.verify("", ""), nullptr);
}

TEST(Credentials, SameTokenOfTwoSessionsDoesNotShow) {
  const Credentials credentials = two_sessions();
  EXPECT_NE(credentials.find(1)->token_hash, credentials.find(2)->token_hash);
}

TEST(Credentials, FileThatWasWrittenIsReadBackAndHoldsNoToken) {
  const std::string text = two_sessions().to_toml();
  EXPECT_EQ(text.find("token\""), std::string::npos);
  const auto parsed = Credentials::parse(text, "file.toml");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  ASSERT_NE(parsed.value().verify("S2", "token"), nullptr);
  EXPECT_TRUE(parsed.value().find(2)->cancel_on_disconnect);
  EXPECT_EQ(parsed.value().find(2)->orders_per_second, 200U);
  EXPECT_EQ(parsed.value().to_toml(), text);
}

TEST(Credentials, MisspeltKeyIsNamed) {
  EXPECT_NE(error_of("kee = \"x\"").find("no key 'kee'"), std::string::npos);
  const std::string session = fmt::format(
      "key = \"{}\"\n[[sessions]]\nsession = 1\nname = \"S1\"\ntoken_hsh = \"{}\"\n", kHex, kHex);
  EXPECT_NE(error_of(session).find("no key 'token_hsh'"), std::string::npos);
  EXPECT_NE(error_of(session).find("file.toml, line 2"), std::string::npos);
}

TEST(Credentials, EachMistakeIsNamed) {
  const auto with = [](const std::string& lines) {
    return error_of(fmt::format("key = \"{}\"\n[[sessions]]\n{}", kHex, lines));
  };
  const std::string hash = fmt::format("token_hash = \"{}\"\n", kHex);
  EXPECT_NE(error_of("key = \"12\"").find("'key' must have 64"), std::string::npos);
  EXPECT_NE(error_of("key = ").find("file.toml, line 1"), std::string::npos);
  EXPECT_NE(with("session = 0").find("from 1 to 65535"), std::string::npos);
  EXPECT_NE(with("session = \"1\"").find("from 1 to 65535"), std::string::npos);
  EXPECT_NE(with("session = 1\nname = \"toolong\"").find("1 to 6 characters"), std::string::npos);
  EXPECT_NE(with("session = 1\nname = \"S1\"\ntoken_hash = \"zz\"").find("64 hexadecimal"),
            std::string::npos);
  EXPECT_NE(with("session = 1\nname = \"S1\"\n" + hash +
                 "[[sessions]]\nsession = 1\nname = \"S2\"\n" + hash)
                .find("there already"),
            std::string::npos);
  EXPECT_NE(Credentials::load("no such file").ok(), true);
}

}  // namespace
}  // namespace okiagari::gateway
