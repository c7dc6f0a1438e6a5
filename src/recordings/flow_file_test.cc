#include "recordings/flow_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "test_places.h"

namespace okiagari::recordings {
namespace {

base::Result<Flow> flow_of(const std::string& text) {
  const std::string path =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".flow";
  std::ofstream(path, std::ios::binary) << text;
  return read_flow(path);
}

const std::string kHead = "okiagari flow 1\nI 1 BANDGBP 4 4\nI 2 BANDBTC 4 2\n";

TEST(FlowFile, ReadsEveryKindOfRecord) {
  auto flow = flow_of(kHead + "A 0 17 1 S 148024 127700\nR 5 17 100\nX 5 1 B 148024 50\n");
  ASSERT_TRUE(flow.ok()) << flow.error().message;
  const auto& records = flow.value().records;
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].lots, 127700u);
  EXPECT_EQ(records[1].action, FlowAction::reduce);
  EXPECT_EQ(records[1].order, records[0].order);
  EXPECT_EQ(records[1].price_ticks, 148024);
  EXPECT_EQ(records[2].action, FlowAction::take);
  EXPECT_EQ(records[2].side, Side::buy);
}

TEST(FlowFile, NamesTheLineThatIsWrong) {
  for (const char* line : {"A 0 1 3 S 1 1", "A 0 1 1 X 1 1", "A 0 1 1 S 0 1", "A 0 1 1 S 1 0",
                           "R 0 9 1", "X 0 1 B 1", "Z", "A 0 1 1 S 1 1 1", "I 4 TOOFAR 1 1", ""}) {
    auto flow = flow_of(kHead + line + "\n");
    ASSERT_FALSE(flow.ok()) << line;
    EXPECT_NE(flow.error().message.find(".flow:4: "), std::string::npos) << flow.error().message;
  }
  EXPECT_FALSE(flow_of(kHead + "A 5 1 1 S 1 1\nA 4 2 1 S 1 1\n").ok()) << "time runs backwards";
  EXPECT_FALSE(flow_of(kHead + "A 5 1 1 S 1 1\nA 5 1 1 S 1 1\n").ok()) << "an order twice";
  EXPECT_FALSE(flow_of("okiagari flow 2\n").ok());
  EXPECT_FALSE(flow_of(kHead).ok()) << "no orders";
}

// Half a character in it was counted as none, and the copies' symbols came out too long for the
// wire.
TEST(FlowFile, SymbolThatIsNotAsciiIsRefused) {
  for (const char* symbol : {"BT\x87"
                             "CUSD",
                             "B\x01", "\u65e5\u672c"}) {
    const auto flow = flow_of("okiagari flow 1\nI 1 " + std::string(symbol) + " 4 4\n");
    ASSERT_FALSE(flow.ok()) << symbol;
    EXPECT_NE(flow.error().message.find(".flow:2: "), std::string::npos) << flow.error().message;
  }
}

TEST(FlowFile, TheSampleOfTheRepositoryIsWhole) {
  auto flow = read_flow(std::string(OKIAGARI_SOURCE_DIR) + "/samples/coinbase.flow.zst");
  ASSERT_TRUE(flow.ok()) << flow.error().message;
  EXPECT_EQ(flow.value().instruments.size(), 10u);
  EXPECT_EQ(flow.value().records.size(), 18956u);
}

// Two markets whose names began alike once shared a symbol in their copies, and orders went astray.
TEST(SpreadOver, GivesEveryCopyItsOwnOrdersAndSymbol) {
  auto flow = flow_of(kHead + "A 0 1 1 S 10 5\nA 1 2 2 B 9 5\nR 2 1 0\n");
  ASSERT_TRUE(flow.ok());
  const Flow spread = spread_over(flow.value(), 5);
  ASSERT_EQ(spread.instruments.size(), 5u);
  std::set<std::string> symbols;
  for (const auto& instrument : spread.instruments) symbols.insert(instrument.symbol);
  EXPECT_EQ(symbols.size(), 5u);
  std::set<std::uint32_t> added;
  for (const auto& record : spread.records) {
    EXPECT_LT(record.order, spread.orders);
    const bool is_new = record.action == FlowAction::add && added.insert(record.order).second;
    EXPECT_TRUE(is_new || record.action != FlowAction::add);
    EXPECT_TRUE(record.action != FlowAction::reduce || added.contains(record.order));
  }
  EXPECT_EQ(spread.records.size(), 3u + 2u + 3u);
}

}  // namespace
}  // namespace okiagari::recordings
