#include "tests/house/floors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>
#include <sstream>

namespace okiagari::house {
namespace {

// Rooms whose code is a pure function of the command log.
bool is_pure(std::string_view room) { return room == "market" || room == "venue"; }

// What a pure room has no business with: clocks, chance, threads, input and output.
constexpr std::array kImpureHeaders = {
    "chrono",       "condition_variable",
    "ctime",        "filesystem",
    "fstream",      "future",
    "iostream",     "mutex",
    "random",       "semaphore",
    "shared_mutex", "stop_token",
    "thread",       "time.h",
    "unistd.h",     "fcntl.h",
    "netdb.h",      "poll.h",
    "pthread.h",    "signal.h",
    "csignal",      "cstdio",
    "stdio.h",      "sched.h",
    "latch",        "barrier",
    "coroutine",    "syncstream",
    "execution",    "locale",
};
constexpr std::array kImpurePrefixes = {
    "sys/",        "netinet/",     "arpa/",   "linux/",  "net/",        "boost/asio",
    "boost/beast", "boost/thread", "spdlog/", "openssl", "absl/random", "absl/synchronization",
    "absl/time",
};

bool is_impure(const std::string& header) {
  return std::find(kImpureHeaders.begin(), kImpureHeaders.end(), header) != kImpureHeaders.end() ||
         std::any_of(kImpurePrefixes.begin(), kImpurePrefixes.end(),
                     [&](const char* prefix) { return header.starts_with(prefix); });
}

struct Include {
  bool quoted;
  std::string header;
};

bool parse_include(std::string_view line, Include* include) {
  static const std::regex form("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]");
  std::match_results<std::string_view::const_iterator> match;
  if (!std::regex_search(line.begin(), line.end(), match, form)) return false;
  *include = {match[1] == "\"", match[2]};
  return true;
}

std::string room_of(std::string_view path) { return std::string(path.substr(0, path.find('/'))); }

std::string complaint(const Floors& floors, const std::string& room, bool is_test,
                      const Include& include, const std::set<std::string>& exists) {
  if (!include.quoted) {
    if (is_test || !is_pure(room) || !is_impure(include.header)) return "";
    return fmt::format("{} may not include <{}>: no clock, chance, thread, input or output", room,
                       include.header);
  }
  // The measurements stand beside src/ and know every room; the command line runs them.
  if (room == "cli" && include.header.starts_with("bench/")) return "";
  // Made by the build, where tests alone find it (cmake/Rooms.cmake).
  if (include.header == "test_places.h") return "";
  if (!exists.contains("src/" + include.header)) {
    return fmt::format("\"{}\" is no file under src/; write \"room/file.h\"", include.header);
  }
  const std::string target = room_of(include.header);
  if (target == room || floors.at(room).may_include.contains(target)) return "";
  return fmt::format("{} may not include {}; its arrows are in CMakeLists.txt", room, target);
}

}  // namespace

Floors parse_floors(std::string_view cmake) {
  static const std::regex form(
      "okiagari_room\\((\\w+)\\s+FLOOR\\s+(\\d+)(?:\\s+DEPENDS\\s+([a-z_\\s]+))?");
  Floors floors;
  const std::string text(cmake);
  for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
    Room room{std::stoi((*at)[2]), {}};
    std::istringstream names((*at)[3]);
    for (std::string name; names >> name;) room.may_include.insert(name);
    floors.emplace((*at)[1], std::move(room));
  }
  return floors;
}

std::vector<Finding> check_declared(const Floors& floors) {
  std::vector<Finding> findings;
  const auto add = [&](std::string what) {
    findings.push_back({"CMakeLists.txt", 0, std::move(what)});
  };
  for (const auto& [name, room] : floors) {
    for (const std::string& target : room.may_include) {
      const auto found = floors.find(target);
      if (found == floors.end()) {
        add(fmt::format("{} depends on {}, which is no room", name, target));
      } else if (found->second.floor >= room.floor) {
        add(fmt::format("{} on floor {} depends on {} on floor {}", name, room.floor, target,
                        found->second.floor));
      }
      const bool is_allowed = !is_pure(name) || target == "base" || is_pure(target);
      if (!is_allowed) add(fmt::format("{} does without {}", name, target));
    }
  }
  return findings;
}

std::vector<Finding> check_includes(const Floors& floors, const SourceFile& file,
                                    const std::set<std::string>& exists) {
  const std::string room = room_of(std::string_view(file.path).substr(4));
  if (!floors.contains(room)) return {{file.path, 0, "its folder is no room in CMakeLists.txt"}};
  const bool is_test = file.path.ends_with("_test.cc");
  std::vector<Finding> findings;
  int number = 0;
  for (const std::string_view line : split_lines(file.text)) {
    ++number;
    Include include{};
    if (!parse_include(line, &include)) continue;
    std::string what = complaint(floors, room, is_test, include, exists);
    if (!what.empty()) findings.push_back({file.path, number, std::move(what)});
  }
  return findings;
}

}  // namespace okiagari::house
