#include "check/history.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace okiagari::check {
namespace {

std::string file_for(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("okiagari-history-" + name)).string();
}

TEST(History, WhatIsKeptComesBack) {
  const std::string path = file_for("kept");
  History history;
  ASSERT_TRUE(history.keep_at(path).ok());
  history.add(HistoryEvent::sent, 3, 111, 1, base::as_bytes("order"));
  history.add(HistoryEvent::quiet, 0, 222, 0);
  ASSERT_TRUE(history.finish().ok());
  const auto loaded = History::load(path);
  ASSERT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.value().size(), 2U);
  const HistoryRecord first = loaded.value()[0];
  EXPECT_EQ(first.event, HistoryEvent::sent);
  EXPECT_EQ(first.source, 3);
  EXPECT_EQ(first.time_ns, 111U);
  EXPECT_EQ(first.number, 1U);
  EXPECT_EQ(base::as_text(first.bytes), "order");
  EXPECT_EQ(loaded.value()[1].event, HistoryEvent::quiet);
  std::filesystem::remove(path);
}

TEST(History, ARecordCutOffAtTheEndIsLeftOut) {
  const std::string path = file_for("cut");
  History history;
  ASSERT_TRUE(history.keep_at(path).ok());
  history.add(HistoryEvent::sent, 3, 111, 1, base::as_bytes("order"));
  history.add(HistoryEvent::sent, 3, 112, 2, base::as_bytes("order"));
  ASSERT_TRUE(history.finish().ok());
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 2);
  const auto loaded = History::load(path);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.value().size(), 1U);
  std::filesystem::remove(path);
}

TEST(History, AnotherFileIsRefused) {
  EXPECT_FALSE(History::load(file_for("absent")).ok());
  const std::string path = file_for("foreign");
  std::FILE* file = std::fopen(path.c_str(), "wb");
  std::fputs("something else entirely", file);
  std::fclose(file);
  EXPECT_FALSE(History::load(path).ok());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace okiagari::check
