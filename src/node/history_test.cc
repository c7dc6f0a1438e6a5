#include "node/history.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <utility>

namespace okiagari::node {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = fs::temp_directory_path() / "okiagari-history-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Plausible traffic, the same for the same seed.
class Traffic {
 public:
  explicit Traffic(std::uint32_t seed) : random_(seed) {}

  void append_to(History& history, int count) {
    for (int i = 0; i < count; ++i) append_one(history);
  }

 private:
  void append_one(History& history) {
    time_ns_ += random_() % 100'000;
    const SessionId session = static_cast<SessionId>(1 + random_() % 5);
    venue::OrderAccepted accepted{};
    fill(accepted.header, sizeof accepted, accepted.kType);
    accepted.header.session = session;
    accepted.header.gateway = static_cast<GatewayId>(1 + session % 2);
    accepted.header.session_number = static_cast<std::uint32_t>(history.next_number(session));
    accepted.header.stream_number = accepted.header.session_number + 7;
    accepted.user_reference = accepted.header.session_number;
    accepted.quantity = static_cast<QuantityLots>(1 + random_() % 500);
    accepted.price_e4 = 1'000'000 + 100 * (random_() % 1000);
    accepted.reference = event_number_;
    accepted.account = session;
    accepted.instrument = static_cast<InstrumentId>(1 + random_() % 20);
    history.append(accepted.header);
    if (random_() % 3 == 0) return;
    venue::FeedAdd add{};
    fill(add.header, sizeof add, add.kType);
    add.header.feed_number = history.next_number(kFeedStream);
    add.reference = accepted.reference;
    add.quantity = accepted.quantity;
    add.price_e4 = static_cast<std::uint32_t>(accepted.price_e4);
    history.append(add.header);
  }
  void fill(venue::EventHeader& header, std::size_t size, venue::EventType type) {
    header.size_bytes = static_cast<std::uint16_t>(size);
    header.type = type;
    header.version = venue::kEventVersion;
    header.event_number = ++event_number_;
    header.timestamp_ns = time_ns_;
  }

