// Goal: whoever looks at cold folders is told which file is damaged, where, and what to do. Method:
// one byte of a stopped market's files is changed, and `okiagari verify` looks.
#include <cstdlib>

#include "node/exit_code.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

class VerifyTest : public TestMarket {
 protected:
  void SetUp() override {
    TestMarket::SetUp();
    // Enough of a feed for a chunk of history on disk.
    deployment::DeploymentOptions many = options();
    many.sessions = 1;
    many.instruments = deployment::made_up_instruments(4'000);
    start(many);
    ASSERT_TRUE(wait_until([&] { return all_agree(); }));
    market_->stop();
  }
  static void flip(const std::string& path, std::streamoff offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(offset);
    const int byte = file.get();
    ASSERT_TRUE(file.seekp(offset).put(static_cast<char>(byte ^ 0x55)).flush()) << path;
  }
  // With the byte changed `verify` does not hold and says `words`; then it is changed back.
  void expect_found(const std::string& path, std::streamoff offset, const std::string& words,
                    const std::string& remedy) {
    flip(path, offset);
    const Ending ending = run({"verify", folder_});
    flip(path, offset);
    EXPECT_EQ(ending.status, node::exit_status(node::ExitCode::does_not_hold)) << ending.output;
    EXPECT_NE(ending.output.find(path + ": " + words), std::string::npos) << ending.output;
    EXPECT_NE(ending.output.find(remedy), std::string::npos) << ending.output;
  }
};

TEST_F(VerifyTest, FlippedByteOfLogOrHistoryIsNamedByFileOffsetAndRemedy) {
  const std::string node = market_->folder_of_node(1);
  expect_found(node + "/journal/log-0000000000000001", 512 + 100, "damaged at offset 512",
               "let it rejoin under a new storage identity");
  expect_found(node + "/history/history-000000", 64 + 100, "offset 64: the chunk there",
               "rebuild this server from them");
  expect_found(node + "/history/history-000000", 3, "offset 0: the file's header is damaged",
               "rebuild this server from them");
  // A node that starts makes its history anew: until it is written again the file is empty.
  std::filesystem::resize_file(node + "/history/history-000000", 0);
  const Ending whole = run({"verify", folder_});
  EXPECT_EQ(whole.status, node::exit_status(node::ExitCode::success)) << whole.output;
}

// Two people write it into what they sign, and any of them may ask another program.
TEST_F(VerifyTest, ProofIsNamedWithTheDigestThatOthersWorkOut) {
  const Ending ending = run({"verify", folder_, "--proof", folder_ + "/proof.json"});
  EXPECT_EQ(ending.status, node::exit_status(node::ExitCode::success)) << ending.output;
  ASSERT_EQ(std::system(("cd " + folder_ + " && b2sum -l 256 proof.json > sum").c_str()), 0);
  std::string digest;
  std::ifstream(folder_ + "/sum") >> digest;
  ASSERT_EQ(digest.size(), 64u);
  EXPECT_NE(ending.output.find("its digest " + digest), std::string::npos) << ending.output;
}

}  // namespace
}  // namespace okiagari
