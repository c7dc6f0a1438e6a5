// The bad days of a log's files, and what opening it concludes from each.
#include "journal/log_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "journal/identity.h"
#include "journal/log.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr LogOptions kSmall{.segment_bytes = 8192, .cache_bytes = 0, .spare_segments = 0};
constexpr std::size_t kEntryBytes = 700;  // a group of one is two sectors

std::vector<std::byte> payload_of(Index index, std::size_t size = kEntryBytes) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((index + i) % 255 + 1);
  return bytes;
}

class LogScanTest : public testing::Test {
 protected:
  base::Status open() {
    log_.reset();
    base::Result<std::unique_ptr<Log>> opened = Log::open(folder_.disk(), kSmall, findings_);
    if (!opened) return opened.error();
    log_ = std::move(opened.value());
    return {};
  }
  std::string refusal() {
    const base::Status opened = open();
    return opened ? "" : opened.error().message;
  }
  void append_synced(Index first, Index last, std::size_t size = kEntryBytes) {
    for (Index index = first; index <= last; ++index) {
      log_->append(index, 1, EntryType::command, payload_of(index, size));
      ASSERT_TRUE(log_->sync().ok());
    }
  }
  // A closed log of so many entries, seven in a segment.
  void make_log(Index last) {
    ASSERT_TRUE(open().ok());
    append_synced(1, last);
    log_.reset();
  }
  void expect_whole_up_to(Index last, std::size_t size = kEntryBytes) {
    ASSERT_EQ(log_->last_index(), last);
    for (Index index = log_->first_index(); index <= last; ++index) {
      EXPECT_TRUE(std::ranges::equal(log_->read(index).value().payload, payload_of(index, size)));
    }
  }
  void expect_goes_on(Index last) {
    append_synced(last + 1, last + 10);
    ASSERT_TRUE(open().ok());
    EXPECT_FALSE(findings_.torn_tail);
    expect_whole_up_to(last + 10);
  }

  TemporaryFolder folder_;
  LogFindings findings_;
  std::unique_ptr<Log> log_;
};

// Goal: whichever of its sectors a torn group left behind, it is cut off and the log goes on; and
// nothing of it is taken for a later group after another crash.
TEST_F(LogScanTest, ATornLastGroupIsCutOffWhicheverSectorsLanded) {
  make_log(3);
  const std::vector<std::byte> before = folder_.bytes(segment_name(1));
  ASSERT_TRUE(open().ok());
  for (Index index = 4; index <= 6; ++index) {
    log_->append(index, 1, EntryType::command, payload_of(index));
  }
  ASSERT_TRUE(log_->sync().ok());
  log_.reset();
  const std::vector<std::byte> after = folder_.bytes(segment_name(1));
  constexpr std::size_t kFirst = 512 + 3 * 1024;
  constexpr unsigned kSectors = 5;
  for (unsigned landed = 0; landed < (1U << kSectors); ++landed) {
    std::vector<std::byte> torn = before;
    for (unsigned sector = 0; sector < kSectors; ++sector) {
      if ((landed >> sector & 1U) == 0) continue;
      std::memcpy(&torn[kFirst + sector * 512], &after[kFirst + sector * 512], 512);
    }
    folder_.replace(segment_name(1), torn);
    ASSERT_EQ(refusal(), "") << landed;
    EXPECT_FALSE(findings_.below_watermark) << landed;
    const bool all = torn == after;
    EXPECT_EQ(findings_.torn_tail, landed != 0 && !all) << landed;
    expect_whole_up_to(all ? 6 : 3);
    if (all) continue;
    EXPECT_EQ(folder_.bytes(segment_name(1)), before) << "what is left could be believed later";
    EXPECT_EQ(findings_.dropped_bytes, 512U * static_cast<unsigned>(__builtin_popcount(landed)));
  }
  folder_.replace(segment_name(1), before);
  ASSERT_TRUE(open().ok());
  expect_goes_on(3);
}

// The header of a new segment leaves with its first group.
TEST_F(LogScanTest, ATornFirstGroupOfASegmentIsCutOffWhicheverSectorsLanded) {
  make_log(7);
  ASSERT_TRUE(open().ok());
  append_synced(8, 8);
  log_.reset();
  const std::vector<std::byte> after = folder_.bytes(segment_name(2));
  for (unsigned landed = 0; landed < 7; ++landed) {
    // As the mark was before that group.
    ASSERT_TRUE(folder_.disk().remove(kWatermarkName).ok());
    ASSERT_TRUE(WatermarkFile::create(folder_.disk(), {.first_segment = 1}).ok());
    std::vector<std::byte> torn(after.size());
    for (unsigned sector = 0; sector < 3; ++sector) {
      if ((landed >> sector & 1U) != 0) std::memcpy(&torn[sector * 512], &after[sector * 512], 512);
    }
    folder_.replace(segment_name(2), torn);
    ASSERT_EQ(refusal(), "") << landed;
    EXPECT_FALSE(findings_.below_watermark) << landed;
    expect_whole_up_to(7);
    append_synced(8, 9);
    ASSERT_EQ(refusal(), "") << landed;
    expect_whole_up_to(9);
    log_.reset();
  }
}

