#include "journal/two_slot_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/hash.h"
#include "journal/temporary_folder.h"

namespace okiagari::journal {
namespace {

using testing::HasSubstr;

constexpr std::size_t kCopyBytes = 4096;

std::array<std::byte, 4> value_of(std::uint32_t value) {
  std::array<std::byte, 4> bytes;
  base::store_little(bytes.data(), value);
  return bytes;
}

class TwoSlotFileTest : public testing::Test {
 protected:
  void create(std::uint32_t value) {
    ASSERT_TRUE(TwoSlotFile::create(disk(), "fact", SlotKind::ballot, value_of(value)).ok());
  }
  base::Status store(std::uint32_t value) {
    std::array<std::byte, 4> before;
    base::Result<TwoSlotFile> file = TwoSlotFile::open(disk(), "fact", SlotKind::ballot, before);
    if (!file) return file.error();
    return file.value().store(value_of(value));
  }
  base::Result<std::uint32_t> load(SlotKind kind = SlotKind::ballot) {
    std::array<std::byte, 4> bytes;
    const base::Result<TwoSlotFile> file = TwoSlotFile::open(disk(), "fact", kind, bytes);
    if (!file) return file.error();
    return base::load_little<std::uint32_t>(bytes.data());
  }
  PosixDisk& disk() { return folder_.disk(); }

  TemporaryFolder folder_;
};

TEST_F(TwoSlotFileTest, TheLastValueStoredHolds) {
  create(1);
  EXPECT_EQ(load().value(), 1U);
  for (std::uint32_t value = 2; value < 9; ++value) {
    ASSERT_TRUE(store(value).ok());
    EXPECT_EQ(load().value(), value);
  }
}

// Each of the two sectors of a store is on the disk or is not.
TEST_F(TwoSlotFileTest, ATornStoreLeavesTheOldOrTheNewValue) {
  create(1);
  ASSERT_TRUE(store(2).ok());
  const std::vector<std::byte> before = folder_.bytes("fact");
  ASSERT_TRUE(store(3).ok());
  const std::vector<std::byte> after = folder_.bytes("fact");
  for (unsigned landed = 0; landed < 16; ++landed) {
    std::vector<std::byte> torn = before;
    for (std::size_t place = 0; place < 4; ++place) {
      if ((landed >> place & 1U) == 0) continue;
      const auto at = static_cast<std::ptrdiff_t>(place * kCopyBytes);
      std::copy_n(after.begin() + at, kCopyBytes, torn.begin() + at);
    }
    folder_.replace("fact", torn);
    const std::uint32_t value = load().value();
    EXPECT_EQ(value, torn == before ? 2U : 3U) << landed;
    // Whatever was found is what stays, and storing goes on.
    EXPECT_EQ(load().value(), value);
    ASSERT_TRUE(store(7).ok());
    EXPECT_EQ(load().value(), 7U);
  }
}

TEST_F(TwoSlotFileTest, OneFlippedBitNeverBringsBackAnOlderVote) {
  create(1);
  ASSERT_TRUE(store(2).ok());
  ASSERT_TRUE(store(3).ok());
  const std::vector<std::byte> whole = folder_.bytes("fact");
  for (std::size_t place = 0; place < 4; ++place) {
    for (std::size_t at = 0; at < sizeof(SlotHeader) + 4; ++at) {
      folder_.replace("fact", whole);
      folder_.flip("fact", place * kCopyBytes + at);
      ASSERT_EQ(load().value(), 3U) << place << " " << at;
    }
  }
}

TEST_F(TwoSlotFileTest, ADamagedCopyIsMended) {
  create(5);
  const std::vector<std::byte> whole = folder_.bytes("fact");
  for (const std::size_t copy : {0U, 1U}) {
    folder_.flip("fact", copy * kCopyBytes + 33);
    EXPECT_EQ(load().value(), 5U);
    EXPECT_EQ(folder_.bytes("fact"), whole);
  }
}

TEST_F(TwoSlotFileTest, WithoutAValidSlotItIsRefusedWithARemedy) {
  create(1);
  for (std::size_t place = 0; place < 4; ++place) folder_.flip("fact", place * kCopyBytes + 20);
  const auto loaded = load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(
      loaded.error().message,
      testing::AllOf(HasSubstr(folder_.path() + "/fact"), HasSubstr("damaged"),
                     HasSubstr("offsets 0 to"), HasSubstr("rejoin under a new storage identity")));
  EXPECT_FALSE(store(2).ok());
}

TEST_F(TwoSlotFileTest, AnEmptyOrShortFileIsRefused) {
  create(1);
  const std::vector<std::byte> whole = folder_.bytes("fact");
  for (const std::size_t size : {0U, 511U}) {
    folder_.replace("fact", base::Bytes(whole).first(size));
    EXPECT_FALSE(load().ok()) << size;
  }
}

TEST_F(TwoSlotFileTest, OneFileIsNotTakenForAnother) {
  create(1);
  EXPECT_FALSE(load(SlotKind::identity).ok());
  std::array<std::byte, 8> longer;
  EXPECT_FALSE(TwoSlotFile::read(disk(), "fact", SlotKind::ballot, longer).ok());
}

TEST_F(TwoSlotFileTest, ACreationThatWasCutShortIsNotThere) {
  const Disk::FileId file = disk().open("fact.new", true).value();
  ASSERT_TRUE(disk().allocate(file, 100).ok());
  disk().close(file);
  EXPECT_FALSE(load().ok());
  create(4);
  EXPECT_EQ(load().value(), 4U);
}

// Version 1, as docs/formats/log.md has it: magic, version, kind, sequence, size, CRC-32C, value.
TEST_F(TwoSlotFileTest, TheBytesAreThoseOfVersion1) {
  create(0x01020304);
  const std::vector<std::byte> bytes = folder_.bytes("fact");
  EXPECT_EQ(bytes.size(), 4 * kCopyBytes);
  const base::Bytes newer = base::Bytes(bytes).subspan(0, 36);
  EXPECT_EQ(base::to_hex(newer),
            "4f4b4941534c4f540100000002000000020000000000000004000000c37c4c60"
            "04030201");
}

}  // namespace
}  // namespace okiagari::journal
