// The formats are what is written on disk and sent between processes, so they do not change by
// accident. One file for each format and version: a batch with every kind of command, the events
// that come of it, and the snapshot after it. When a format is changed on purpose its version goes
// up and gets files of its own; OKIAGARI_WRITE_GOLDEN=1 writes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "venue/snapshot_format.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

static_assert(kCommandVersion == 1 && kEventVersion == 1 && kBatchVersion == 1 &&
              snapshot::kVersion == 1);

// A market of its own from its first command on, every type of command at least once.
class Scenario {
 public:
  std::string bytes() {
    add_reference_data();
    add_sessions();
    trade();
    control();
    keep_up();
    return std::string(base::as_text(batch_.finish(1'767'225'600'123'456'789)));
  }

 private:
  void add_reference_data() {
    batch_.add(TestMarket::instrument(1));
    batch_.add(TestMarket::instrument(2));
    for (std::uint16_t id = 1; id <= 2; ++id) {
      AddMember member{};
      member.member = id;
      member.firm = {'A', 'B', 'C', static_cast<char>('0' + id)};
      batch_.add(member);
      AddAccount account{};
      account.account = id;
      account.member = id;
      batch_.add(account);
      batch_.add(TestMarket::transfer(id, 0, 1, (Money{3} << 70) + 12'345));
      batch_.add(TestMarket::transfer(id, 1, 2, 1'000));
    }
    for (std::uint8_t id = 1; id <= 2; ++id) {
      AddOperator added{};
      added.operator_id = id;
      added.public_key = operator_keys(id).public_key;
      batch_.add(added);
    }
  }
  void add_sessions() {
    for (SessionId id = 1; id <= 2; ++id) {
      AddSession session{};
      session.added_session = id;
      session.member = id;
      session.default_account = id;
      batch_.add(session);
      batch_.add(TestMarket::login(id, 1, 100 + id, true));
    }
    batch_.add(TestMarket::login(2, 2, 0x0123456789ABCDEF, true));
    epochs_[2] = 2;
    batch_.add(TestMarket::login(9, 1, 1));
  }
  template <typename Command>
  void in_stream(SessionId session, Command command) {
    command.header.session = session;
    command.header.gateway = session;
    command.header.epoch = epochs_[session];
    command.header.stream_number = ++streams_[session];
    batch_.add(command);
  }
  void trade() {
    NewOrder first = TestMarket::order(1, Side::buy, 100, 500);
    first.client_order_id = {'c', 'l', 'i', 'e', 'n', 't', '-', '1'};
    first.account = 1;
    first.time_in_force = 1;
    first.self_trade = 1;
    in_stream(1, first);
    in_stream(2, TestMarket::order(3, Side::sell, 30, 500));
    in_stream(1, TestMarket::order(2, Side::buy, 50, 490));
    in_stream(1, TestMarket::replacement(2, 4, 60, 480));
    in_stream(1, TestMarket::replacement(1, 5, 90, 500));
    in_stream(1, TestMarket::cancellation(5, 20));
    in_stream(1, TestMarket::cancellation(77));
    in_stream(2, TestMarket::order(4, Side::sell, 10, 600));
    in_stream(2, TestMarket::order(5, Side::sell, 10'000, 600));
    MassCancel all{};
    all.side = 1;
    all.user_reference = 6;
    in_stream(2, all);
    in_stream(2, TestMarket::order(8, Side::buy, 1, 100));
    streams_[2] = 50;
    in_stream(2, TestMarket::order(9, Side::buy, 1, 100));
  }
  void control() {
    SetInstrumentState halt =
        TestMarket::state_change(7, Scope::instrument, 2, InstrumentState::halted);
    halt.reason = 42;
    approve(halt, 0, 1, operator_keys(1));
    batch_.add(halt);
    SetPriceLimits limits{};
    limits.control_number = 8;
    limits.instrument = 1;
    limits.low = 100;
    limits.high = 900;
    approve(limits, 0, 1, operator_keys(1));
    approve(limits, 1, 2, operator_keys(2));
    batch_.add(limits);
    TradeBust bust{};
    bust.control_number = 9;
    bust.match = 1;
    batch_.add(bust);
    Logout absent{};
    absent.header.session = 2;
    absent.header.gateway = 2;
    absent.header.epoch = 2;
    absent.reason = LogoutReason::absent;
    batch_.add(absent);
  }
  void keep_up() {
    Quarantine quarantine{};
    quarantine.sequence = 1'000;
    batch_.add(quarantine);
    Checkpoint checkpoint{};
    checkpoint.number = 1;
    batch_.add(checkpoint);
    Attest attest{};
    attest.node = 3;
    attest.checkpoint = 1;
    attest.sequence = batch_.count();
    attest.state_hash = 0x1111;
    attest.scrub_hash = 0x2222;
    attest.chain[31] = std::byte{0x33};
    batch_.add(attest);
    batch_.add(NoOperation{});
  }

  BatchWriter batch_;
  std::uint32_t epochs_[3] = {0, 1, 1};
  std::uint32_t streams_[3] = {};
};

std::string in_lines(base::Bytes bytes) {
  std::string text;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(32, bytes.size()))) {
    text += base::to_hex(bytes.first(std::min<std::size_t>(32, bytes.size()))) + "\n";
  }
  return text;
}

std::string golden(const std::string& name, base::Bytes now) {
  const std::string path = std::string(OKIAGARI_SOURCE_DIR) + "/src/venue/golden/" + name;
  if (std::getenv("OKIAGARI_WRITE_GOLDEN") != nullptr) std::ofstream(path) << in_lines(now);
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class FormatsTest : public testing::Test {
 protected:
  FormatsTest() : batch(Scenario().bytes()) {
    venue.apply_batch(base::as_bytes(batch), events);
    venue.write_snapshot(snapshot);
  }
  std::string batch;
  Venue venue{Limits{}};
  base::ByteWriter events;
  base::ByteWriter snapshot;
};

TEST_F(FormatsTest, CommandsAreWhatTheyWere) {
  EXPECT_EQ(in_lines(base::as_bytes(batch)), golden("commands_v1.hex", base::as_bytes(batch)));
}

TEST_F(FormatsTest, EventsAreWhatTheyWere) {
  EXPECT_EQ(in_lines(events.view()), golden("events_v1.hex", events.view()));
}

TEST_F(FormatsTest, SnapshotsAreWhatTheyWere) {
  EXPECT_EQ(in_lines(snapshot.view()), golden("snapshot_v1.hex", snapshot.view()));
  EXPECT_TRUE(venue.check_invariants().ok());
}

TEST_F(FormatsTest, AnOldSnapshotIsLoaded) {
  std::string hex = golden("snapshot_v1.hex", snapshot.view());
  std::erase(hex, '\n');
  std::string bytes(hex.size() / 2, '\0');
  ASSERT_TRUE(base::from_hex(hex, std::as_writable_bytes(std::span(bytes))));
  Venue restored{Limits{}};
  const base::Status status = restored.load_snapshot(base::as_bytes(bytes));
  ASSERT_TRUE(status.ok()) << status.error().message;
  base::ByteWriter again;
  restored.write_snapshot(again);
  EXPECT_EQ(base::as_text(again.view()), bytes);
}

TEST_F(FormatsTest, TheGoldenFilesHoldEveryTypeOfCommandAndEvent) {
  std::set<int> commands;
  for (std::size_t offset = sizeof(BatchHeader); offset < batch.size();) {
    CommandHeader header;
    std::memcpy(&header, batch.data() + offset, sizeof header);
    commands.insert(static_cast<int>(header.type));
    offset += header.size_bytes;
  }
  EXPECT_THAT(commands, testing::ElementsAre(1, 2, 3, 4, 16, 17, 32, 33, 34, 48, 49, 50, 51, 52, 53,
                                             64, 65, 66, 67));
  std::set<int> seen;
  for (base::Bytes left = events.view(); !left.empty();) {
    EventHeader header;
    std::memcpy(&header, left.data(), sizeof header);
    seen.insert(static_cast<int>(header.type));
    EXPECT_EQ(text_of(left.first(header.size_bytes)).find("unknown type"), std::string::npos);
    left = left.subspan(header.size_bytes);
  }
  EXPECT_THAT(seen, testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 32, 33, 34, 35, 36, 37, 38, 39, 64,
                                         65, 66, 67, 68, 69, 70, 71));
}

}  // namespace
}  // namespace okiagari::venue
