#include "gateway/told_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "wire/link.h"

namespace okiagari::gateway {
namespace {

using testing::HasSubstr;

class ToldEventsTest : public testing::Test {
 protected:
  ToldEventsTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "okiagari-told-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~ToldEventsTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] ToldEvents begin(std::size_t bytes_max, TimestampNs started_ns = 1) const {
    return ToldEvents(folder_, {.gateway = 3, .cluster = 77, .started_ns = started_ns}, bytes_max);
  }
  static venue::OrderAccepted event(std::uint64_t number) {
    venue::OrderAccepted event{};
    event.header.size_bytes = sizeof event;
    event.header.type = event.kType;
    event.header.version = venue::kEventVersion;
    event.header.event_number = number;
    return event;
  }
  static std::vector<std::uint64_t> numbers_in(const ToldFile& file) {
    std::vector<std::uint64_t> numbers;
    wire::EventReader reader(file.events);
    while (const venue::EventHeader* one = reader.next()) {
      // By value: in a file an event lies wherever the one before it ended.
      const std::uint64_t number = one->event_number;
      numbers.push_back(number);
    }
    return numbers;
  }

  std::string folder_;
};

TEST_F(ToldEventsTest, WhatWasToldIsReadBackInOrder) {
  ToldEvents told = begin(1 << 20);
  for (std::uint64_t number = 5; number <= 8; ++number) told.add(event(number).header);
  ASSERT_TRUE(told.save().ok());
  const auto file = load_told_events(told.path());
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file.value().gateway, 3);
  EXPECT_EQ(file.value().cluster, 77u);
  EXPECT_EQ(file.value().forgotten, 0u);
  EXPECT_THAT(numbers_in(file.value()), testing::ElementsAre(5, 6, 7, 8));
}

TEST_F(ToldEventsTest, WhatNoLongerFitsIsForgottenFromTheOldestOnAndSaid) {
  constexpr std::size_t kBytesMax = 16 * sizeof(venue::OrderAccepted);
  ToldEvents told = begin(kBytesMax);
  for (std::uint64_t number = 1; number <= 100; ++number) told.add(event(number).header);
  EXPECT_GE(told.bytes(), kBytesMax);
  EXPECT_LE(told.bytes(), kBytesMax + kBytesMax / 16);
  ASSERT_TRUE(told.save().ok());
  const auto file = load_told_events(told.path());
  ASSERT_TRUE(file.ok()) << file.error().message;
  const auto numbers = numbers_in(file.value());
  EXPECT_EQ(numbers.back(), 100u);
  EXPECT_EQ(numbers.front(), file.value().forgotten + 1);
}

TEST_F(ToldEventsTest, ARestartInTheMiddleOfAnOutageTakesNothingAway) {
  ToldEvents before = begin(1 << 20, 1);
  before.add(event(9).header);
  ASSERT_TRUE(before.save().ok());
  const ToldEvents after = begin(1 << 20, 2);
  ASSERT_TRUE(after.save().ok());
  EXPECT_EQ(told_events_paths(folder_).size(), 1u);
  EXPECT_TRUE(load_told_events(before.path()).ok());
}

TEST_F(ToldEventsTest, OnlyTheNewestFilesAreKept) {
  for (TimestampNs life = 1; life <= 5; ++life) {
    ToldEvents told = begin(1 << 20, life);
    told.add(event(life).header);
    ASSERT_TRUE(told.save().ok());
  }
  drop_old_told_events(folder_, 2);
  const auto paths = told_events_paths(folder_);
  ASSERT_EQ(paths.size(), 2u);
  EXPECT_THAT(paths[0], HasSubstr("told-00000000000000000004.events"));
}

TEST_F(ToldEventsTest, ADamagedFileIsRefused) {
  ToldEvents told = begin(1 << 20);
  told.add(event(1).header);
  ASSERT_TRUE(told.save().ok());
  std::fstream(told.path(), std::ios::in | std::ios::out | std::ios::binary).seekp(90).put('x');
  const auto file = load_told_events(told.path());
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message, HasSubstr("damaged"));
}

}  // namespace
}  // namespace okiagari::gateway
