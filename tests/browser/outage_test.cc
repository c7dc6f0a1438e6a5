// An outage as people live it through: in the browser, beside a market whose leader is killed while
// the page is open. OKIAGARI_SCREENSHOTS=FOLDER takes the pictures of docs/images.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "test_places.h"
#include "tests/browser/real_desk.h"

namespace okiagari {
namespace {

using OutageInTheBrowserTest = RealDesk;

TEST_F(OutageInTheBrowserTest, EverythingIsSeenAsItHappensAndUsableByEverybody) {
  ASSERT_EQ(std::system(OKIAGARI_SOURCE_DIR "/scripts/build_console.sh"), 0);
  begin();
  std::vector<std::string> command = {"node",        "outage.mjs", url(),
                                      people_path(), folder_,      mail_->maildir()};
  const char* screenshots = std::getenv("OKIAGARI_SCREENSHOTS");
  // The script runs in another folder.
  if (screenshots != nullptr) command.push_back(std::filesystem::absolute(screenshots));
  const Ending ending = run_script(command, 840'000);
  EXPECT_EQ(ending.status, 0) << ending.output;
}

}  // namespace
}  // namespace okiagari
