// Goal: the act is what two people signed, and nothing that anybody made of it since. Method: the
// golden file, altered in every place.
#include "salvage/rebuild_act.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "test_places.h"

namespace okiagari::salvage {
namespace {

using testing::HasSubstr;

std::string golden_path() {
  return std::string(OKIAGARI_SOURCE_DIR) + "/src/salvage/golden/rebuild_act_v1.json";
}

base::SecretKey key_of(std::uint8_t person) {
  std::array<std::byte, 32> seed{};
  seed[0] = std::byte{person};
  return base::key_pair_from_seed(seed).secret_key;
}

RebuildAct proposed() {
  RebuildAct act;
  act.command.old_cluster = 0x1111222233334444;
  act.command.new_cluster = 0x0123456789ABCDEF;
  act.command.survivor = 2;
  act.command.last_index = 900;
  act.command.last_term = 7;
  act.command.sequence = 12'345;
  act.command.state_hash = 0xFEDCBA9876543210;
  act.command.chain[0] = std::byte{0xC0};
  act.voters = {{1, 0xA1}, {2, 0xA2}, {4, 0xA4}};
  act.losses = {"0 orders, 0 replacements, 0 cancels, 0 trades", "a \"line\" of its own"};
  act.seal();
  return act;
}

RebuildAct signed_by_two() {
  RebuildAct act = proposed();
  EXPECT_TRUE(act.sign(1, key_of(1)).ok());
  EXPECT_TRUE(act.sign(2, key_of(2)).ok());
  return act;
}

TEST(RebuildAct, TheFileIsWhatItWas) {
  const std::string now = signed_by_two().to_json();
  if (std::getenv("OKIAGARI_WRITE_GOLDEN") != nullptr) std::ofstream(golden_path()) << now;
  std::ifstream file(golden_path());
  EXPECT_EQ(now, std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(RebuildAct, AnOldFileIsReadAndIsTheSameAct) {
  const auto read = RebuildAct::load(golden_path());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().digest(), proposed().digest());
  EXPECT_EQ(read.value().approvals(), 2);
  EXPECT_EQ(read.value().to_json(), signed_by_two().to_json());
}

TEST(RebuildAct, OnePersonSignsOnceAndAThirdNotAtAll) {
  RebuildAct act = proposed();
  ASSERT_TRUE(act.sign(1, key_of(1)).ok());
  EXPECT_THAT(act.sign(1, key_of(1)).error().message, HasSubstr("has signed already"));
  ASSERT_TRUE(act.sign(2, key_of(2)).ok());
  EXPECT_THAT(act.sign(3, key_of(3)).error().message, HasSubstr("two operators"));
}

TEST(RebuildAct, SigningDoesNotChangeWhatIsSigned) {
  EXPECT_EQ(signed_by_two().digest(), proposed().digest());
}

TEST(RebuildAct, AnotherListOfLossesIsAnotherAct) {
  RebuildAct act = proposed();
  act.losses[0] = "1 orders";
  act.seal();
  EXPECT_NE(act.digest(), proposed().digest());
}

TEST(RebuildAct, WhoeverAltersTheFileIsRefused) {
  const std::string whole = signed_by_two().to_json();
  ASSERT_TRUE(RebuildAct::parse(whole, "act").ok());
  const auto altered = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return RebuildAct::parse(text.replace(at, from.size(), to), "act");
  };
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"last_index\":900", "\"last_index\":899"},
           {"0 orders", "1 orders"},
           {"\"node\":4", "\"node\":5"},
           {"00000000000000a4", "00000000000000a5"},
           {"0123456789abcdef", "0123456789abcdee"},
           {"\"survivor\":2", "\"survivor\":1"}}) {
    const auto read = altered(from, to);
    ASSERT_FALSE(read.ok()) << from;
    EXPECT_THAT(read.error().message, HasSubstr("`digest`")) << from;
  }
}

TEST(RebuildAct, WhatIsNotWholeIsRefusedByName) {
  const auto refusal = [](const std::string& from, const std::string& to) {
    std::string text = signed_by_two().to_json();
    text.replace(text.find(from), from.size(), to);
    const auto read = RebuildAct::parse(text, "act");
    return read.ok() ? "" : read.error().message;
  };
  EXPECT_THAT(refusal("\"chain\"", "\"chains\""), HasSubstr("`chain`"));
  EXPECT_THAT(refusal("\"rebuild_act\":1", "\"rebuild_act\":2"), HasSubstr("`rebuild_act`"));
  EXPECT_THAT(refusal("0123456789abcdef", "1111222233334444"), HasSubstr("`new_cluster`"));
  EXPECT_THAT(refusal("0123456789abcdef", "0000000000000000"), HasSubstr("`new_cluster`"));
  EXPECT_THAT(refusal("\"node\":1", "\"node\":2"), HasSubstr("`voters`"));
  EXPECT_THAT(refusal("\"operator\":1", "\"operator\":0"), HasSubstr("`approvals`"));
  EXPECT_FALSE(RebuildAct::parse("[]", "act").ok());
  EXPECT_FALSE(RebuildAct::parse("", "act").ok());
}

}  // namespace
}  // namespace okiagari::salvage
