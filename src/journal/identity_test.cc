#include "journal/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hash.h"
#include "journal/segment.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using testing::HasSubstr;

constexpr Identity kIdentity{
    .cluster = 0x0102030405060708, .node = 3, .storage = 0x1112131415161718};

TEST(Identity, AFormattedFolderKnowsWhoItIs) {
  TemporaryFolder folder;
  ASSERT_TRUE(format(folder.disk(), kIdentity).ok());
  const Identity loaded = load_identity(folder.disk()).value();
  EXPECT_EQ(loaded.cluster, kIdentity.cluster);
  EXPECT_EQ(loaded.node, kIdentity.node);
  EXPECT_EQ(loaded.storage, kIdentity.storage);
  EXPECT_FALSE(loaded.barred_from_voting);
  const BallotFile ballot = std::move(BallotFile::open(folder.disk()).value());
  EXPECT_EQ(ballot.current().term, 1U);
  EXPECT_EQ(ballot.current().voted_for, 0U);
}

TEST(Identity, ABarIsForGood) {
  TemporaryFolder folder;
  ASSERT_TRUE(format(folder.disk(), kIdentity).ok());
  Identity identity = kIdentity;
  identity.barred_from_voting = true;
  ASSERT_TRUE(store_identity(folder.disk(), identity).ok());
  EXPECT_TRUE(load_identity(folder.disk()).value().barred_from_voting);
}

TEST(Identity, AFolderThatIsAServersIsNotFormattedAnew) {
  TemporaryFolder folder;
  ASSERT_TRUE(format(folder.disk(), kIdentity).ok());
  const base::Status again = format(folder.disk(), kIdentity);
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(again.error().message, HasSubstr("already belongs to a server"));

  TemporaryFolder other;
  other.disk().close(other.disk().open(segment_name(4), true).value());
  EXPECT_FALSE(format(other.disk(), kIdentity).ok());
}

TEST(Identity, FormattingThatWasCutShortIsDoneAgain) {
  TemporaryFolder folder;
  ASSERT_TRUE(format(folder.disk(), kIdentity).ok());
  ASSERT_TRUE(folder.disk().remove(kIdentityName).ok());
  EXPECT_TRUE(format(folder.disk(), kIdentity).ok());
  EXPECT_EQ(load_identity(folder.disk()).value().storage, kIdentity.storage);
}

TEST(Identity, AnUnformattedFolderSaysSo) {
  TemporaryFolder folder;
  const auto identity = load_identity(folder.disk());
  ASSERT_FALSE(identity.ok());
  EXPECT_THAT(identity.error().message,
              testing::AllOf(HasSubstr("/identity: missing"), HasSubstr("formatted")));
  const auto ballot = BallotFile::open(folder.disk());
  ASSERT_FALSE(ballot.ok());
  EXPECT_THAT(ballot.error().message, HasSubstr("/ballot: missing"));
}

TEST(Ballot, AVoteSurvives) {
  TemporaryFolder folder;
  ASSERT_TRUE(format(folder.disk(), kIdentity).ok());
  for (std::uint64_t term = 2; term < 6; ++term) {
    BallotFile ballot = std::move(BallotFile::open(folder.disk()).value());
    ASSERT_TRUE(ballot.store({term, static_cast<NodeId>(term % 3)}).ok());
    EXPECT_EQ(ballot.current().term, term);
    const BallotFile reopened = std::move(BallotFile::open(folder.disk()).value());
    EXPECT_EQ(reopened.current().term, term);
    EXPECT_EQ(reopened.current().voted_for, term % 3);
  }
}

TEST(Ballot, WithBothSlotsDamagedTheServerDoesNotVoteAgain) {
  TemporaryFolder folder;
  ASSERT_TRUE(format(folder.disk(), kIdentity).ok());
  for (std::size_t copy = 0; copy < 4; ++copy) folder.flip(kBallotName, copy * 4096 + 33);
  const auto ballot = BallotFile::open(folder.disk());
  ASSERT_FALSE(ballot.ok());
  EXPECT_THAT(ballot.error().message,
              testing::AllOf(HasSubstr("/ballot: damaged"), HasSubstr("new storage identity")));
}

// Version 1, behind the slot's header: cluster, storage, node, bar; term, vote.
TEST(Identity, TheBytesAreThoseOfVersion1) {
  TemporaryFolder folder;
  Identity barred = kIdentity;
  barred.barred_from_voting = true;
  ASSERT_TRUE(format(folder.disk(), barred).ok());
  BallotFile ballot = std::move(BallotFile::open(folder.disk()).value());
  ASSERT_TRUE(ballot.store({0x2122, 3}).ok());
  const std::vector<std::byte> identity = folder.bytes(kIdentityName);
  EXPECT_EQ(base::to_hex(base::Bytes(identity).subspan(0, 56)),
            "4f4b4941534c4f54010000000100000002000000000000001800000008041704"
            "080706050403020118171615141312110300010000000000");
  const std::vector<std::byte> votes = folder.bytes(kBallotName);
  EXPECT_EQ(base::to_hex(base::Bytes(votes).subspan(8192, 48)),
            "4f4b4941534c4f54010000000200000003000000000000001000000040496d92"
            "22210000000000000300000000000000");
}

}  // namespace
}  // namespace okiagari::journal
