#include "cause/cause_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "cause/causes_builtin.h"
#include "test_places.h"

namespace okiagari::cause {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(OKIAGARI_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(CauseTable, IsTheFileThatWasThereWhenItWasBuilt) {
  EXPECT_EQ(kBuiltinCausesToml, text_of("config/causes.toml"));
  EXPECT_GE(CauseTable::builtin().causes().size(), 23u);
}

TEST(CauseTable, HasEveryClassOfTheSix) {
  std::set<CauseClass> classes;
  for (const Cause& cause : CauseTable::builtin().causes()) classes.insert(cause.cause_class);
  EXPECT_EQ(classes.size(), 6u);
  EXPECT_FALSE(classes.contains(CauseClass::unknown));
}

// A signal without words would be told to people as "process.gone".
TEST(CauseTable, HasWordsForEverySignalThatThereIs) {
  std::istringstream lines(text_of("src/watch/signal.h"));
  int signals = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t open = line.find("= \"");
    if (open == std::string::npos) continue;
    const std::string name = line.substr(open + 3, line.rfind('"') - open - 3);
    EXPECT_NE(CauseTable::builtin().signal_text(name), nullptr) << name;
    ++signals;
  }
  EXPECT_GT(signals, 60);
}

constexpr const char* kSmall = R"(
[unknown]
score_db = 16
floor_percent = 5
title = { en = "Unknown", ja = "不明" }
next_check = { en = "Look", ja = "見る" }
[[signal]]
name = "a.b"
en = "A"
ja = "あ"
[[cause]]
name = "c"
class = "hardware"
title = { en = "C", ja = "し" }
next_check = { en = "Do", ja = "する" }
[[cause.sign]]
role = "required"
signals = ["a.b"]
weight_db = 12
)";

std::string error_of(std::string text, const std::string& replaced, const std::string& by) {
  text.replace(text.find(replaced), replaced.size(), by);
  const auto table = CauseTable::parse(text, "causes.toml");
  return table ? "" : table.error().message;
}

TEST(CauseTable, SaysWhatIsWrongInItsFile) {
  ASSERT_TRUE(CauseTable::parse(kSmall, "causes.toml").ok());
  EXPECT_THAT(error_of(kSmall, "[\"a.b\"]", "[\"a.c\"]"), testing::HasSubstr("no signal 'a.c'"));
  EXPECT_THAT(error_of(kSmall, "hardware", "hardwear"), testing::HasSubstr("no class 'hardwear'"));
  EXPECT_THAT(error_of(kSmall, "required", "supporting"), testing::HasSubstr("no required sign"));
  EXPECT_THAT(error_of(kSmall, "weight_db = 12", "weight_db = 0"), testing::HasSubstr("weight_db"));
  EXPECT_THAT(error_of(kSmall, "weight_db", "weigth_db"), testing::HasSubstr("weight_db"));
}

}  // namespace
}  // namespace okiagari::cause
