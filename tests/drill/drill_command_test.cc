// Whole drills by the real program, on this machine. What is asked here is whether a drill does
// what it says and leaves nothing behind; how good the desk's answers are is for the campaign.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "base/child_process.h"
#include "drill/drill_result.h"
#include "drill/own_world.h"
#include "net/loop.h"
#include "test_places.h"

namespace okiagari {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DrillCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!drill::can_have_own_world()) {
      GTEST_SKIP() << "a drill needs root, for a network and mounts of its own";
    }
    std::string pattern = fs::temp_directory_path() / "okiagari-drill-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override {
    if (!HasFailure() && !folder_.empty()) fs::remove_all(folder_);
  }
  [[nodiscard]] static std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::string output() const { return content_of(folder_ + "/output.log"); }
  [[nodiscard]] base::ChildProcess start(const std::string& fault) const {
    auto child = base::ChildProcess::start(
        {OKIAGARI_PROGRAM, "drill", fault, "--seed", "5", "--out", folder_ + "/drill", "--flow",
         OKIAGARI_SOURCE_DIR "/samples/coinbase.flow.zst", "--result", folder_ + "/result.json"},
        folder_ + "/output.log");
    EXPECT_TRUE(child.ok());
    return std::move(child.value());
  }
  [[nodiscard]] static bool becomes(const std::function<bool()>& condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + 120'000;
    while (!condition()) {
      if (net::Loop::now_ms() > end_ms) return false;
      ::poll(nullptr, 0, 20);
    }
    return true;
  }
  // Processes whose command line has the drill's folder in it.
  [[nodiscard]] std::size_t processes() const {
    std::size_t count = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
      const std::string words = content_of(entry.path().string() + "/cmdline");
      if (words.find(folder_) != std::string::npos) ++count;
    }
    return count;
  }

  std::string folder_;
};

TEST_F(DrillCommandTest, ALeaderIsKilledAndTheDesksAnswerIsWrittenDown) {
  base::ChildProcess drill = start("leader-crash");
  ASSERT_TRUE(becomes([&] { return drill.has_ended(); }));
  const auto result = drill::result_from_json(content_of(folder_ + "/result.json"));
  ASSERT_TRUE(result.ok()) << output();
  EXPECT_THAT(result.value().inflicted, HasSubstr("SIGKILL to node-"));
  EXPECT_TRUE(result.value().is_taken_back) << result.value().taken_back;
  EXPECT_TRUE(result.value().incident_ms.has_value()) << output();
  ASSERT_TRUE(result.value().last.has_value()) << output();
  EXPECT_FALSE(result.value().last->causes.empty());
  EXPECT_EQ(processes(), 0U) << "nothing of the drill may be left";
}

TEST_F(DrillCommandTest, AKilledDrillLeavesNoFaultAndNoProcessBehind) {
  base::ChildProcess drill = start("frozen-process");
  ASSERT_TRUE(becomes([&] { return output().find("inflicted: ") != std::string::npos; }))
      << output();
  drill.send_signal(SIGKILL);
  ASSERT_TRUE(becomes([&] { return drill.has_ended(); }));
  EXPECT_TRUE(becomes([&] { return processes() == 0; }));
  const std::string guard = folder_ + "/drill/inflicted/guard.log";
  EXPECT_TRUE(
      becomes([&] { return content_of(guard).find("its parent ended") != std::string::npos; }));
  EXPECT_THAT(content_of(guard), testing::Not(HasSubstr("LEFT")));
}

}  // namespace
}  // namespace okiagari
