#include "venue/upkeep.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Checkpoint checkpoint(std::uint64_t number) {
  Checkpoint command{};
  command.number = number;
  return command;
}

CheckpointInSteps checkpoint_in_steps(std::uint64_t number, std::uint32_t orders_max) {
  CheckpointInSteps command{};
  command.number = number;
  command.orders_max = orders_max;
  return command;
}

class CheckpointTest : public testing::Test {
 protected:
  Venue::CheckpointFinding take(TestMarket& of, std::uint64_t number) {
    EXPECT_THAT(of.send(checkpoint(number)), IsEmpty());
    return of.venue.last_checkpoint();
  }
  template <typename Make>
  void expect_the_same_from_a_snapshot(Make&& make) {
    TestMarket other;
    ASSERT_TRUE(other.venue.load_snapshot(base::as_bytes(market.snapshot())).ok());
    for (std::uint64_t number = 1; number <= Scrub::kSlices; ++number) {
      BatchWriter batch;
      batch.add(make(number));
      base::ByteWriter events;
      market.venue.apply_batch(batch.finish(99), events);
      other.venue.apply_batch(batch.finish(99), events);
      EXPECT_EQ(market.venue.last_checkpoint().scrub_hash,
                other.venue.last_checkpoint().scrub_hash);
      EXPECT_EQ(market.venue.last_checkpoint().state_hash,
                other.venue.last_checkpoint().state_hash);
    }
  }
  TestMarket market;
};

TEST_F(CheckpointTest, FindsTheSameOnEveryReplica) {
  TestMarket other;
  for (std::uint64_t number = 1; number <= 70; ++number) {
    const auto reference = static_cast<std::uint32_t>(number);
    market.buy(1, reference, 10, 500);
    other.buy(1, reference, 10, 500);
    const Venue::CheckpointFinding here = take(market, number);
    const Venue::CheckpointFinding there = take(other, number);
    EXPECT_EQ(here.number, number);
    EXPECT_EQ(here.sequence, market.venue.last_sequence());
    EXPECT_EQ(here.state_hash, market.venue.state_hash());
    EXPECT_TRUE(here.conserved);
    EXPECT_EQ(here.state_hash, there.state_hash);
    EXPECT_EQ(here.scrub_hash, there.scrub_hash);
  }
  EXPECT_THAT(market.send(NoOperation{}), IsEmpty());
  EXPECT_EQ(market.venue.last_checkpoint().number, 0u);
}

TEST_F(CheckpointTest, AReplicaThatCameFromASnapshotFindsTheSame) {
  market.sell(2, 1, 3, 490);
  market.buy(1, 1, 10, 500);
  market.buy(3, 1, 10, 400);
  expect_the_same_from_a_snapshot(checkpoint);
}

TEST_F(CheckpointTest, AReplicaThatCameFromASnapshotInTheMiddleOfAWalkFindsTheSame) {
  for (std::uint32_t reference = 1; reference <= 100; ++reference) {
    market.buy(1, reference, 1, static_cast<PriceTicks>(100 + reference % 50));
  }
  EXPECT_THAT(market.send(checkpoint_in_steps(1, 30)), IsEmpty());
  expect_the_same_from_a_snapshot(
      [](std::uint64_t number) { return checkpoint_in_steps(number + 1, 30); });
}

TEST_F(CheckpointTest, ItComesFromAReplicaOnly) {
  Checkpoint from_gateway = checkpoint(1);
  from_gateway.header.gateway = 3;
  EXPECT_THAT(market.send(from_gateway),
              ElementsAre("gateway 3: checkpoint 0: approval missing, 0 affected"));
  EXPECT_EQ(market.venue.last_checkpoint().number, 0u);
}

TEST_F(CheckpointTest, AStepLooksAtSomeOrdersAndNotAtMoreThanCanBeAsked) {
  const auto refusal = [](std::uint64_t number) {
    return fmt::format("gateway 0: checkpoint in steps {}: malformed, 0 affected", number);
  };
  EXPECT_THAT(market.send(checkpoint_in_steps(7, 0)), ElementsAre(refusal(7)));
  EXPECT_THAT(market.send(checkpoint_in_steps(7, kStepOrdersMax + 1)), ElementsAre(refusal(7)));
  EXPECT_THAT(market.send(checkpoint_in_steps(0, 1)), ElementsAre(refusal(0)));
  EXPECT_THAT(market.send(checkpoint_in_steps(7, kStepOrdersMax)), IsEmpty());
  EXPECT_EQ(market.venue.last_checkpoint().number, 7u);
}

