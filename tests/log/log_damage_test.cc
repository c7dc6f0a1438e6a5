// Goal: a log that was damaged while the server was down is never taken for a shorter healthy one.
//
// Method: random runs, a clean end, one fault of a kind, reopening. OKIAGARI_SEED repeats one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "journal/segment.h"
#include "tests/log/log_run.h"

namespace okiagari::simulation {
namespace {

constexpr std::uint64_t kRuns = 2000;

enum class Fault : std::uint8_t { flipped_bit, lost_sector, lost_file, cut_file };

struct Outcomes {
  std::uint64_t refused = 0;
  std::uint64_t below_watermark = 0;
  std::uint64_t torn = 0;
  std::uint64_t unharmed = 0;
};

std::vector<std::string> segments_of(SimulatedDisk& disk) {
  std::vector<std::string> names = disk.list().value();
  std::erase_if(names, [](const std::string& name) { return !journal::segment_number(name); });
  return names;
}

void strike(LogRun& run, Fault fault) {
  const std::vector<std::string> names = segments_of(run.disk());
  const std::string& name = names[run.random().below(names.size())];
  const std::uint64_t size = run.disk().contents(name).size();
  const std::uint64_t offset = run.random().below(size);
  switch (fault) {
    case Fault::flipped_bit:
      run.disk().flip_bit(name, offset, static_cast<unsigned>(run.random().below(8)));
      return;
    case Fault::lost_sector:
      run.disk().zero_sector(name, offset);
      return;
    case Fault::lost_file:
      run.disk().lose_file(name);
      return;
    case Fault::cut_file:
      run.disk().cut_file(name, offset);
      return;
  }
}

std::string live_and_suffer(LogRun& run, Fault fault, Outcomes& outcomes) {
  run.remembers = true;
  std::string why = run.reopen();
  if (why.empty()) why = run.work(static_cast<std::uint32_t>(run.random().between(20, 120)));
  run.die(true);
  if (why.empty()) why = run.reopen();
  if (!why.empty()) return why;
  run.die(true);
  strike(run, fault);
  const base::Status opened = run.open();
  if (!opened) {
    ++outcomes.refused;
    return opened.error().message.find("Keep the folder") != std::string::npos
               ? ""
               : "no remedy: " + opened.error().message;
  }
  if (run.findings().below_watermark) {
    ++outcomes.below_watermark;
  } else if (run.findings().torn_tail) {
    ++outcomes.torn;
  } else {
    ++outcomes.unharmed;
  }
  // A sector lost as a whole from the last group looks like a torn write.
  return run.check_damaged(fault != Fault::flipped_bit);
}

Outcomes suffer_often(Fault fault) {
  const char* given = std::getenv("OKIAGARI_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
  const std::uint64_t last = given != nullptr ? first : kRuns;
  Outcomes outcomes;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    LogRun run(seed);
    const std::string why = live_and_suffer(run, fault, outcomes);
    EXPECT_EQ(why, "") << "OKIAGARI_SEED=" << seed << " repeats it";
    if (!why.empty()) break;
  }
  return outcomes;
}

TEST(LogDamage, AFlippedBitNeverShortensTheLogSilently) {
  const Outcomes outcomes = suffer_often(Fault::flipped_bit);
  EXPECT_GT(outcomes.refused, 100U);
  EXPECT_GT(outcomes.below_watermark, 10U);
}

TEST(LogDamage, ALostSectorCostsAtMostWhatLiesAboveTheWatermark) {
  const Outcomes outcomes = suffer_often(Fault::lost_sector);
  EXPECT_GT(outcomes.refused, 100U);
  EXPECT_GT(outcomes.below_watermark, 10U);
}

TEST(LogDamage, AMissingSegmentIsNoticedWhicheverItIs) {
  const Outcomes outcomes = suffer_often(Fault::lost_file);
  EXPECT_GT(outcomes.refused, 100U);
  EXPECT_GT(outcomes.below_watermark, 100U);
  EXPECT_EQ(outcomes.torn + outcomes.unharmed, 0U);
}

TEST(LogDamage, ASegmentCutShortIsNoticedWhicheverItIs) {
  const Outcomes outcomes = suffer_often(Fault::cut_file);
  EXPECT_GT(outcomes.refused, 100U);
  EXPECT_EQ(outcomes.torn + outcomes.unharmed, 0U);
}

}  // namespace
}  // namespace okiagari::simulation
