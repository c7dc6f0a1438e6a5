// Goal: no fault outlives its time or the process that inflicted it, however that ends. Method:
// real processes and files; who inflicts is a child that is killed with SIGKILL.
#include "drill/expiry_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "net/loop.h"

namespace okiagari::drill {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ExpiryGuardTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "okiagari-guard-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    sleeper_ = ::fork();
    if (sleeper_ == 0) {
      while (true) ::pause();
    }
  }
  void TearDown() override {
    ::kill(sleeper_, SIGKILL);
    ::waitpid(sleeper_, nullptr, 0);
    fs::remove_all(folder_);
  }
  [[nodiscard]] static bool becomes(const std::function<bool()>& condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + 20'000;
    while (!condition()) {
      if (net::Loop::now_ms() > end_ms) return false;
      ::poll(nullptr, 0, 2);
    }
    return true;
  }
  [[nodiscard]] std::unique_ptr<ExpiryGuard> guard() const {
    auto started = ExpiryGuard::start(folder_ + "/guard.log");
    EXPECT_TRUE(started.ok());
    return std::move(started.value());
  }
  [[nodiscard]] bool is_stopped() const { return look_at_process(sleeper_).state == 'T'; }
  [[nodiscard]] std::string log() const {
    std::ifstream file(folder_ + "/guard.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder_;
  pid_t sleeper_ = 0;
};

TEST_F(ExpiryGuardTest, AFrozenProcessGoesOnByItselfWhenItsTimeIsOver) {
  const auto kept = guard();
  const auto number = kept->arm(200, {let_continue(sleeper_)});
  ASSERT_TRUE(number.ok());
  ::kill(sleeper_, SIGSTOP);
  ASSERT_TRUE(becomes([&] { return is_stopped(); }));
  ASSERT_TRUE(becomes([&] { return kept->taken(number.value()).has_value(); }));
  EXPECT_TRUE(kept->taken(number.value())->is_verified);
  EXPECT_FALSE(is_stopped());
}

TEST_F(ExpiryGuardTest, AFaultIsTakenBackWhenTheProcessThatInflictedItIsKilled) {
  const std::string filler = folder_ + "/filler";
  const pid_t inflictor = ::fork();
  if (inflictor == 0) {
    auto kept = ExpiryGuard::start(folder_ + "/guard.log");
    if (!kept.ok()) ::_exit(1);
    const auto armed = kept.value()->arm(600'000, {let_continue(sleeper_), remove_file(filler)});
    if (!armed.ok()) ::_exit(1);
    std::ofstream(filler) << "takes the disk";
    ::kill(sleeper_, SIGSTOP);
    while (true) ::pause();
  }
  ASSERT_TRUE(becomes([&] { return is_stopped() && fs::exists(filler); }));
  ::kill(inflictor, SIGKILL);
  ::waitpid(inflictor, nullptr, 0);
  EXPECT_TRUE(becomes([&] { return !is_stopped() && !fs::exists(filler); }));
  EXPECT_TRUE(becomes([&] { return log().find("its parent ended") != std::string::npos; }));
}

TEST_F(ExpiryGuardTest, WhatIsAskedForIsTakenBackAtOnceInTheOrderGiven) {
  const auto kept = guard();
  std::ofstream(folder_ + "/settings") << "poisoned";
  std::ofstream(folder_ + "/copy") << "as it was";
  const auto number = kept->arm(600'000, {restore_file(folder_ + "/settings", folder_ + "/copy"),
                                          remove_file(folder_ + "/copy"), end_process(sleeper_)});
  ASSERT_TRUE(number.ok());
  const auto taken = kept->take_back(number.value());
  ASSERT_TRUE(taken.ok());
  EXPECT_TRUE(taken.value().is_verified) << taken.value().words;
  std::string content;
  std::getline(std::ifstream(folder_ + "/settings"), content);
  EXPECT_EQ(content, "as it was");
  EXPECT_EQ(look_at_process(sleeper_).state, 'Z');
}

// What could not be taken back must not be said to be.
TEST_F(ExpiryGuardTest, WhatIsLeftIsSaidToBeLeft) {
  const auto kept = guard();
  fs::create_directories(folder_ + "/full/inside");
  const auto number =
      kept->arm(600'000, {restore_file(folder_ + "/settings", folder_ + "/no copy")});
  ASSERT_TRUE(number.ok());
  const auto taken = kept->take_back(number.value());
  ASSERT_TRUE(taken.ok());
  EXPECT_FALSE(taken.value().is_verified);
  EXPECT_THAT(taken.value().words, HasSubstr("LEFT"));
}

// Numbers of processes are used again; whoever has one now is not the one that was meant.
TEST_F(ExpiryGuardTest, AProcessThatTookTheNumberLaterIsNotEnded) {
  const auto kept = guard();
  Revert other = end_process(sleeper_);
  other.began_ticks -= 1;
  const auto number = kept->arm(600'000, {other});
  ASSERT_TRUE(number.ok());
  ASSERT_TRUE(kept->take_back(number.value()).ok());
  EXPECT_NE(look_at_process(sleeper_).state, 'Z');
}

TEST(RevertTest, ListsAreReadBackAsTheyWereWritten) {
  const std::vector<Revert> reverts = {end_process(1), unmount("/a b"), delete_filter("t"),
                                       remove_folder("/\"quoted\"")};
  const auto read = reverts_from_json(to_json(reverts));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(to_json(read.value()), to_json(reverts));
  EXPECT_FALSE(reverts_from_json(R"([{"kind":"set_on_fire"}])").ok());
  EXPECT_FALSE(reverts_from_json("{}").ok());
}

}  // namespace
}  // namespace okiagari::drill
