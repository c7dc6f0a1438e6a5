// Goal: a mistake on the command line is answered with what was meant, by exit code 2, and nothing
// is done. Method: the program itself, with words that are wrong on purpose.
#include "node/exit_code.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

class CommandLineTest : public TestMarket {
 protected:
  void expect_misuse(const std::vector<std::string>& words, const std::string& answer) {
    const Ending ending = run(words);
    EXPECT_EQ(ending.status, node::exit_status(node::ExitCode::usage)) << ending.output;
    EXPECT_NE(ending.output.find(answer), std::string::npos) << ending.output;
  }
};

TEST_F(CommandLineTest, MisspeltWordsAreAnsweredWithTheOnesThatWereMeant) {
  expect_misuse({"verfy"}, "okiagari has no command 'verfy'; did you mean 'verify'?");
  expect_misuse({"bench", "bok"}, "okiagari bench has no command 'bok'; did you mean 'book'?");
  expect_misuse({"replay", "flwo", "x"},
                "okiagari replay has no command 'flwo'; did you mean 'flow'?");
  expect_misuse({"up", "--dta", "x"}, "okiagari up has no option '--dta'; did you mean '--data'?");
  expect_misuse({"replay", "flow", folder_, "--sped=2"}, "did you mean '--speed'?");
  expect_misuse({"status", "now"}, "okiagari status takes no word 'now'");
}

TEST_F(CommandLineTest, MissingWordsAreNamed) {
  expect_misuse({}, "okiagari needs a command: run, up, status");
  expect_misuse({"bench"}, "okiagari bench needs a command: ");
  expect_misuse({"verify"}, "DIR is required");
  expect_misuse({"verify", folder_ + "/none"}, folder_ + "/none");
  expect_misuse({"node"}, "--data is required");
  expect_misuse({"status", "--data", folder_ + "/none"}, "`okiagari up --data " + folder_);
  expect_misuse({"replay", "flow", folder_ + "/none.flow"}, folder_ + "/none.flow");
}

TEST_F(CommandLineTest, ValuesThatCannotBeAreNamedWithWhatCan) {
  expect_misuse({"up", "--nodes", "2", "--data", folder_}, "--nodes: 2 not in {1,3,5}");
  expect_misuse({"up", "--base-port", "99999", "--data", folder_}, "--base-port");
  expect_misuse({"replay", "flow", OKIAGARI_PROGRAM, "--speed", "fast"},
                "'fast' is neither a number above 0 nor 'max'");
  expect_misuse({"check", "--faults", "kil"}, "'kil' is no fault; there are kill, stop");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/deployment.json"));
}

}  // namespace
}  // namespace okiagari
