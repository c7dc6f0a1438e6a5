// Goal: recorded flow goes into a market that runs, and the report says what became of it. Method:
// a market of real processes, `okiagari replay` as one more process, and its exit code and report.
#include <signal.h>

#include "deployment/market_addresses.h"
#include "net/tcp.h"
#include "node/exit_code.h"
#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

using node::ExitCode;

class ReplayTest : public TestMarket {
 protected:
  // Two instruments of which the market knows none; an order is lowered, one taken, one taken out.
  std::string short_flow() {
    return write("short.flow",
                 "okiagari flow 1\nI 1 BANDGBP 4 4\nI 2 BANDBTC 4 2\n"
                 "A 0 1 1 S 148024 1000\nR 1 1 600\nX 2 1 B 148024 600\n"
                 "A 3 2 2 B 5000 10\nR 4 2 0\n");
  }
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  // The last line of the output, which is the report.
  static boost::json::value report_of(const Ending& ending) {
    const std::size_t at = ending.output.find("{\"name\"");
    EXPECT_NE(at, std::string::npos) << ending.output;
    return at == std::string::npos ? boost::json::value{}
                                   : boost::json::parse(ending.output.substr(at));
  }
  static double figure(const boost::json::value& report, std::string_view name) {
    for (const auto& one : report.at("figures").as_array()) {
      if (one.at("name").as_string() == name) return one.at("value").to_number<double>();
    }
    return -1;
  }
};

TEST_F(ReplayTest, FlowIsReplayedOntoInstrumentsThatTheMarketDidNotKnow) {
  start(options());
  const Ending ending = run({"replay", "flow", short_flow(), "--data", folder_, "--instruments",
                             "4", "--members", "1", "--speed", "max", "--json"});
  EXPECT_EQ(ending.status, node::exit_status(ExitCode::success)) << ending.output;
  const boost::json::value report = report_of(ending);
  EXPECT_EQ(figure(report, "messages sent"), 10);
  EXPECT_EQ(figure(report, "trades"), 2);
  EXPECT_EQ(figure(report, "of the recording"), 100);
  EXPECT_GT(figure(report, "feed messages"), 0);
  EXPECT_EQ(figure(report, "orders acknowledged"), 6);
  // A second time the instruments are there, and what is left in the book does no harm.
  const Ending again = run({"replay", "flow", short_flow(), "--data", folder_, "--rate", "1000"});
  EXPECT_EQ(again.status, node::exit_status(ExitCode::success)) << again.output;
  EXPECT_EQ(again.output.find("listing"), std::string::npos) << again.output;
}

TEST_F(ReplayTest, LobsterRecordingIsReplayedIntoAMarket) {
  start(options());
  const std::string file = write("AAPL_2012-06-21_1_2_message_1.csv",
                                 "100,1,7,50,1000,1\n100.001,4,7,20,1000,1\n100.002,3,7,30,1000,1\n"
                                 "100.003,5,0,9,1000,1\n");
  const Ending ending = run(
      {"replay", "lobster", file, "--data", folder_, "--members", "1", "--speed", "10", "--json"});
  EXPECT_EQ(ending.status, node::exit_status(ExitCode::success)) << ending.output;
  EXPECT_NE(ending.output.find("1 hidden executions"), std::string::npos) << ending.output;
  EXPECT_EQ(figure(report_of(ending), "trades"), 1);
}

TEST_F(ReplayTest, InterruptedReplaySaysWhatWasMeasuredSoFar) {
  start(options());
  const std::string hour = write("hour.flow",
                                 "okiagari flow 1\nI 1 BANDGBP 4 4\n"
                                 "A 0 1 1 S 148024 1000\nR 3600000 1 0\n");
  const Ending ending = run(
      {"replay", "flow", hour, "--data", folder_, "--json"}, SIGINT, [](const std::string& output) {
        return output.find("1 of 2 sent, 1 acknowledged") != std::string::npos;
      });
  EXPECT_EQ(ending.status, node::exit_status(ExitCode::success)) << ending.output;
  const boost::json::value report = report_of(ending);
  EXPECT_EQ(figure(report, "of the recording"), 50);
  EXPECT_EQ(figure(report, "messages sent"), 1);
}

TEST_F(ReplayTest, NamedAddressesListNothingAndRefusalsAreToldByName) {
  start(options());
  const deployment::DeploymentFile& market = market_->file();
  const auto& session = market.sessions[0];
  const Ending ending =
      run({"replay", "flow", short_flow(), "--gateway", net::to_string(market.gateways[0].members),
           "--feed", net::to_string(market.nodes[0].feed), "--session",
           session.name + ":" + session.token, "--speed", "max", "--json"});
  EXPECT_EQ(ending.status, node::exit_status(ExitCode::does_not_hold)) << ending.output;
  EXPECT_EQ(figure(report_of(ending), "refused by the venue: unknown instrument"), 3);
}

TEST_F(ReplayTest, MarketThatIsDownIsSaidToBe) {
  prepare(options());
  const Ending ending = run({"replay", "flow", short_flow(), "--data", folder_});
  EXPECT_EQ(ending.status, node::exit_status(ExitCode::cannot_start)) << ending.output;
  EXPECT_NE(ending.output.find("is the market up?"), std::string::npos) << ending.output;
}

}  // namespace
}  // namespace okiagari
