// Goal: arrows between rooms go down only, and market and venue stay pure. Method: each rule is
// first seen to catch a small house that breaks it, then the real house is checked.
#include "tests/house/floors.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace okiagari::house {
namespace {

const Floors kHouse = parse_floors(
    "okiagari_room(base FLOOR 1\n  LIBS fmt::fmt)\n"
    "okiagari_room(net FLOOR 2 DEPENDS base)\n"
    "okiagari_room(market FLOOR 2 DEPENDS base LIBS absl::btree)\n"
    "okiagari_room(wire FLOOR 4\n  DEPENDS net base)\n");

const std::set<std::string> kFiles = {"src/base/hash.h", "src/net/socket.h", "src/market/book.h",
                                      "src/wire/frame.h"};

std::string includes(const std::string& path, const std::string& text) {
  return describe(check_includes(kHouse, {path, text}, kFiles));
}

TEST(Floors, DeclarationsAreRead) {
  ASSERT_EQ(kHouse.size(), 4U);
  EXPECT_EQ(kHouse.at("base").floor, 1);
  EXPECT_EQ(kHouse.at("market").may_include, std::set<std::string>{"base"});
  EXPECT_EQ(kHouse.at("wire").may_include, (std::set<std::string>{"base", "net"}));
  EXPECT_EQ(describe(check_declared(kHouse)), "");
}

TEST(Floors, DeclaredArrowUpOrLevelIsFound) {
  const auto declared = [](const std::string& line) {
    return describe(check_declared(
        parse_floors("okiagari_room(a FLOOR 2)\nokiagari_room(b FLOOR 3)\n" + line + "\n")));
  };
  EXPECT_EQ(declared("okiagari_room(c FLOOR 4 DEPENDS b a)"), "");
  EXPECT_NE(declared("okiagari_room(c FLOOR 3 DEPENDS b)"), "");
  EXPECT_NE(declared("okiagari_room(c FLOOR 2 DEPENDS b)"), "");
  EXPECT_NE(declared("okiagari_room(c FLOOR 4 DEPENDS nowhere)"), "");
}

TEST(Floors, MarketAndVenueDoWithoutNet) {
  EXPECT_EQ(describe(check_declared(parse_floors(
                "okiagari_room(net FLOOR 1)\nokiagari_room(venue FLOOR 3 DEPENDS net)"))),
            "CMakeLists.txt:0: venue does without net\n");
}

TEST(Floors, IncludeOfARoomThatIsNotDeclaredIsFound) {
  EXPECT_EQ(includes("src/wire/frame.cc", "#include \"wire/frame.h\"\n#include \"net/socket.h\"\n"),
            "");
  EXPECT_EQ(includes("src/net/socket.cc", "\n#include \"wire/frame.h\"\n"),
            "src/net/socket.cc:2: net may not include wire; its arrows are in CMakeLists.txt\n");
  EXPECT_NE(includes("src/net/socket_test.cc", "#include \"wire/frame.h\"\n"), "");
  EXPECT_NE(includes("src/market/book.cc", "#  include \"net/socket.h\"\n"), "");
  EXPECT_NE(includes("src/base/hash.h", "#include \"net/socket.h\"\n"), "");
}

TEST(Floors, IncludeWithoutItsRoomIsFound) {
  EXPECT_NE(includes("src/wire/frame.cc", "#include \"frame.h\"\n"), "");
}

TEST(Floors, FolderThatIsNoRoomIsFound) { EXPECT_NE(includes("src/attic/a.cc", ""), ""); }

TEST(Floors, ClockChanceThreadAndSocketInAPureRoomAreFound) {
  for (const std::string header : {"chrono", "random", "thread", "fstream", "iostream", "mutex",
                                   "sys/socket.h", "boost/asio.hpp", "spdlog/spdlog.h"}) {
    const std::string text = "#include <" + header + ">\n";
    EXPECT_NE(includes("src/market/book.h", text), "") << header;
    EXPECT_EQ(includes("src/market/book_test.cc", text), "") << header;
    EXPECT_EQ(includes("src/net/socket.cc", text), "") << header;
  }
  EXPECT_EQ(includes("src/market/book.h", "#include <vector>\n"), "");
}

TEST(Repository, KeepsItsFloors) {
  const auto files = read_repository();
  std::set<std::string> exists;
  for (const SourceFile& file : files) exists.insert(file.path);
  const auto cmake = std::find_if(files.begin(), files.end(),
                                  [](const SourceFile& f) { return f.path == "CMakeLists.txt"; });
  ASSERT_NE(cmake, files.end());
  const Floors floors = parse_floors(cmake->text);
  ASSERT_GE(floors.size(), 12U);
  EXPECT_EQ(describe(check_declared(floors)), "");

  std::vector<Finding> all;
  for (const SourceFile& file : files) {
    if (!file.path.starts_with("src/") || !is_cpp(file.path)) continue;
    const auto found = check_includes(floors, file, exists);
    all.insert(all.end(), found.begin(), found.end());
  }
  EXPECT_TRUE(all.empty()) << describe(all);
}

}  // namespace
}  // namespace okiagari::house