void add_instruments(VenueState& state, InstrumentId count) {
  Instrument instrument;
  instrument.tick_e4 = 1;
  instrument.money_per_tick_lot = 1;
  for (InstrumentId id = 1; id <= count; ++id) {
    std::memcpy(instrument.symbol.data(), &id, sizeof id);  // each has one of its own
    state.instruments.add(instrument);
    state.ledger.add_asset();
    state.books.add_instrument(id);
    state.stops.add_instrument(id);
  }
}

TEST(Scrub, MemoryThatWentWrongIsFoundInOneCircle) {
  VenueState state{Limits{}};
  state.members.add({'F', 'I', 'R', 'M'});
  add_instruments(state, 200);
  for (AccountId id = 1; id <= 200; ++id) {
    state.ledger.add_account(1);
    state.sessions.add(1, id);
    ASSERT_NE(state.ledger.open_position(id, 7), nullptr);
  }
  Scrub scrub;
  const auto circle = [&] {
    std::vector<std::uint64_t> hashes;
    for (std::uint32_t slice = 0; slice < Scrub::kSlices; ++slice) {
      hashes.push_back(scrub.hash_slice(state, slice, 0));
    }
    return hashes;
  };
  const auto clean = circle();
  EXPECT_EQ(circle(), clean);
  const auto is_found = [&](auto& word) {
    word ^= 1;
    const bool found = circle() != clean;
    word ^= 1;
    EXPECT_EQ(circle(), clean);
    return found;
  };
  EXPECT_TRUE(is_found(state.instruments[1].last_price));
  EXPECT_TRUE(is_found(state.instruments[64].traded_lots));
  EXPECT_TRUE(is_found(state.instruments[200].low_limit));
  EXPECT_TRUE(is_found(state.ledger.cash(128).total));
  EXPECT_TRUE(is_found(state.ledger.position(200, 7)->reserved));
  EXPECT_TRUE(is_found(state.ledger.account(3).last_transfer_number));
  EXPECT_TRUE(is_found(state.sessions[64].next_session_number));
  EXPECT_TRUE(is_found(state.sessions[1].past_logins[3].nonce));
  EXPECT_TRUE(is_found(state.counters.match_number));
  EXPECT_TRUE(is_found(state.instruments.auction(64).extensions));
  EXPECT_TRUE(is_found(state.instruments.auction(200).rules.base_price));
}

TEST(Scrub, WhatAnIcebergHidesIsLookedAt) {
  VenueState state{Limits{}};
  add_instruments(state, 1);
  constexpr market::OrderKey kKey = market::OrderKey{1} << 32 | 1;
  ASSERT_TRUE(state.books.rest({.key = kKey,
                                .reference = 1,
                                .price = 100,
                                .quantity = 10,
                                .account = 1,
                                .instrument = 1,
                                .member = 1,
                                .side = Side::buy,
                                .type = market::PriceType::limit,
                                .time_in_force = market::TimeInForce::day,
                                .self_trade = market::SelfTradePrevention::none,
                                .post_only = false,
                                .display = 4}));
  Scrub scrub;
  const std::uint64_t before = scrub.hash_slice(state, 1, 0);
  const std::uint64_t walked_before = scrub.hash_slice(state, 1, 1);
  ASSERT_TRUE(state.books.reduce(kKey, 9)) << "it displays as much as it did";
  EXPECT_NE(scrub.hash_slice(state, 1, 0), before);
  EXPECT_NE(scrub.hash_slice(state, 1, 1), walked_before);
}

TEST(Scrub, WhatAStopTrailsAndHowFarIsLookedAt) {
  const auto hashes_of = [](PriceTicks distance, PriceTicks followed) {
    VenueState state{Limits{}};
    add_instruments(state, 1);
    const bool is_added = state.stops.waiting().add({
        .key = market::OrderKey{1} << 32 | 1,
        .reference = 1,
        .trigger = 500 - distance,
        .distance = distance,
        .price = 400,
        .quantity = 10,
        .account = 1,
        .instrument = 1,
        .member = 1,
        .side = Side::sell,
        .type = market::PriceType::limit,
        .time_in_force = market::TimeInForce::day,
        .self_trade = market::SelfTradePrevention::none,
    });
    EXPECT_TRUE(is_added);
    state.stops.waiting().follow(1, Side::sell, followed);
    Scrub scrub;
    return std::pair(scrub.hash_slice(state, 1, 0), scrub.hash_slice(state, 1, 1));
  };
  const auto [of_slice, of_walk] = hashes_of(5, 500);
  EXPECT_NE(hashes_of(5, 501).first, of_slice);
  EXPECT_NE(hashes_of(5, 501).second, of_walk);
  EXPECT_NE(hashes_of(6, 501).first, of_slice) << "the same trigger, another distance";
  EXPECT_NE(hashes_of(6, 501).second, of_walk);
  EXPECT_EQ(hashes_of(5, 500).second, of_walk);
}

