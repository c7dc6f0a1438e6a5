// `okiagari check` on a market of its own and on one that `okiagari up` runs: faults are survived,
// the verdict holds, and the report has the shape of all reports.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

#include "test_places.h"

namespace okiagari::checker_test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct Outcome {
  int exit_status = -1;
  std::string output;
};

Outcome run(const std::string& arguments) {
  const std::string command = fmt::format("{} check {}", OKIAGARI_PROGRAM, arguments);
  Outcome outcome;
  std::FILE* output = ::popen(command.c_str(), "r");
  std::array<char, 4096> chunk;
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), output)) {
    outcome.output.append(chunk.data(), got);
  }
  const int status = ::pclose(output);
  outcome.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

void expect_good_report(const Outcome& outcome) {
  ASSERT_EQ(outcome.exit_status, 0) << outcome.output;
  const json::value report = json::parse(outcome.output);
  EXPECT_EQ(report.at("name").as_string(), "check");
  EXPECT_TRUE(report.at("holds").as_bool());
  EXPECT_EQ(report.at("checks").as_array().size(), 5U);
}

TEST(CheckCommand, AMarketWhoseServersFailKeepsItsPromises) {
  expect_good_report(
      run("--json --seed 3 --duration 5 --rate 2000 --faults kill=2,stop,transfer,gateway-kill"));
}

TEST(CheckCommand, AWrongFaultIsNamed) {
  const Outcome outcome = run("--faults explode 2>&1");
  EXPECT_EQ(outcome.exit_status, 2);
  EXPECT_NE(outcome.output.find("'explode' is no fault"), std::string::npos) << outcome.output;
}

class RunningMarket {
 public:
  RunningMarket()
      : folder_((fs::temp_directory_path() / fmt::format("okiagari-up-{}", ::getpid())).string()) {
    fs::remove_all(folder_);
    child_ = ::fork();
    if (child_ != 0) return;
    ::execl(OKIAGARI_PROGRAM, "okiagari", "up", "--desks", "0", "--data", folder_.c_str(), nullptr);
    ::_exit(127);
  }
  ~RunningMarket() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
    fs::remove_all(folder_);
  }
  // Its reference data is in the log.
  [[nodiscard]] bool is_up() const {
    boost::system::error_code failure;
    std::FILE* file = std::fopen((folder_ + "/deployment.json").c_str(), "r");
    if (file == nullptr) return false;
    std::string text(1u << 16, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    const json::value market = json::parse(text, failure);
    return !failure && market.at("reference_data_loaded").as_bool();
  }
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  pid_t child_ = 0;
};

TEST(CheckCommand, AMarketThatRunsIsCheckedTwice) {
  const RunningMarket market;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!market.is_up() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_TRUE(market.is_up());
  const std::string arguments = fmt::format(
      "--json --market {} --duration 2 --rate 1000 --faults kill,gateway-kill", market.folder());
  expect_good_report(run(arguments));
  // Sessions, numbers and the feed go on from where the first run left them.
  expect_good_report(run(arguments));
}

}  // namespace
}  // namespace okiagari::checker_test
