// Goal: identity, ballot and snapshots survive a crash at any operation: the value before or the
// one being stored, never anything else, never nothing. And a full or failing disk is an error
// value everywhere.
//
// Method: for each operation that a task consists of, a crash there, many times with other luck.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "journal/identity.h"
#include "journal/log.h"
#include "journal/snapshot_files.h"
#include "tests/simulation/simulated_disk.h"

namespace okiagari::simulation {
namespace {

using journal::Ballot;
using journal::BallotFile;
using journal::Identity;
using journal::SnapshotInfo;

constexpr Identity kIdentity{.cluster = 1, .node = 2, .storage = 3};
constexpr std::uint64_t kLuck = 12;  // crashes at each operation

// Calls `check` after each crash of `task` on a disk that `prepare` has made ready. Returns how
// many there were.
std::uint64_t crash_everywhere(const std::function<void(SimulatedDisk&)>& prepare,
                               const std::function<void(SimulatedDisk&)>& task,
                               const std::function<void(SimulatedDisk&)>& check) {
  std::uint64_t crashes = 0;
  for (std::uint64_t luck = 0; luck < kLuck; ++luck) {
    for (std::uint64_t operation = 1;; ++operation) {
      SimulatedDisk disk(1000 * operation + luck);
      prepare(disk);
      disk.crash_at_operation(operation);
      try {
        task(disk);
        disk.disarm();
        break;
      } catch (const SimulatedCrash&) {
      }
      ++crashes;
      if (luck % 3 != 0) {
        disk.crash();
      } else {
        disk.kill();
      }
      check(disk);
    }
  }
  return crashes;
}

void format_disk(SimulatedDisk& disk) { ASSERT_TRUE(journal::format(disk, kIdentity).ok()); }

TEST(SmallFilesCrash, AHalfFormattedFolderIsFormattedOrNot) {
  const std::uint64_t crashes =
      crash_everywhere([](SimulatedDisk&) {}, format_disk,
                       [](SimulatedDisk& disk) {
                         if (!journal::load_identity(disk).ok()) format_disk(disk);
                         EXPECT_EQ(journal::load_identity(disk).value().storage, kIdentity.storage);
                         EXPECT_EQ(BallotFile::open(disk).value().current().term, 1U);
                       });
  EXPECT_GT(crashes, 10 * kLuck);
}

TEST(SmallFilesCrash, AVoteIsTheOldOrTheNewOne) {
  const std::uint64_t crashes = crash_everywhere(
      [](SimulatedDisk& disk) {
        format_disk(disk);
        ASSERT_TRUE(BallotFile::open(disk).value().store({5, 1}).ok());
      },
      [](SimulatedDisk& disk) {
        ASSERT_TRUE(BallotFile::open(disk).value().store({6, 2}).ok());
      },
      [](SimulatedDisk& disk) {
        const Ballot found = BallotFile::open(disk).value().current();
        EXPECT_TRUE((found.term == 5 && found.voted_for == 1) ||
                    (found.term == 6 && found.voted_for == 2));
        // What a server has seen of its vote it acts on: it must not change with the next power
        // cut.
        disk.crash();
        EXPECT_EQ(BallotFile::open(disk).value().current().term, found.term);
      });
  EXPECT_GE(crashes, 4 * kLuck);
}

TEST(SmallFilesCrash, ASnapshotIsThereAsAWholeOrNot) {
  const std::vector<std::byte> state(1'100'000, std::byte{7});
  const auto store = [&](SimulatedDisk& disk, journal::Index index) {
    SnapshotInfo info;
    info.index = index;
    ASSERT_TRUE(journal::store_snapshot(disk, info, state).ok());
  };
  const std::uint64_t crashes = crash_everywhere(
      [&](SimulatedDisk& disk) { store(disk, 10); }, [&](SimulatedDisk& disk) { store(disk, 20); },
      [&](SimulatedDisk& disk) {
        SnapshotInfo info;
        std::vector<std::byte> loaded;
        const base::Status status = journal::load_newest_snapshot(disk, info, loaded);
        ASSERT_TRUE(status.ok()) << status.error().message;
        EXPECT_TRUE(info.index == 10 || info.index == 20);
        EXPECT_EQ(loaded, state);
        disk.crash();
        const journal::Index found = info.index;
        ASSERT_TRUE(journal::load_newest_snapshot(disk, info, loaded).ok());
        EXPECT_EQ(info.index, found);
      });
  EXPECT_GT(crashes, 5 * kLuck);
}

// The one that is written over had another name a moment ago, which a power cut may bring back.
TEST(SmallFilesCrash, ASnapshotOverTheFileOfAnOldOneIsThereAsAWholeOrNot) {
  const auto state_of = [](journal::Index index) {
    return std::vector<std::byte>(5'000 + 700 * index, static_cast<std::byte>(index));
  };
  const auto store = [&](SimulatedDisk& disk, journal::Index index) {
    SnapshotInfo info;
    info.index = index;
    ASSERT_TRUE(journal::store_snapshot(disk, info, state_of(index)).ok());
  };
  const auto check = [&](SimulatedDisk& disk) {
    const auto indexes = journal::snapshot_indexes(disk);
    ASSERT_TRUE(indexes.ok());
    ASSERT_FALSE(indexes.value().empty());
    EXPECT_TRUE(indexes.value().back() == 3 || indexes.value().back() == 4);
    for (const journal::Index index : indexes.value()) {
      SnapshotInfo info;
      std::vector<std::byte> loaded;
      const base::Status status = journal::load_snapshot(disk, index, info, loaded);
      EXPECT_TRUE(status.ok()) << status.error().message;
      EXPECT_EQ(loaded, state_of(index));
    }
  };
  const std::uint64_t crashes = crash_everywhere(
      [&](SimulatedDisk& disk) {
        for (const journal::Index index : {1, 2, 3}) store(disk, index);
      },
      [&](SimulatedDisk& disk) {
        ASSERT_TRUE(journal::drop_old_snapshots(disk, 1, {}).ok());
        store(disk, 4);
      },
      [&](SimulatedDisk& disk) {
        check(disk);
        disk.crash();
        check(disk);
      });
  EXPECT_GT(crashes, 5 * kLuck);
}

class FullDiskTest : public testing::Test {
 protected:
  static constexpr journal::LogOptions kOptions{
      .segment_bytes = 8192, .cache_bytes = 0, .spare_segments = 0};

  base::Status open() {
    log_.reset();
    journal::LogFindings findings;
    auto opened = journal::Log::open(disk_, kOptions, findings);
    if (!opened) return opened.error();
    EXPECT_FALSE(findings.below_watermark);
    log_ = std::move(opened.value());
    return {};
  }
  base::Status append() {
    log_->append(log_->last_index() + 1, 1, journal::EntryType::command,
                 std::vector<std::byte>(500, std::byte{1}));
    return log_->sync();
  }
  // The index of the last entry that was synced before something failed.
  journal::Index append_until_error(std::string& why) {
    for (int i = 0; i < 1000; ++i) {
      const journal::Index synced = log_->synced_index();
      const base::Status status = append();
      if (status) continue;
      why = status.error().message;
      return synced;
    }
    return 0;
  }

  SimulatedDisk disk_{1};
  std::unique_ptr<journal::Log> log_;
};

TEST_F(FullDiskTest, AFullDiskEndsTheReplicaAndLosesNothing) {
  ASSERT_TRUE(open().ok());
  disk_.set_capacity(100'000);
  std::string why;
  const journal::Index synced = append_until_error(why);
  EXPECT_NE(why.find("no space left"), std::string::npos) << why;
  EXPECT_GT(synced, 50U);
  log_.reset();
  disk_.kill();
  // As long as it is full it comes up again and fails again; with room it goes on.
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(log_->last_index(), synced);
  append_until_error(why);
  disk_.kill();
  disk_.set_capacity(200'000);
  ASSERT_TRUE(open().ok());
  EXPECT_GE(log_->last_index(), synced);
  EXPECT_TRUE(append().ok());
  EXPECT_TRUE(append().ok());
}

TEST_F(FullDiskTest, ADyingDeviceIsAnError) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(append().ok());
  disk_.fail(true);
  EXPECT_FALSE(append().ok());
  EXPECT_FALSE(log_->raise_watermark(1).ok());
  EXPECT_FALSE(log_->restart_after(50, 1, {}).ok());
  log_.reset();
  disk_.crash();
  ASSERT_TRUE(open().ok());
  EXPECT_GE(log_->last_index(), 1U);
}

TEST_F(FullDiskTest, AFullDiskRefusesASnapshotAndKeepsNoPartOfIt) {
  disk_.set_capacity(100'000);
  SnapshotInfo info;
  info.index = 3;
  EXPECT_FALSE(journal::store_snapshot(disk_, info, std::vector<std::byte>(200'000)).ok());
  EXPECT_TRUE(disk_.list().value().empty());
  EXPECT_TRUE(journal::store_snapshot(disk_, info, std::vector<std::byte>(50'000)).ok());
}

TEST_F(FullDiskTest, ANewServerOnAFullDiskIsRefused) {
  disk_.set_capacity(4'000);
  EXPECT_FALSE(journal::format(disk_, kIdentity).ok());
  EXPECT_FALSE(open().ok());
  disk_.set_capacity(400'000);
  EXPECT_TRUE(journal::format(disk_, kIdentity).ok());
  EXPECT_TRUE(open().ok());
}

}  // namespace
}  // namespace okiagari::simulation
