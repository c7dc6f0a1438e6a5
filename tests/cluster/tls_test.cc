// A market whose links are of TLS: it trades, fails over, keeps strangers out, and renews its
// certificates while it runs.
#include <gmock/gmock.h>

#include "deployment/link_folder.h"
#include "net/tcp.h"
#include "test_market.h"

namespace okiagari {
namespace {

using ::testing::HasSubstr;

class TlsMarket : public TestMarket {
 protected:
  void TearDown() override {
    TestMarket::TearDown();
    net::use_link_identity(nullptr);
  }
  void start_secured() {
    deployment::DeploymentOptions secured = options();
    secured.tls = true;
    start(secured);
  }
  [[nodiscard]] std::string log_of(const std::string& process) const {
    std::ifstream file(folder_ + "/" + process + "/output.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // From its next connection on, `thief` shows the certificate of `owner`, which is of this market.
  void steal_certificate(const std::string& owner, const std::string& thief) {
    const net::LinkIdentityFiles from = deployment::link_files(folder_, owner);
    const net::LinkIdentityFiles to = deployment::link_files(folder_, thief);
    const auto over = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(from.certificate, to.certificate, over);
    std::filesystem::copy_file(from.key, to.key, over);
  }
};

TEST_F(TlsMarket, TradesAndAnotherServerTakesOverWhenTheLeaderDies) {
  start_secured();
  const NodeId first = market_->find_leader(5'000);
  ASSERT_NE(first, 0);
  EXPECT_EQ(run({"status", "--data", folder_}).status, 0);
  market_->signal_node(first, SIGKILL);
  EXPECT_TRUE(wait_until([&] {
    const NodeId now = market_->find_leader(100);
    return now != 0 && now != first;
  }));
  EXPECT_TRUE(wait_until([&] { return all_agree(); }));
  EXPECT_EQ(run({"status", "--data", folder_}).status, 0);
}

TEST_F(TlsMarket, WhoeverHasNoCertificateIsNotAnswered) {
  start_secured();
  ASSERT_NE(market_->find_leader(5'000), 0);
  net::use_link_identity(nullptr);
  for (const auto& answer : deployment::ask_nodes({market_->file().nodes[0].gateways}, 1'000)) {
    EXPECT_FALSE(answer.report) << *answer.report;
  }
}

TEST_F(TlsMarket, ARenewedCertificateIsUsedWithoutARestart) {
  start_secured();
  ASSERT_NE(market_->find_leader(5'000), 0);
  const pid_t before = market_->file().nodes[0].pid;
  const base::Status renewed = deployment::issue_link_files(folder_, "node-1", 30);
  ASSERT_TRUE(renewed.ok()) << renewed.error().message;
  EXPECT_TRUE(wait_until([&] {
    static_cast<void>(deployment::ask_nodes({market_->file().nodes[0].gateways}, 1'000));
    return log_of("node-1").find("new certificate for links") != std::string::npos;
  }));
  EXPECT_EQ(market_->file().nodes[0].pid, before);
  EXPECT_EQ(run({"status", "--data", folder_}).status, 0);
  EXPECT_THAT(run({"certificate", "issue", "gateway-1", "--data", folder_}).output,
              HasSubstr("valid until"));
}

// Otherwise whoever has taken one gateway could enter orders as every other.
TEST_F(TlsMarket, AGatewayWithTheCertificateOfAnotherIsNotListenedTo) {
  start_secured();
  ASSERT_NE(market_->find_leader(5'000), 0);
  steal_certificate("gateway-1", "gateway-2");
  market_->signal_gateway(2, SIGKILL);
  EXPECT_TRUE(wait_until([&] {
    return log_of("node-1").find("says it is gateway 2 and has the certificate of somebody else") !=
           std::string::npos;
  }));
}

TEST_F(TlsMarket, AServerWithTheCertificateOfAnotherIsBelievedByNobody) {
  start_secured();
  ASSERT_NE(market_->find_leader(5'000), 0);
  steal_certificate("node-2", "node-1");
  market_->signal_node(1, SIGKILL);
  EXPECT_TRUE(wait_until([&] {
    return log_of("gateway-1").find("says it is node 1 and has the certificate of somebody else") !=
           std::string::npos;
  }));
  // The other two, who do not speak to it either, are a market.
  EXPECT_TRUE(wait_until([&] {
    const NodeId leader = market_->find_leader(100);
    return leader == 2 || leader == 3;
  }));
}

}  // namespace
}  // namespace okiagari
