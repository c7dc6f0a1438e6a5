#include "cli/script_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace okiagari::cli {

namespace {

constexpr std::size_t kLinesMax = 100'000;
constexpr std::size_t kLineBytesMax = 1'000;
constexpr std::string_view kIndentation = "  ";

std::string_view trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r");
  return end == text.npos ? std::string_view() : text.substr(0, end + 1);
}

}  // namespace

base::Result<Script> parse_script(std::string_view text) {
  Script script;
  std::vector<std::string> above;
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (number > kLinesMax) return base::Error{fmt::format("more than {} lines", kLinesMax)};
    if (line.size() > kLineBytesMax) {
      return base::Error{fmt::format("{}: more than {} bytes in a line", number, kLineBytesMax)};
    }
    if (line.empty() || line[0] == '#') {
      above.emplace_back(line);
    } else if (line[0] != ' ' && line[0] != '\t') {
      script.steps.push_back({std::move(above), {number, std::string(line)}, {}});
      above.clear();
    } else if (script.steps.empty() || !above.empty()) {
      return base::Error{
          fmt::format("{}: what is expected stands right below its command, without a comment or "
                      "an empty line between",
                      number)};
    } else {
      script.steps.back().expected.push_back(
          {number, std::string(line.substr(line.find_first_not_of(" \t")))});
    }
  }
  script.below = std::move(above);
  return script;
}

std::string text_of(const Script& script) {
  std::string text;
  for (const ScriptStep& step : script.steps) {
    for (const std::string& line : step.above) text += line + "\n";
    text += step.command.text + "\n";
    for (const ScriptLine& line : step.expected) {
      text += std::string(kIndentation) + line.text + "\n";
    }
  }
  for (const std::string& line : script.below) text += line + "\n";
  return text;
}

std::vector<std::string> differences(std::string_view name, const ScriptStep& step,
                                     const std::vector<std::string>& came) {
  const auto& expected = step.expected;
  const std::size_t both = std::min(expected.size(), came.size());
  std::size_t same = 0;
  while (same < both && expected[same].text == came[same]) ++same;
  std::size_t same_at_end = 0;
  while (same_at_end < both - same &&
         expected[expected.size() - 1 - same_at_end].text == came[came.size() - 1 - same_at_end]) {
    ++same_at_end;
  }
  std::vector<std::string> lines;
  for (std::size_t i = same; i + same_at_end < expected.size(); ++i) {
    lines.push_back(fmt::format("{}:{}: - {}", name, expected[i].number, expected[i].text));
  }
  // Where it would stand.
  const std::uint64_t at = step.command.number + same + 1;
  for (std::size_t i = same; i + same_at_end < came.size(); ++i) {
    lines.push_back(fmt::format("{}:{}: + {}", name, at, came[i]));
  }
  return lines;
}

}  // namespace okiagari::cli
