// Goal: what two people sign at a desk is what a gateway obeys. Method: a gateway's own guard, with
// a halt in force, whose folder the desk reads, and which is handed what the desk makes of two
// signatures over the text that was proposed.
#include "cli/gateway_guards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "gateway/halt_guard.h"

namespace okiagari::cli {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kCluster = 77;
constexpr TimestampNs kNow = 1'795'000'000'000'000'000;
const std::string kProof(64, 'a');

base::KeyPair keys_of(std::uint16_t operator_id) {
  std::array<std::byte, 32> seed{};
  seed[0] = static_cast<std::byte>(operator_id);
  return base::key_pair_from_seed(seed);
}

class GatewayGuardsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = "/tmp/okiagari-guards-XXXXXX";
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
    market_.cluster = kCluster;
    for (GatewayId gateway = 1; gateway <= 2; ++gateway) {
      deployment::GatewayPlace place;
      place.gateway = gateway;
      place.folder = folder_ / ("gateway-" + std::to_string(gateway));
      std::filesystem::create_directories(place.folder);
      market_.gateways.push_back(place);
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] gateway::HaltGuard guard(std::size_t place) const {
    wire::OperatorKeys keys;
    for (std::uint16_t id = 1; id <= 2; ++id) {
      EXPECT_TRUE(keys.add({id, "someone", keys_of(id).public_key, false}));
    }
    return {market_.gateways[place].folder, kCluster, std::move(keys)};
  }
  // Of an instrument, number 5, by one person.
  static std::string halt() {
    wire::HaltDocument document;
    document.cluster = kCluster;
    document.number = 5;
    document.scope = venue::Scope::instrument;
    document.target = "OKI0001";
    document.reason = "looks wrong";
    document.issued_at_s = kNow / 1'000'000'000;
    document.accept_until_s = document.issued_at_s + 60;
    wire::sign_halt_document(document, 1, keys_of(1).secret_key);
    return wire::to_json(document);
  }
  static boost::json::object wanted(std::int64_t lifts) {
    return {{"lifts", lifts}, {"proof", kProof}, {"reason", "it was looked at"}};
  }
  static boost::json::array signed_by_both(const std::string& text) {
    boost::json::array approvals;
    for (std::uint16_t id = 1; id <= 2; ++id) {
      const auto signature = base::sign(base::as_bytes(text), keys_of(id).secret_key);
      approvals.push_back({{"operator", id}, {"signature", base::to_hex(signature)}});
    }
    return approvals;
  }

  std::filesystem::path folder_;
  deployment::DeploymentFile market_;
};

TEST_F(GatewayGuardsTest, WhatTwoSignedLiftsWhatTheGatewayObeys) {
  gateway::HaltGuard obeying = guard(0);
  ASSERT_EQ(obeying.hand_over(halt(), kNow).verdict, gateway::HaltVerdict::in_effect);
  const boost::json::array rows = guards_in_force(market_);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("halts").at(0).at("number"), 5);
  EXPECT_EQ(rows[0].at("halts").at(0).at("target"), "OKI0001");
  EXPECT_TRUE(rows[1].at("halts").as_array().empty()) << "it was never given one";

  const auto draft = draft_lift(market_, wanted(5), kNow);
  ASSERT_TRUE(draft.ok()) << draft.error().message;
  const auto read = read_lift(draft.value());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().words.en,
            "gateways take orders again: halt 5 of instrument OKI0001 is lifted");
  EXPECT_THAT(read.value().words.ja, HasSubstr("銘柄 OKI0001"));
  EXPECT_THAT(read.value().signs, HasSubstr("\nlifts=5\nproof=" + kProof));

  const auto one = signed_lift(draft.value(), {signed_by_both(read.value().signs)[0]});
  EXPECT_EQ(obeying.hand_over(one.value(), kNow).verdict,
            gateway::HaltVerdict::second_person_missing);
  const auto both = signed_lift(draft.value(), signed_by_both(read.value().signs));
  ASSERT_TRUE(both.ok()) << both.error().message;
  const auto lifted = obeying.hand_over(both.value(), kNow);
  EXPECT_EQ(lifted.verdict, gateway::HaltVerdict::lifted) << lifted.text;
  EXPECT_TRUE(guards_in_force(market_)[0].at("halts").as_array().empty());
}

TEST_F(GatewayGuardsTest, OnlyAHaltThatIsObeyedHereIsLiftedAndOnlyWithAProof) {
  EXPECT_THAT(draft_lift(market_, wanted(5), kNow).error().message, HasSubstr("number 5"));
  gateway::HaltGuard obeying = guard(1);
  ASSERT_EQ(obeying.hand_over(halt(), kNow).verdict, gateway::HaltVerdict::in_effect);
  EXPECT_TRUE(draft_lift(market_, wanted(5), kNow).ok()) << "one gateway is enough";
  boost::json::object without = wanted(5);
  without["proof"] = "";
  EXPECT_THAT(draft_lift(market_, without, kNow).error().message, HasSubstr("verify --proof"));
  without = wanted(5);
  without["reason"] = "";
  EXPECT_THAT(draft_lift(market_, without, kNow).error().message, HasSubstr("reason"));
}

TEST_F(GatewayGuardsTest, AFileThatCannotBeReadIsToldAndTheOthersAreShown) {
  std::ofstream(market_.gateways[0].folder + "/halt_state.json") << "{\"version\":1,\"halts\":[";
  gateway::HaltGuard obeying = guard(1);
  ASSERT_EQ(obeying.hand_over(halt(), kNow).verdict, gateway::HaltVerdict::in_effect);
  const boost::json::array rows = guards_in_force(market_);
  EXPECT_THAT(std::string(rows[0].at("error").as_string()), HasSubstr("is damaged"));
  EXPECT_EQ(rows[1].at("halts").as_array().size(), 1u);
}

TEST_F(GatewayGuardsTest, WhatIsProposedIsALiftThatNobodyHasSignedYet) {
  EXPECT_THAT(read_lift(halt()).error().message, HasSubstr("order it instead"));
  gateway::HaltGuard obeying = guard(0);
  ASSERT_EQ(obeying.hand_over(halt(), kNow).verdict, gateway::HaltVerdict::in_effect);
  const auto draft = draft_lift(market_, wanted(5), kNow);
  ASSERT_TRUE(draft.ok());
  const auto signed_before =
      signed_lift(draft.value(), signed_by_both(read_lift(draft.value()).value().signs));
  EXPECT_THAT(read_lift(signed_before.value()).error().message, HasSubstr("signed already"));
}

}  // namespace
}  // namespace okiagari::cli