class ScrubOfManyOrders : public testing::Test {
 protected:
  // Half of them in one instrument.
  static constexpr std::uint32_t kStep = 1'000;
  static constexpr std::uint32_t kOrders = 3 * kStep;

  ScrubOfManyOrders() {
    add_instruments(state, 3);
    for (std::uint32_t number = 1; number <= kOrders; ++number) {
      rest(state.books, number, number % 2 == 0 ? 1 : 2 + number / 2 % 2);
    }
  }
  static void rest(market::OrderBooks& books, std::uint32_t number, std::uint32_t instrument) {
    ASSERT_TRUE(books.rest({.key = market::OrderKey{1} << 32 | number,
                            .reference = number,
                            .price = static_cast<PriceTicks>(1'000 + number % 97),
                            .quantity = 5,
                            .account = 1,
                            .instrument = static_cast<InstrumentId>(instrument),
                            .member = 1,
                            .side = number % 3 == 0 ? Side::buy : Side::sell,
                            .type = market::PriceType::limit,
                            .time_in_force = market::TimeInForce::day,
                            .self_trade = market::SelfTradePrevention::none,
                            .post_only = false}));
  }

  VenueState state{Limits{}};
  Scrub scrub;
};

// Four instruments held a million orders: a checkpoint that came to one of them looked at a quarter
// of a million, and no order was answered for a tenth of a second.
TEST_F(ScrubOfManyOrders, TheDayAHotInstrumentHeldEveryCheckpointUp) {
  std::vector<market::OrderKey> in_order;
  market::OrderBooks::WalkPlace place;
  for (std::uint32_t met = 0; met < kOrders; ++met) {
    place = state.books.walk_place();
    state.books.walk_on(1, [&](const market::Order& order) { in_order.push_back(order.key); });
  }
  ASSERT_EQ(std::set(in_order.begin(), in_order.end()).size(), kOrders);
  for (std::uint32_t slice = 0; slice < 7; ++slice) {
    (void)scrub.hash_slice(state, slice, kStep);
    const std::size_t next = (slice + 1) * kStep % kOrders;
    place = state.books.walk_place();
    // At the end of a side its place is the beginning of the next.
    if (place.key != 0) {
      EXPECT_EQ(place.key, in_order[next]);
    } else {
      EXPECT_EQ(next, 0u);
    }
  }
}

TEST_F(ScrubOfManyOrders, AnOrderThatWentWrongIsFoundInOneWalk) {
  const auto walk = [&](VenueState& of) {
    std::vector<std::uint64_t> hashes;
    for (std::uint32_t slice = 0; slice < 3; ++slice)
      hashes.push_back(scrub.hash_slice(of, slice, kStep));
    return hashes;
  };
  const auto clean = walk(state);
  EXPECT_EQ(walk(state), clean);
  for (const std::uint32_t number : {1u, kOrders / 2, kOrders}) {
    const market::OrderKey key = market::OrderKey{1} << 32 | number;
    auto& order = const_cast<market::Order&>(*state.books.find(key));
    order.executed ^= 4;
    EXPECT_NE(walk(state), clean) << number;
    order.executed ^= 4;
    EXPECT_EQ(walk(state), clean);
  }
}

TEST(Scrub, AStateWithoutAuctionsHasTheHashThatItHadBeforeThereWereAny) {
  VenueState state{Limits{}};
  Instrument instrument;
  instrument.tick_e4 = 1;
  instrument.money_per_tick_lot = 1;
  state.instruments.add(instrument);
  state.ledger.add_asset();
  state.books.add_instrument(1);
  state.stops.add_instrument(1);
  Scrub scrub;
  EXPECT_EQ(scrub.hash_slice(state, 1, 0), 13'820'368'350'676'434'445u);
}

TEST(AttestTest, TheVenueTellsWhoIsInTheMinority) {
  TestMarket market;
  market.send(checkpoint(1));
  const Venue::CheckpointFinding finding = market.venue.last_checkpoint();
  const auto attest = [&](NodeId node, std::uint64_t error) {
    Attest command{};
    command.node = node;
    command.checkpoint = finding.number;
    command.sequence = finding.sequence;
    command.state_hash = finding.state_hash ^ error;
    command.scrub_hash = finding.scrub_hash;
    return market.send(command);
  };
  EXPECT_THAT(attest(1, 0), IsEmpty());
  EXPECT_EQ(market.venue.agreement(1), Venue::Agreement::undecided);
  EXPECT_THAT(attest(3, 1), IsEmpty());
  EXPECT_THAT(attest(2, 0), IsEmpty());
  EXPECT_EQ(market.venue.agreement(1), Venue::Agreement::agrees);
  EXPECT_EQ(market.venue.agreement(3), Venue::Agreement::in_minority);
  EXPECT_THAT(attest(2, 5), ElementsAre("gateway 0: attest 1: already exists, 0 affected"));
}

class QuarantineTest : public testing::Test {
 protected:
  Lines quarantine(Sequence sequence) {
    Quarantine command{};
    command.sequence = sequence;
    return market.send(command);
  }
  // The sequence of the command after the next one.
  Sequence after_next() const { return market.venue.last_sequence() + 2; }
  TestMarket market;
};

TEST_F(QuarantineTest, TheCommandIsLeftOutAndItsInstrumentStops) {
  market.send(1, TestMarket::order(1, Side::buy, 3, 505, 2));
  quarantine(after_next());
  EXPECT_THAT(
      market.buy(1, 2, 10, 500),
      ElementsAre("session 1: rejected 2: quarantined", "feed: state of 1: halted, reason 19",
                  "session 1: notice: instrument 1 halted, reason 19",
                  "session 2: notice: instrument 1 halted, reason 19",
                  "session 3: notice: instrument 1 halted, reason 19",
                  "session 4: notice: instrument 1 halted, reason 19"));
  // Its number is used up, its stream goes on, other instruments trade.
  EXPECT_THAT(market.buy(1, 2, 10, 500), IsEmpty());
  EXPECT_THAT(market.buy(1, 3, 10, 500), ElementsAre("session 1: rejected 3: state forbids"));
  EXPECT_EQ(market.send(1, TestMarket::order(4, Side::buy, 1, 100, 2)).size(), 2u);
}

TEST_F(QuarantineTest, ACancelOrReplaceStopsTheInstrumentOfItsOrder) {
  market.buy(1, 1, 10, 500);
  market.send(2, TestMarket::order(1, Side::buy, 3, 505, 2));
  quarantine(after_next());
  EXPECT_THAT(market.cancel(2, 1), testing::Contains("feed: state of 2: halted, reason 19"));
  quarantine(after_next());
  const Lines lines = market.send(1, TestMarket::replacement(1, 2, 5, 500));
  EXPECT_EQ(lines[0], "session 1: rejected 2: quarantined");
  EXPECT_THAT(lines, testing::Contains("feed: state of 1: halted, reason 19"));
  EXPECT_EQ(market.venue.books().live_orders(), 2u);
}

TEST_F(QuarantineTest, ACommandAboutNoSingleInstrumentStopsNone) {
  market.buy(1, 1, 10, 500);
  quarantine(after_next());
  MassCancel all{};
  all.side = 2;
  EXPECT_THAT(market.send(1, all), ElementsAre("session 1: cancel rejected 0: quarantined"));
  quarantine(after_next());
  EXPECT_THAT(market.send(TestMarket::transfer(1, 0, 9, 5)),
              ElementsAre("gateway 0: adjust funds 0: quarantined, 0 affected"));
  EXPECT_EQ(market.total(1, 0), TestMarket::kCash);
}

TEST_F(QuarantineTest, WhatWasAppliedStands) {
  market.buy(1, 1, 10, 500);
  EXPECT_EQ(quarantine(market.venue.last_sequence())[0].find("quarantine") != std::string::npos,
            true);
  EXPECT_THAT(quarantine(1), ElementsAre("gateway 0: quarantine 1: number too old, 0 affected"));
  EXPECT_EQ(market.venue.books().live_orders(), 1u);
}

TEST_F(QuarantineTest, TheListIsBounded) {
  constexpr Sequence kFarAway = 1'000'000;
  for (Sequence i = 0; i < QuarantineList::kPendingMax; ++i) quarantine(kFarAway + i);
  EXPECT_THAT(quarantine(kFarAway),
              ElementsAre("gateway 0: quarantine 1000000: already exists, 0 affected"));
  EXPECT_THAT(quarantine(kFarAway - 1),
              ElementsAre("gateway 0: quarantine 999999: bound reached, 0 affected"));
}

TEST_F(QuarantineTest, TheWordSaysWhichCommandIsBeingApplied) {
  AboutToApplyWord word = 77;
  market.venue.set_about_to_apply(&word);
  market.buy(1, 1, 10, 500);
  EXPECT_EQ(word, 0u);
}

}  // namespace
}  // namespace okiagari::venue
