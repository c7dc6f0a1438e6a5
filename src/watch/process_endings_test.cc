#include "watch/process_endings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Endings : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "okiagari-endings-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path() const { return endings_path_in(folder_); }
  // What the watch says of it.
  Evidence say(const ProcessEnding& ending) {
    ProcessEndings endings(path(), reporter_);
    EXPECT_TRUE(append_ending(path(), ending).ok());
    endings.tick(at(time_ms_ += 1'000));
    EXPECT_FALSE(told_.all.empty());
    return told_.all.empty() ? Evidence{} : told_.all.back();
  }

  std::string folder_;
  std::uint64_t time_ms_ = 0;
  Told told_;
  Reporter reporter_{"test", told_.sink()};
};

TEST_F(Endings, AProcessKilledFromOutsideAndOneThatCrashedAreTwoThings) {
  const Evidence killed = say({.entity = "node-1", .pid = 4711, .signal = SIGKILL, .at_ns = 7});
  EXPECT_EQ(killed.signal, signal::process_killed_by_signal);
  EXPECT_EQ(killed.entity, "node-1");
  EXPECT_EQ(killed.from_ns, 7u);
  EXPECT_FALSE(killed.self_reported);
  EXPECT_THAT(killed.statement, HasSubstr("SIGKILL"));
  EXPECT_EQ(say({.entity = "node-1", .signal = SIGABRT}).signal, signal::process_crashed);
  EXPECT_EQ(say({.entity = "node-1", .signal = SIGSEGV}).signal, signal::process_crashed);
}

TEST_F(Endings, AnExitCodeSaysWhyAndWhoEndsInOrderWasTold) {
  EXPECT_EQ(say({.entity = "node-2", .exit_code = 0}).signal, signal::process_stopped);
  EXPECT_EQ(say({.entity = "node-2", .exit_code = 1}).signal, signal::process_gone);
  const Evidence refused = say({.entity = "node-2",
                                .exit_code = 2,
                                .reason = "usage",
                                .words = "node.toml, line 3: there is no key 'heartbeet_ms'"});
  EXPECT_EQ(refused.signal, signal::start_refused);
  EXPECT_THAT(refused.statement, HasSubstr("heartbeet_ms"));
}

TEST_F(Endings, WhatAProcessSaysOfItsDiskIsItsOwnWord) {
  const Evidence full = say({.entity = "node-3",
                             .exit_code = 5,
                             .reason = "disk_failed",
                             .words = "the log: write: No space left on device"});
  EXPECT_EQ(full.signal, signal::disk_full);
  EXPECT_TRUE(full.self_reported);
  EXPECT_EQ(say({.entity = "node-3", .exit_code = 5, .reason = "disk_failed"}).signal,
            signal::disk_error);
}

TEST_F(Endings, WhatEndedBeforeTheWatchBeganIsNoNews) {
  ASSERT_TRUE(append_ending(path(), {.entity = "node-1", .signal = SIGKILL}).ok());
  ProcessEndings endings(path(), reporter_);
  endings.tick(at(1'000));
  EXPECT_THAT(told_.all, IsEmpty());
}

TEST_F(Endings, ALineReadsAsItWasWrittenAndAnythingElseIsNone) {
  const ProcessEnding ending{.entity = "gateway-1",
                             .pid = 12,
                             .exit_code = 3,
                             .reason = "cannot_start",
                             .was_asked = true,
                             .words = "a \"quoted\" line",
                             .at_ns = 1'700'000'000'000'000'001};
  const auto read = parse_ending(to_line(ending));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_line(*read), to_line(ending));
  for (const char* text : {"", "{}", "[1]", R"({"event":"started","server":"node-1"})",
                           R"({"event":"process_ended"})", "{\"event\":"}) {
    EXPECT_FALSE(parse_ending(text)) << text;
  }
}

}  // namespace
}  // namespace okiagari::watch
