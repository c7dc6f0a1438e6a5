#include "gateway/receipt_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace okiagari::gateway {
namespace {

class ReceiptLogTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("receipt_log_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<ReceiptLog> open(std::uint64_t file_bytes_max) {
    auto opened = ReceiptLog::open(directory_, {.gateway = 3, .cluster = 7, .incarnation = 1},
                                   file_bytes_max);
    EXPECT_TRUE(opened.ok());
    return std::move(opened.value());
  }
  // Payloads of all files, oldest first.
  std::string read_all() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    files_ = paths.size();
    std::string all;
    for (const auto& path : paths) {
      std::ostringstream text;
      text << std::ifstream(path).rdbuf();
      const std::string bytes = text.str();
      wire::ReceiptReader reader(base::as_bytes(bytes));
      wire::ReceiptRecord record;
      base::Bytes payload;
      wire::ReceiptReader::State state;
      while ((state = reader.next(record, payload)) == wire::ReceiptReader::State::more) {
        EXPECT_EQ(record.gateway, 3);
        all += base::as_text(payload);
      }
      EXPECT_EQ(state, wire::ReceiptReader::State::end);
    }
    return all;
  }

  std::filesystem::path directory_;
  std::size_t files_ = 0;
};

TEST_F(ReceiptLogTest, WhatWasFlushedIsThereBeforeTheLogIsClosed) {
  const auto log = open(1u << 20);
  log->add(wire::ReceiptKind::message, 1, 5, base::as_bytes("a"));
  log->add(wire::ReceiptKind::message, 2, 6, base::as_bytes("b"));
  ASSERT_TRUE(log->flush().ok());
  EXPECT_EQ(read_all(), "ab");
}

TEST_F(ReceiptLogTest, WhatWasNotFlushedIsWrittenAtTheEnd) {
  open(1u << 20)->add(wire::ReceiptKind::message, 1, 5, base::as_bytes("a"));
  EXPECT_EQ(read_all(), "a");
}

TEST_F(ReceiptLogTest, FullFileIsFollowedByTheNextAndNothingIsLost) {
  std::string expected;
  {
    const auto log = open(500);
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      log->add(wire::ReceiptKind::message, 1, 5, base::as_bytes(std::string_view(&letter, 1)));
      ASSERT_TRUE(log->flush().ok());
      expected += letter;
    }
  }
  EXPECT_EQ(read_all(), expected);
  EXPECT_GT(files_, 1U);
}

TEST_F(ReceiptLogTest, SecondLifeDoesNotTouchTheFirstOnesFile) {
  open(1u << 20)->add(wire::ReceiptKind::message, 1, 5, base::as_bytes("a"));
  open(1u << 20)->add(wire::ReceiptKind::message, 1, 5, base::as_bytes("b"));
  EXPECT_EQ(read_all(), "ab");
  EXPECT_EQ(files_, 2U);
}

TEST_F(ReceiptLogTest, DirectoryThatCannotBeMadeIsNamed) {
  const auto opened = ReceiptLog::open("/dev/null/receipts", {}, 1);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("/dev/null/receipts"), std::string::npos);
}

}  // namespace
}  // namespace okiagari::gateway
