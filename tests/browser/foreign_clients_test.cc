// What a real desk tells the public in a real outage, read by programs that are not ours.
#include <gmock/gmock.h>

#include "tests/browser/real_desk.h"

namespace okiagari {
namespace {

using ForeignClientsTest = RealDesk;

TEST_F(ForeignClientsTest, StatuspageFeedAndCalendarReadersSeeWhatTheDesksOwnPeopleSee) {
  begin();
  const Ending ending = run_script(
      {"node", "foreign_clients.mjs", url(), people_path(), folder_ + "/status-page"}, 120'000);
  EXPECT_EQ(ending.status, 0) << ending.output;
  EXPECT_THAT(ending.output, testing::HasSubstr("all readers agree"));
}

}  // namespace
}  // namespace okiagari
