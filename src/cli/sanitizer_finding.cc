#include "cli/sanitizer_finding.h"

#include <array>

namespace okiagari::cli {

namespace {

constexpr std::string_view kUndefined = ": runtime error: ";
constexpr std::array<std::string_view, 2> kHeadings = {"ERROR: ", "WARNING: "};
constexpr std::string_view kName = "Sanitizer: ";

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// From the repository's folder on; empty when it is none of ours.
std::string_view own_path(std::string_view path) {
  constexpr std::string_view kSource = "src/";
  // A library that brings its source's paths along has folders of that name too.
  if (path.starts_with("..") || path.starts_with("/usr/")) return {};
  if (path.starts_with(kSource)) return path;
  const std::size_t at = path.rfind("/src/");
  return at == std::string_view::npos ? std::string_view() : path.substr(at + 1);
}

// "    #1 0x55e0f5f70c67 in main /okiagari/src/cli/main.cc:9:3"
std::string place_in_frame(std::string_view line) {
  const std::size_t mark = line.find_first_not_of(' ');
  if (mark == std::string_view::npos || line[mark] != '#') return {};
  const std::size_t in = line.find(" in ");
  const std::size_t space = line.rfind(' ');
  if (in == std::string_view::npos || space < in + 4) return {};
  const std::string_view path = own_path(line.substr(space + 1));
  if (path.empty()) return {};
  return std::string(path) + " in " + std::string(line.substr(in + 4, space - in - 4));
}

// "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000024 at pc ..."
std::string named_in(std::string_view line) {
  for (const std::string_view heading : kHeadings) {
    const std::size_t at = line.find(heading);
    if (at == std::string_view::npos) continue;
    const std::string_view what = line.substr(at + heading.size());
    if (what.find(kName) == std::string_view::npos) continue;
    return std::string(what.substr(0, what.find(" on ")));
  }
  return {};
}

}  // namespace

std::optional<SanitizerFinding> find_sanitizer_finding(std::string_view errors) {
  std::optional<SanitizerFinding> finding;
  while (!errors.empty()) {
    const std::string_view line = next_line(errors);
    if (!finding) {
      if (const std::size_t at = line.find(kUndefined); at != std::string_view::npos) {
        const std::string_view own = own_path(line.substr(0, at));
        return SanitizerFinding{std::string(line.substr(at + kUndefined.size())),
                                std::string(own.empty() ? line.substr(0, at) : own)};
      }
      if (std::string what = named_in(line); !what.empty()) {
        finding = SanitizerFinding{std::move(what), {}};
      }
      continue;
    }
    // The frames of the fault itself, or of where a lost piece of memory was taken.
    finding->place = place_in_frame(line);
    if (!finding->place.empty() || line.starts_with("SUMMARY: ")) break;
  }
  return finding;
}

}  // namespace okiagari::cli
