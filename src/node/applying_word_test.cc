#include "node/applying_word.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace okiagari::node {
namespace {

class ApplyingWordTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "okiagari-applying-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ + "/applying";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A process of its own that dies at once while it applies.
  void die_applying(Sequence sequence) {
    const pid_t child = fork();
    if (child == 0) {
      auto word = ApplyingWord::open(path_);
      *word.value()->word() = sequence;
      kill(getpid(), SIGKILL);
    }
    waitpid(child, nullptr, 0);
  }
  void end_well() {
    auto word = ApplyingWord::open(path_);
    *word.value()->word() = 99;
    *word.value()->word() = 0;
  }

  std::string folder_;
  std::string path_;
};

TEST_F(ApplyingWordTest, DeathWhileApplyingIsRememberedAndCountedAtTheSameCommand) {
  die_applying(7);
  die_applying(7);
  {
    auto word = ApplyingWord::open(path_);
    ASSERT_TRUE(word.ok());
    EXPECT_EQ(word.value()->died_at(), 7u);
    EXPECT_EQ(word.value()->deaths(), 2u);
    EXPECT_EQ(*word.value()->word(), 0u);
  }
  die_applying(8);
  auto word = ApplyingWord::open(path_);
  EXPECT_EQ(word.value()->died_at(), 8u);
  EXPECT_EQ(word.value()->deaths(), 1u);
}

TEST_F(ApplyingWordTest, DeathBetweenCommandsIsNoDeathOfACommand) {
  die_applying(7);
  end_well();
  auto word = ApplyingWord::open(path_);
  ASSERT_TRUE(word.ok());
  EXPECT_EQ(word.value()->died_at(), 0u);
  EXPECT_EQ(word.value()->deaths(), 0u);
}

TEST_F(ApplyingWordTest, TornFileIsBegunAnewAndOneOfANewerVersionIsRefused) {
  std::ofstream(path_) << "torn";
  {
    auto word = ApplyingWord::open(path_);
    ASSERT_TRUE(word.ok());
    EXPECT_EQ(word.value()->died_at(), 0u);
  }
  ApplyingFile newer;
  newer.version = 2;
  std::ofstream(path_, std::ios::binary).write(reinterpret_cast<const char*>(&newer), sizeof newer);
  EXPECT_FALSE(ApplyingWord::open(path_).ok());
}

}  // namespace
}  // namespace okiagari::node
