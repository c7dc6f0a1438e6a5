// Goal: whoever watches an outage loses no line of its timeline, and sees none twice, when the desk
// that leads is killed under the page. Method: three desks, a browser at the one that leads; it is
// killed, the others write on, it comes back, all while the page stays open.
#include <gtest/gtest.h>

#include <cstdlib>

#include "test_places.h"
#include "tests/browser/real_desk.h"

namespace okiagari {
namespace {

using ReconnectTest = RealDesk;

TEST_F(ReconnectTest, TheTimelineGoesOnWhereItStoppedWhenTheLeadingDeskDiesAndComesBack) {
  ASSERT_EQ(std::system(OKIAGARI_SOURCE_DIR "/scripts/build_console.sh"), 0);
  begin(3);
  ASSERT_EQ(run_script({"sleep", "60"}, 200).status, -1) << "what never ends has not passed";
  const Ending ending =
      run_script({"node", "reconnect.mjs", people_path(), url(0), url(1), url(2)}, 240'000);
  EXPECT_EQ(ending.status, 0) << ending.output;
}

}  // namespace
}  // namespace okiagari
