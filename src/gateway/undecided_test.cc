#include "gateway/undecided.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <random>

#include "wire/link.h"

namespace okiagari::gateway {
namespace {

bool add(UndecidedCommands& undecided, std::uint32_t stream_number, SessionId session = 1) {
  venue::CancelOrder command{};
  command.header.size_bytes = sizeof command;
  command.header.type = venue::CommandType::cancel_order;
  command.header.version = venue::kCommandVersion;
  command.header.session = session;
  command.header.epoch = 1;
  command.header.stream_number = stream_number;
  std::byte* const place = undecided.place(sizeof command);
  if (place == nullptr) return false;
  std::memcpy(place, &command, sizeof command);
  undecided.add(sizeof command);
  return true;
}

std::vector<std::uint32_t> numbers(base::Bytes commands) {
  std::vector<std::uint32_t> numbers;
  wire::CommandReader reader(commands);
  while (const auto* header = reader.next()) numbers.push_back(header->stream_number);
  EXPECT_TRUE(reader.ok());
  return numbers;
}

TEST(Undecided, WhatWasSentGoesAgainWithANewLeader) {
  UndecidedCommands undecided(1'000);
  for (std::uint32_t i = 1; i <= 3; ++i) ASSERT_TRUE(add(undecided, i));
  undecided.mark_sent(undecided.unsent(1'000).size());
  ASSERT_TRUE(add(undecided, 4));
  EXPECT_EQ(numbers(undecided.unsent(1'000)), (std::vector{4U}));
  undecided.remove_oldest();
  undecided.send_all_again();
  EXPECT_EQ(numbers(undecided.unsent(1'000)), (std::vector{2U, 3U, 4U}));
}

TEST(Undecided, FullMeansNoPlaceAndNothingLost) {
  UndecidedCommands undecided(3 * sizeof(venue::CancelOrder));
  for (std::uint32_t i = 1; i <= 3; ++i) ASSERT_TRUE(add(undecided, i));
  EXPECT_FALSE(add(undecided, 4));
  undecided.remove_oldest();
  EXPECT_TRUE(add(undecided, 4));
  EXPECT_EQ(numbers(undecided.unsent(1'000)), (std::vector{2U, 3U, 4U}));
}

TEST(Undecided, PartIsCutBetweenCommands) {
  UndecidedCommands undecided(1'000);
  for (std::uint32_t i = 1; i <= 3; ++i) ASSERT_TRUE(add(undecided, i));
  EXPECT_EQ(numbers(undecided.unsent(2 * sizeof(venue::CancelOrder) + 5)), (std::vector{1U, 2U}));
}

TEST(Undecided, GapIsFilledFromTheMissingCommandOn) {
  UndecidedCommands undecided(1'000);
  ASSERT_TRUE(add(undecided, 1, 1));
  ASSERT_TRUE(add(undecided, 1, 2));
  ASSERT_TRUE(add(undecided, 2, 1));
  undecided.mark_sent(undecided.unsent(1'000).size());
  EXPECT_TRUE(undecided.send_again_from(2, 1, 1));
  EXPECT_EQ(numbers(undecided.unsent(1'000)), (std::vector{1U, 2U}));
  EXPECT_FALSE(undecided.send_again_from(2, 1, 2));
  EXPECT_FALSE(undecided.send_again_from(1, 2, 1));
}

// Against a plain queue, long enough for the buffer to be moved many times.
TEST(Undecided, NothingIsLostOrSwappedWhileTheBufferMoves) {
  std::mt19937 random(7);
  UndecidedCommands undecided(400'000);
  std::deque<std::uint32_t> plain;
  std::size_t unsent = 0;
  std::uint32_t next = 0;
  for (int step = 0; step < 200'000; ++step) {
    const auto what = random() % 10;
    if (what < 5 && add(undecided, next + 1)) {
      plain.push_back(++next);
      ++unsent;
    } else if (what < 9 && !plain.empty()) {
      ASSERT_EQ(undecided.oldest().stream_number, plain.front());
      undecided.remove_oldest();
      plain.pop_front();
      unsent = std::min(unsent, plain.size());
    } else {
      const base::Bytes bytes = undecided.unsent(5'000);
      if (!bytes.empty()) {
        const auto sent = numbers(bytes);
        ASSERT_EQ(sent.front(), plain[plain.size() - unsent]);
        unsent -= sent.size();
        undecided.mark_sent(bytes.size());
      }
    }
  }
  ASSERT_EQ(undecided.bytes(), plain.size() * sizeof(venue::CancelOrder));
}

}  // namespace
}  // namespace okiagari::gateway
