// Snapshots: equal states give equal bytes, and no bytes whatever make the loader do harm.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/hash.h"
#include "base/sanitized.h"
#include "venue/snapshot_format.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::HasSubstr;

#ifdef OKIAGARI_IS_SANITIZED
constexpr int kMutations = 2'000;
#else
constexpr int kMutations = 30'000;
#endif

class SnapshotTest : public testing::Test {
 protected:
  // Something of everything: gaps, partial fills, a renamed order, stops, some of which trail, an
  // iceberg, an absent session that is owed a cancel, quarantine, checkpoints with attestations.
  SnapshotTest() {
    market.add_operators();
    market.send(TestMarket::login(3, 2, 50, true));
    market.buy(1, 1, 10, 500);
    market.buy(2, 5, 10, 500);
    market.buy(1, 3, 10, 490);
    market.sell(3, 2, 4, 500);
    market.sell(3, 4, 40, 510);
    market.send(3, TestMarket::iceberg(5, Side::sell, 20, 510, 3));
    market.send(3, TestMarket::cancellation(5, 19));
    market.send(2, TestMarket::order(9, Side::sell, 8, 300, 2));
    market.send(1, TestMarket::replacement(1, 7, 8, 500));
    market.send(1, TestMarket::stop(8, Side::buy, 5, 0, 600));
    market.send(1, TestMarket::stop(9, Side::sell, 5, 480, 490));
    market.send(1, TestMarket::trailing_stop(10, Side::sell, 2, 470, 8));
    market.buy(2, 6, 1, 510);
    market.send(1, TestMarket::trailing_stop(11, Side::sell, 1, 0, 30));
    market.send(1, TestMarket::trailing_stop(12, Side::buy, 3, 520, 4));
    market.set_state(1, InstrumentState::halted);
    market.send(market.logout(3, LogoutReason::absent));
    Quarantine quarantine{};
    quarantine.sequence = 500;
    market.send(quarantine);
    for (std::uint64_t number = 1; number <= 3; ++number) {
      Checkpoint checkpoint{};
      checkpoint.number = number;
      market.send(checkpoint);
      Attest attest{};
      attest.node = 1;
      attest.checkpoint = number;
      attest.sequence = market.venue.last_checkpoint().sequence;
      market.send(attest);
    }
    good = market.snapshot();
  }

  static std::string load(const std::string& bytes, Venue& into) {
    const base::Status status = into.load_snapshot(base::as_bytes(bytes));
    return status.ok() ? "" : status.error().message;
  }
  static std::string load(const std::string& bytes) {
    Venue venue{Limits{}};
    return load(bytes, venue);
  }
  static void seal(std::string& bytes) {
    const std::size_t size = bytes.size() - sizeof(std::uint64_t);
    base::store_little(bytes.data() + size, base::hash64(base::as_bytes(bytes).first(size)));
  }
  template <typename Field>
  std::string changed(std::size_t offset, Field value) const {
    std::string bytes = good;
    std::memcpy(bytes.data() + offset, &value, sizeof value);
    seal(bytes);
    return bytes;
  }

  TestMarket market;
  std::string good;
};

TEST_F(SnapshotTest, LoadedAndWrittenAgainItIsTheSame) {
  Venue restored{Limits{}};
  ASSERT_EQ(load(good, restored), "");
  base::ByteWriter again;
  restored.write_snapshot(again);
  EXPECT_EQ(base::as_text(again.view()), good);
  EXPECT_TRUE(restored.check_invariants().ok());
  EXPECT_EQ(restored.state_hash(), market.venue.state_hash());
  EXPECT_EQ(restored.last_event_number(), market.venue.last_event_number());
}

// State outside of the orders that is left out of a snapshot makes replicas diverge later.
TEST_F(SnapshotTest, ARestoredVenueGoesOnAsIfNothingHadHappened) {
  TestMarket other;
  ASSERT_EQ(load(good, other.venue), "");
  const auto both = [&](auto act) {
    BatchWriter batch;
    act(batch);
    base::ByteWriter here;
    base::ByteWriter there;
    market.venue.apply_batch(batch.finish(++market.now_ns), here);
    other.venue.apply_batch(batch.finish(market.now_ns), there);
    EXPECT_EQ(base::as_text(here.view()), base::as_text(there.view()));
  };
  for (std::uint64_t number = 4; number < 70; ++number) {
    both([&](BatchWriter& batch) {
      SetInstrumentState open = TestMarket::state_change(
          number, Scope::instrument, 1,
          number % 2 == 0 ? InstrumentState::full : InstrumentState::halted);
      approve(open, 0, 1, operator_keys(1));
      approve(open, 1, 2, operator_keys(2));
      batch.add(open);
      batch.add(market.in_stream(1, TestMarket::order(4, Side::buy, 1, 500)));
      batch.add(TestMarket::login(3, 1, 50));
      Checkpoint checkpoint{};
      checkpoint.number = number;
      batch.add(checkpoint);
    });
  }
  EXPECT_EQ(market.snapshot(), other.snapshot());
}

