#include "tests/house/tidy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <regex>
#include <string>
#include <string_view>

namespace okiagari::house {
namespace {

// Names that say nothing about what is inside.
constexpr std::array kBannedNames = {"util",    "utils",   "common", "helper",
                                     "helpers", "manager", "misc"};

struct BannedText {
  std::string_view text;
  std::string_view why;
};

// Written in pieces, so that this file does not hold them itself.
constexpr std::array kBannedEverywhere = {
    BannedText{"/wo"
               "rk/",
               "a path of one machine"},
    BannedText{"/ro"
               "ot/",
               "a path of one machine"},
    BannedText{"deb.deb"
               "ian.org",
               "a mirror's host name"},
    BannedText{"security.deb"
               "ian.org",
               "a mirror's host name"},
    BannedText{"snapshot.deb"
               "ian.org",
               "a mirror's host name"},
};

constexpr std::array kBannedWords = {
    BannedText{"TO"
               "DO",
               "write it down as an issue, or do it"},
    BannedText{"FIX"
               "ME",
               "write it down as an issue, or do it"},
    BannedText{"XX"
               "X",
               "say what it is"},
    BannedText{"HA"
               "CK",
               "say what it is"},
};

constexpr std::array kBannedInCode = {
    BannedText{"assert", "use ASSERT of base/assert.h, which is always on"},
    BannedText{"NDEBUG", "assertions are part of the product"},
    BannedText{"endl", "it flushes; write '\\n'"},
};

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool holds_word(std::string_view line, std::string_view word) {
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool starts = at == 0 || !is_word_character(line[at - 1]);
    const bool ends = end == line.size() || !is_word_character(line[end]);
    if (starts && ends) return true;
  }
  return false;
}

int columns(std::string_view line) {
  return static_cast<int>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // not the middle of a UTF-8 character
  }));
}

// Prose and data have tables and addresses that cannot be broken.
bool has_line_limit(std::string_view path) {
  return is_cpp(path) || path.ends_with(".sh") || path.ends_with(".cmake") ||
         path.ends_with("CMakeLists.txt") || path == "run" || path == "test";
}

class FileCheck {
 public:
  explicit FileCheck(const SourceFile& file) : file_(file) {}

  std::vector<Finding> run() {
    check_name();
    check_lines();
    if (is_cpp(file_.path)) check_code();
    if (is_header(file_.path)) check_header();
    return std::move(findings_);
  }

 private:
  void add(int line, std::string what) { findings_.push_back({file_.path, line, std::move(what)}); }

  void check_name() {
    const std::regex separators("[/._-]");
    const std::sregex_token_iterator end;
    std::sregex_token_iterator part(file_.path.begin(), file_.path.end(), separators, -1);
    for (; part != end; ++part) {
      for (const char* banned : kBannedNames) {
        if (part->str() == banned) {
          add(0, fmt::format("a name with '{}' in it says nothing of what is inside", banned));
        }
      }
    }
  }

  void check_lines() {
    if (!file_.text.empty() && file_.text.back() != '\n') add(0, "the last line has no end");
    const auto lines = split_lines(file_.text);
    const int count = static_cast<int>(lines.size());
    if (is_cpp(file_.path) && count > kFileLinesMax) {
      add(0, fmt::format("{} lines; at most {}", count, kFileLinesMax));
    }
    for (int i = 0; i < count; ++i) check_line(i + 1, lines[static_cast<std::size_t>(i)]);
  }

  void check_line(int number, std::string_view line) {
    for (const BannedText& banned : kBannedEverywhere) {
      if (line.find(banned.text) != std::string_view::npos) {
        add(number, fmt::format("'{}': {}", banned.text, banned.why));
      }
    }
    if (!has_line_limit(file_.path)) return;
    if (columns(line) > kLineColumnsMax) {
      add(number, fmt::format("{} columns; at most {}", columns(line), kLineColumnsMax));
    }
    if (line.starts_with("#pragma pack")) {
      add(number, "write [[gnu::packed]]: with it the compiler knows where a member may lie");
    }
    if (line.starts_with("#include <CLI/") && file_.path.starts_with("src/") &&
        file_.path != "src/cli/command_line.cc") {
      add(number, "include cli/command_line.h: whatever includes CLI11 compiles all of it again");
    }
    if (line.find('\t') != std::string_view::npos) add(number, "a tab");
    if (line.ends_with(' ')) add(number, "white space at the end");
    for (const BannedText& banned : kBannedWords) {
      if (holds_word(line, banned.text)) {
        add(number, fmt::format("'{}': {}", banned.text, banned.why));
      }
    }
  }

