// Goal: collars widen as the published examples of reopening auctions say.
#include "market/auction_limits.h"

#include <gtest/gtest.h>

#include <vector>

namespace okiagari::market {
namespace {

// How many extensions until the price is held.
int extensions_until_held(Collar& collar, PriceTicks price, PriceTicks step) {
  int extensions = 0;
  for (; !collar.holds(price); ++extensions) collar = widened(collar, price, step);
  return extensions;
}

// Prices in cents; the step is a twentieth of the band that was touched, or 15 cents below 3.
TEST(AuctionLimitsTest, OnlyTheSideThatBlocksIsWidenedUntilThePriceIsInside) {
  Collar above{1800, 2200};
  EXPECT_EQ(extensions_until_held(above, 2500, 110), 3);
  EXPECT_EQ(above, (Collar{1800, 2530}));
  Collar below{1800, 2200};
  EXPECT_EQ(extensions_until_held(below, 1650, 110), 2);
  EXPECT_EQ(below, (Collar{1580, 2200}));
  Collar low{200, 240};
  EXPECT_EQ(extensions_until_held(low, 162, 15), 3);
  EXPECT_EQ(low, (Collar{155, 240}));
}

// The quote is the end of the collar that the price lies beyond.
TEST(AuctionLimitsTest, SpecialQuotesAreRenewedUntilTheEquilibriumIsReached) {
  const auto quotes = [](PriceTicks last, PriceTicks range, PriceTicks equilibrium) {
    std::vector<PriceTicks> shown;
    Collar collar = collar_around(last, range);
    for (; !collar.holds(equilibrium); collar = widened(collar, equilibrium, range)) {
      shown.push_back(equilibrium > collar.high ? collar.high : collar.low);
    }
    return shown;
  };
  EXPECT_EQ(quotes(1000, 30, 1080), (std::vector<PriceTicks>{1030, 1060}));
  EXPECT_EQ(quotes(1000, 30, 905), (std::vector<PriceTicks>{970, 940, 910}));
  EXPECT_TRUE(quotes(1000, 30, 1030).empty()) << "within the range it trades at once";
}

TEST(AuctionLimitsTest, AWidthIsTicksOrAPartOfTheReference) {
  EXPECT_EQ(width_ticks({WidthUnit::ticks, 7}, 1000), 7);
  EXPECT_EQ(width_ticks({WidthUnit::ten_thousandths, 300}, 1000), 30);
  EXPECT_EQ(width_ticks({WidthUnit::ten_thousandths, 1}, 1000), 1) << "at least a tick";
  EXPECT_EQ(width_ticks({WidthUnit::none, 7}, 1000), 0);
  EXPECT_EQ(width_ticks({WidthUnit::ticks, 7}, 0), 0) << "around nothing";
}

TEST(AuctionLimitsTest, ACollarStaysWithinAllPrices) {
  EXPECT_EQ(collar_around(5, 10), (Collar{1, 15}));
  EXPECT_EQ(collar_around(kMaxPriceTicks - 1, 10), (Collar{kMaxPriceTicks - 11, kMaxPriceTicks}));
  EXPECT_EQ(collar_around(1000, 0), Collar{});
  EXPECT_EQ(widened(Collar{2, 9}, 1, 100), (Collar{1, 9}));
}

}  // namespace
}  // namespace okiagari::market