TEST_F(SnapshotTest, MassCancelsAfterARestoreGoInTheSameOrder) {
  TestMarket fresh;
  fresh.buy(1, 1, 1, 500);
  fresh.buy(1, 2, 1, 900);
  fresh.send(1, TestMarket::order(3, Side::buy, 1, 100, 2));
  fresh.buy(1, 4, 1, 500);
  Venue restored{Limits{}};
  ASSERT_EQ(load(fresh.snapshot(), restored), "");
  std::vector<market::OrderKey> before;
  std::vector<market::OrderKey> after;
  fresh.venue.books().keys_of_owner(1, before);
  restored.books().keys_of_owner(1, after);
  EXPECT_EQ(before, after);
}

TEST_F(SnapshotTest, DamageIsFoundAndNamed) {
  EXPECT_THAT(load(""), HasSubstr("offset 0: it ends early"));
  EXPECT_THAT(load(good.substr(0, good.size() - 1)), HasSubstr("it is not as long as it says"));
  EXPECT_THAT(load(good + "x"), HasSubstr("it is not as long as it says"));
  for (std::size_t offset = 0; offset < good.size(); offset += 7) {
    std::string bad = good;
    bad[offset] = static_cast<char>(bad[offset] ^ 0x10);
    EXPECT_NE(load(bad), "") << offset;
  }
  EXPECT_THAT(load(changed<char>(0, 'X')), HasSubstr("this is not a snapshot of a venue"));
  EXPECT_THAT(load(changed<std::uint32_t>(8, snapshot::kVersion + 1)),
              HasSubstr("its version is not known here"));
  std::string flipped = good;
  flipped[300] = static_cast<char>(flipped[300] ^ 1);
  EXPECT_THAT(load(flipped), HasSubstr("its hash is wrong"));
}

TEST_F(SnapshotTest, OneFromUnderOtherLimitsIsRefused) {
  Limits limits;
  limits.books.max_live_orders = 5;
  Venue venue(limits);
  EXPECT_THAT(load(good, venue), HasSubstr("it was written under other limits"));
}

TEST_F(SnapshotTest, TwoInstrumentsOfOneSymbolAreRefused) {
  const std::size_t first = sizeof(snapshot::Header);
  std::string bytes = good;
  const std::size_t symbol = offsetof(snapshot::InstrumentRecord, symbol);
  const std::size_t second =
      first + sizeof(snapshot::InstrumentRecord) + sizeof(snapshot::AuctionRecord);
  std::memcpy(bytes.data() + second + symbol, bytes.data() + first + symbol,
              sizeof(snapshot::InstrumentRecord::symbol));
  seal(bytes);
  EXPECT_EQ(load(bytes), fmt::format("snapshot, offset {}: two instruments have one symbol; fetch "
                                     "another one from a peer",
                                     second));
}

TEST_F(SnapshotTest, AfterARefusalTheVenueIsAsBefore) {
  const std::string before = market.snapshot();
  EXPECT_NE(load(changed<std::uint32_t>(offsetof(snapshot::Header, live_orders), 1), market.venue),
            "");
  EXPECT_EQ(market.snapshot(), before);
  EXPECT_EQ(market.cancel(2, 9).size(), 2u);
}

// With the hash made right again, so that everything behind it is reached.
TEST_F(SnapshotTest, WhateverIsLoadedHoldsTogether) {
  const char* given = std::getenv("OKIAGARI_SEED");
  std::mt19937_64 random(given == nullptr ? 20260101 : std::strtoull(given, nullptr, 10));
  int loaded = 0;
  for (int i = 0; i < kMutations && !HasFailure(); ++i) {
    std::string bytes = good;
    for (std::uint64_t n = 1 + random() % 3; n > 0; --n) {
      const std::uint64_t values[] = {0, 1, 0x7F, 0x80, 0xFF, random() % 256};
      bytes[random() % bytes.size()] = static_cast<char>(values[random() % 6]);
    }
    if (random() % 10 == 0) {
      bytes.resize(sizeof(snapshot::Header) + 8 + random() % (bytes.size() - 300));
      base::store_little(bytes.data() + offsetof(snapshot::Header, size_bytes), bytes.size());
    }
    seal(bytes);
    TestMarket victim;
    if (!load(bytes, victim.venue).empty()) continue;
    ++loaded;
    base::ByteWriter events;
    BatchWriter batch;
    for (SessionId id = 1; id <= 4; ++id) {
      batch.add(TestMarket::login(id, 3, 1'000));
      NewOrder order = TestMarket::order(4'000'000'000, Side::sell, 50, 480);
      order.header.session = id;
      order.header.gateway = 3;
      Venue::SessionView view;
      ASSERT_TRUE(victim.venue.session(id, view));
      order.header.epoch = view.epoch + 1;
      order.header.stream_number = 1;
      batch.add(order);
      MassCancel all{};
      all.header = order.header;
      all.header.stream_number = 2;
      all.side = 2;
      batch.add(all);
    }
    victim.venue.apply_batch(batch.finish(0), events);
    const base::Status status = victim.venue.check_invariants();
    EXPECT_TRUE(status.ok()) << status.error().message;
  }
  EXPECT_GT(loaded, 10);
}

}  // namespace
}  // namespace okiagari::venue