  std::mt19937 random_;
  std::uint64_t event_number_ = 0;
  TimestampNs time_ns_ = 1'700'000'000'000'000'000;
};

std::vector<std::byte> read_all(History& history, StreamId stream) {
  base::ByteWriter events;
  for (std::uint64_t next = 1; next < history.next_number(stream);) {
    const std::size_t before = events.size();
    history.read(stream, next, events);
    if (events.size() == before) break;
    for (std::size_t at = before; at < events.size();) {
      venue::EventHeader header;
      std::memcpy(&header, events.data() + at, sizeof header);
      const std::uint64_t number =
          stream == kFeedStream ? header.feed_number : header.session_number;
      EXPECT_EQ(number, next) << "stream " << stream;
      ++next;
      at += header.size_bytes;
    }
  }
  return {events.view().begin(), events.view().end()};
}

void expect_equal(History& a, History& b) {
  EXPECT_EQ(a.chain(), b.chain());
  EXPECT_EQ(a.end_position(), b.end_position());
  for (StreamId stream = 0; stream <= 5; ++stream) {
    EXPECT_EQ(a.next_number(stream), b.next_number(stream));
    EXPECT_EQ(read_all(a, stream), read_all(b, stream));
  }
}

std::unique_ptr<History> open(const std::string& folder) {
  auto history = History::open(folder);
  EXPECT_TRUE(history.ok());
  return std::move(history.value());
}

base::ByteWriter state_of(const History& history) {
  base::ByteWriter state;
  EXPECT_TRUE(history.write_state(state).ok());
  return state;
}

TEST(EventCodingTest, DecodingGivesBackEveryByteOfRandomEvents) {
  std::mt19937 random(1);
  EventCoding encoder;
  EventCoding decoder;
  std::array<std::byte, kCodedEventBytesMax> event{};
  for (int i = 0; i < 20'000; ++i) {
    for (std::size_t changes = random() % 40; changes > 0; --changes) {
      event[random() % event.size()] = static_cast<std::byte>(random());
    }
    venue::EventHeader& header = *reinterpret_cast<venue::EventHeader*>(event.data());
    header.size_bytes = static_cast<std::uint16_t>(
        sizeof header + random() % (kCodedEventBytesMax + 1 - sizeof header));
    header.type = static_cast<venue::EventType>(1 + random() % 15);
    std::array<std::byte, kCodingBytesMax> coded;
    const std::byte* const end = encoder.encode(header, coded.data());
    base::ByteReader reader({coded.data(), static_cast<std::size_t>(end - coded.data())});
    base::ByteWriter decoded;
    ASSERT_TRUE(decoder.decode(reader, decoded));
    ASSERT_TRUE(reader.at_end());
    ASSERT_EQ(decoded.size(), header.size_bytes);
    ASSERT_EQ(std::memcmp(decoded.view().data(), event.data(), header.size_bytes), 0);
  }
}

TEST(EventCodingTest, CutOffOrForeignBytesAreRefused) {
  EventCoding coding;
  venue::FeedAdd event{};
  event.header.size_bytes = sizeof event;
  event.header.type = event.kType;
  event.reference = 0x1234567890;
  std::array<std::byte, kCodingBytesMax> coded;
  const auto size =
      static_cast<std::size_t>(coding.encode(event.header, coded.data()) - coded.data());
  for (std::size_t cut = 0; cut < size; ++cut) {
    EventCoding decoder;
    base::ByteReader reader({coded.data(), cut});
    base::ByteWriter decoded;
    EXPECT_FALSE(decoder.decode(reader, decoded));
    EXPECT_TRUE(decoded.empty());
  }
}

TEST(HistoryTest, EverySessionAndTheFeedCanBeReadFromOneAndTakeAThirdOfTheirSize) {
  const TemporaryFolder folder;
  auto history = open(folder.path());
  Traffic(1).append_to(*history, 100'000);
  std::size_t total = 0;
  for (StreamId stream = 0; stream <= 5; ++stream) total += read_all(*history, stream).size();
  EXPECT_GT(total, 12'000'000u);
  EXPECT_LT(history->end_position(), total / 3);
  // From the middle, and past the end.
  base::ByteWriter events;
  history->read(3, 12'345, events);
  EXPECT_EQ(reinterpret_cast<const venue::EventHeader*>(events.view().data())->session_number,
            12'345u);
  events.clear();
  history->read(3, history->next_number(3), events);
  history->read(3, 0, events);
  history->read(99, 1, events);
  EXPECT_TRUE(events.empty());
}

TEST(HistoryTest, PowerCutAfterASnapshotIsCutBackAndMadeAgainByReplay) {
  const TemporaryFolder folder;
  const TemporaryFolder never_crashed;
  auto reference = open(never_crashed.path());
  Traffic reference_traffic(2);
  reference_traffic.append_to(*reference, 90'000);

  base::ByteWriter snapshot;
  {
    auto history = open(folder.path());
    Traffic traffic(2);
    traffic.append_to(*history, 40'000);
    snapshot = state_of(*history);
    traffic.append_to(*history, 30'000);
  }
  // Half of what came after the snapshot is on disk, and torn.
  std::ofstream torn(folder.path() + "/history-000000", std::ios::app | std::ios::binary);
  torn << "half a chunk";
  torn.close();

  auto history = open(folder.path());
  base::ByteReader state(snapshot.view());
  ASSERT_TRUE(history->load_state(state).ok());
  EXPECT_TRUE(state.at_end());
  EXPECT_TRUE(history->is_complete());
  // The log's replay: the same traffic, of which the history skips what it has.
  const TemporaryFolder skipped;
  auto before_snapshot = open(skipped.path());
  Traffic traffic(2);
  traffic.append_to(*before_snapshot, 40'000);
  traffic.append_to(*history, 50'000);
  expect_equal(*history, *reference);
  EXPECT_EQ(state_of(*history).size(), state_of(*reference).size());
}

TEST(HistoryTest, ReplicasWriteTheSameFilesWhoeverTookASnapshot) {
  const TemporaryFolder a_folder;
  const TemporaryFolder b_folder;
  {
    auto a = open(a_folder.path());
    auto b = open(b_folder.path());
    Traffic a_traffic(3);
    Traffic b_traffic(3);
    for (int i = 0; i < 10; ++i) {
      a_traffic.append_to(*a, 5'000);
      (void)state_of(*a);
      b_traffic.append_to(*b, 5'000);
    }
    expect_equal(*a, *b);
  }
  const auto content = [](const std::string& folder) {
    std::ifstream file(folder + "/history-000000", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_GT(content(a_folder.path()).size(), 1'000'000u);
  EXPECT_EQ(content(a_folder.path()), content(b_folder.path()));
}

TEST(HistoryTest, FlippedBitOnDiskIsNotHandedOut) {
  const TemporaryFolder folder;
  base::ByteWriter snapshot;
  {
    auto history = open(folder.path());
    Traffic(4).append_to(*history, 50'000);
    snapshot = state_of(*history);
  }
  std::fstream file(folder.path() + "/history-000000",
                    std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(sizeof(HistoryFileHeader) + sizeof(ChunkHeader) + 100);
  file.put('\x5a');
  file.close();
  auto history = open(folder.path());
  base::ByteReader state(snapshot.view());
  ASSERT_TRUE(history->load_state(state).ok());
  int unreadable = 0;
  for (StreamId stream = 0; stream <= 5; ++stream) {
    base::ByteWriter events;
    history->read(stream, 1, events);
    unreadable += events.empty() ? 1 : 0;
  }
  EXPECT_EQ(unreadable, 1);
}

TEST(HistoryTest, SnapshotOfAnotherServerLeavesAHoleBeforeItAndNoneBehind) {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  auto theirs = open(other.path());
  Traffic traffic(5);
  traffic.append_to(*theirs, 50'000);
  const base::ByteWriter snapshot = state_of(*theirs);
  auto ours = open(folder.path());
  base::ByteReader state(snapshot.view());
  ASSERT_TRUE(ours->load_state(state).ok());
  EXPECT_FALSE(ours->is_complete());
  base::ByteWriter events;
  ours->read(1, 1, events);
  EXPECT_TRUE(events.empty());
  const std::uint64_t next = ours->next_number(kFeedStream);
  EXPECT_EQ(next, theirs->next_number(kFeedStream));
  traffic.append_to(*ours, 20'000);
  ours->read_feed(next + 100, events);
  EXPECT_FALSE(events.empty());
}

TEST(HistoryTest, HoleIsFilledOnlyWithWhatTheChainDemandsAndIsRememberedUntilThen) {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  auto theirs = open(other.path());
  Traffic traffic(7);
  traffic.append_to(*theirs, 50'000);
  const base::ByteWriter first = state_of(*theirs);
  base::ByteWriter second;
  {
    auto ours = open(folder.path());
    base::ByteReader state(first.view());
    ASSERT_TRUE(ours->load_state(state).ok());
    traffic.append_to(*ours, 20'000);
    second = state_of(*ours);
  }
  auto ours = open(folder.path());
  base::ByteReader state(second.view());
  ASSERT_TRUE(ours->load_state(state).ok());
  ASSERT_FALSE(ours->is_complete()) << "its own snapshot since does not hide the hole";
  std::vector<std::byte> bytes;
  bool has_spoilt = false;
  while (!ours->is_complete()) {
    const History::Range range = ours->next_missing(100'000);
    ASSERT_GT(range.size_bytes, 0u);
    ASSERT_TRUE(theirs->read_bytes(range, bytes));
    if (!std::exchange(has_spoilt, true)) {
      bytes[bytes.size() - 1] ^= std::byte{1};
      EXPECT_FALSE(ours->fill(bytes).value());
      continue;
    }
    ASSERT_TRUE(ours->fill(bytes).value());
  }
  base::ByteWriter a;
  base::ByteWriter b;
  for (StreamId stream = 0; stream <= 5; ++stream) {
    ours->read(stream, 1, a);
    theirs->read(stream, 1, b);
  }
  EXPECT_TRUE(std::equal(a.view().begin(), a.view().end(), b.view().begin(), b.view().end()));
  base::ByteReader again(second.view());
  ASSERT_TRUE(ours->load_state(again).ok());
  EXPECT_TRUE(ours->is_complete());
}

// Such a place would be read with that many bytes of memory, before anything is known to be wrong.
TEST(HistoryTest, PeersSnapshotThatClaimsAChunkOfFourGigabytesIsRefused) {
  const TemporaryFolder folder;
  auto history = open(folder.path());
  Traffic(8).append_to(*history, 20'000);
  const base::ByteWriter snapshot = state_of(*history);
  // The last chunk stands behind version, number of streams, end and chain; its size behind its
  // first number and position.
  constexpr std::size_t kSizeAt = 4 + 4 + 8 + 32 + 8 + 8;
  std::vector<std::byte> claimed(snapshot.view().begin(), snapshot.view().end());
  ASSERT_GT(base::load_little<std::uint32_t>(claimed.data() + kSizeAt), 0u);
  for (const std::uint32_t size_bytes : {1u, 0x7FFF'FFFFu, 0xFFFF'FFFFu}) {
    base::store_little(claimed.data() + kSizeAt, size_bytes);
    base::ByteReader state(claimed);
    EXPECT_FALSE(history->load_state(state).ok()) << size_bytes;
  }
}

TEST(HistoryTest, DamagedStateIsRefusedAndChangesNothing) {
  const TemporaryFolder folder;
  auto history = open(folder.path());
  Traffic(6).append_to(*history, 20'000);
  const base::ByteWriter snapshot = state_of(*history);
  const std::uint64_t position = history->end_position();
  for (std::size_t cut = 0; cut < snapshot.size(); cut += 37) {
    base::ByteReader state(snapshot.view().first(cut));
    EXPECT_FALSE(history->load_state(state).ok());
  }
  EXPECT_EQ(history->end_position(), position);
}

}  // namespace
}  // namespace okiagari::node
