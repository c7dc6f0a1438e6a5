// The bytes of version 1, as docs/formats/log.md describes them. They never change: a new version
// gets a test of its own beside this one.
#include "journal/log_format.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "journal/identity.h"
#include "journal/log.h"
#include "journal/segment.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

constexpr LogOptions kSmall{.segment_bytes = 4096, .cache_bytes = 0, .spare_segments = 0};

constexpr const char* kSegmentHeader =
    "4f4b49414c4f47000100000000000000a8a7a6a5a4a3a2a10100000000000000"
    "0010000000000000010000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "00000000a8b8f01d";
constexpr const char* kGroupHeader =
    "4f4b4947524f55500100000002000000a8a7a6a5a4a3a2a10100000000000000"
    "000000000000000001000000000000000200000000000000980000006ffd58b1"
    "00000000a4f29b14";
constexpr const char* kFirstRecord =
    "0100000000000000010000000000000006000000030000000b3d8d76cf2021d8"
    "db676dd9571cef9139f40a0b216a9248e511e379e678019900000000d796df50"
    "766f746572730000";
constexpr const char* kSecondRecord =
    "020000000000000003000000000000000b00000001000000510ec7b10ca6f044"
    "9b99fc3a5c1c4fc31fb3ee692ea2b43c4ac0687a11d570da000000002a30df27"
    "627579203130302079656e0000000000";
constexpr const char* kWatermarkSlot =
    "4f4b4941534c4f540100000003000000040000000000000020000000262b69c4"
    "a8a7a6a5a4a3a2a1010000000000000002000000000000000100000000000000";

std::string hex_of(base::Bytes bytes, std::size_t offset, std::size_t size) {
  return base::to_hex(bytes.subspan(offset, size));
}

TEST(LogFormat, TheBytesOfASegmentAreThoseOfVersion1) {
  TemporaryFolder folder;
  ASSERT_TRUE(format(folder.disk(), {.cluster = 1, .node = 1, .storage = 0xA1A2A3A4A5A6A7A8}).ok());
  LogFindings findings;
  auto log = std::move(Log::open(folder.disk(), kSmall, findings).value());
  log->append(1, 1, EntryType::change, base::as_bytes("voters"));
  log->append(2, 3, EntryType::command, base::as_bytes("buy 100 yen"));
  ASSERT_TRUE(log->sync().ok());
  ASSERT_TRUE(log->raise_watermark(2).ok());
  log.reset();

  const std::vector<std::byte> bytes = folder.bytes(segment_name(1));
  ASSERT_EQ(bytes.size(), 4096U);
  EXPECT_EQ(hex_of(bytes, 0, 104), kSegmentHeader);
  EXPECT_TRUE(is_zero(base::Bytes(bytes).subspan(104, 512 - 104)));
  EXPECT_EQ(hex_of(bytes, 512, 72), kGroupHeader);
  EXPECT_EQ(hex_of(bytes, 584, 72), kFirstRecord);
  EXPECT_EQ(hex_of(bytes, 656, 80), kSecondRecord);
  EXPECT_TRUE(is_zero(base::Bytes(bytes).subspan(736)));

  const std::vector<std::byte> watermark = folder.bytes("watermark");
  EXPECT_EQ(hex_of(watermark, 0, 64), kWatermarkSlot);
}

void put(std::vector<std::byte>& bytes, std::size_t offset, std::string_view hex) {
  ASSERT_TRUE(base::from_hex(hex, base::MutableBytes(bytes).subspan(offset, hex.size() / 2)));
}

TEST(LogFormat, ALogOfVersion1IsRead) {
  TemporaryFolder folder;
  std::vector<std::byte> segment(4096);
  put(segment, 0, kSegmentHeader);
  put(segment, 512, kGroupHeader);
  put(segment, 584, kFirstRecord);
  put(segment, 656, kSecondRecord);
  folder.replace(segment_name(1), segment);
  std::vector<std::byte> watermark(16384);
  put(watermark, 0, kWatermarkSlot);
  folder.replace("watermark", watermark);
  LogFindings findings;
  const auto log = std::move(Log::open(folder.disk(), kSmall, findings).value());
  EXPECT_FALSE(findings.torn_tail || findings.below_watermark);
  ASSERT_EQ(log->last_index(), 2U);
  EXPECT_EQ(log->watermark(), 2U);
  const Entry first = log->read(1).value();
  EXPECT_EQ(first.type, EntryType::change);
  EXPECT_EQ(base::as_text(first.payload), "voters");
  const Entry second = log->read(2).value();
  EXPECT_EQ(second.term, 3U);
  EXPECT_EQ(base::as_text(second.payload), "buy 100 yen");
}

TEST(LogFormat, NamesOfSegmentsGoThereAndBack) {
  EXPECT_EQ(segment_name(42), "log-0000000000000042");
  EXPECT_EQ(segment_number("log-0000000000000042"), 42U);
  for (const char* name : {"log-42", "log-0000000000000000", "log-000000000000004x", "log-",
                           "log-00000000000000042", "snapshot-00000000000000000042"}) {
    EXPECT_FALSE(segment_number(name).has_value()) << name;
  }
}

TEST(LogFormat, SizesAreRoundedUp) {
  EXPECT_EQ(record_bytes(0), 64U);
  EXPECT_EQ(record_bytes(9), 80U);
  EXPECT_EQ(group_bytes(440), 512U);
  EXPECT_EQ(group_bytes(441), 1024U);
}

TEST(LogFormat, ARecordCutShortIsNoRecord) {
  const std::string payload = "sell";
  RecordHeader header;
  header.index = 1;
  header.payload_bytes = 4;
  header.crc = record_crc(header, base::as_bytes(payload));
  base::ByteWriter writer;
  writer.object(header);
  writer.bytes(base::as_bytes(payload));
  writer.little<std::uint32_t>(0);
  ASSERT_TRUE(parse_record(writer.view()).has_value());
  for (std::size_t size = 0; size < writer.size(); ++size) {
    EXPECT_FALSE(parse_record(writer.view().first(size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace okiagari::journal
