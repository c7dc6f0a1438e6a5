#include "journal/snapshot_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hash.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::byte> some_bytes(std::size_t size, unsigned seed) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 + seed);
  return bytes;
}

SnapshotInfo info_at(Index index) {
  SnapshotInfo info;
  info.index = index;
  info.term = 7;
  info.chain.fill(std::byte{0xAB});
  info.configuration_index = 2;
  info.configuration = some_bytes(20, 5);
  return info;
}

TEST(SnapshotFiles, WhatWasStoredIsLoaded) {
  for (const Haste haste : {Haste::at_once, Haste::gently}) {
    TemporaryFolder folder;
    const std::vector<std::byte> state = some_bytes(3'000'000, 1);
    ASSERT_TRUE(store_snapshot(folder.disk(), info_at(12), state, haste).ok());
    SnapshotInfo info;
    std::vector<std::byte> loaded;
    ASSERT_TRUE(load_newest_snapshot(folder.disk(), info, loaded).ok());
    EXPECT_EQ(info.index, 12U);
    EXPECT_EQ(info.term, 7U);
    EXPECT_EQ(info.chain, info_at(12).chain);
    EXPECT_EQ(info.configuration_index, 2U);
    EXPECT_EQ(info.configuration, info_at(12).configuration);
    EXPECT_EQ(loaded, state);
  }
}

TEST(SnapshotFiles, WithoutOneTheIndexIsZero) {
  TemporaryFolder folder;
  SnapshotInfo info = info_at(3);
  std::vector<std::byte> state(4);
  ASSERT_TRUE(load_newest_snapshot(folder.disk(), info, state).ok());
  EXPECT_EQ(info.index, 0U);
  EXPECT_TRUE(state.empty());
}

TEST(SnapshotFiles, TheNewestCompleteOneIsLoadedAndAnUnfinishedOneIsNot) {
  TemporaryFolder folder;
  for (const Index index : {5U, 100U, 20U}) {
    ASSERT_TRUE(store_snapshot(folder.disk(), info_at(index), some_bytes(100, 1)).ok());
  }
  folder.replace("snapshot-00000000000000000200.new", some_bytes(50, 1));
  SnapshotInfo info;
  std::vector<std::byte> state;
  ASSERT_TRUE(load_newest_snapshot(folder.disk(), info, state).ok());
  EXPECT_EQ(info.index, 100U);
  ASSERT_TRUE(load_snapshot(folder.disk(), 20, info, state).ok());
  EXPECT_EQ(info.index, 20U);
  EXPECT_FALSE(load_snapshot(folder.disk(), 21, info, state).ok());
}

TEST(SnapshotFiles, WhatACrashLeftOfAnEarlierAttemptDoesNotMatter) {
  TemporaryFolder folder;
  folder.replace("snapshot-00000000000000000009.new", some_bytes(100'000, 9));
  ASSERT_TRUE(store_snapshot(folder.disk(), info_at(9), some_bytes(10, 1)).ok());
  SnapshotInfo info;
  std::vector<std::byte> state;
  ASSERT_TRUE(load_newest_snapshot(folder.disk(), info, state).ok());
  EXPECT_EQ(state, some_bytes(10, 1));
}

TEST(SnapshotFiles, AFlippedBitAnywhereIsRefusedWithARemedy) {
  TemporaryFolder folder;
  const std::string name = "snapshot-00000000000000000009";
  ASSERT_TRUE(store_snapshot(folder.disk(), info_at(9), some_bytes(60, 1)).ok());
  const std::vector<std::byte> whole = folder.bytes(name);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    folder.replace(name, whole);
    folder.flip(name, at);
    SnapshotInfo info;
    std::vector<std::byte> state;
    const base::Status loaded = load_newest_snapshot(folder.disk(), info, state);
    ASSERT_FALSE(loaded.ok()) << at;
    EXPECT_THAT(loaded.error().message,
                testing::AllOf(HasSubstr(name), HasSubstr("damaged at offset"),
                               HasSubstr("rejoin under a new storage identity")));
  }
}

TEST(SnapshotFiles, ACutOneIsRefused) {
  TemporaryFolder folder;
  const std::string name = "snapshot-00000000000000000009";
  ASSERT_TRUE(store_snapshot(folder.disk(), info_at(9), some_bytes(60, 1)).ok());
  const std::vector<std::byte> whole = folder.bytes(name);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    folder.replace(name, base::Bytes(whole).first(size));
    SnapshotInfo info;
    std::vector<std::byte> state;
    ASSERT_FALSE(load_newest_snapshot(folder.disk(), info, state).ok()) << size;
  }
}