TEST_F(LogScanTest, AFlippedByteInTheMiddleIsRefusedNamingFileOffsetAndEntry) {
  make_log(20);
  for (std::size_t at = 0; at < 1024; at += 13) {
    const bool is_padding = at >= 72 + 64 + 704;
    folder_.flip(segment_name(2), 512 + 2 * 1024 + at);
    const std::string why = refusal();
    if (!is_padding) {
      ASSERT_THAT(why, AllOf(HasSubstr(folder_.path() + "/" + segment_name(2)),
                             HasSubstr("damaged at offset 2560, behind entry 9"),
                             HasSubstr("rejoin under a new storage identity")))
          << at;
    }
    log_.reset();
    folder_.flip(segment_name(2), 512 + 2 * 1024 + at);
  }
  ASSERT_TRUE(open().ok());
  expect_whole_up_to(20);
}

TEST_F(LogScanTest, AFlippedByteInTheLastGroupNeverPassesForATornWrite) {
  make_log(20);
  const std::vector<std::byte> whole = folder_.bytes(segment_name(3));
  const std::size_t last = 512 + 5 * 1024;
  for (std::size_t at = 0; at < 72 + 64 + kEntryBytes; at += 3) {
    folder_.replace(segment_name(3), whole);
    folder_.flip(segment_name(3), last + at);
    ASSERT_EQ(refusal(), "");
    EXPECT_TRUE(findings_.below_watermark) << at;
    expect_whole_up_to(19);
    // The doubt outlives another start, until the replica has barred itself.
    ASSERT_EQ(refusal(), "");
    EXPECT_TRUE(findings_.below_watermark) << at;
  }
}

TEST_F(LogScanTest, ALostLastGroupIsBelowTheWatermarkOnceThatWasRaised) {
  make_log(20);
  std::vector<std::byte> cut = folder_.bytes(segment_name(3));
  std::fill(cut.begin() + 512 + 5 * 1024, cut.end(), std::byte{0});
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(log_->raise_watermark(20).ok());
  EXPECT_EQ(log_->watermark(), 20U);
  log_.reset();
  folder_.replace(segment_name(3), cut);
  ASSERT_EQ(refusal(), "");
  EXPECT_TRUE(findings_.below_watermark);
  EXPECT_FALSE(findings_.torn_tail);
  expect_whole_up_to(19);
}

TEST_F(LogScanTest, AMissingLastSegmentIsBelowTheWatermarkEvenIfNobodyRaisedIt) {
  make_log(15);
  ASSERT_TRUE(folder_.has(segment_name(3)));
  ASSERT_TRUE(folder_.disk().remove(segment_name(3)).ok());
  ASSERT_EQ(refusal(), "");
  EXPECT_TRUE(findings_.below_watermark);
  expect_whole_up_to(14);
}

TEST_F(LogScanTest, AMissingSegmentInTheMiddleIsRefused) {
  make_log(30);
  ASSERT_TRUE(folder_.disk().remove(segment_name(2)).ok());
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("behind entry 7"), HasSubstr(segment_name(2) + " is missing"),
                    HasSubstr(segment_name(3) + " begins with group 15")));
}

TEST_F(LogScanTest, AMissingFirstSegmentIsRefused) {
  make_log(30);
  ASSERT_TRUE(folder_.disk().remove(segment_name(1)).ok());
  EXPECT_THAT(refusal(), AllOf(HasSubstr(segment_name(1)), HasSubstr("the file is missing")));
}

TEST_F(LogScanTest, AnEmptiedFirstSegmentIsRefused) {
  make_log(5);
  folder_.replace(segment_name(1), std::vector<std::byte>(8192));
  EXPECT_THAT(refusal(), HasSubstr("the header of the first segment is broken"));
}

TEST_F(LogScanTest, ASegmentCutShortIsRefused) {
  make_log(30);
  const std::vector<std::byte> whole = folder_.bytes(segment_name(2));
  folder_.replace(segment_name(2), base::Bytes(whole).first(7 * 1024));
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr(segment_name(2)), HasSubstr("7168 bytes instead of 8192")));
}

TEST_F(LogScanTest, AMissingWatermarkIsRefused) {
  make_log(5);
  ASSERT_TRUE(folder_.disk().remove(kWatermarkName).ok());
  EXPECT_THAT(refusal(), AllOf(HasSubstr("/watermark: missing"), HasSubstr("rejoin")));
}

