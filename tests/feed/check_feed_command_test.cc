// `okiagari check-feed` beside a market of real processes: a server that dies is no finding, and a
// datagram that somebody forges on a line is.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include "check/load.h"
#include "deployment/market_addresses.h"
#include "feed/market_data.h"
#include "net/udp.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"
#include "wire/mold.h"

namespace okiagari {
namespace {

using testing::HasSubstr;

class CheckFeedCommand : public TestMarket {
 protected:
  void start_both() {
    start(options());
    output_ = folder_ + "/check-feed.log";
    auto child =
        base::ChildProcess::start({OKIAGARI_PROGRAM, "check-feed", "--data", folder_}, output_);
    ASSERT_TRUE(child.ok()) << child.error().message;
    checker_ = std::move(child.value());
    ASSERT_TRUE(wait_until([&] { return text().find("hearing every line") != std::string::npos; }));
  }
  void TearDown() override {
    checker_ = base::ChildProcess();
    TestMarket::TearDown();
  }
  // Members trade for so many messages, and everything is answered.
  void trade(std::uint64_t messages, const std::function<void()>& in_between) {
    net::Loop loop;
    check::History history;
    check::LoadOptions load_options;
    load_options.messages_per_second = 2'000;
    check::Load load(loop, history, deployment::market_addresses(market_->file(), 8), load_options);
    load.while_waiting = [this] { market_->supervise(); };
    const base::Status connected = load.connect(20'000);
    ASSERT_TRUE(connected.ok()) << connected.error().message;
    const auto run_to = [&](std::uint64_t sent) {
      while (load.sent() < sent) {
        load.turn();
        market_->supervise();
      }
    };
    run_to(messages / 2);
    in_between();
    run_to(messages);
    ASSERT_TRUE(load.settle(20'000));
  }
  // Under a number that the feed will reach.
  void forge(std::uint64_t number) {
    net::Loop loop;
    const deployment::DeploymentFile& market = market_->file();
    auto sender = net::UdpSender::open(loop, *market.nodes[1].feed_line, "127.0.0.1");
    ASSERT_TRUE(sender.ok()) << sender.error().message;
    wire::MoldWriter writer(1'400);
    writer.begin(wire::alpha<10>(feed::session_of(market.cluster)), number);
    ASSERT_TRUE(writer.add(base::as_bytes(std::string_view("no message of anybody"))));
    ASSERT_TRUE(sender.value()->send(writer.finish()));
  }
  // Asks for the verdict; its exit status.
  int verdict() {
    checker_.send_signal(SIGTERM);
    EXPECT_TRUE(wait_until([&] { return checker_.has_ended(); }, 60'000)) << text();
    return checker_.exit_status();
  }
  [[nodiscard]] std::string text() const {
    std::ifstream file(output_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string output_;
  base::ChildProcess checker_;
};

TEST_F(CheckFeedCommand, FindsTheFeedRightThoughTheLeaderIsKilledInBetween) {
  start_both();
  trade(6'000, [&] { market_->signal_node(market_->find_leader(5'000), SIGKILL); });
  EXPECT_EQ(verdict(), 0) << text();
  EXPECT_THAT(text(), HasSubstr("lines that spoke"));
}

TEST_F(CheckFeedCommand, NamesTheLineOnWhichSomebodySaysAnotherThing) {
  start_both();
  trade(1'000, [&] { forge(20); });
  EXPECT_EQ(verdict(), 1) << text();
  EXPECT_THAT(text(), HasSubstr("message 20 is"));
  EXPECT_THAT(text(), HasSubstr("node 2's line"));
}

TEST_F(CheckFeedCommand, RefusesAFolderWithoutAMarket) {
  const Ending ending = run({"check-feed", "--data", folder_ + "/nothing"});
  EXPECT_EQ(ending.status, 2) << ending.output;
}

}  // namespace
}  // namespace okiagari