TEST(SnapshotFiles, OneUnderAnothersNameIsRefused) {
  TemporaryFolder folder;
  ASSERT_TRUE(store_snapshot(folder.disk(), info_at(9), some_bytes(60, 1)).ok());
  ASSERT_TRUE(
      folder.disk().rename("snapshot-00000000000000000009", "snapshot-00000000000000000010").ok());
  SnapshotInfo info;
  std::vector<std::byte> state;
  const base::Status loaded = load_newest_snapshot(folder.disk(), info, state);
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("it is the snapshot of entry 9"));
}

TEST(SnapshotFiles, OldOnesGoAndOneBeingWrittenStays) {
  TemporaryFolder folder;
  for (const Index index : {1U, 2U, 3U, 4U}) {
    ASSERT_TRUE(store_snapshot(folder.disk(), info_at(index), some_bytes(10, 1)).ok());
  }
  folder.replace("snapshot-00000000000000000002.new", {});
  folder.replace("snapshot-00000000000000000005.new", {});
  folder.replace("snapshot-of-mine", {});
  ASSERT_TRUE(drop_old_snapshots(folder.disk(), 2, std::vector<Index>{2}).ok());
  EXPECT_THAT(folder.disk().list().value(),
              ElementsAre("snapshot-00000000000000000003", "snapshot-00000000000000000004",
                          "snapshot-00000000000000000005.new", "snapshot-of-mine"));
}

TEST(SnapshotFiles, TheNextOneTakesThePlaceOfOneThatWasDropped) {
  TemporaryFolder folder;
  const std::string used = "snapshot.used";
  for (const unsigned index : {1U, 2U, 3U, 4U}) {
    ASSERT_TRUE(store_snapshot(folder.disk(), info_at(index), some_bytes(500, index)).ok());
  }
  const std::vector<std::byte> second = folder.bytes("snapshot-00000000000000000002");
  ASSERT_TRUE(drop_old_snapshots(folder.disk(), 2, {}).ok());
  EXPECT_THAT(folder.disk().list().value(),
              ElementsAre("snapshot-00000000000000000003", "snapshot-00000000000000000004", used));
  EXPECT_EQ(folder.bytes(used), second);
  // One is enough.
  ASSERT_TRUE(drop_old_snapshots(folder.disk(), 1, {}).ok());
  EXPECT_THAT(folder.disk().list().value(), ElementsAre("snapshot-00000000000000000004", used));
  for (const std::size_t size : {100U, 5'000U}) {
    const Index index = size;
    ASSERT_TRUE(store_snapshot(folder.disk(), info_at(index), some_bytes(size, 9)).ok());
    EXPECT_FALSE(folder.has(used));
    SnapshotInfo info;
    std::vector<std::byte> state;
    ASSERT_TRUE(load_newest_snapshot(folder.disk(), info, state).ok());
    EXPECT_EQ(info.index, index);
    EXPECT_EQ(state, some_bytes(size, 9));
    ASSERT_TRUE(drop_old_snapshots(folder.disk(), 1, {}).ok());
    EXPECT_TRUE(folder.has(used));
  }
}

TEST(SnapshotFiles, OneThatIsReadKeepsItsBytesWhenItIsDropped) {
  TemporaryFolder folder;
  ASSERT_TRUE(store_snapshot(folder.disk(), info_at(1), some_bytes(500, 1)).ok());
  auto reader = SnapshotReader::open(folder.disk(), 1);
  ASSERT_TRUE(reader.ok());
  for (const unsigned index : {2U, 3U}) {
    ASSERT_TRUE(store_snapshot(folder.disk(), info_at(index), some_bytes(500, index)).ok());
    ASSERT_TRUE(drop_old_snapshots(folder.disk(), 1, std::vector<Index>{1}).ok());
  }
  std::vector<std::byte> state(500);
  ASSERT_TRUE(reader.value().read(0, state).ok());
  EXPECT_EQ(state, some_bytes(500, 1));
}

TEST(SnapshotFiles, TheBytesAreThoseOfVersion1) {
  TemporaryFolder folder;
  SnapshotInfo info = info_at(9);
  info.configuration = some_bytes(3, 1);
  ASSERT_TRUE(store_snapshot(folder.disk(), info, base::as_bytes("state")).ok());
  EXPECT_EQ(base::to_hex(folder.bytes("snapshot-00000000000000000009")),
            "4f4b4941534e4150010000000300000009000000000000000700000000000000"
            "02000000000000000500000000000000"
            "abababababababababababababababababababababababababababababababab"
            "b0d75ede3f86340a8b0f568b949ef73178e6ed5583ad201c1962c27fdd87ff4c"
            "00000000bbc7798f01203f7374617465");
}

}  // namespace
}  // namespace okiagari::journal
