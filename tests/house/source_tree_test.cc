// Goal: the tests of the house read what belongs to the repository, however much data lies beside
// it. Method: small folders, with and without git.
#include "tests/house/source_tree.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace okiagari::house {
namespace {

namespace fs = std::filesystem;

class SourceTree : public ::testing::Test {
 protected:
  SourceTree()
      : folder_(fs::temp_directory_path() / ("okiagari-tree-" + std::to_string(getpid()))) {
    put("tracked.cc", "int x;\n");
    put("fresh.cc", "int y;\n");
    put("build/made.cc", "int z;\n");
    put("measured/journal.txt", "much data\n");
    put("packed.bin", std::string("PK\0\1", 4));
    put("packed_late.bin", std::string(20'000, 'a') + '\0');
    put(".gitignore", "/build/\n/measured/\n");
  }
  ~SourceTree() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] bool git(const std::string& what) const {
    return std::system(("git -C '" + folder_.string() + "' " + what + " >/dev/null").c_str()) == 0;
  }
  [[nodiscard]] std::vector<std::string> paths_read() const {
    std::vector<std::string> paths;
    for (const SourceFile& file : read_folder(folder_)) paths.push_back(file.path);
    return paths;
  }

  const fs::path folder_;
};

using Paths = std::vector<std::string>;

TEST_F(SourceTree, BenchmarkDataThatGitIgnoresIsNotRead) {
  ASSERT_TRUE(git("init -q") && git("add .gitignore tracked.cc packed.bin"));
  EXPECT_EQ(paths_read(), (Paths{".gitignore", "fresh.cc", "tracked.cc"}));
}

TEST_F(SourceTree, TrackedFileThatWasJustDeletedIsNoError) {
  ASSERT_TRUE(git("init -q") && git("add tracked.cc"));
  fs::remove(folder_ / "tracked.cc");
  EXPECT_EQ(paths_read(), (Paths{".gitignore", "fresh.cc"}));
}

TEST_F(SourceTree, FolderWithoutGitIsWalked) {
  EXPECT_EQ(paths_read(), (Paths{".gitignore", "fresh.cc", "measured/journal.txt", "tracked.cc"}));
}

}  // namespace
}  // namespace okiagari::house
