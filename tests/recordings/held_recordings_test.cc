// Goal: recorded orders of foreign markets give the venue the books, trades and checksums that the
// recordings themselves name. Method: `okiagari replay bitstamp|itch|kraken` on the recordings
// beside this test, on copies of them that were damaged on purpose, and on every real one under
// OKIAGARI_SHARED_DATA.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "recordings/bitstamp_replay.h"
#include "recordings/itch_replay.h"
#include "recordings/kraken_replay.h"
#include "test_places.h"

namespace okiagari::recordings {
namespace {

namespace fs = std::filesystem;

const fs::path kOwn = fs::path(OKIAGARI_SOURCE_DIR) / "tests/recordings";

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Recordings : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("okiagari-recordings-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static HeldRecording held(Hold hold, const fs::path& path) {
    HoldOptions options;
    options.path = path.string();
    options.keeps_flow = true;
    options.progress = [](std::uint64_t) {};
    auto result = hold(options);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    return result.ok() ? std::move(result.value())
                       : HeldRecording{base::Report("none", 0), {}, "none"};
  }
  // What is wrong with a file that has this content.
  std::string refusal(Hold hold, const std::string& content) const {
    const fs::path path = folder_ / "wrong";
    std::ofstream(path, std::ios::binary) << content;
    HoldOptions options;
    options.path = path.string();
    options.progress = [](std::uint64_t) {};
    const auto result = hold(options);
    if (result.ok()) return "";
    const std::string& message = result.error().message;
    return message.starts_with(options.path) ? message.substr(options.path.size()) : message;
  }
  // A copy with the first `from` as `to`.
  fs::path damaged(const std::string& name, const std::string& from, const std::string& to) const {
    std::string content = content_of(kOwn / name);
    const std::size_t at = content.find(from);
    EXPECT_NE(at, content.npos) << from;
    content.replace(at, from.size(), to);
    const fs::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static double figure(const HeldRecording& recording, const std::string& name) {
    const boost::json::value report = boost::json::parse(recording.report.to_json());
    for (const auto& one : report.at("figures").as_array()) {
      if (std::string(one.at("name").as_string()).ends_with(": " + name)) {
        return one.at("value").to_number<double>();
      }
    }
    ADD_FAILURE() << "no figure " << name;
    return -1;
  }
  static void expect_all_hold(Hold hold, const std::string& folder, const std::string& beginning) {
    const char* named = std::getenv("OKIAGARI_SHARED_DATA");
    const fs::path shared = named != nullptr ? named : OKIAGARI_SHARED_DATA;
    if (!fs::exists(shared / "orderflow" / folder)) {
      GTEST_SKIP() << "no recordings: set OKIAGARI_SHARED_DATA to the folder with orderflow/";
    }
    int files = 0;
    for (const auto& entry : fs::directory_iterator(shared / "orderflow" / folder)) {
      if (!entry.path().filename().string().starts_with(beginning)) continue;
      ++files;
      const HeldRecording recording = held(hold, entry.path());
      EXPECT_TRUE(recording.report.holds())
          << recording.report.to_table() << recording.first_mismatch;
    }
    EXPECT_GT(files, 0);
  }

  fs::path folder_;
};

TEST_F(Recordings, BitstampsOrdersGiveTheBooksThatItsOwnSnapshotsShow) {
  const HeldRecording recording = held(hold_bitstamp, kOwn / "bitstamp.log");
  EXPECT_TRUE(recording.report.holds()) << recording.report.to_table() << recording.first_mismatch;
  EXPECT_EQ(figure(recording, "levels compared, five of each side"), 11);
  EXPECT_EQ(figure(recording, "levels that agree"), 100);
  EXPECT_EQ(figure(recording, "trades explained by two orders"), 100);
  // 25 coins are three orders of at most ten, 12 coins two, which meet the first two of them.
  EXPECT_EQ(figure(recording, "trades in the venue"), 2);
}

TEST_F(Recordings, ABitstampBookThatIsNotWhatTheOrdersMakeIsFound) {
  const HeldRecording recording = held(
      hold_bitstamp,
      damaged("bitstamp.log", R"([["101.00", "13.00000000"])", R"([["101.00", "13.00000001"])"));
  EXPECT_FALSE(recording.report.holds());
  EXPECT_NE(recording.first_mismatch.find("line 9: ask 1 of the snapshot is 1300000001 lots"),
            std::string::npos)
      << recording.first_mismatch;
}

TEST_F(Recordings, ABitstampTradeThatNoTwoOrdersExplainIsFound) {
  const HeldRecording recording =
      held(hold_bitstamp, damaged("bitstamp.log", R"("amount": 12.0)", R"("amount": 11.0)"));
  EXPECT_EQ(figure(recording, "trades explained by two orders"), 0);
  EXPECT_FALSE(recording.report.holds());
}

TEST_F(Recordings, ATradeOfTheVenueThatTheLogNeverConfirmsIsTakenBack) {
  // The maker was gone already when the order came, which the log says only afterwards.
  const fs::path path = folder_ / "late.log";
  std::ofstream(path) << R"(1000 order_created {"price":"101","amount":"2","id":1,"order_type":1}
1100 order_created {"price":"101","amount":"2","id":2,"order_type":0}
1200 order_deleted {"price":"101","amount":"2","id":1,"order_type":1}
9000 order_book {"bids":[["101","2"]],"asks":[]}
)";
  const HeldRecording recording = held(hold_bitstamp, path);
  EXPECT_EQ(figure(recording, "fills of the venue that the log never confirmed"), 1);
  EXPECT_EQ(figure(recording, "levels that agree"), 100);
}

TEST_F(Recordings, ExecutionsOfAnItchFileMeetTheVeryOrdersNamed) {
  const HeldRecording recording = held(hold_itch, kOwn / "small.NASDAQ_ITCH50");
  EXPECT_TRUE(recording.report.holds()) << recording.report.to_table();
  EXPECT_EQ(figure(recording, "executions"), 6);
  EXPECT_EQ(figure(recording, "traded with the very order named"), 100);
  EXPECT_EQ(figure(recording, "executions at another price than the order's"), 1);
  EXPECT_EQ(figure(recording, "orders entered"), 6);
}

TEST_F(Recordings, AnExecutionOutOfTurnIsFound) {
  // The first execution is of the order that stands second.
  const std::string of_first("\0\0\0\0\0\0\0\1\0\0\0\x3c", 12);
  const std::string of_second("\0\0\0\0\0\0\0\2\0\0\0\x3c", 12);
  const HeldRecording recording =
      held(hold_itch, damaged("small.NASDAQ_ITCH50", of_first, of_second));
  EXPECT_LT(figure(recording, "traded with the very order named"), 98);
  EXPECT_FALSE(recording.report.holds());
}

TEST_F(Recordings, AnItchFileThatIsCutShortIsSaidToBe) {
  const std::string whole = content_of(kOwn / "small.NASDAQ_ITCH50");
  const fs::path path = folder_ / "cut";
  std::ofstream(path, std::ios::binary) << whole.substr(0, whole.size() - 3);
  EXPECT_FALSE(held(hold_itch, path).report.holds());
}

TEST_F(Recordings, BooksRebuiltFromTheVenuesFeedHaveKrakensChecksums) {
  const HeldRecording recording = held(hold_kraken, kOwn / "kraken.log");
  EXPECT_TRUE(recording.report.holds()) << recording.report.to_table() << recording.first_mismatch;
  EXPECT_EQ(figure(recording, "checksums"), 6);
  EXPECT_EQ(figure(recording, "levels that cannot be entered"), 0);
}

TEST_F(Recordings, AKrakenVolumeThatIsOffByItsLastDecimalIsFound) {
  const HeldRecording recording =
      held(hold_kraken, damaged("kraken.log", "16023391.10000000", "16023391.10000001"));
  EXPECT_FALSE(recording.report.holds());
  EXPECT_NE(recording.first_mismatch.find("line 6: XYZ/EUR"), std::string::npos)
      << recording.first_mismatch;
}

TEST_F(Recordings, TheFlowOfAReplayHasEveryOrderItMade) {
  const HeldRecording recording = held(hold_itch, kOwn / "small.NASDAQ_ITCH50");
  ASSERT_EQ(recording.flow.instruments.size(), 1U);
  EXPECT_EQ(recording.flow.instruments[0].symbol, "OKIA");
  EXPECT_EQ(recording.flow.orders, 6U);
  // Six orders, six takers, four times less of an order.
  EXPECT_EQ(recording.flow.records.size(), 16U);
  for (const FlowRecord& record : recording.flow.records) EXPECT_EQ(record.time_ms, 0U);
}

TEST_F(Recordings, WhatIsWrongInAFileIsNamed) {
  EXPECT_EQ(refusal(hold_bitstamp, ""), ": no line is there");
  EXPECT_EQ(refusal(hold_bitstamp, "1 order_created\n"),
            ":1: a line is a time, an event and its body; is this a log of Bitstamp's channels?");
  EXPECT_EQ(refusal(hold_bitstamp, "1 order_moved {}\n"),
            ":1: an unknown event; is this a log of Bitstamp's channels?");
  EXPECT_EQ(refusal(hold_bitstamp, "1 trade {\"price\": 1.001, \"amount\": \"1e9\"}\n"),
            ":1: a body with a field that is wrong; is this a log of Bitstamp's channels?");
  EXPECT_EQ(refusal(hold_kraken, "nothing\n"), ": no message of Kraken's book channel is there");
  EXPECT_EQ(refusal(hold_kraken, "1.5: [1,{\"a\":[[\"1.0\",2]]},\"book-10\",\"A/B\"]\n"),
            ":1: a number that is not text; is this a recording of Kraken's book channel?");
}

TEST_F(Recordings, RealBitstampLogsHold) { expect_all_hold(hold_bitstamp, "bitstamp", ""); }
TEST_F(Recordings, RealItchFilesHold) { expect_all_hold(hold_itch, "itch50", ""); }
TEST_F(Recordings, RealKrakenRecordingsHold) {
  expect_all_hold(hold_kraken, "crypto-ws", "KRAKEN");
}

}  // namespace
}  // namespace okiagari::recordings