  void check_code() {
    const std::string code = code_only(file_.text);
    int number = 0;
    for (const std::string_view line : split_lines(code)) {
      ++number;
      for (const BannedText& banned : kBannedInCode) {
        if (holds_word(line, banned.text)) {
          add(number, fmt::format("'{}': {}", banned.text, banned.why));
        }
      }
      if (is_header(file_.path) && line.find("using namespace") != std::string_view::npos) {
        add(number, "'using namespace' in a header reaches everyone who includes it");
      }
    }
    check_functions(code);
  }

  void check_header() {
    if (!file_.text.starts_with("// ")) {
      add(1, "a header starts with a comment that says what belongs in it");
    }
    if (file_.text.find("\n#pragma once\n") == std::string::npos) add(1, "no #pragma once");
  }

  // A brace outside of any function opens a namespace or a type, data, or the body of a function;
  // which of them is told by the code before it. Good enough for code that clang-format has laid
  // out.
  enum class Brace { container, data, body };

  static Brace classify(const std::string& before) {
    static const std::regex noise(
        "template\\s*<[^{}]*>\\s*(?=[a-zA-Z\\[])|operator\\s*[^\\s(\\w]+");
    static const std::regex container("\\b(namespace|class|struct|union|enum|extern)\\b");
    const std::string head = std::regex_replace(before, noise, "");
    if (std::regex_search(head, container)) return Brace::container;
    if (head.find('=') < head.find('(')) return Brace::data;
    const bool has_parameters = head.find('(') != std::string::npos;
    const bool is_empty = head.find_first_not_of(" \n") == std::string::npos;
    return has_parameters || is_empty ? Brace::body : Brace::data;
  }

  void check_functions(const std::string& code) {
    std::string before;    // since the last boundary, outside of any body
    int inside = 0;        // braces open since the body or data began; 0 outside
    bool is_body = false;  // else data
    int first_line = 0;
    int line = 1;
    for (const char c : code) {
      if (c == '\n') ++line;
      if (inside > 0) {
        inside += c == '{' ? 1 : c == '}' ? -1 : 0;
        const int length = line - first_line + 1;
        if (inside == 0 && is_body && length > kFunctionLinesMax) {
          add(first_line,
              fmt::format("a function of {} lines; at most {}", length, kFunctionLinesMax));
        }
      } else if (c == '{') {
        const Brace brace = classify(before);
        if (brace != Brace::container) {
          inside = 1;
          is_body = brace == Brace::body;
          first_line = line;
        }
        before.clear();
      } else if (c == '}' || c == ';') {
        before.clear();
      } else {
        before += c;
      }
    }
  }

  const SourceFile& file_;
  std::vector<Finding> findings_;
};

// The path in quotes or angle brackets behind the first #include.
std::string_view first_include(std::string_view text) {
  for (const std::string_view line : split_lines(text)) {
    if (!line.starts_with("#include ")) continue;
    const auto begin = line.find_first_of("\"<");
    const auto end = line.find_first_of("\">", begin + 1);
    if (end != line.npos) return line.substr(begin + 1, end - begin - 1);
  }
  return {};
}

}  // namespace

std::vector<Finding> check_own_headers(const std::vector<SourceFile>& files) {
  std::map<std::string_view, const SourceFile*> by_path;
  for (const SourceFile& file : files) by_path[file.path] = &file;
  std::vector<Finding> findings;
  for (const SourceFile& header : files) {
    if (!header.path.starts_with("src/") || !is_header(header.path)) continue;
    const std::string stem = header.path.substr(0, header.path.size() - 2);
    auto source = by_path.find(stem + ".cc");
    if (source == by_path.end()) source = by_path.find(stem + "_test.cc");
    if (source == by_path.end()) continue;
    const std::string own = header.path.substr(std::string_view("src/").size());
    if (first_include(source->second->text) == own) continue;
    findings.push_back(
        {source->second->path, 0,
         fmt::format("must include {} first, which shows that it compiles alone", own)});
  }
  return findings;
}

std::vector<Finding> check_tidy(const SourceFile& file) { return FileCheck(file).run(); }

}  // namespace okiagari::house