TEST_F(LogScanTest, ADamagedWatermarkIsRefused) {
  make_log(5);
  for (std::size_t copy = 0; copy < 4; ++copy) folder_.flip(kWatermarkName, copy * 4096 + 33);
  EXPECT_THAT(refusal(), HasSubstr("/watermark: damaged"));
}

// Somebody copies a segment of another server: its entries may even fit.
TEST_F(LogScanTest, ASegmentOfAnotherServerIsRefused) {
  ASSERT_TRUE(format(folder_.disk(), {.cluster = 1, .node = 1, .storage = 77}).ok());
  make_log(20);
  TemporaryFolder other;
  ASSERT_TRUE(format(other.disk(), {.cluster = 1, .node = 2, .storage = 78}).ok());
  auto log = std::move(Log::open(other.disk(), kSmall, findings_).value());
  for (Index index = 1; index <= 20; ++index) {
    log->append(index, 1, EntryType::command, payload_of(index));
    ASSERT_TRUE(log->sync().ok());
  }
  log.reset();
  folder_.replace(segment_name(2), other.bytes(segment_name(2)));
  EXPECT_THAT(refusal(), HasSubstr("damaged at offset 7680, behind entry 7"));
  folder_.replace(segment_name(1), other.bytes(segment_name(1)));
  EXPECT_THAT(refusal(), HasSubstr("belongs to another log"));
}

TEST_F(LogScanTest, AnOldCopyOfASegmentIsRefused) {
  make_log(10);
  const std::vector<std::byte> old = folder_.bytes(segment_name(2));
  ASSERT_TRUE(open().ok());
  append_synced(11, 20);
  log_.reset();
  folder_.replace(segment_name(2), old);
  EXPECT_THAT(refusal(), HasSubstr("behind entry 10"));
}

TEST_F(LogScanTest, ALaterVersionIsLeftToALaterProgram) {
  make_log(5);
  std::vector<std::byte> bytes = folder_.bytes(segment_name(1));
  SegmentHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  header.version = 2;
  seal(header, bytes);
  folder_.replace(segment_name(1), bytes);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("version 2"), HasSubstr("newer")));
}

TEST_F(LogScanTest, ASegmentThatWasBeingMadeIsMadeAnew) {
  make_log(7);
  folder_.replace(segment_name(2), std::vector<std::byte>(1000));
  ASSERT_EQ(refusal(), "");
  EXPECT_FALSE(findings_.torn_tail);
  expect_goes_on(7);
}

TEST_F(LogScanTest, ALogWhoseFirstSegmentWasBeingMadeBeginsAnew) {
  ASSERT_TRUE(WatermarkFile::create(folder_.disk(), {}).ok());
  folder_.replace(segment_name(1), std::vector<std::byte>(600));
  ASSERT_EQ(refusal(), "");
  expect_goes_on(0);
}

TEST_F(LogScanTest, DroppedSegmentsThatCameBackAreRemoved) {
  make_log(30);
  const std::vector<std::byte> second = folder_.bytes(segment_name(2));
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(log_->drop_up_to(14).ok());
  log_.reset();
  folder_.replace(segment_name(2), second);
  ASSERT_EQ(refusal(), "");
  EXPECT_EQ(log_->first_index(), 15U);
  EXPECT_FALSE(folder_.has(segment_name(2)));
  expect_whole_up_to(30);
}

// The crash comes between the header that restarts the log and the removal of the old segments.
TEST_F(LogScanTest, ARestartHoldsFromItsHeaderOn) {
  make_log(30);
  const std::vector<std::byte> first = folder_.bytes(segment_name(1));
  const std::vector<std::byte> mark = folder_.bytes(kWatermarkName);
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(log_->restart_after(100, 3, {}).ok());
  log_.reset();
  folder_.replace(segment_name(1), first);
  folder_.replace(kWatermarkName, mark);
  ASSERT_EQ(refusal(), "");
  EXPECT_EQ(log_->first_index(), 101U);
  EXPECT_EQ(log_->last_index(), 100U);
  EXPECT_FALSE(folder_.has(segment_name(1)));
}

TEST_F(LogScanTest, ALogThatWasCutTwiceGoesOn) {
  make_log(3);
  for (int crash = 0; crash < 5; ++crash) {
    ASSERT_TRUE(open().ok());
    const Index last = log_->last_index();
    append_synced(last + 1, last + 2);
    log_.reset();
    std::vector<std::byte> torn = folder_.bytes(segment_name(1));
    const std::size_t at = 512 + (last + 1) * 1024;
    if (at + 1024 > torn.size()) break;
    std::fill_n(torn.begin() + static_cast<std::ptrdiff_t>(at), 512, std::byte{0});
    folder_.replace(segment_name(1), torn);
    ASSERT_EQ(refusal(), "");
    EXPECT_TRUE(findings_.torn_tail);
    expect_whole_up_to(last + 1);
  }
}

}  // namespace
}  // namespace okiagari::journal
