#include "journal/segment_supply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "journal/segment.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

constexpr std::uint64_t kSegmentBytes = 3U << 20;

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
  SegmentSupply supply(folder.disk(), kSegmentBytes, 0, 4, 0);
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
  SegmentSupply supply(folder.disk(), kSegmentBytes, 2, 1, 0);
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

TEST(SegmentSupply, WhatIsThereAlreadyIsUsed) {
  TemporaryFolder folder;
  folder.replace(segment_name(3), std::vector<std::byte>(kSegmentBytes));
  SegmentSupply supply(folder.disk(), kSegmentBytes, 1, 3, 1);
  const SegmentSupply::Segment segment = supply.take().value();
  EXPECT_EQ(segment.number, 3U);
  folder.disk().close(segment.file);
}

TEST(SegmentSupply, ItsEndDoesNotWaitForAWholeSegment) {
  TemporaryFolder folder;
  { const SegmentSupply supply(folder.disk(), 1U << 30, 1, 1, 0); }
  EXPECT_FALSE(folder.has(segment_name(1)));
}

}  // namespace
}  // namespace okiagari::journal
