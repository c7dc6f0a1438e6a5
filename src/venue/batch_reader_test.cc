// What is not a batch, or not a command, changes nothing but what it says about itself.
#include "venue/batch_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BatchReaderTest : public testing::Test {
 protected:
  std::string batch_of_two_orders() {
    BatchWriter batch;
    NewOrder order = market.in_stream(1, TestMarket::order(1, Side::buy, 10, 500));
    batch.add(order);
    ++order.header.stream_number;
    ++order.user_reference;
    batch.add(order);
    return std::string(base::as_text(batch.finish(market.now_ns + 1)));
  }
  Lines apply(const std::string& bytes) { return market.apply_bytes(base::as_bytes(bytes)); }

  TestMarket market;
};

TEST_F(BatchReaderTest, ABatchThatDoesNotFitTogetherIsSkippedWhole) {
  const std::string good = batch_of_two_orders();
  const Sequence before = market.venue.last_sequence();
  const auto is_skipped = [&](std::size_t offset, char value) {
    std::string bad = good;
    bad[offset] = value;
    EXPECT_THAT(apply(bad), IsEmpty());
    return market.venue.last_sequence() == before;
  };
  EXPECT_TRUE(is_skipped(0, 2));         // version
  EXPECT_TRUE(is_skipped(4, 1));         // count
  EXPECT_TRUE(is_skipped(4, 3));         // count
  EXPECT_TRUE(is_skipped(8, 0));         // size of the batch
  EXPECT_TRUE(is_skipped(24, 59));       // size of the first command
  EXPECT_TRUE(is_skipped(24, 0));        // a command of no size
  EXPECT_TRUE(is_skipped(25, 4));        // one that is longer than a command may be
  EXPECT_TRUE(is_skipped(24 + 60, 61));  // one that ends behind the batch
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(apply(good.substr(0, size)), IsEmpty());
  }
  EXPECT_THAT(apply(good + std::string(3, '\0')), IsEmpty());
  EXPECT_EQ(market.venue.last_sequence(), before);
  EXPECT_EQ(apply(good).size(), 5u);
  EXPECT_EQ(market.venue.last_sequence(), before + 2);
}

TEST_F(BatchReaderTest, TimeNeverRunsBackwards) {
  BatchWriter batch;
  batch.add(market.in_stream(1, TestMarket::order(1, Side::buy, 10, 500)));
  const TimestampNs now = market.venue.last_timestamp_ns();
  market.apply_bytes(batch.finish(now - 5));
  EXPECT_EQ(market.venue.last_timestamp_ns(), now);
}

TEST_F(BatchReaderTest, AnEmptyBatchIsABatch) {
  BatchWriter batch;
  EXPECT_THAT(market.apply(batch), IsEmpty());
  EXPECT_EQ(market.venue.last_timestamp_ns(), market.now_ns);
}

// The rest of the batch goes on, and so does the stream of the session that sent it.
TEST_F(BatchReaderTest, AMalformedCommandIsToldToItsGatewayAndHasItsPlaceInTheStream) {
  std::string bytes = batch_of_two_orders();
  bytes[24 + 3] = 9;  // version
  EXPECT_THAT(apply(bytes),
              ElementsAre("gateway 1 about session 1: new order 0: malformed, 0 affected",
                          "session 1: accepted 2: buy 10 of 1 at 50000, reference 1, lives",
                          "feed: add 1: buy 10 of 1 at 50000",
                          "gateway 1 about session 1: decided: 2 of epoch 1"));
  EXPECT_EQ(market.commands, 2u);
}

TEST_F(BatchReaderTest, UnknownTypesAreMalformed) {
  for (int type = 0; type < 256; ++type) {
    CommandHeader header{};
    header.size_bytes = sizeof header;
    header.type = static_cast<CommandType>(type);
    header.version = kCommandVersion;
    header.gateway = 3;
    BatchWriter batch;
    batch.add_raw(base::object_bytes(header));
    const Lines lines = market.apply(batch);
    // Of a header alone, too.
    if (header.type == CommandType::advance_plan) {
      EXPECT_THAT(lines, ElementsAre("gateway 3: advance plan 0: nothing due, 0 affected"));
      continue;
    }
    if (header.type == CommandType::no_operation) {
      EXPECT_THAT(lines, IsEmpty());
      continue;
    }
    ASSERT_EQ(lines.size(), 1u);
    // In the range of commands that belong to a session, there is none to belong to.
    const bool is_of_session = type >= 1 && type < 16;
    EXPECT_NE(lines[0].find(is_of_session ? "unknown session" : "malformed"), std::string::npos)
        << lines[0];
  }
}

}  // namespace
}  // namespace okiagari::venue
