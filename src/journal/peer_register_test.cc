#include "journal/peer_register.h"

#include <gtest/gtest.h>

#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using Verdict = PeerRegister::Verdict;

Sender sender(NodeId node, StorageId storage, bool barred = false) {
  return {1, node, storage, barred, false};
}

TEST(PeerRegister, TheFirstStorageOfANodeIsTheOneForGood) {
  TemporaryFolder folder;
  {
    PeerRegister peers = std::move(PeerRegister::open(folder.disk()).value());
    EXPECT_EQ(peers.check(sender(2, 22)).value(), Verdict::learned);
    EXPECT_EQ(peers.check(sender(3, 33)).value(), Verdict::learned);
    EXPECT_EQ(peers.check(sender(2, 22)).value(), Verdict::known);
  }
  PeerRegister again = std::move(PeerRegister::open(folder.disk()).value());
  EXPECT_EQ(again.storage_of(2), StorageId{22});
  EXPECT_EQ(again.check(sender(2, 44)).value(), Verdict::refused) << "also after a restart";
  EXPECT_EQ(again.check(sender(2, 22)).value(), Verdict::known);
  EXPECT_EQ(again.storage_of(9), std::nullopt);
}

TEST(PeerRegister, OneThatNeverVotesMayTakeThePlace) {
  TemporaryFolder folder;
  PeerRegister peers = std::move(PeerRegister::open(folder.disk()).value());
  EXPECT_EQ(peers.check(sender(2, 22)).value(), Verdict::learned);
  EXPECT_EQ(peers.check(sender(2, 44, true)).value(), Verdict::replaced);
  EXPECT_EQ(peers.check(sender(2, 22)).value(), Verdict::refused) << "the old one is gone";
  PeerRegister again = std::move(PeerRegister::open(folder.disk()).value());
  EXPECT_EQ(again.storage_of(2), StorageId{44});
}

TEST(PeerRegister, AFullRegisterRefusesMore) {
  TemporaryFolder folder;
  PeerRegister peers = std::move(PeerRegister::open(folder.disk()).value());
  for (NodeId node = 1; node <= 30; ++node) {
    EXPECT_EQ(peers.check(sender(node, node)).value(), Verdict::learned);
  }
  EXPECT_EQ(peers.check(sender(31, 31)).value(), Verdict::refused);
}

}  // namespace
}  // namespace okiagari::journal
