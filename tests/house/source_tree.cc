#include "tests/house/source_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "test_places.h"

namespace okiagari::house {
namespace {

namespace fs = std::filesystem;

// Made by builds, runs and editors, where git cannot say it.
constexpr std::array kLeftOut = {".git", ".deps", ".cache", "build", "out", "node_modules"};

bool is_left_out(const fs::path& name) {
  return std::find(kLeftOut.begin(), kLeftOut.end(), name.string()) != kLeftOut.end();
}

// Binary files show in their first bytes; a large one is not read to its end to see it.
std::optional<std::string> read_text(const fs::path& path) {
  constexpr std::size_t kHeadBytes = 8192;
  std::ifstream in(path, std::ios::binary);
  std::string text(kHeadBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(kHeadBytes));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.find('\0') != std::string::npos) return std::nullopt;
  text.append(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  if (text.find('\0') != std::string::npos) return std::nullopt;
  return text;
}

// What git tracks and what it would, each path relative to the folder; nothing where there is no
// git, or no repository.
std::vector<std::string> list_by_git(const fs::path& folder) {
  const std::string command = "git -C '" + folder.string() +
                              "' ls-files -z --cached --others --exclude-standard 2>/dev/null";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string output;
  std::array<char, 4096> buffer;
  while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), size);
  }
  if (pclose(pipe) != 0) return {};
  std::vector<std::string> paths;
  for (std::size_t at = 0, end = 0; (end = output.find('\0', at)) != output.npos; at = end + 1) {
    paths.push_back(output.substr(at, end - at));
  }
  return paths;
}

std::vector<std::string> list_by_walking(const fs::path& folder) {
  std::vector<std::string> paths;
  for (auto at = fs::recursive_directory_iterator(folder); at != fs::recursive_directory_iterator();
       ++at) {
    if (is_left_out(at->path().filename())) {
      if (at->is_directory()) at.disable_recursion_pending();
    } else if (!at->is_directory()) {
      paths.push_back(at->path().lexically_relative(folder).generic_string());
    }
  }
  return paths;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Blanks C++ text in place, token by token.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(text_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\n') {
      line_is_blank_ = true;
      ++at_;
    } else if (c == '#' && line_is_blank_) {
      blank_until_line_end(true);
    } else if (starts_with("//")) {
      blank_until_line_end(false);
    } else if (starts_with("/*")) {
      blank_through("*/", 2);
    } else if (starts_with("R\"") && (at_ == 0 || !is_word(text_[at_ - 1]))) {
      const auto open = text_.find('(', at_);
      const auto delimiter = open == std::string::npos ? "" : text_.substr(at_ + 2, open - at_ - 2);
      blank_through(")" + delimiter + "\"", 2);
    } else if (c == '"' || (c == '\'' && (at_ == 0 || !is_word(text_[at_ - 1])))) {
      blank_literal(c);
    } else {
      if (std::isspace(static_cast<unsigned char>(c)) == 0) line_is_blank_ = false;
      ++at_;
    }
  }

  bool starts_with(std::string_view what) const {
    return std::string_view(text_).substr(at_, what.size()) == what;
  }

  void blank_one() {
    if (text_[at_] != '\n') text_[at_] = ' ';
    ++at_;
  }

  void blank_until_line_end(bool follow_backslash) {
    while (at_ < text_.size() && text_[at_] != '\n') {
      if (follow_backslash && starts_with("\\\n")) blank_one();
      blank_one();
    }
  }

  void blank_through(std::string_view end, std::size_t skip) {
    const auto found = text_.find(end, at_ + skip);
    const auto stop = found == std::string::npos ? text_.size() : found + end.size();
    while (at_ < stop) blank_one();
  }

  void blank_literal(char quote) {
    line_is_blank_ = false;
    blank_one();
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) blank_one();
      blank_one();
    }
    if (at_ < text_.size()) blank_one();
  }

  std::string text_;
  std::size_t at_ = 0;
  bool line_is_blank_ = true;
};

}  // namespace

std::vector<SourceFile> read_repository() { return read_folder(OKIAGARI_SOURCE_DIR); }

std::vector<SourceFile> read_folder(const std::string& folder) {
  std::vector<std::string> paths = list_by_git(folder);
  if (paths.empty()) paths = list_by_walking(folder);
  std::sort(paths.begin(), paths.end());
  // One with a conflict is listed once for each side.
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::vector<SourceFile> files;
  for (std::string& path : paths) {
    const fs::path whole = fs::path(folder) / path;
    // A tracked file may be gone, or be a link.
    if (!fs::is_regular_file(fs::symlink_status(whole))) continue;
    if (auto text = read_text(whole)) files.push_back({std::move(path), std::move(*text)});
  }
  return files;
}

std::string describe(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{}:{}: {}\n", finding.path, finding.line, finding.what);
  }
  return text;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

bool is_header(std::string_view path) { return path.ends_with(".h"); }
bool is_cpp(std::string_view path) { return is_header(path) || path.ends_with(".cc"); }

std::string code_only(std::string_view text) { return Blanker(text).run(); }

}  // namespace okiagari::house
