#include "recordings/lobster_flow.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace okiagari::recordings {
namespace {

class LobsterFlowTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string folder_;
};

TEST_F(LobsterFlowTest, RowsOfTwoFilesBecomeMessagesInTheOrderOfTheirTime) {
  write("AAA_2012-06-21_1_2_message_1.csv",
        "100.000000001,1,7,50,1000,1\n"
        "100.5,2,7,20,1000,1\n"
        "101.25,4,7,10,1000,1\n"
        "102,3,7,20,1000,1\n");
  write("BBB_2012-06-21_1_2_message_1.csv", "100.25,1,7,5,2000,-1\n");
  write("AAA_2012-06-21_1_2_orderbook_1.csv", "");
  const auto files = lobster_message_files({folder_});
  ASSERT_EQ(files.size(), 2u);
  auto read = read_lobster_flow(files);
  ASSERT_TRUE(read.ok()) << read.error().message;
  const Flow& flow = read.value().flow;
  ASSERT_EQ(flow.instruments.size(), 2u);
  EXPECT_EQ(flow.instruments[1].symbol, "BBB");
  EXPECT_EQ(flow.orders, 2u);
  ASSERT_EQ(flow.records.size(), 5u);
  EXPECT_EQ(flow.records[1].instrument, 1);
  EXPECT_EQ(flow.records[1].time_ms, 249u);
  EXPECT_EQ(flow.records[2].action, FlowAction::reduce);
  EXPECT_EQ(flow.records[2].lots, 30u) << "what remains, not what goes";
  EXPECT_EQ(flow.records[3].action, FlowAction::take);
  EXPECT_EQ(flow.records[3].side, Side::sell) << "the resting order bought";
  EXPECT_EQ(flow.records[4].lots, 0u);
}

TEST_F(LobsterFlowTest, WhatNoMemberCouldHaveSentIsLeftOutAndCounted) {
  write("AAA_message_1.csv",
        "100,1,7,50,1000,1\n"
        "100,5,0,50,1000,1\n"
        "100,7,0,0,-1,-1\n"
        "100,3,99,50,1000,1\n"
        "100,4,98,50,1000,1\n");
  auto read = read_lobster_flow(lobster_message_files({folder_}));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().flow.records.size(), 1u);
  EXPECT_EQ(read.value().rows, 5u);
  EXPECT_EQ(read.value().hidden_executions, 1u);
  EXPECT_EQ(read.value().halts, 1u);
  EXPECT_EQ(read.value().rows_of_older_orders, 2u);
}

TEST_F(LobsterFlowTest, MistakesNameTheFile) {
  write("AAA_1_message_1.csv", "100,1,7,50,1000,1\n");
  write("AAA_2_message_1.csv", "100,1,7,50,1000,1\n");
  auto read = read_lobster_flow(lobster_message_files({folder_}));
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("AAA_2_message_1.csv: a second file of AAA"),
            std::string::npos)
      << read.error().message;
  write("BBB_1_message_1.csv", "100,1,7,50,0,1\n");
  read = read_lobster_flow({folder_ + "/BBB_1_message_1.csv"});
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("BBB_1_message_1.csv:1: a price of 0/10000"),
            std::string::npos)
      << read.error().message;
}

}  // namespace
}  // namespace okiagari::recordings
