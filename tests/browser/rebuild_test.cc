// Goal: what two people sign in their browsers is what the command line carries out, and they see
// before what it loses. Method: a market loses two of three servers with their disks, while the
// third one was away and missed orders that were acknowledged; the act is looked at, proposed
// and signed on the console, and `okiagari promote` makes a market of it that agrees on all
// servers.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

#include "test_places.h"
#include "tests/browser/real_desk.h"

namespace okiagari {
namespace {

namespace fs = std::filesystem;

class RebuildInTheBrowserTest : public RealDesk {
 protected:
  void obey_line(const std::string& line) override {
    for (NodeId node = 1; node <= 3; ++node) {
      // One that only stood still would find in its connections what it missed.
      if (line == fmt::format("stop server {}", node)) {
        market_->hold_node(node, true);
        market_->signal_node(node, SIGKILL);
      }
      if (line != fmt::format("lose all but server {}", node)) continue;
      for (NodeId other = 1; other <= 3; ++other) {
        if (other != node) lose(other);
      }
      market_->hold_node(node, false);
    }
  }
  // With their disks.
  void lose(NodeId node) {
    market_->hold_node(node, true);
    market_->signal_node(node, SIGKILL);
    ASSERT_TRUE(wait_until([&] { return !market_->is_node_running(node); }));
    fs::remove_all(market_->folder_of_node(node));
  }
  [[nodiscard]] std::string key_of(int person) const {
    return fmt::format("{}/keys/operator-{}.key", folder_, person);
  }
};

TEST_F(RebuildInTheBrowserTest, TheBackupIsStartedFromWhatTwoPeopleSignedOnTheirScreens) {
  ASSERT_EQ(std::system(OKIAGARI_SOURCE_DIR "/scripts/build_console.sh"), 0);
  begin();
  const std::string act = folder_ + "/act.json";
  const Ending signed_act =
      run_script({"node", "rebuild.mjs", url(), people_path(), key_of(1), key_of(2), act}, 180'000);
  ASSERT_EQ(signed_act.status, 0) << signed_act.output;
  market_->stop();
  market_ = nullptr;
  const Ending rebuilt = run({"promote", "rebuild", act, "--data", folder_});
  ASSERT_EQ(rebuilt.status, 0) << rebuilt.output;
  deployment::DeploymentOptions options = this->options();
  options.node_settings = "[journal]\nsegment_mib = 4\nmin_free_mib = 1\n";
  start(options);
  const Ending founded = run({"promote", "found", act, "--data", folder_});
  ASSERT_EQ(founded.status, 0) << founded.output;
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
}

}  // namespace
}  // namespace okiagari
