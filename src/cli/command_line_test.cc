// Goal: a line becomes the values, the command and the words of complaint that it should. Method:
// small command lines with one kind of option each; what whole commands take and tell is tested
// with the program (tests/).
#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace okiagari::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

std::string fault_of(CommandLine& line, const Words& words) {
  const auto misread = line.read(words);
  return misread ? misread->message : "";
}

// A complaint that has this in it; empty: none at all.
::testing::Matcher<std::string> is_fault(const std::string& part) {
  if (part.empty()) return ::testing::IsEmpty();
  return HasSubstr(part);
}

std::string help_of(CommandLine& line) {
  ::testing::internal::CaptureStdout();
  const auto misread = line.read({"--help"});
  const std::string help = ::testing::internal::GetCapturedStdout();
  return misread ? "refused: " + misread->message : help;
}

TEST(CommandLine, ValuesOfEveryTypeAreWrittenWhereTheyBelong) {
  CommandLine line("market", "", "");
  std::string text;
  int whole = 0;
  std::uint16_t small = 0;
  std::uint32_t medium = 0;
  std::uint64_t large = 0;
  std::int64_t below = 0;
  double part = 0;
  bool is_set = false;
  Words list;
  std::vector<std::uint16_t> numbers;
  const Command program = line.program();
  program.option("--text", text, "");
  program.option("--whole", whole, "");
  program.option("--small", small, "");
  program.option("--medium", medium, "");
  program.option("--large", large, "");
  program.option("--below", below, "");
  program.option("--part", part, "");
  program.flag("--set", is_set, "");
  program.option("-l,--list", list, "");
  program.option("--numbers", numbers, "").separated_by(',');
  EXPECT_EQ(fault_of(line, {"--text",    "a b",
                            "--whole",   "-7",
                            "--small",   "65535",
                            "--medium",  "4294967295",
                            "--large",   "18446744073709551615",
                            "--below",   "-9223372036854775808",
                            "--part",    "0.5",
                            "--set",     "-l",
                            "x",         "y",
                            "--numbers", "1,2,3"}),
            "");
  EXPECT_EQ(text, "a b");
  EXPECT_EQ(whole, -7);
  EXPECT_EQ(small, 65'535);
  EXPECT_EQ(medium, 4'294'967'295u);
  EXPECT_EQ(large, 18'446'744'073'709'551'615u);
  EXPECT_EQ(below, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(part, 0.5);
  EXPECT_TRUE(is_set);
  EXPECT_THAT(list, ElementsAre("x", "y"));
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
}

TEST(CommandLine, WhatIsNotGivenIsLeftAlone) {
  CommandLine line("market", "", "");
  std::string text = "as it was";
  std::uint64_t number = 7;
  line.program().option("--text", text, "");
  line.program().option("--number", number, "").within(std::uint64_t{1}, std::uint64_t{9});
  EXPECT_EQ(fault_of(line, {}), "");
  EXPECT_EQ(text, "as it was");
  EXPECT_EQ(number, 7u);
}

// What an option asks of its value, a value, and a part of the complaint about it; empty: none.
struct Demand {
  void (*make)(Option);
  const char* given;
  const char* part_of_fault;
};

std::string max_or_fault(const std::string& given) {
  return given == "max" ? "" : given + " is not max";
}

TEST(CommandLine, WhatDoesNotHoldForAValueIsTold) {
  const Demand kDemands[] = {
      {[](Option x) { x.within(1, 9); }, "10", "not in range"},
      {[](Option x) { x.within(1, 9); }, "9", ""},
      {[](Option x) { x.within(1u, 9u); }, "0", "not in range"},
      {[](Option x) { x.within(1u, 9u); }, "1", ""},
      {[](Option x) { x.within(std::uint64_t{1}, std::uint64_t{9}); }, "-1", "not in range"},
      {[](Option x) { x.within(0.5, 1.5); }, "1.6", "not in range"},
      {[](Option x) { x.within(0.5, 1.5); }, "1.5", ""},
      {[](Option x) {
         x.one_of({"en", "ja"});
       },
       "fr", "fr not in"},
      {[](Option x) {
         x.one_of({"en", "ja"});
       },
       "ja", ""},
      {[](Option x) {
         x.one_of({1, 3, 5});
       },
       "4", "4 not in"},
      {[](Option x) {
         x.one_of({1, 3, 5});
       },
       "5", ""},
      {[](Option x) { x.existing_file(); }, "/none/of/it", "does not exist"},
      {[](Option x) { x.existing_file(); }, "/", "is actually a directory"},
      {[](Option x) { x.existing_folder(); }, "/none/of/it", "does not exist"},
      {[](Option x) { x.existing_folder(); }, "/dev/null", "is actually a file"},
      {[](Option x) { x.existing_path(); }, "/none/of/it", "does not exist"},
      {[](Option x) { x.existing_path(); }, "/", ""},
      {[](Option x) { x.checked_by(max_or_fault); }, "min", "min is not max"},
      {[](Option x) { x.checked_by(max_or_fault); }, "max", ""},
  };
  for (const Demand& demand : kDemands) {
    CommandLine line("market", "", "");
    std::string text;
    demand.make(line.program().option("--x", text, ""));
    EXPECT_THAT(fault_of(line, {"--x", demand.given}), is_fault(demand.part_of_fault))
        << demand.given;
  }
}

TEST(CommandLine, WhatIsRequiredMustBeGiven) {
  for (const bool is_required : {true, false}) {
    CommandLine line("market", "", "");
    std::string text;
    line.program().option("--x", text, "").required(is_required);
    EXPECT_THAT(fault_of(line, {}), is_fault(is_required ? "--x is required" : ""));
  }
}

TEST(CommandLine, OptionsThatExcludeOrNeedEachOtherSaySo) {
  for (const auto& [words, part] : std::vector<std::pair<Words, std::string>>{
           {{"--a", "--b"}, " excludes --"}, {{"--c"}, "--c requires --b"}, {{"--b", "--c"}, ""}}) {
    CommandLine line("market", "", "");
    bool a = false;
    bool b = false;
    bool c = false;
    const Option second = line.program().flag("--b", b, "");
    line.program().flag("--a", a, "").excludes(second);
    line.program().flag("--c", c, "").needs(line.program().option_named("--b"));
    EXPECT_THAT(fault_of(line, words), is_fault(part));
  }
}

TEST(CommandLine, AChoiceIsAWordOrItsNumber) {
  enum class Mode : std::uint8_t { kill, stop };
  for (const auto& [word, mode] :
       std::vector<std::pair<std::string, Mode>>{{"stop", Mode::stop}, {"1", Mode::stop}}) {
    CommandLine line("market", "", "");
    Mode taken = Mode::kill;
    line.program().choice("--mode", taken, {{"kill", Mode::kill}, {"stop", Mode::stop}}, "");
    EXPECT_EQ(fault_of(line, {"--mode", word}), "");
    EXPECT_EQ(taken, mode);
  }
  CommandLine line("market", "", "");
  Mode taken = Mode::kill;
  line.program().choice("--mode", taken, {{"kill", Mode::kill}, {"stop", Mode::stop}}, "");
  EXPECT_THAT(fault_of(line, {"--mode", "2"}), HasSubstr("--mode"));
}

TEST(CommandLine, TheHelpSaysWhatWasSaid) {
  CommandLine line("market", "A place to trade", "1.0");
  std::string text = "plain";
  bool is_set = false;
  const Command program = line.program();
  program.option("--text", text, "replaced").description("How it looks").shows_default();
  program.flag("--set", is_set, "Whether").group("Rarely wanted");
  program.option("--mode", text, "By which").value_name("MODE");
  program.command("open", "Begin the day").group("Times");
  program.command("inner", "Not for people").group("");
  program.footer("That is all.");
  const std::string help = help_of(line);
  for (const char* part : {"A place to trade", "TEXT=plain", "How it looks", "Rarely wanted:",
                           "--mode MODE", "Times:", "Begin the day", "--version", "That is all."}) {
    EXPECT_THAT(help, HasSubstr(part));
  }
  EXPECT_THAT(help, Not(HasSubstr("replaced")));
  EXPECT_THAT(help, Not(HasSubstr("Not for people")));
}

TEST(CommandLine, TheCommandsThatAreNamedRun) {
  CommandLine line("market", "", "");
  Words ran;
  const Command key = line.program().command("key", "");
  const Command fresh = key.command("new", "").alias("draw");
  fresh.on_run([&] { ran.push_back(fresh.full_name()); });
  key.command("show", "").on_run([&] { ran.emplace_back("show"); });
  EXPECT_EQ(fault_of(line, {"key", "draw"}), "");
  EXPECT_THAT(ran, ElementsAre("market key new"));
  EXPECT_EQ(line.program().chosen(), key);
  EXPECT_EQ(key.chosen(), fresh);
  EXPECT_FALSE(fresh.chosen());
}

TEST(CommandLine, NothingRunsWhenALineIsWrongOrAsksForHelp) {
  for (const Words& words : {Words{"key", "--stray"}, Words{"key", "--help"}, Words{"--version"}}) {
    CommandLine line("market", "", "1.0");
    bool has_run = false;
    line.program().command("key", "").on_run([&] { has_run = true; });
    ::testing::internal::CaptureStdout();
    (void)line.read(words);
    (void)::testing::internal::GetCapturedStdout();
    EXPECT_FALSE(has_run) << words.front();
  }
}

TEST(CommandLine, AMissingCommandIsToldApartFromAStrayWord) {
  CommandLine line("market", "", "");
  const Command key = line.program().needs_command().command("key", "");
  bool is_set = false;
  key.flag("--set", is_set, "");
  auto misread = line.read({});
  ASSERT_TRUE(misread);
  EXPECT_TRUE(misread->is_missing);
  EXPECT_EQ(line.program().find("key"), key);
  EXPECT_EQ(line.program().find("kye"), std::nullopt);
  EXPECT_EQ(line.program().commands().size(), 1u);
  EXPECT_THAT(key.long_options(), ::testing::Contains("--set"));

  misread = line.read({"key", "--sett", "now"});
  ASSERT_TRUE(misread);
  EXPECT_FALSE(misread->is_missing);
  EXPECT_THAT(line.strays(), ElementsAre("--sett", "now"));
}

}  // namespace
}  // namespace okiagari::cli
