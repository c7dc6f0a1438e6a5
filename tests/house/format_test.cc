// Goal: every C++ file is laid out as .clang-format says. Method: clang-format is asked; it is
// first seen to complain of a file that is not.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "test_places.h"
#include "tests/house/source_tree.h"

namespace okiagari::house {
namespace {

struct Outcome {
  int status;
  std::string output;
};

Outcome run(const std::string& command) {
  Outcome outcome{-1, ""};
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer;
  while (const auto size = fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), size);
  }
  outcome.status = pclose(pipe);
  return outcome;
}

// Names files by a list: there may be more of them than fit a command line.
Outcome check_format(const std::vector<std::string>& paths) {
  const auto list = std::filesystem::temp_directory_path() /
                    ("okiagari-format-" + std::to_string(getpid()) + ".txt");
  std::ofstream out(list);
  for (const std::string& path : paths) out << path << '\n';
  out.close();
  const Outcome outcome =
      run("cd '" OKIAGARI_SOURCE_DIR
          "' && xargs -d '\\n' clang-format --dry-run --Werror --style=file < '" +
          list.string() + "'");
  std::filesystem::remove(list);
  return outcome;
}

// The files that a complaint is about, one a line.
std::string files_named(const std::string& complaints) {
  std::set<std::string> files;
  for (const std::string_view line : split_lines(complaints)) {
    if (line.find(": error:") != line.npos) files.emplace(line.substr(0, line.find(':')));
  }
  std::string text;
  for (const std::string& file : files) text += file + "\n";
  return text.empty() ? complaints : text;
}

TEST(Format, FileThatIsLaidOutOtherwiseIsFound) {
  const auto path = std::filesystem::path(OKIAGARI_SOURCE_DIR) / "build" /
                    ("format-" + std::to_string(getpid()) + ".cc");
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "int* x;\n";
  EXPECT_EQ(check_format({path.string()}).status, 0);
  std::ofstream(path) << "int   *x ;\n";
  const Outcome outcome = check_format({path.string()});
  std::filesystem::remove(path);
  EXPECT_NE(outcome.status, 0);
  EXPECT_NE(outcome.output.find("clang-format-violations"), std::string::npos) << outcome.output;
}

TEST(Repository, IsFormatted) {
  std::vector<std::string> paths;
  for (const SourceFile& file : read_repository()) {
    if (is_cpp(file.path)) paths.push_back(file.path);
  }
  ASSERT_FALSE(paths.empty());
  const Outcome outcome = check_format(paths);
  EXPECT_EQ(outcome.status, 0) << "clang-format -i would change:\n" << files_named(outcome.output);
}

}  // namespace
}  // namespace okiagari::house
