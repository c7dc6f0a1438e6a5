#include "cause/counted_cases.h"

#include <gtest/gtest.h>

#include <cmath>

namespace okiagari::cause {
namespace {

const Sign& sign_of(const CauseTable& table, const char* cause, const char* signal) {
  for (const Sign& sign : table.find(cause)->signs) {
    if (sign.signals.front() == signal) return sign;
  }
  ADD_FAILURE() << cause << " has no sign " << signal;
  return table.find(cause)->signs.front();
}

TEST(CountedCases, MoveAWeightToWhatWasCounted) {
  CauseTable table = CauseTable::builtin();
  const double before = sign_of(table, "disk_full", "host.disk_low").weight_db;
  std::vector<CountedCase> cases;
  for (int at = 0; at < 30; ++at) {
    cases.push_back({"d", "disk_full", {"host.disk_full", "host.disk_low"}});
    cases.push_back({"h", "hang", {"process.frozen"}});
  }
  fit_by_counting(table, cases);
  const double counted = 10 * std::log10((31.0 / 32) / (1.0 / 32));
  EXPECT_NEAR(sign_of(table, "disk_full", "host.disk_low").weight_db,
              (kTableCases * before + 30 * counted) / (kTableCases + 30), 1e-9);
  // Nobody counted a case of this one.
  EXPECT_EQ(sign_of(table, "memory_error", "host.memory_error").weight_db,
            sign_of(CauseTable::builtin(), "memory_error", "host.memory_error").weight_db);
}

TEST(CountedCases, NeverTurnASignAround) {
  CauseTable table = CauseTable::builtin();
  const std::vector<CountedCase> cases(1'000, {"d", "disk_full", {}});
  fit_by_counting(table, cases);
  for (const Sign& sign : table.find("disk_full")->signs) EXPECT_GE(sign.weight_db, 1);
}

TEST(CountedCases, OfAnotherTableAreRefused) {
  const CauseTable& table = CauseTable::builtin();
  EXPECT_TRUE(counted_cases_from_json(
                  R"({"cases":[{"id":"1","cause":"hang","signals":["process.frozen"]}]})", table)
                  .ok());
  for (const char* text : {R"({"cases":[{"id":"1","cause":"gremlins","signals":[]}]})",
                           R"({"cases":[{"id":"1","cause":"hang","signals":["process.gon"]}]})",
                           R"({"cases":[{"id":"1","cause":"hang"}]})", R"({"cases":[7]})", "[]"}) {
    EXPECT_FALSE(counted_cases_from_json(text, table).ok()) << text;
  }
}

}  // namespace
}  // namespace okiagari::cause
