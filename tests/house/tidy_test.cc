// Goal: docs/style.md is kept. Method: each rule is first seen to catch a file made to break it and
// to leave its lawful neighbour alone; then the whole repository is read.
#include "tests/house/tidy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace okiagari::house {
namespace {

std::string repeat(const std::string& piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

std::string findings(const std::string& path, const std::string& text) {
  return describe(check_tidy({path, text}));
}

const std::string kHeader = "// What it is.\n#pragma once\n";

TEST(Tidy, LineOfMoreThan100ColumnsIsFound) {
  EXPECT_EQ(findings("src/base/a.cc", std::string(100, 'x') + "\n"), "");
  EXPECT_EQ(findings("src/base/a.cc", std::string(101, 'x') + "\n"),
            "src/base/a.cc:1: 101 columns; at most 100\n");
  EXPECT_NE(findings("cmake/A.cmake", std::string(101, 'x') + "\n"), "");
  EXPECT_EQ(findings("docs/a.md", std::string(101, 'x') + "\n"), "");
}

TEST(Tidy, ColumnsAreCharactersNotBytes) {
  EXPECT_EQ(findings("src/base/a.cc", "// " + repeat("\u7b2c", 97) + "\n"), "");
  EXPECT_NE(findings("src/base/a.cc", "// " + repeat("\u7b2c", 98) + "\n"), "");
}

TEST(Tidy, FileOfMoreThan900LinesIsFound) {
  EXPECT_EQ(findings("src/base/a.cc", repeat("int x;\n", 900)), "");
  EXPECT_EQ(findings("src/base/a.cc", repeat("int x;\n", 901)),
            "src/base/a.cc:0: 901 lines; at most 900\n");
}

TEST(Tidy, FunctionOfMoreThan70LinesIsFound) {
  const auto function = [](int body_lines) {
    return "namespace n {\nvoid f(int a) {\n" + repeat("  if (a) { g(); }\n", body_lines) +
           "}\n}\n";
  };
  EXPECT_EQ(findings("src/base/a.cc", function(68)), "");
  EXPECT_EQ(findings("src/base/a.cc", function(69)),
            "src/base/a.cc:2: a function of 71 lines; at most 70\n");
}

TEST(Tidy, LongFunctionIsFoundWhereverItHides) {
  const std::string body = repeat("  g();\n", 69) + "}\n";
  const std::vector<std::string> openings = {
      "template <class T>\nvoid f(T t) {\n",
      "class A final : public B {\n  int x = 3;\n  void f() const override {\n",
      "A::A(int a) : a_{a}, b_{a} {\n",
      "A::A(int a) : a_(a) {\n",
      "struct A {\n  bool operator==(const A& other) const {\n",
      "TEST(Name, Case) {\n",
      "auto f() -> int {\n",
      "constexpr int kTable[] = {1, 2};\nint f(int a = 3) {\n",
  };
  for (const std::string& opening : openings) {
    EXPECT_NE(findings("src/base/a.cc", opening + body).find("a function of 71 lines"),
              std::string::npos)
        << opening;
  }
}

TEST(Tidy, LongTypesAndTablesAreNotFunctions) {
  const std::vector<std::string> texts = {
      "struct A {\n" + repeat("  int x;\n", 80) + "};\n",
      "class A {\n" + repeat("  int x() { return 1; }\n", 80) + "};\n",
      "enum class E : int {\n" + repeat("  a,\n", 80) + "};\n",
      "constexpr std::array kTable = {\n" + repeat("  f(1),\n", 80) + "};\n",
      "const char* kText = R\"(void f() {\n" + repeat("g();\n", 80) + "})\";\n",
      "/* void f() {\n" + repeat("g();\n", 80) + "} */\n",
      "#define F(x) \\\n  {           \\\n" + repeat("  g();      \\\n", 80) + "  }\n",
  };
  for (const std::string& text : texts) EXPECT_EQ(findings("src/base/a.cc", text), "") << text;
}

TEST(Tidy, EmptyNameIsFound) {
  for (const std::string name : {"utils", "common", "helpers", "manager", "misc"}) {
    EXPECT_NE(findings("src/base/" + name + ".cc", ""), "") << name;
    EXPECT_NE(findings("src/base/order_" + name + ".cc", ""), "") << name;
    EXPECT_NE(findings("src/" + name + "/order.cc", ""), "") << name;
  }
  EXPECT_EQ(findings("src/base/commonwealth.cc", ""), "");
}

TEST(Tidy, BannedWordIsFound) {
  for (const std::string word : {"TO"
                                 "DO",
                                 "FIX"
                                 "ME",
                                 "XX"
                                 "X",
                                 "HA"
                                 "CK"}) {
    EXPECT_NE(findings("src/base/a.cc", "// " + word + ": later\n"), "") << word;
    EXPECT_EQ(findings("src/base/a.cc", "int " + word + "S = 3;\n"), "") << word;
  }
}

TEST(Tidy, PathOfAMachineAndHostNameOfAMirrorAreFound) {
  EXPECT_NE(findings("docs/a.md",
                     "see /wo"
                     "rk/here\n"),
            "");
  EXPECT_NE(findings("config/a.toml",
                     "dir = \"/ro"
                     "ot/x\"\n"),
            "");
  EXPECT_NE(findings("scripts/a.sh",
                     "# http://deb.deb"
                     "ian.org\n"),
            "");
  EXPECT_EQ(findings("docs/a.md", "see docs/network/here\n"), "");
}

TEST(Tidy, AssertThatCanBeSwitchedOffIsFound) {
  EXPECT_NE(findings("src/base/a.cc", "assert(true);\n"), "");
  EXPECT_EQ(findings("src/base/a.cc", "ASSERT(true);\nstatic_assert(true);\n"), "");
  EXPECT_EQ(findings("src/base/a.cc", "// We assert nothing here.\n"), "");
}

// With the pragma the compiler hands out a reference to a member wherever it lies: formatting the
// number of a term stopped a server that was asked to hand over.
TEST(Tidy, PackingThatHidesWhereAMemberLiesIsFound) {
  EXPECT_NE(findings("src/base/a.cc", "#pragma pack(push, 1)\n"), "");
  EXPECT_EQ(findings("src/base/a.cc", "struct [[gnu::packed]] Head {};\n"), "");
}

TEST(Tidy, SecondFileThatCompilesAllOfTheCommandLinesLibraryIsFound) {
  const std::string include = "#include <CLI/CLI.hpp>\n";
  EXPECT_NE(findings("src/cli/a.cc", include), "");
  EXPECT_EQ(findings("src/cli/command_line.cc", include), "");
  EXPECT_EQ(findings("tests/a/a.cc", include), "");
}

TEST(Tidy, HeaderNeedsItsCommentAndItsGuard) {
  EXPECT_EQ(findings("src/base/a.h", kHeader), "");
  EXPECT_NE(findings("src/base/a.h", "#pragma once\n// What it is.\n"), "");
  EXPECT_NE(findings("src/base/a.h", "// What it is.\nint x;\n"), "");
}

TEST(Tidy, HeaderMayNotOpenANamespaceForOthers) {
  EXPECT_NE(findings("src/base/a.h", kHeader + "using namespace std;\n"), "");
  EXPECT_EQ(findings("src/base/a.h", kHeader + "using std::swap;\n"), "");
}

TEST(Tidy, WhiteSpaceAtTheEndTabsAndAnOpenLastLineAreFound) {
  EXPECT_NE(findings("src/base/a.cc", "int x; \n"), "");
  EXPECT_NE(findings("src/base/a.cc", "\tint x;\n"), "");
  EXPECT_NE(findings("src/base/a.cc", "int x;"), "");
}

TEST(Tidy, HeaderThatLeansOnWhatIsIncludedBeforeItIsFound) {
  const SourceFile header{"src/base/a.h", kHeader};
  const auto found = [&](const std::string& path, const std::string& text) {
    return describe(check_own_headers({header, {path, text}}));
  };
  EXPECT_EQ(found("src/base/a.cc", "#include \"base/a.h\"\n\n#include <vector>\n"), "");
  EXPECT_NE(found("src/base/a.cc", "#include <vector>\n\n#include \"base/a.h\"\n"), "");
  EXPECT_NE(found("src/base/a.cc", "int x;\n"), "");
  EXPECT_NE(found("src/base/a_test.cc", "#include <vector>\n"), "");
  EXPECT_EQ(found("src/base/b.cc", "#include <vector>\n"), "");
}

TEST(Repository, HeadersComeFirstInTheirSources) {
  EXPECT_EQ(describe(check_own_headers(read_repository())), "");
}

TEST(Repository, IsTidy) {
  const auto files = read_repository();
  ASSERT_GT(files.size(), 10U);
  std::vector<Finding> all;
  for (const SourceFile& file : files) {
    const auto found = check_tidy(file);
    all.insert(all.end(), found.begin(), found.end());
  }
  EXPECT_TRUE(all.empty()) << describe(all);
}

}  // namespace
}  // namespace okiagari::house
