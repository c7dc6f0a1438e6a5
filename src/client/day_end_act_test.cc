#include "client/day_end_act.h"

#include <gtest/gtest.h>

namespace okiagari::client {
namespace {

base::KeyPair keys(std::uint8_t of) {
  std::array<std::byte, 32> seed{};
  seed[0] = static_cast<std::byte>(of);
  return base::key_pair_from_seed(seed);
}

TEST(DayEndAct, IsReadAsItWasWritten) {
  DayEndAct act = make_day_end(77, 20261126, 9);
  const base::Digest digest = act.digest();
  EXPECT_TRUE(approve_day_end(act, 1, keys(1).secret_key, 1'800'000'000));
  EXPECT_FALSE(approve_day_end(act, 1, keys(1).secret_key, 0)) << "it has signed";
  EXPECT_TRUE(approve_day_end(act, 2, keys(2).secret_key, 0));
  EXPECT_FALSE(approve_day_end(act, 3, keys(3).secret_key, 0)) << "two have signed";
  const auto read = parse_day_end(to_json(act));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().cluster, 77u);
  EXPECT_EQ(read.value().digest(), digest);
  EXPECT_EQ(read.value().words(), "control 9: end of 20261126");
  EXPECT_EQ(to_json(read.value()), to_json(act));
}

TEST(DayEndAct, AnotherDayUnderTheSameDigestIsRefused) {
  const DayEndAct act = make_day_end(77, 20261126, 9);
  std::string text = to_json(act);
  const std::string of_another = to_json(make_day_end(77, 20261127, 9));
  const std::size_t at = text.find("\"command\"");
  text = text.substr(0, at) + of_another.substr(of_another.find("\"command\""));
  const auto read = parse_day_end(text);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, "the digest is not that of the command");
}

TEST(DayEndAct, WhatIsNoneIsRefusedInWords) {
  for (const char* wrong : {"", "{}", "[]", R"({"okiagari_day_end":2})",
                            R"({"okiagari_day_end":1,"cluster":1,"command":"00"})"}) {
    const auto read = parse_day_end(wrong);
    ASSERT_FALSE(read.ok()) << wrong;
    EXPECT_FALSE(read.error().message.empty());
  }
}

}  // namespace
}  // namespace okiagari::client
