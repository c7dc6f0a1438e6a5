#include "web/picture_history.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "web/test_site.h"

namespace okiagari::web {
namespace {

class PictureHistoryTest : public ::testing::Test {
 protected:
  void see(NodeId leader, std::uint64_t applied, bool serves) {
    desk_.now_ns_ += 250'000'000;
    now_ms_ += PictureHistory::kEveryMs;
    desk_.picture_["leader"] = leader;
    desk_.picture_["servers"] = {{{"applied", applied}}, {{"applied", applied - 1}}};
    if (acknowledges_) ++answers_;
    desk_.picture_["gateways"] = {
        {{"gateway", 2}, {"serving", serves}, {"acknowledged_ms", 1.5}, {"answers", answers_}}};
    history_.tick(now_ms_);
  }
  TestDesk desk_;
  PictureHistory history_{desk_};
  std::uint64_t now_ms_ = 1'000;
  std::uint64_t answers_ = 0;
  bool acknowledges_ = true;
};

TEST_F(PictureHistoryTest, AFailOverIsAGapInTheLineAndATimeWithoutALeader) {
  see(1, 100, true);
  see(0, 100, false);
  see(2, 160, true);
  const auto series = history_.series(0);
  EXPECT_EQ(boost::json::serialize(series.at("leader")), "[1,0,2]");
  EXPECT_EQ(boost::json::serialize(series.at("applied")), "[100,100,160]");
  const auto& line = series.at("gateways").at(0);
  EXPECT_EQ(line.at("gateway").as_int64(), 2);
  EXPECT_EQ(boost::json::serialize(line.at("acknowledged_ms")), "[1.5E0,null,1.5E0]");
}

// The day a halted market was drawn as one that acknowledges in 23 ms, for as long as it stood.
TEST_F(PictureHistoryTest, AGatewayThatRefusesEveryTestOrderHasNoTimeToAcknowledgement) {
  see(1, 100, true);
  acknowledges_ = false;
  for (int i = 0; i < 5; ++i) see(1, 100, true);
  acknowledges_ = true;
  see(1, 101, true);
  EXPECT_EQ(boost::json::serialize(history_.series(0).at("gateways").at(0).at("acknowledged_ms")),
            "[1.5E0,1.5E0,1.5E0,1.5E0,null,null,1.5E0]");
}

TEST_F(PictureHistoryTest, WhoAsksAgainGetsWhatIsNewAndTheOldestGoesFirst) {
  see(1, 1, true);
  const TimestampNs first_ns = desk_.now_ns_;
  see(1, 2, true);
  EXPECT_EQ(boost::json::serialize(history_.series(first_ns).at("applied")), "[2]");
  history_.tick(now_ms_ + 1);
  EXPECT_EQ(history_.series(0).at("at_ns").as_array().size(), 2u) << "not before its time";
  for (std::size_t i = 0; i < PictureHistory::kMost; ++i) see(1, 10 + i, true);
  const auto all = history_.series(0);
  EXPECT_EQ(all.at("at_ns").as_array().size(), PictureHistory::kMost);
  EXPECT_EQ(all.at("applied").at(0).to_number<int>(), 10);
}

TEST_F(PictureHistoryTest, AClockThatIsSetBackAddsNothingUntilItIsThereAgain) {
  see(1, 1, true);
  desk_.now_ns_ -= 10'000'000'000;
  see(1, 2, true);
  EXPECT_EQ(history_.series(0).at("at_ns").as_array().size(), 1u);
}

}  // namespace
}  // namespace okiagari::web
