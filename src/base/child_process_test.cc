#include "base/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <string>

namespace okiagari::base {
namespace {

using Clock = std::chrono::steady_clock;

TEST(ChildProcessTest, ChildDiesWithItsParentWhateverBecomesOfTheParent) {
  std::array<int, 2> channel{};
  ASSERT_EQ(pipe(channel.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    auto child = ChildProcess::start({"/bin/sleep", "60"}, "/dev/null");
    const pid_t pid = child.value().pid();
    (void)!write(channel[1], &pid, sizeof pid);
    kill(getpid(), SIGKILL);
  }
  pid_t child = 0;
  ASSERT_EQ(read(channel[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  waitpid(parent, nullptr, 0);
  const auto end = Clock::now() + std::chrono::seconds(5);
  const auto is_dead = [&] {
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    return !(stat >> number >> name >> state) || state == "Z" || name != "(sleep)";
  };
  while (!is_dead() && Clock::now() < end) usleep(1'000);
  EXPECT_TRUE(is_dead());
  close(channel[0]);
  close(channel[1]);
}

TEST(ChildProcessTest, EndIsToldByCodeOrBySignal) {
  auto by_code = ChildProcess::start({"/bin/sh", "-c", "exit 7"}, "/dev/null");
  auto by_signal = ChildProcess::start({"/bin/sleep", "60"}, "/dev/null");
  auto missing = ChildProcess::start({"/no/such/program"}, "/dev/null");
  ASSERT_TRUE(by_code.ok() && by_signal.ok() && missing.ok());
  by_signal.value().send_signal(SIGTERM);
  while (!by_code.value().has_ended() || !by_signal.value().has_ended() ||
         !missing.value().has_ended()) {
    usleep(1'000);
  }
  EXPECT_EQ(by_code.value().exit_status(), 7);
  EXPECT_EQ(by_code.value().ended_by_signal(), 0);
  EXPECT_EQ(by_signal.value().ended_by_signal(), SIGTERM);
  EXPECT_EQ(missing.value().exit_status(), 127);
}

TEST(ChildProcessTest, WhatItPrintsGoesToAnOpenFileThatStaysTheCallers) {
  std::array<int, 2> channel{};
  ASSERT_EQ(pipe2(channel.data(), O_CLOEXEC), 0);
  auto child =
      ChildProcess::start({"/bin/sh", "-c", "echo said; cat; echo wrong >&2; exit 3"}, channel[1]);
  ASSERT_TRUE(child.ok());
  child.value().await_end();
  EXPECT_FALSE(child.value().is_running());
  EXPECT_EQ(child.value().exit_status(), 3) << "nothing was waited for at its input";
  ASSERT_EQ(close(channel[1]), 0) << "it was still ours";
  std::array<char, 64> text{};
  const ssize_t size = read(channel[0], text.data(), text.size());
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(size)), "said\nwrong\n");
  close(channel[0]);
}

TEST(ChildProcessTest, ThatIsGivenAwayOutlivesItsName) {
  pid_t pid = 0;
  {
    auto child = ChildProcess::start({"/bin/sleep", "60"}, "/dev/null");
    ASSERT_TRUE(child.ok());
    pid = child.value().release();
  }
  EXPECT_EQ(kill(pid, 0), 0);
  EXPECT_EQ(kill(pid, SIGKILL), 0);
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status));
}

}  // namespace
}  // namespace okiagari::base
