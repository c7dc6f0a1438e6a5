#include "gateway/witness.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace okiagari::gateway {
namespace {

class WitnessTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("witness_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path directory_;
};

TEST_F(WitnessTest, NumbersAreReadBack) {
  const Witness witness{.cluster = ~0ULL,
                        .term = 4,
                        .sequence = 1'000,
                        .event = 3'000,
                        .feed = 2'000,
                        .sessions = {{.session = 5, .epoch = 2, .next_number = 77}}};
  ASSERT_TRUE(save_witness(directory_, witness).ok());
  const auto read = load_witness(directory_);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().cluster, ~0ULL);
  EXPECT_EQ(read.value().term, 4U);
  EXPECT_EQ(read.value().sequence, 1'000U);
  EXPECT_EQ(read.value().event, 3'000U);
  EXPECT_EQ(read.value().feed, 2'000U);
  ASSERT_EQ(read.value().sessions.size(), 1U);
  EXPECT_EQ(read.value().sessions[0].session, 5);
  EXPECT_EQ(read.value().sessions[0].epoch, 2U);
  EXPECT_EQ(read.value().sessions[0].next_number, 77U);
}

TEST_F(WitnessTest, FirstStartHasNoWitness) {
  const auto read = load_witness(directory_);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().cluster, 0U);
}

TEST_F(WitnessTest, DamagedFileIsNotTakenForAFirstStart) {
  for (const char* text : {"", "{", "{}", "[]", "{\"version\":2}",
                           "{\"version\":1,\"cluster\":\"x\"}", "{\"version\":1,\"cluster\":-1}"}) {
    std::ofstream(witness_path(directory_)) << text;
    const auto read = load_witness(directory_);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_NE(read.error().message.find(witness_path(directory_)), std::string::npos);
  }
}

TEST_F(WitnessTest, ARebuiltClusterIsEnteredAndWhatWasSeenOfTheOldOneIsKept) {
  const Witness old{.cluster = 0xA, .term = 4, .sequence = 1'000, .sessions = {}};
  ASSERT_TRUE(save_witness(directory_, old).ok());
  ASSERT_TRUE(enter_cluster(directory_, old, 0xB).ok());
  EXPECT_EQ(load_witness(directory_).value().cluster, 0U);
  std::ifstream file(former_witness_path(directory_, 0xA));
  const auto kept = parse_witness(std::string(std::istreambuf_iterator<char>(file), {}), "kept");
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_EQ(kept.value().sequence, 1'000U);
}

TEST_F(WitnessTest, NobodyGoesBackToAClusterThatWasLeft) {
  const Witness old{.cluster = 0xA, .sessions = {}};
  ASSERT_TRUE(save_witness(directory_, old).ok());
  ASSERT_TRUE(enter_cluster(directory_, old, 0xA).ok()) << "its own cluster is no other";
  ASSERT_TRUE(enter_cluster(directory_, old, 0xB).ok());
  const base::Status back = enter_cluster(directory_, Witness{.cluster = 0xB, .sessions = {}}, 0xA);
  ASSERT_FALSE(back.ok());
  EXPECT_NE(back.error().message.find("this gateway has left cluster 10"), std::string::npos)
      << back.error().message;
}

}  // namespace
}  // namespace okiagari::gateway
