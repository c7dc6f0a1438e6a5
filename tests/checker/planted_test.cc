// The whole market, with one message dropped, doubled, swapped or altered in one of its rooms: the
// checker must say that it does not hold, and that it holds when nothing is planted.
//
// Each case takes one seed; OKIAGARI_PLANTED_SEEDS says how many (planted_campaign.sh takes 20).
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <tuple>

#include "test_places.h"

namespace okiagari::checker_test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int kHolds = 0;
constexpr int kDoesNotHold = 1;

struct Outcome {
  int exit_status = -1;
  std::string report;  // JSON
  std::string words;   // what was said meanwhile
};

class PlantedRun {
 public:
  PlantedRun()
      : folder_(fs::temp_directory_path() / fmt::format("okiagari-planted-{}", ::getpid())) {
    fs::remove_all(folder_);
  }
  ~PlantedRun() { fs::remove_all(folder_); }

  Outcome check(const std::string& environment, std::uint64_t seed) const {
    const std::string errors = folder_.string() + ".words";
    const std::string command = fmt::format(
        "{} check --json --keep {} --faults none --duration 1 --rate 2500 --settle 5 "
        "--seed {} {} 2>{}",
        OKIAGARI_PROGRAM, folder_.string(), seed, environment, errors);
    Outcome outcome;
    std::FILE* output = ::popen(command.c_str(), "r");
    std::array<char, 4096> chunk;
    while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), output)) {
      outcome.report.append(chunk.data(), got);
    }
    const int status = ::pclose(output);
    outcome.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    std::FILE* file = std::fopen(errors.c_str(), "r");
    const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file);
    outcome.words.assign(chunk.data(), got);
    std::fclose(file);
    fs::remove(errors);
    return outcome;
  }

 private:
  fs::path folder_;
};

std::uint64_t seeds() {
  const char* count = std::getenv("OKIAGARI_PLANTED_SEEDS");
  return count == nullptr ? 1 : std::strtoull(count, nullptr, 10);
}

// "lost=1 contradicted=2" of a report, for the test's own output.
std::string counts_of(const std::string& report) {
  std::string counts;
  boost::system::error_code failure;
  const json::value parsed = json::parse(report, failure);
  if (failure || !parsed.is_object()) return "no report";
  for (const json::value& one : parsed.at("checks").as_array()) {
    if (one.at("holds").as_bool()) continue;
    counts +=
        fmt::format("{}={} ", std::string(one.at("name").as_string()), one.at("value").as_int64());
  }
  return counts;
}

using Case = std::tuple<const char*, const char*>;  // place and kind

class Planted : public testing::TestWithParam<Case> {};

TEST_P(Planted, IsFound) {
  const auto [place, kind] = GetParam();
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    const PlantedRun run;
    const Outcome outcome = run.check(
        fmt::format("--environment OKIAGARI_PLANT={}.{} OKIAGARI_PLANT_SEED={}", place, kind, seed),
        seed);
    EXPECT_EQ(outcome.exit_status, kDoesNotHold) << "seed " << seed << "\n" << outcome.words;
    std::printf("%s.%s, seed %llu: %s\n", place, kind, static_cast<unsigned long long>(seed),
                counts_of(outcome.report).c_str());
  }
}

INSTANTIATE_TEST_SUITE_P(All, Planted,
                         testing::Combine(testing::Values("gateway", "venue", "journal", "feed"),
                                          testing::Values("drop", "double", "reorder",
                                                          "contradict")),
                         [](const auto& test) {
                           return fmt::format("{}_{}", std::get<0>(test.param),
                                              std::get<1>(test.param));
                         });

// A checker that says no to everything would pass all of the above.
TEST(NothingPlanted, Holds) {
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    const PlantedRun run;
    const Outcome outcome = run.check("", seed);
    EXPECT_EQ(outcome.exit_status, kHolds) << "seed " << seed << "\n" << outcome.words;
  }
}

}  // namespace
}  // namespace okiagari::checker_test
