// The checker is seen to fail: each promise is broken on purpose, and the history must say so.
#include "tests/simulation/canonical_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/simulation/agenda.h"

namespace okiagari::simulation {
namespace {

using ::testing::HasSubstr;

venue::Limits limits() {
  venue::Limits limits;
  limits.books.max_live_orders = 64;
  limits.books.max_instruments = 4;
  return limits;
}

// A batch of one command that lists instrument 1 with that symbol.
base::ByteWriter batch_with(char symbol) {
  venue::AddInstrument command{};
  command.header.size_bytes = sizeof command;
  command.header.type = venue::AddInstrument::kType;
  command.header.version = venue::kCommandVersion;
  command.instrument = 1;
  command.symbol = {symbol, ' ', ' ', ' ', ' ', ' ', ' ', ' '};
  command.tick_e4 = 100;
  command.money_per_tick_lot = 1;
  command.low_limit = 1;
  command.high_limit = 1'000;
  command.state = venue::InstrumentState::full;
  venue::BatchHeader header{};
  header.version = venue::kBatchVersion;
  header.count = 1;
  header.size_bytes = sizeof header + sizeof command;
  header.timestamp_ns = 1;
  base::ByteWriter batch;
  batch.object(header);
  batch.object(command);
  return batch;
}

class CanonicalHistoryTest : public testing::Test {
 protected:
  struct Replica {
    venue::Venue venue{limits()};
    base::ByteWriter events;
  };

  void apply(Replica& replica, const base::ByteWriter& batch) {
    replica.events.clear();
    replica.venue.apply_batch(batch.view(), replica.events);
  }
  void tell(const Replica& replica, const base::ByteWriter& batch, journal::Index previous = 0,
            journal::Index index = 2, const base::Digest& chain = {}) {
    history_.applied(0, previous, index, 1, batch.view(), chain, replica.venue,
                     replica.events.view());
  }
  Agenda agenda_;
  Verdict verdict_{agenda_, false};
  CanonicalHistory history_{verdict_};
};

TEST_F(CanonicalHistoryTest, EqualReplicasAreGood) {
  Replica one;
  Replica two;
  const base::ByteWriter batch = batch_with('A');
  apply(one, batch);
  apply(two, batch);
  tell(one, batch);
  tell(two, batch);
  EXPECT_EQ(verdict_.violation(), "");
  EXPECT_EQ(history_.events().last(), one.venue.last_event_number());
}

TEST_F(CanonicalHistoryTest, AnotherCommandAtTheSamePlaceIsFound) {
  Replica one;
  Replica two;
  apply(one, batch_with('A'));
  apply(two, batch_with('B'));
  tell(one, batch_with('A'));
  tell(two, batch_with('B'));
  EXPECT_THAT(verdict_.violation(), HasSubstr("another entry 2"));
}

TEST_F(CanonicalHistoryTest, AnotherChainIsFound) {
  Replica one;
  const base::ByteWriter batch = batch_with('A');
  apply(one, batch);
  tell(one, batch);
  base::Digest chain{};
  chain[5] = std::byte{1};
  tell(one, batch, 0, 2, chain);
  EXPECT_THAT(verdict_.violation(), HasSubstr("another entry 2"));
}

TEST_F(CanonicalHistoryTest, AnotherStateIsFound) {
  Replica one;
  Replica two;
  const base::ByteWriter batch = batch_with('A');
  apply(one, batch);
  apply(two, batch);
  tell(one, batch);
  base::ByteWriter unseen;
  two.venue.apply_batch(batch_with('C').view(), unseen);
  tell(two, batch);
  EXPECT_THAT(verdict_.violation(), HasSubstr("another state"));
}

TEST_F(CanonicalHistoryTest, OtherEventsAreFound) {
  Replica one;
  const base::ByteWriter batch = batch_with('A');
  apply(one, batch);
  tell(one, batch);
  one.events.data()[one.events.size() - 1] ^= std::byte{1};
  tell(one, batch);
  EXPECT_THAT(verdict_.violation(), HasSubstr("other events"));
}

TEST_F(CanonicalHistoryTest, AnEntryLeftOutIsFound) {
  Replica one;
  Replica two;
  const base::ByteWriter batch = batch_with('A');
  apply(one, batch);
  tell(one, batch);
  apply(one, batch);
  tell(one, batch, 2, 3);
  ASSERT_EQ(verdict_.violation(), "");
  apply(two, batch);
  tell(two, batch, 0, 3);
  EXPECT_FALSE(verdict_.good());
}

TEST_F(CanonicalHistoryTest, AnEntryAppliedTwiceIsFound) {
  Replica one;
  const base::ByteWriter batch = batch_with('A');
  apply(one, batch);
  tell(one, batch);
  apply(one, batch);
  tell(one, batch);
  EXPECT_FALSE(verdict_.good());
}

TEST_F(CanonicalHistoryTest, AForgottenEntryIsFound) {
  Replica one;
  Replica two;
  const base::ByteWriter batch = batch_with('A');
  apply(one, batch);
  tell(one, batch);
  apply(two, batch);
  tell(two, batch, 0, 3);
  EXPECT_THAT(verdict_.violation(), HasSubstr("but 2 had been applied"));
}

TEST_F(CanonicalHistoryTest, ASnapshotOfAnotherStateIsFound) {
  Replica one;
  const base::ByteWriter batch = batch_with('A');
  apply(one, batch);
  tell(one, batch);
  const Replica empty;
  (void)history_.loaded(1, 2, empty.venue);
  EXPECT_THAT(verdict_.violation(), HasSubstr("loaded a snapshot"));
}

}  // namespace
}  // namespace okiagari::simulation
