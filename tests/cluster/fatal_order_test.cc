// Goal: an order that kills the matching code is found in the log of a node that died of it, with
// its position and its sender, by `okiagari replay`. Method: a market of real processes, with a
// defect planted in the program that one order sets off; then its log once more through the same
// program, and through it with the defect mended.
#include <gmock/gmock.h>
#include <signal.h>
#include <stdlib.h>

#include "node/applying_word.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

using ::testing::HasSubstr;

class FatalOrder : public TestMarket {
 protected:
  void TearDown() override {
    mend();
    TestMarket::TearDown();
  }
  static void plant(std::uint64_t sequence) {
    ::setenv("OKIAGARI_PLANT", "venue.crash", 1);
    ::setenv("OKIAGARI_PLANT_SEED", std::to_string(sequence).c_str(), 1);
  }
  static void mend() { ::unsetenv("OKIAGARI_PLANT"); }

  std::vector<std::string> flow() {
    const std::string path = folder_ + "/short.flow";
    std::ofstream(path) << "okiagari flow 1\nI 1 BANDGBP 4 4\n"
                           "A 0 1 1 S 148024 1000\nX 2 1 B 148024 600\nA 3 2 1 B 5000 10\n";
    return {"replay", "flow", path, "--data", folder_, "--members", "1", "--speed", "max"};
  }
  // The command that one of the nodes died in; 0 when none has.
  [[nodiscard]] Sequence died_in() const {
    for (const deployment::NodePlace& place : market_->file().nodes) {
      std::ifstream file(place.folder + "/applying", std::ios::binary);
      node::ApplyingFile applying;
      if (file.read(reinterpret_cast<char*>(&applying), sizeof applying) &&
          applying.applying != 0) {
        return applying.applying;
      }
    }
    return 0;
  }
  [[nodiscard]] std::string logs() const {
    std::string all;
    for (const deployment::NodePlace& place : market_->file().nodes) {
      std::ifstream file(place.folder + "/output.log");
      all += std::string(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }
};

TEST_F(FatalOrder, IsFoundInTheLogWithItsPositionAndSenderAndRunsThroughOnceMended) {
  start(options());
  ASSERT_EQ(run(flow()).status, 0);
  ASSERT_TRUE(wait_until([&] { return all_agree(); }));
  const auto before = reports().front().at("sequence").to_number<std::uint64_t>();
  market_ = nullptr;

  plant(before + 1);
  start(options());
  ASSERT_TRUE(wait_until([&] { return market_->find_leader(0) != 0; }));
  (void)run(flow(), SIGINT, [&](const std::string&) { return died_in() != 0; });
  const Sequence fatal = died_in();
  ASSERT_GT(fatal, before);
  EXPECT_THAT(logs(), HasSubstr("died of signal 4 (illegal instruction)"));
  EXPECT_THAT(logs(), HasSubstr("MarketServer5apply")) << "the frames have names";

  const std::vector<std::string> replay = {"replay",         "--at",   "+60s",
                                           "--minutes",      "60",     "--program",
                                           OKIAGARI_PROGRAM, "--data", folder_};
  const Ending fallen = run(replay);
  EXPECT_EQ(fallen.status, 1) << fallen.output;
  EXPECT_THAT(fallen.output, HasSubstr("IT FELL OVER: signal 4"));
  EXPECT_THAT(fallen.output,
              HasSubstr(fmt::format("applying command {} new order of session", fatal)));
  mend();
  const Ending through = run(replay);
  EXPECT_EQ(through.status, 0) << through.output;
  EXPECT_THAT(through.output, HasSubstr("IT RAN THROUGH"));
}

}  // namespace
}  // namespace okiagari
