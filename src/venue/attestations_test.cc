#include "venue/attestations.h"

#include <gtest/gtest.h>

namespace okiagari::venue {
namespace {

using Agreement = Venue::Agreement;

constexpr std::uint16_t kVoters = 3;

Attest word_of(NodeId node, std::uint64_t state_hash, std::uint64_t checkpoint = 1) {
  Attest attest{};
  attest.node = node;
  attest.checkpoint = checkpoint;
  attest.sequence = checkpoint * 10;
  attest.state_hash = state_hash;
  return attest;
}

class AttestationsTest : public testing::Test {
 protected:
  AttestationsTest() { attestations.begin(1, 10); }

  Reason says(NodeId node, std::uint64_t state_hash, std::uint64_t checkpoint = 1) {
    return attestations.attest(word_of(node, state_hash, checkpoint));
  }
  Agreement agreement(NodeId node) { return attestations.agreement(node, kVoters); }

  Attestations attestations{16};
};

TEST_F(AttestationsTest, OneWordDecidesNothing) {
  EXPECT_EQ(agreement(1), Agreement::undecided);
  EXPECT_EQ(says(1, 7), Reason::none);
  EXPECT_EQ(agreement(1), Agreement::undecided);
  EXPECT_EQ(agreement(2), Agreement::undecided);
}

TEST_F(AttestationsTest, TheReplicaThatWentAstrayIsTheMinority) {
  EXPECT_EQ(says(1, 7), Reason::none);
  EXPECT_EQ(says(2, 8), Reason::none);
  EXPECT_EQ(agreement(1), Agreement::undecided);
  EXPECT_EQ(agreement(2), Agreement::undecided);
  EXPECT_EQ(says(3, 7), Reason::none);
  EXPECT_EQ(agreement(1), Agreement::agrees);
  EXPECT_EQ(agreement(2), Agreement::in_minority);
  EXPECT_EQ(agreement(3), Agreement::agrees);
}

TEST_F(AttestationsTest, AWrongScrubOrChainIsAMinorityToo) {
  Attest scrubbed = word_of(2, 7);
  scrubbed.scrub_hash = 1;
  Attest chained = word_of(3, 7);
  chained.chain[5] = std::byte{1};
  EXPECT_EQ(says(1, 7), Reason::none);
  EXPECT_EQ(says(4, 7), Reason::none);
  EXPECT_EQ(attestations.attest(scrubbed), Reason::none);
  EXPECT_EQ(attestations.attest(chained), Reason::none);
  EXPECT_EQ(agreement(1), Agreement::agrees);
  EXPECT_EQ(agreement(2), Agreement::in_minority);
  EXPECT_EQ(agreement(3), Agreement::in_minority);
}

TEST_F(AttestationsTest, ThreeDifferentWordsHaveNoMajority) {
  EXPECT_EQ(says(1, 7), Reason::none);
  EXPECT_EQ(says(2, 8), Reason::none);
  EXPECT_EQ(says(3, 9), Reason::none);
  for (NodeId node = 1; node <= 3; ++node) EXPECT_EQ(agreement(node), Agreement::no_majority);
}

TEST_F(AttestationsTest, ANodeSpeaksOnceAndOnlyOnWhatHappened) {
  EXPECT_EQ(says(1, 7), Reason::none);
  EXPECT_EQ(says(1, 8), Reason::already_exists);
  EXPECT_EQ(says(2, 7, 2), Reason::number_too_old);
  EXPECT_EQ(says(0, 7), Reason::malformed);
}

// The day a market had replaced so many servers that a new one's number was above sixteen, and
// nobody compared its state any more.
TEST_F(AttestationsTest, ANodeMayHaveAnyNumberAndSixteenSpeak) {
  EXPECT_EQ(says(60'000, 7), Reason::none);
  for (NodeId node = 1; node <= 15; ++node) EXPECT_EQ(says(node, 7), Reason::none);
  EXPECT_EQ(agreement(60'000), Agreement::agrees);
  EXPECT_EQ(says(17, 7), Reason::bound_reached);
}

TEST_F(AttestationsTest, TheNewestDecisionCounts) {
  for (NodeId node = 1; node <= 3; ++node) EXPECT_EQ(says(node, node == 3 ? 8 : 7), Reason::none);
  EXPECT_EQ(agreement(3), Agreement::in_minority);
  attestations.begin(2, 20);
  EXPECT_EQ(agreement(3), Agreement::in_minority);
  EXPECT_EQ(says(1, 9, 2), Reason::none);
  EXPECT_EQ(says(3, 9, 2), Reason::none);
  EXPECT_EQ(agreement(3), Agreement::agrees);
  EXPECT_EQ(agreement(2), Agreement::agrees);
}

TEST_F(AttestationsTest, OldCheckpointsMakeRoom) {
  for (std::uint64_t n = 2; n <= Attestations::kCheckpointsKept + 1; ++n) {
    attestations.begin(n, n * 10);
  }
  EXPECT_EQ(says(1, 7, 1), Reason::number_too_old);
  EXPECT_EQ(says(1, 7, 2), Reason::none);
  EXPECT_EQ(says(1, 7, Attestations::kCheckpointsKept + 1), Reason::none);
}

}  // namespace
}  // namespace okiagari::venue
