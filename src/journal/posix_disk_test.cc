#include "journal/posix_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <string>
#include <vector>

#include "journal/segment.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using testing::HasSubstr;

TEST(PosixDisk, WhatWasWrittenIsReadBack) {
  TemporaryFolder folder;
  PosixDisk& disk = folder.disk();
  const Disk::FileId file = disk.open("ledger", true).value();
  ASSERT_TRUE(disk.write(file, 3, base::as_bytes("okiagari")).ok());
  ASSERT_TRUE(disk.sync(file).ok());
  std::vector<std::byte> back(8);
  ASSERT_TRUE(disk.read(file, 3, back).ok());
  EXPECT_EQ(base::as_text(back), "okiagari");
  EXPECT_EQ(disk.size(file).value(), 11U);
  ASSERT_TRUE(disk.truncate(file, 5).ok());
  EXPECT_EQ(disk.size(file).value(), 5U);
  disk.close(file);
}

TEST(PosixDisk, WhatIsWrittenGentlyIsReadBack) {
  TemporaryFolder folder;
  PosixDisk& disk = folder.disk();
  const Disk::FileId file = disk.open("large", true).value();
  std::vector<std::byte> bytes(2'500'000);
  for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = static_cast<std::byte>(at * 7);
  ASSERT_TRUE(disk.write_gently(file, 10, bytes).ok());
  std::vector<std::byte> back(bytes.size());
  ASSERT_TRUE(disk.read(file, 10, back).ok());
  EXPECT_EQ(back, bytes);
  EXPECT_EQ(disk.size(file).value(), bytes.size() + 10);
}

TEST(PosixDisk, AllocatedSpaceIsZeroAndKeepsWhatWasThere) {
  TemporaryFolder folder;
  PosixDisk& disk = folder.disk();
  const Disk::FileId file = disk.open("segment", true).value();
  ASSERT_TRUE(disk.write(file, 0, base::as_bytes("head")).ok());
  ASSERT_TRUE(disk.allocate(file, 3'000'000).ok());
  ASSERT_TRUE(disk.allocate(file, 1'000).ok());
  EXPECT_EQ(disk.size(file).value(), 3'000'000U);
  const std::vector<std::byte> bytes = folder.bytes("segment");
  EXPECT_EQ(base::as_text(base::Bytes(bytes).first(4)), "head");
  EXPECT_TRUE(is_zero(base::Bytes(bytes).subspan(4)));
}

TEST(PosixDisk, NamesAreListedRenamedAndRemoved) {
  TemporaryFolder folder;
  PosixDisk& disk = folder.disk();
  for (const char* name : {"b", "a", "c"}) disk.close(disk.open(name, true).value());
  EXPECT_THAT(disk.list().value(), testing::ElementsAre("a", "b", "c"));
  ASSERT_TRUE(disk.rename("a", "c").ok());
  ASSERT_TRUE(disk.remove("b").ok());
  ASSERT_TRUE(disk.sync_directory().ok());
  EXPECT_THAT(disk.list().value(), testing::ElementsAre("c"));
  EXPECT_GT(disk.free_bytes().value(), 0U);
}

TEST(PosixDisk, AMissingFolderIsNamedWithWhatToDo) {
  const auto disk = PosixDisk::open_folder("/nowhere/at/all", false);
  ASSERT_FALSE(disk.ok());
  EXPECT_THAT(disk.error().message,
              testing::AllOf(HasSubstr("/nowhere/at/all"), HasSubstr("open the folder"),
                             HasSubstr("No such file"), HasSubstr("check the name")));
}

TEST(PosixDisk, AMissingFileIsNamed) {
  TemporaryFolder folder;
  const auto file = folder.disk().open("ballot", false);
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message, HasSubstr(folder.path() + "/ballot: cannot open"));
}

TEST(PosixDisk, ReadingPastTheEndNamesFileAndOffset) {
  TemporaryFolder folder;
  PosixDisk& disk = folder.disk();
  const Disk::FileId file = disk.open("short", true).value();
  std::vector<std::byte> into(10);
  const base::Status read = disk.read(file, 7, into);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message,
              testing::AllOf(HasSubstr("/short"), HasSubstr("read 10 bytes at offset 7"),
                             HasSubstr("the file ends before")));
}

TEST(PosixDisk, AFileThatMayNotGrowIsAnErrorAndNoCrash) {
  TemporaryFolder folder;
  PosixDisk& disk = folder.disk();
  const Disk::FileId file = disk.open("segment", true).value();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1U << 20, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const base::Status allocated = disk.allocate(file, 4U << 20);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(allocated.ok());
  EXPECT_THAT(allocated.error().message, HasSubstr("/segment: cannot"));
}

TEST(PosixDisk, ASecondServerOnTheSameFolderIsRefused) {
  TemporaryFolder folder;
  ASSERT_TRUE(folder.disk().claim().ok());
  ASSERT_TRUE(folder.disk().claim().ok());
  const auto other = PosixDisk::open_folder(folder.path(), false);
  const base::Status claimed = other.value()->claim();
  ASSERT_FALSE(claimed.ok());
  EXPECT_THAT(claimed.error().message, HasSubstr("another process runs on this folder"));
}

}  // namespace
}  // namespace okiagari::journal
