#include "journal/receive_filter.h"

#include <gtest/gtest.h>

#include <vector>

namespace okiagari::journal {
namespace {

AppendEntries message_of(Index prev_index, std::size_t count) {
  AppendEntries message;
  message.term = 5;
  message.prev_index = prev_index;
  message.prev_term = 3;
  message.leader_commit = 100;
  for (std::size_t i = 0; i < count; ++i)
    message.entries.push_back({4 + i, EntryType::command, {}});
  return message;
}

TEST(ReAnchor, AMessageBelowTheSnapshotBeginsAtIt) {
  AppendEntries message = message_of(7, 5);
  ASSERT_TRUE(re_anchor(message, 5, 10, 4));
  EXPECT_EQ(message.prev_index, 10U);
  EXPECT_EQ(message.prev_term, 4U);
  ASSERT_EQ(message.entries.size(), 2U);
  EXPECT_EQ(message.entries[0].term, 7U) << "the entry of index 11";
}

TEST(ReAnchor, WhatTheSnapshotCoversAltogetherBecomesAHeartbeat) {
  AppendEntries message = message_of(2, 3);
  ASSERT_TRUE(re_anchor(message, 5, 10, 4));
  EXPECT_EQ(message.prev_index, 10U);
  EXPECT_TRUE(message.entries.empty());
}

TEST(ReAnchor, OthersAreLeftAlone) {
  AppendEntries at = message_of(10, 1);
  EXPECT_FALSE(re_anchor(at, 5, 10, 4));
  AppendEntries of_old_term = message_of(7, 1);
  EXPECT_FALSE(re_anchor(of_old_term, 6, 10, 4));
  EXPECT_EQ(of_old_term.prev_index, 7U);
  AppendEntries without_snapshot = message_of(0, 1);
  EXPECT_FALSE(re_anchor(without_snapshot, 5, 0, 0));
}

TEST(PartSize, AChangeIsFirstInItsPart) {
  AppendEntries message = message_of(0, 6);
  message.entries[2].type = EntryType::change;
  message.entries[3].type = EntryType::change;
  std::vector<std::size_t> parts;
  for (std::size_t from = 0; from < 6; from += parts.back()) {
    parts.push_back(part_size(message, from));
  }
  EXPECT_EQ(parts, (std::vector<std::size_t>{2, 1, 3}));
}

TEST(PartSize, WithoutAChangeOrWithItInFrontThereIsOnePart) {
  AppendEntries message = message_of(0, 4);
  EXPECT_EQ(part_size(message, 0), 4U);
  message.entries[0].type = EntryType::change;
  EXPECT_EQ(part_size(message, 0), 4U);
  EXPECT_EQ(part_size(message_of(0, 0), 0), 0U);
}

TEST(KeepCommitIndex, AMessageThatEndsBelowItSaysNothingAboutCommits) {
  AppendEntries low = message_of(5, 2);
  keep_commit_index(low, 9);
  EXPECT_EQ(low.leader_commit, 9U) << "not above what is known: the core does nothing";
  AppendEntries high = message_of(5, 4);
  keep_commit_index(high, 9);
  EXPECT_EQ(high.leader_commit, 100U);
}

TEST(RaiseDeniedPreVote, OnlyADenialOfALowerTermIsRaised) {
  RequestVoteResult denied{6, false, true, 0, 0};
  EXPECT_TRUE(raise_denied_pre_vote(denied, 9));
  EXPECT_EQ(denied.term, 9U);
  RequestVoteResult granted{6, true, true, 0, 0};
  EXPECT_FALSE(raise_denied_pre_vote(granted, 9));
  RequestVoteResult of_vote{6, false, false, 0, 0};
  EXPECT_FALSE(raise_denied_pre_vote(of_vote, 9));
  RequestVoteResult high{6, false, true, 0, 0};
  EXPECT_FALSE(raise_denied_pre_vote(high, 5));
}

}  // namespace
}  // namespace okiagari::journal
