// The files of the repository, as the tests of the house read them. Nothing here judges.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace okiagari::house {

struct SourceFile {
  std::string path;  // relative to the repository, with forward slashes
  std::string text;
};

// What is wrong, and where.
struct Finding {
  std::string path;
  int line;  // from 1; 0 when it is about the file as a whole
  std::string what;
};

// Every text file of the repository, in order of its path. What git ignores is left out, and so are
// binary files; without git, folders that builds and runs are known to make.
std::vector<SourceFile> read_repository();
std::vector<SourceFile> read_folder(const std::string& folder);

// "path:line: what", one a line; empty when there is no finding.
std::string describe(const std::vector<Finding>& findings);

std::vector<std::string_view> split_lines(std::string_view text);

bool is_cpp(std::string_view path);
bool is_header(std::string_view path);

// C++ with comments, literals and preprocessor lines blanked out: only line ends and code stay,
// every character in its place.
std::string code_only(std::string_view text);

}  // namespace okiagari::house
