// The checker reads what the journal writes, with a reader of its own: all entries, truncations,
// several segments; a torn end is left out, damage is refused.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "check/journal_file.h"
#include "journal/log.h"
#include "journal/posix_disk.h"

namespace okiagari::checker_test {
namespace {

namespace fs = std::filesystem;

class JournalReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              fmt::format("okiagari-journal-reader-{}-{}", ::getpid(), test->name());
    fs::remove_all(folder_);
    auto disk = journal::PosixDisk::open_folder(folder_.string(), true);
    ASSERT_TRUE(disk.ok());
    disk_ = std::move(disk.value());
    journal::LogFindings findings;
    auto log = journal::Log::open(
        *disk_, {.segment_bytes = 64u << 10, .cache_bytes = 1u << 20, .spare_segments = 0},
        findings);
    ASSERT_TRUE(log.ok()) << log.error().message;
    log_ = std::move(log.value());
  }
  void TearDown() override { fs::remove_all(folder_); }

  void append(std::uint64_t index, std::uint64_t term, const std::string& payload) {
    log_->append(index, term, journal::EntryType::command, base::as_bytes(payload));
  }
  void sync() { ASSERT_TRUE(log_->sync().ok()); }
  [[nodiscard]] base::Result<check::Journal> read() const {
    return check::read_journal(folder_.string(), 1);
  }
  static std::string payload_of(const check::Journal& journal, std::uint64_t index) {
    return std::string(base::as_text(journal.at(index)->payload));
  }

  // Flips a bit of the `nth` place where `text` stands in the journal's files.
  void damage(const std::string& text) const {
    for (const auto& file : fs::directory_iterator(folder_)) {
      std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      const std::string content((std::istreambuf_iterator<char>(stream)), {});
      const auto at = content.find(text);
      if (at == std::string::npos) continue;
      stream.clear();
      stream.seekp(static_cast<std::streamoff>(at));
      stream.put(static_cast<char>(text[0] ^ 1));
    }
  }

  fs::path folder_;
  std::unique_ptr<journal::PosixDisk> disk_;
  std::unique_ptr<journal::Log> log_;
};

TEST_F(JournalReaderTest, AllEntriesOfSeveralSegmentsAreRead) {
  std::uint64_t index = 0;
  for (int group = 0; group < 40; ++group) {
    for (int entry = 0; entry < 3; ++entry) {
      ++index;
      append(index, 1 + index / 50, fmt::format("{}:{}", index, std::string(index * 20, 'x')));
    }
    sync();
  }
  const auto journal = read();
  ASSERT_TRUE(journal.ok()) << journal.error().message;
  EXPECT_EQ(journal.value().base_index, 0U);
  ASSERT_EQ(journal.value().last_index(), index);
  for (std::uint64_t at = 1; at <= index; ++at) {
    EXPECT_EQ(journal.value().at(at)->term, 1 + at / 50);
    EXPECT_EQ(journal.value().at(at)->chain, log_->chain_at(at));
    EXPECT_EQ(payload_of(journal.value(), at), fmt::format("{}:{}", at, std::string(at * 20, 'x')));
  }
}

TEST_F(JournalReaderTest, WhatWasTruncatedIsGone) {
  for (std::uint64_t index = 1; index <= 5; ++index) append(index, 1, "old");
  sync();
  append(3, 2, "new");
  append(4, 2, "newer");
  sync();
  const auto journal = read();
  ASSERT_TRUE(journal.ok()) << journal.error().message;
  ASSERT_EQ(journal.value().last_index(), 4U);
  EXPECT_EQ(payload_of(journal.value(), 2), "old");
  EXPECT_EQ(payload_of(journal.value(), 3), "new");
  EXPECT_EQ(journal.value().at(4)->term, 2U);
}

TEST_F(JournalReaderTest, ATornEndIsLeftOut) {
  append(1, 1, "first group");
  sync();
  append(2, 1, "second group");
  sync();
  damage("second group");
  const auto journal = read();
  ASSERT_TRUE(journal.ok()) << journal.error().message;
  EXPECT_EQ(journal.value().last_index(), 1U);
}

TEST_F(JournalReaderTest, DamageBeforeAWholeGroupIsRefused) {
  append(1, 1, "first group");
  sync();
  append(2, 1, "second group");
  sync();
  damage("first group");
  const auto journal = read();
  ASSERT_FALSE(journal.ok());
  EXPECT_NE(journal.error().message.find("group 2 is whole"), std::string::npos)
      << journal.error().message;
}

TEST_F(JournalReaderTest, AFolderWithoutAJournalIsRefused) {
  EXPECT_FALSE(check::read_journal((folder_ / "absent").string(), 1).ok());
}

}  // namespace
}  // namespace okiagari::checker_test
