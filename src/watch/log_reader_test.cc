#include "watch/log_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "watch/changes.h"
#include "watch/disk_probe.h"
#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class WatchedFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "okiagari-watch-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void append(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::app) << text;
  }
  LogReader reader() {
    LogReaderSettings settings;
    settings.files[path("log")] = "node-1";
    return {settings, [this](const std::string&, const LogLine& line) { lines_.push_back(line); },
            reporter_};
  }

  std::string folder_;
  Told told_;
  Reporter reporter_{"test", told_.sink()};
  std::vector<LogLine> lines_;
};

TEST_F(WatchedFiles, ErrorsOfAServerAreItsOwnWordAndWhatWasThereBeforeIsNoNews) {
  append("log", "{\"level\":\"error\",\"message\":\"old\"}\n");
  LogReader log = reader();
  log.tick(at(1'000));
  append("log", "{\"time\":\"t\",\"level\":\"error\",\"component\":\"journal\",\"message\":\"bad");
  log.tick(at(2'000));
  EXPECT_THAT(told_.all, IsEmpty()) << "half a line";
  append("log", " day\"}\n{\"level\":\"info\",\"message\":\"fine\"}\n");
  log.tick(at(3'000));
  ASSERT_THAT(told_.signals(), ElementsAre(signal::log_error));
  EXPECT_EQ(told_.all[0].statement, "node-1 logs: bad day");
  EXPECT_TRUE(told_.all[0].self_reported);
  EXPECT_THAT(lines_, SizeIs(2));
}

TEST_F(WatchedFiles, LogThatIsReplacedOrCutOffIsFollowed) {
  LogReader log = reader();
  append("log", "one\n");
  log.tick(at(1'000));
  std::filesystem::rename(path("log"), path("log.1"));
  append("log", "two\n");
  log.tick(at(2'000));
  std::filesystem::resize_file(path("log"), 0);
  log.tick(at(3'000));
  append("log", "3\n");
  log.tick(at(4'000));
  ASSERT_THAT(lines_, SizeIs(3));
  EXPECT_EQ(lines_[1].message, "two");
  EXPECT_EQ(lines_[2].message, "3");
}

TEST_F(WatchedFiles, DyingWordsAndKnownEventsAreToldAsWhatTheyAre) {
  LogReader log = reader();
  append("log",
         "invariant broken: a == b (x.cc:1)\n"
         "2026-03-01T09:00:00.1 node 1 warning: the process before this one ended while it applied "
         "sequence 7 (2 in a row)\n");
  log.tick(at(1'000));
  EXPECT_THAT(told_.signals(), ElementsAre(signal::crash_text, signal::crash_in_apply));
}

TEST_F(WatchedFiles, FloodOfErrorsIsKeptBackAndCounted) {
  LogReader log = reader();
  std::string flood;
  for (int i = 0; i < 500; ++i) flood += "{\"level\":\"error\",\"message\":\"again\"}\n";
  append("log", flood);
  log.tick(at(10'000));
  EXPECT_THAT(told_.all, SizeIs(20));
  append("log", "{\"level\":\"error\",\"message\":\"last\"}\n");
  log.tick(at(12'000));
  EXPECT_THAT(told_.all.back().statement, HasSubstr("480 more were kept back"));
  EXPECT_THAT(lines_, SizeIs(501)) << "whoever counts kinds of lines gets all";
}

TEST_F(WatchedFiles, LineWithoutAnEndIsCutAndTheNextOneIsWhole) {
  LogReader log = reader();
  append("log", std::string(100'000, 'x') + "\nnext\n");
  log.tick(at(1'000));
  ASSERT_THAT(lines_, SizeIs(2));
  EXPECT_EQ(lines_[0].message.size(), kLogLineBytesMax);
  EXPECT_EQ(lines_[1].message, "next");
}

TEST_F(WatchedFiles, FileWithAnotherContentHasChangedAndOneThatIsOnlyTouchedHasNot) {
  append("node.toml", "a = 1\n");
  ChangesSettings settings;
  settings.files[path("node.toml")] = "node-1";
  FileChanges changes(settings, reporter_);
  changes.tick(at(10'000));
  std::filesystem::last_write_time(
      path("node.toml"), std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  changes.tick(at(20'000));
  EXPECT_THAT(told_.all, IsEmpty());
  append("node.toml", "b = 2\n");
  changes.tick(at(30'000));
  std::filesystem::remove(path("node.toml"));
  changes.tick(at(40'000));
  changes.tick(at(50'000));
  EXPECT_THAT(told_.signals(),
              ElementsAre(signal::configuration_changed, signal::configuration_changed));
  EXPECT_THAT(told_.all[1].statement, HasSubstr("was taken away"));
}

TEST_F(WatchedFiles, DiskProbeMeasuresWritesAndSaysWhyOneFails) {
  const auto first_of = [](const DiskProbe& probe) {
    const std::uint64_t end_ms = net::Loop::now_ms() + 20'000;
    while (probe.reading().number == 0 && net::Loop::now_ms() < end_ms) std::this_thread::yield();
    return probe.reading();
  };
  DiskProbe good(folder_, 1);
  EXPECT_GT(first_of(good).took_ms, 0);
  EXPECT_EQ(first_of(good).error, "");
  DiskProbe bad(path("nowhere"), 1);
  EXPECT_EQ(first_of(bad).error, "No such file or directory");
}

TEST(MarketChangesTest, WhatOperatorsDidIsToldWithItsPlaceInTheLog) {
  Told told;
  Reporter reporter("test", told.sink());
  MarketChanges changes(reporter);
  venue::ControlResult result{};
  result.header.type = venue::EventType::control_result;
  result.command = venue::CommandType::set_instrument_state;
  result.sequence = 42;
  changes.take(result.header, at(1'000));
  result.command = venue::CommandType::checkpoint;
  changes.take(result.header, at(1'000));
  ASSERT_THAT(told.signals(), ElementsAre(signal::market_control));
  EXPECT_THAT(told.all[0].reference, HasSubstr("log sequence 42"));
}

}  // namespace
}  // namespace okiagari::watch
