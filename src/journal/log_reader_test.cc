#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "journal/log.h"
#include "journal/log_watermark.h"
#include "journal/segment.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr LogOptions kSmall{.segment_bytes = 8192, .cache_bytes = 0, .spare_segments = 0};

std::vector<std::byte> payload_of(Index index, Term term) {
  std::vector<std::byte> bytes(700);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>((index + term * 3 + i) % 255 + 1);
  }
  return bytes;
}

class LogReaderTest : public testing::Test {
 protected:
  std::unique_ptr<Log> open() {
    LogFindings findings;
    return std::move(Log::open(folder_.disk(), kSmall, findings).value());
  }
  void append(Log& log, Index first, Index last, Term term = 1) {
    for (Index index = first; index <= last; ++index) {
      log.append(index, term, EntryType::command, payload_of(index, term));
      ASSERT_TRUE(log.sync().ok());
    }
  }
  // Reads to the end. "first..last" of what came, in order and without gaps, or the error.
  std::string read_all() {
    base::Result<std::unique_ptr<LogReader>> reader = LogReader::open(folder_.disk());
    if (!reader) return reader.error().message;
    Index last = reader.value()->start().index;
    const Index first = last + 1;
    Entry entry;
    while (true) {
      const base::Result<bool> more = reader.value()->next(entry);
      if (!more) return more.error().message;
      if (!more.value()) break;
      EXPECT_EQ(entry.index, last + 1);
      EXPECT_TRUE(std::ranges::equal(entry.payload, payload_of(entry.index, entry.term)));
      last = entry.index;
      chain_ = entry.chain;
      term_ = entry.term;
    }
    EXPECT_FALSE(reader.value()->next(entry).value());
    return std::to_string(first) + ".." + std::to_string(last);
  }

  TemporaryFolder folder_;
  base::Digest chain_{};
  Term term_ = 0;
};

TEST_F(LogReaderTest, AColdLogIsReadFromItsFirstToItsLastEntry) {
  auto log = open();
  append(*log, 1, 50);
  const base::Digest chain = log->chain_at(50);
  log.reset();
  EXPECT_EQ(read_all(), "1..50");
  EXPECT_EQ(chain_, chain);
}

TEST_F(LogReaderTest, AnEmptyFolderOrLogHasNoEntries) {
  EXPECT_EQ(read_all(), "1..0");
  open().reset();
  EXPECT_EQ(read_all(), "1..0");
}

TEST_F(LogReaderTest, TruncatedEntriesAreNotHandedOut) {
  auto log = open();
  append(*log, 1, 20);
  append(*log, 15, 18, 2);
  append(*log, 10, 30, 3);
  append(*log, 28, 29, 4);
  log.reset();
  EXPECT_EQ(read_all(), "1..29");
  EXPECT_EQ(term_, 4U);
}

TEST_F(LogReaderTest, ALogBehindASnapshotSaysFromWhatItContinues) {
  auto log = open();
  append(*log, 1, 50);
  ASSERT_TRUE(log->drop_up_to(30).ok());
  const Index first = log->first_index();
  const base::Digest chain = log->chain_at(first - 1);
  log.reset();
  EXPECT_EQ(read_all(), std::to_string(first) + "..50");
  const auto reader = std::move(LogReader::open(folder_.disk()).value());
  EXPECT_EQ(reader->start().index, first - 1);
  EXPECT_EQ(reader->start().term, 1U);
  EXPECT_EQ(reader->start().chain, chain);
}

TEST_F(LogReaderTest, CopiesOfSegmentsAloneAreReadToo) {
  auto log = open();
  append(*log, 1, 30);
  log.reset();
  ASSERT_TRUE(folder_.disk().remove(kWatermarkName).ok());
  ASSERT_TRUE(folder_.disk().remove(segment_name(1)).ok());
  EXPECT_EQ(read_all(), "8..30");
}

TEST_F(LogReaderTest, ReadingChangesNothing) {
  auto log = open();
  append(*log, 1, 10);
  log.reset();
  std::vector<std::byte> torn = folder_.bytes(segment_name(2));
  std::fill_n(torn.begin() + 512 + 2 * 1024, 512, std::byte{0});
  folder_.replace(segment_name(2), torn);
  EXPECT_EQ(read_all(), "1..9");
  EXPECT_EQ(folder_.bytes(segment_name(2)), torn);
}

TEST_F(LogReaderTest, DamageNamesFileOffsetAndRemedy) {
  auto log = open();
  append(*log, 1, 30);
  log.reset();
  folder_.flip(segment_name(2), 512 + 1024 + 200);
  EXPECT_THAT(read_all(), AllOf(HasSubstr(segment_name(2) + ": damaged at offset 1536"),
                                HasSubstr("behind entry 8"), HasSubstr("rejoin")));
}

TEST_F(LogReaderTest, AWrongLastGroupIsTold) {
  auto log = open();
  append(*log, 1, 9);
  log.reset();
  folder_.flip(segment_name(2), 512 + 1024 + 200);
  EXPECT_THAT(read_all(), AllOf(HasSubstr("damaged at offset 1536"), HasSubstr("standby")));
}

TEST_F(LogReaderTest, AMissingEndIsTold) {
  auto log = open();
  append(*log, 1, 20);
  log.reset();
  ASSERT_TRUE(folder_.disk().remove(segment_name(3)).ok());
  EXPECT_THAT(read_all(), AllOf(HasSubstr("the log ends with group 14"), HasSubstr("group 15")));
}

// Every checksum is right, but an entry was exchanged: only the chain tells.
TEST_F(LogReaderTest, AForgedEntryBreaksTheChain) {
  auto log = open();
  append(*log, 1, 5);
  log.reset();
  std::vector<std::byte> bytes = folder_.bytes(segment_name(1));
  const base::MutableBytes group = base::MutableBytes(bytes).subspan(512 + 2 * 1024);
  GroupHeader header;
  std::memcpy(&header, group.data(), sizeof header);
  Record record = parse_record(group.subspan(sizeof header)).value();
  group[sizeof header + sizeof record.header + 5] ^= std::byte{1};
  record.header.crc = record_crc(record.header, record.payload);
  std::memcpy(&group[sizeof header], &record.header, sizeof record.header);
  seal(header, group);
  folder_.replace(segment_name(1), bytes);
  LogFindings findings;
  EXPECT_TRUE(Log::open(folder_.disk(), kSmall, findings).ok());
  EXPECT_THAT(read_all(),
              AllOf(HasSubstr("the hash chain breaks at entry 3"), HasSubstr(segment_name(1))));
}

}  // namespace
}  // namespace okiagari::journal
