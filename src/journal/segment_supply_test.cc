#include "journal/segment_supply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "journal/segment.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kSegmentBytes = 3U << 20;

LogOptions options(std::uint32_t spare_segments, std::uint32_t reused_segments = 0) {
  return {.segment_bytes = kSegmentBytes,
          .cache_bytes = 0,
          .spare_segments = spare_segments,
          .reused_segments = reused_segments};
}

// Waits for an event, with a bound.
template <typename Event>
bool comes_true(Event event) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!event()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void expect_empty_segment(TemporaryFolder& folder, std::uint64_t number) {
  const std::vector<std::byte> bytes = folder.bytes(segment_name(number));
  EXPECT_EQ(bytes.size(), kSegmentBytes);
  EXPECT_TRUE(is_zero(bytes));
}

TEST(SegmentSupply, WithoutSparesASegmentIsMadeWhenItIsTaken) {
  TemporaryFolder folder;
  SegmentSupply supply(folder.disk(), options(0), 4, 0);
  EXPECT_TRUE(folder.disk().list().value().empty());
  for (std::uint64_t number = 4; number < 7; ++number) {
    const SegmentSupply::Segment segment = supply.take().value();
    EXPECT_EQ(segment.number, number);
    folder.disk().close(segment.file);
    expect_empty_segment(folder, number);
  }
  supply.discard({segment_name(4), segment_name(5)});
  EXPECT_THAT(folder.disk().list().value(), testing::ElementsAre(segment_name(6)));
}

TEST(SegmentSupply, TheHelperKeepsSegmentsAhead) {
  TemporaryFolder folder;
  SegmentSupply supply(folder.disk(), options(2), 1, 0);
  for (std::uint64_t number = 1; number < 6; ++number) {
    const SegmentSupply::Segment segment = supply.take().value();
    EXPECT_EQ(segment.number, number);
    folder.disk().close(segment.file);
    expect_empty_segment(folder, number);
  }
  EXPECT_TRUE(comes_true([&] { return folder.bytes(segment_name(7)).size() == kSegmentBytes; }));
  EXPECT_FALSE(folder.has(segment_name(8)));
  supply.discard({segment_name(1), segment_name(2)});
  EXPECT_TRUE(comes_true([&] { return !folder.has(segment_name(2)); }));
}

// As the log would: takes a segment, and fills it with what a later one must not hold.
std::uint64_t take_and_fill(TemporaryFolder& folder, SegmentSupply& supply) {
  const SegmentSupply::Segment segment = supply.take().value();
  expect_empty_segment(folder, segment.number);
  const std::vector<std::byte> content(kSegmentBytes, std::byte{7});
  EXPECT_TRUE(folder.disk().write(segment.file, 0, content).ok());
  folder.disk().close(segment.file);
  return segment.number;
}

ino_t file_of(TemporaryFolder& folder, const std::string& name) {
  struct stat what {};
  EXPECT_EQ(::stat((folder.path() + "/" + name).c_str(), &what), 0) << name;
  return what.st_ino;
}

TEST(SegmentSupply, ADroppedSegmentBecomesANewOneAndHoldsNothingOfTheOld) {
  TemporaryFolder folder;
  SegmentSupply supply(folder.disk(), options(0, 1), 1, 0);
  for (std::uint64_t number = 1; number < 4; ++number) {
    EXPECT_EQ(take_and_fill(folder, supply), number);
  }
  const ino_t first = file_of(folder, segment_name(1));
  supply.discard({segment_name(1), segment_name(2)});
  EXPECT_THAT(folder.disk().list().value(),
              testing::ElementsAre(segment_name(1) + ".used", segment_name(3)));
  EXPECT_EQ(take_and_fill(folder, supply), 4U);
  EXPECT_EQ(file_of(folder, segment_name(4)), first);
  EXPECT_EQ(take_and_fill(folder, supply), 5U);
}

TEST(SegmentSupply, TheHelperUsesDroppedSegmentsAgain) {
  TemporaryFolder folder;
  SegmentSupply supply(folder.disk(), options(1, 2), 1, 0);
  for (std::uint64_t number = 1; number < 4; ++number) take_and_fill(folder, supply);
  EXPECT_TRUE(comes_true([&] { return folder.has(segment_name(4)); }));
  const std::set<ino_t> dropped = {file_of(folder, segment_name(1)),
                                   file_of(folder, segment_name(2))};
  supply.discard({segment_name(1), segment_name(2), segment_name(3)});
  EXPECT_TRUE(comes_true([&] { return !folder.has(segment_name(3)); }));
  std::set<ino_t> taken;
  EXPECT_EQ(take_and_fill(folder, supply), 4U);  // was ready before
  for (std::uint64_t number = 5; number < 7; ++number) {
    EXPECT_EQ(take_and_fill(folder, supply), number);
    taken.insert(file_of(folder, segment_name(number)));
  }
  EXPECT_EQ(taken, dropped);
}

TEST(SegmentSupply, ADroppedSegmentOfAnotherSizeIsMadeToFit) {
  for (const std::size_t bytes : {std::size_t{4096}, 2 * std::size_t{kSegmentBytes}}) {
    TemporaryFolder folder;
    folder.replace(segment_name(1), std::vector<std::byte>(bytes, std::byte{7}));
    SegmentSupply supply(folder.disk(), options(0, 1), 2, 0);
    supply.discard({segment_name(1)});
    EXPECT_EQ(take_and_fill(folder, supply), 2U);
  }
}

TEST(SegmentSupply, WhatIsThereAlreadyIsUsed) {
  TemporaryFolder folder;
  folder.replace(segment_name(3), std::vector<std::byte>(kSegmentBytes));
  SegmentSupply supply(folder.disk(), options(1), 3, 1);
  const SegmentSupply::Segment segment = supply.take().value();
  EXPECT_EQ(segment.number, 3U);
  folder.disk().close(segment.file);
}

TEST(SegmentSupply, ItsEndDoesNotWaitForAWholeSegment) {
  TemporaryFolder folder;
  LogOptions large = options(1);
  large.segment_bytes = 1U << 30;
  { const SegmentSupply supply(folder.disk(), large, 1, 0); }
  EXPECT_FALSE(folder.has(segment_name(1)));
}

}  // namespace
}  // namespace okiagari::journal
