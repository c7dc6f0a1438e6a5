#include "cli/command.h"

#include <gtest/gtest.h>

namespace okiagari::cli {
namespace {

TEST(Command, TheStatusIsOfTheCommandThatWasNamed) {
  for (const auto& [words, status] : std::vector<std::pair<std::vector<std::string>, int>>{
           {{"halt"}, 7}, {{"halt", "lift"}, 5}, {{"--help"}, 0}}) {
    CommandLine line("market", "", "");
    const auto exit = std::make_shared<int>(0);
    const Command halt = line.program().command("halt", "");
    set_own_action(halt, exit, [] { return 7; });
    set_action(halt.command("lift", ""), exit, [] { return 5; });
    ::testing::internal::CaptureStdout();
    EXPECT_FALSE(line.read(words));
    (void)::testing::internal::GetCapturedStdout();
    EXPECT_EQ(*exit, status) << words.back();
  }
}

}  // namespace
}  // namespace okiagari::cli
