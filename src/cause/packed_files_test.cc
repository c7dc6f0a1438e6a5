#include "cause/packed_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "cause/csv.h"

namespace okiagari::cause {
namespace {

class PackedFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "packed-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::filesystem::create_directories(folder_ + "/in/deep");
    std::ofstream(folder_ + "/in/a.csv") << "x,y\n1,2\n";
    std::ofstream(folder_ + "/in/deep/b.csv") << std::string(70'000, 'b');
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // With the system's own tar and xz.
  void run(const std::string& command) const {
    ASSERT_EQ(std::system(("cd '" + folder_ + "' && " + command).c_str()), 0);
  }
  std::map<std::string, std::string> read(const std::string& name,
                                          const PackedLimits& limits = {}) {
    std::map<std::string, std::string> files;
    status_ = for_each_file(
        folder_ + "/" + name,
        [&](const std::string& inner, std::string_view text) {
          files.emplace(inner, text);
          return true;
        },
        limits);
    return files;
  }

  std::string folder_;
  base::Status status_;
};

TEST_F(PackedFiles, AreTheSameFromAFolderAndFromAnArchive) {
  const auto plain = read("in");
  ASSERT_EQ(plain.size(), 2u);
  EXPECT_EQ(plain.at("a.csv"), "x,y\n1,2\n");
  run("tar cJf all.tar.xz -C in a.csv deep && tar cf all.tar -C in a.csv deep");
  EXPECT_EQ(read("all.tar.xz"), plain);
  EXPECT_EQ(read("all.tar"), plain);
  run("xz in/a.csv");
  EXPECT_EQ(read("in"), plain);
}

TEST_F(PackedFiles, ThatAreCutShortOrTooBigAreErrors) {
  run("tar cJf all.tar.xz in && head -c 200 all.tar.xz > cut.tar.xz");
  (void)read("cut.tar.xz");
  EXPECT_FALSE(status_.ok());
  (void)read("all.tar.xz", PackedLimits{.file_bytes_max = 1'000});
  EXPECT_FALSE(status_.ok());
  (void)read("in", PackedLimits{.files_max = 1});
  EXPECT_FALSE(status_.ok());
  (void)read("nothing");
  EXPECT_FALSE(status_.ok());
}

TEST(Csv, ReadsQuotesLineEndsAndTheLastLineWithoutEnd) {
  CsvReader csv("a,\"b,\"\"c\"\"\nd\",\r\n,e");
  std::vector<std::string> fields;
  ASSERT_TRUE(csv.next(fields));
  EXPECT_EQ(fields, (std::vector<std::string>{"a", "b,\"c\"\nd", ""}));
  ASSERT_TRUE(csv.next(fields));
  EXPECT_EQ(fields, (std::vector<std::string>{"", "e"}));
  EXPECT_FALSE(csv.next(fields));
}

}  // namespace
}  // namespace okiagari::cause
