// Goal: a market that was rebuilt from a survivor takes nothing from anybody until two people have
// approved exactly the act it was rebuilt for. Method: the market of test_market.h, held; the act
// forged in every way that somebody alone could try.
#include "venue/foundation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

class FoundationTest : public testing::Test {
 protected:
  FoundationTest() {
    market.add_operators();
    act.old_cluster = 7;
    act.new_cluster = 8;
    act.sequence = 42;
    FoundCluster bare = act;
    approve(bare, 0, 1, operator_keys(1));
    digest = approval_digest(base::object_bytes(bare));
  }
  [[nodiscard]] FoundCluster signed_by_two() const {
    FoundCluster command = act;
    approve(command, 0, 1, operator_keys(1));
    approve(command, 1, 2, operator_keys(2));
    return command;
  }
  std::string answer(FoundCluster command) {
    const Lines lines = market.send(command);
    return lines.empty() ? "" : lines.back();
  }

  TestMarket market;
  FoundCluster act{};
  base::Digest digest{};
};

TEST_F(FoundationTest, AHeldMarketTakesNoOrderNoCancelAndNoReferenceData) {
  market.buy(1, 1, 10, 500);
  market.venue.hold_for(digest);
  EXPECT_THAT(market.buy(1, 2, 10, 500), ElementsAre("session 1: rejected 2: market held"));
  EXPECT_THAT(market.cancel(1, 1), ElementsAre("session 1: cancel rejected 1: market held"));
  AddOperator third{};
  third.operator_id = 3;
  third.public_key = operator_keys(3).public_key;
  EXPECT_THAT(market.send(third),
              ElementsAre("gateway 0: add operator 0: market held, 0 affected"));
  EXPECT_THAT(market.set_state(1, InstrumentState::full),
              Contains("gateway 0: set instrument state 0: market held, 0 affected"));
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
  EXPECT_TRUE(market.venue.is_held());
}

TEST_F(FoundationTest, TwoPeopleReleaseItForCancelsAndTwoOpenIt) {
  market.buy(1, 1, 10, 500);
  market.venue.hold_for(digest);
  EXPECT_EQ(answer(signed_by_two()), "gateway 0: found cluster 8: done, 2 affected");
  EXPECT_FALSE(market.venue.is_held());
  EXPECT_THAT(market.buy(1, 2, 10, 500), ElementsAre("session 1: rejected 2: state forbids"));
  EXPECT_THAT(market.cancel(1, 1), Contains("session 1: canceled 1: 10 gone, 0 left, by member"));
  market.set_state(1, InstrumentState::full);
  EXPECT_THAT(market.buy(1, 3, 10, 500), Contains(testing::HasSubstr("accepted 3")));
  EXPECT_EQ(answer(signed_by_two()), "gateway 0: found cluster 8: already exists, 0 affected");
}

TEST_F(FoundationTest, OneSignatureOrOnePersonTwiceOrAForeignKeyLeavesItHeld) {
  market.venue.hold_for(digest);
  FoundCluster one = act;
  approve(one, 0, 1, operator_keys(1));
  EXPECT_EQ(answer(one), "gateway 0: found cluster 8: approval missing, 0 affected");
  one.approvals[1] = one.approvals[0];
  EXPECT_EQ(answer(one), "gateway 0: found cluster 8: approval missing, 0 affected");
  FoundCluster foreign = act;
  approve(foreign, 0, 1, operator_keys(1));
  approve(foreign, 1, 2, operator_keys(9));
  EXPECT_EQ(answer(foreign), "gateway 0: found cluster 8: approval wrong, 0 affected");
  EXPECT_TRUE(market.venue.is_held());
}

TEST_F(FoundationTest, AnotherActThatTwoPeopleSignedLeavesItHeld) {
  market.venue.hold_for(digest);
  act.sequence = 43;
  EXPECT_EQ(answer(signed_by_two()), "gateway 0: found cluster 8: approval wrong, 0 affected");
  EXPECT_TRUE(market.venue.is_held());
}

TEST_F(FoundationTest, AMarketThatWasNeverRebuiltCannotBeFoundAgain) {
  EXPECT_EQ(answer(signed_by_two()), "gateway 0: found cluster 8: not supported, 0 affected");
  EXPECT_THAT(market.buy(1, 1, 10, 500), Contains(testing::HasSubstr("accepted 1")));
}

TEST_F(FoundationTest, WhoeverIsAbsentWhileItIsHeldLosesHisOrdersWhenItIsReleased) {
  market.send(TestMarket::login(1, TestMarket::kGateway, 77, true));
  market.buy(1, 1, 10, 500);
  ASSERT_EQ(market.venue.books().live_orders(), 1u);
  market.venue.hold_for(digest);
  market.send(market.logout(1, LogoutReason::absent));
  EXPECT_EQ(market.venue.books().live_orders(), 1u) << "nothing changes before it is approved";
  market.send(signed_by_two());
  EXPECT_EQ(market.venue.books().live_orders(), 0u);
}

TEST_F(FoundationTest, ASnapshotRemembersThatItIsHeldAndForWhat) {
  market.venue.hold_for(digest);
  base::ByteWriter snapshot;
  market.venue.write_snapshot(snapshot);
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(snapshot.view());
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_TRUE(restored.is_held());
  ASSERT_NE(restored.founding_act(), nullptr);
  EXPECT_EQ(*restored.founding_act(), digest);
  base::ByteWriter again;
  restored.write_snapshot(again);
  EXPECT_EQ(base::as_text(again.view()), base::as_text(snapshot.view()));
}

}  // namespace
}  // namespace okiagari::venue
