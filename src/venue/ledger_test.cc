#include "venue/ledger.h"

#include <gtest/gtest.h>

namespace okiagari::venue {
namespace {

Ledger ledger_with_two_accounts(std::uint32_t positions_max = 1'000'000) {
  Ledger ledger(positions_max);
  ledger.add_account(1);
  ledger.add_account(2);
  ledger.add_asset();
  ledger.add_asset();
  return ledger;
}

TEST(Ledger, ADepositThatIsSentTwiceComesInOnce) {
  Ledger ledger = ledger_with_two_accounts();
  EXPECT_EQ(ledger.adjust(1, kCash, 1, 500), Reason::none);
  EXPECT_EQ(ledger.adjust(1, kCash, 1, 500), Reason::already_exists);
  EXPECT_EQ(ledger.cash(1).total, 500);
  EXPECT_EQ(ledger.came_in(kCash), 500);
  EXPECT_TRUE(ledger.conserved());
}

TEST(Ledger, WhatIsReservedCannotBeWithdrawn) {
  Ledger ledger = ledger_with_two_accounts();
  ASSERT_EQ(ledger.adjust(1, kCash, 1, 500), Reason::none);
  ASSERT_EQ(ledger.adjust(1, 2, 2, 50), Reason::none);
  ledger.cash(1).reserved = 400;
  ledger.position(1, 2)->reserved = 40;
  EXPECT_EQ(ledger.adjust(1, kCash, 3, -101), Reason::insufficient_funds);
  EXPECT_EQ(ledger.adjust(1, 2, 3, -11), Reason::insufficient_position);
  EXPECT_EQ(ledger.adjust(1, 1, 3, -1), Reason::insufficient_position);
  EXPECT_EQ(ledger.adjust(1, kCash, 3, -100), Reason::none);
  EXPECT_EQ(ledger.adjust(1, 2, 4, -10), Reason::none);
  EXPECT_EQ(ledger.cash(1).available(), 0);
  EXPECT_TRUE(ledger.conserved());
}

TEST(Ledger, NoAmountMakesABalanceOverflow) {
  Ledger ledger = ledger_with_two_accounts();
  const Money most = Ledger::kCameInMax;
  const Money lowest = static_cast<Money>(static_cast<unsigned __int128>(1) << 127);
  EXPECT_EQ(ledger.adjust(1, kCash, 1, most + 1), Reason::bound_reached);
  EXPECT_EQ(ledger.adjust(1, kCash, 1, lowest), Reason::bound_reached);
  EXPECT_EQ(ledger.adjust(1, kCash, 1, most), Reason::none);
  EXPECT_EQ(ledger.adjust(2, kCash, 1, 1), Reason::bound_reached);
  EXPECT_EQ(ledger.adjust(1, kCash, 2, -most), Reason::none);
  EXPECT_EQ(ledger.adjust(2, kCash, 1, 1), Reason::none);
  EXPECT_TRUE(ledger.conserved());
}

TEST(Ledger, PositionsAreFoundHoweverManyThereAre) {
  Ledger ledger(1'000'000);
  constexpr AccountId kAccounts = 100;
  constexpr InstrumentId kInstruments = 300;
  for (AccountId a = 1; a <= kAccounts; ++a) ledger.add_account(1);
  for (InstrumentId i = 1; i <= kInstruments; ++i) ledger.add_asset();
  for (AccountId a = 1; a <= kAccounts; ++a) {
    for (InstrumentId i = 1; i <= kInstruments; ++i) {
      EXPECT_EQ(ledger.position(a, i), nullptr);
      ASSERT_EQ(ledger.adjust(a, i, i, a * 1'000 + i), Reason::none);
    }
  }
  for (AccountId a = 1; a <= kAccounts; ++a) {
    for (InstrumentId i = 1; i <= kInstruments; ++i) {
      ASSERT_NE(ledger.position(a, i), nullptr);
      EXPECT_EQ(ledger.position(a, i)->total, Money{a * 1'000 + i});
    }
  }
  EXPECT_TRUE(ledger.conserved());
}

TEST(Ledger, ItIsBounded) {
  Ledger ledger = ledger_with_two_accounts(1);
  EXPECT_NE(ledger.open_position(1, 1), nullptr);
  EXPECT_NE(ledger.open_position(1, 1), nullptr);
  EXPECT_EQ(ledger.open_position(1, 2), nullptr);
  EXPECT_EQ(ledger.adjust(2, 1, 1, 5), Reason::bound_reached);
  EXPECT_EQ(ledger.came_in(1), 0);
}

TEST(Ledger, MoneyOutOfNothingIsFound) {
  Ledger ledger = ledger_with_two_accounts();
  ASSERT_EQ(ledger.adjust(1, kCash, 1, 500), Reason::none);
  ledger.cash(2).total += 1;
  EXPECT_FALSE(ledger.conserved());
  ledger.cash(1).total -= 1;
  EXPECT_TRUE(ledger.conserved());
  ledger.cash(1).reserved = ledger.cash(1).total + 1;
  EXPECT_FALSE(ledger.conserved());
}

}  // namespace
}  // namespace okiagari::venue
