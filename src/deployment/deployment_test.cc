#include "deployment/deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "deployment/free_ports.h"
#include "deployment/gateway_settings.h"
#include "gateway/credentials.h"
#include "node/config.h"
#include "node/node.h"
#include "test_places.h"

namespace okiagari::deployment {
namespace {

namespace fs = std::filesystem;

class DeploymentTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "okiagari-deployment-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] DeploymentOptions options() const {
    DeploymentOptions options;
    options.folder = folder_ + "/market";
    options.sessions = 5;
    return options;
  }

  std::string folder_;
};

TEST_F(DeploymentTest, NewMarketHasFilesThatItsProcessesTake) {
  auto prepared = Deployment::prepare(options());
  ASSERT_TRUE(prepared.ok()) << prepared.error().message;
  const DeploymentFile& market = prepared.value()->file();
  std::set<std::uint16_t> ports;
  for (const NodePlace& place : market.nodes) {
    const auto config = node::load_node_config(place.folder + "/node.toml");
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config.value().cluster, market.cluster);
    EXPECT_EQ(config.value().own().gateways.port, place.gateways.port);
    EXPECT_TRUE(node::is_formatted(place.folder));
    ASSERT_TRUE(place.http && config.value().own().http);
    EXPECT_EQ(config.value().own().http->port, place.http->port);
    ports.insert({place.peers.port, place.gateways.port, place.feed.port, place.http->port});
  }
  for (const GatewayPlace& place : market.gateways) {
    const auto settings = load_gateway_settings(place.folder + "/gateway.toml");
    ASSERT_TRUE(settings.ok()) << settings.error().message;
    EXPECT_EQ(settings.value().nodes.size(), 3u);
    const auto credentials = gateway::Credentials::load(settings.value().credentials_path);
    ASSERT_TRUE(credentials.ok()) << credentials.error().message;
    for (const SessionAccess& access : market.sessions) {
      EXPECT_NE(credentials.value().verify(access.name, access.token), nullptr);
    }
    ASSERT_TRUE(place.http && settings.value().http);
    EXPECT_EQ(settings.value().http->port, place.http->port);
    ports.insert({place.members.port, place.http->port});
  }
  EXPECT_EQ(ports.size(), 16u) << "nobody shares a port";
}

TEST_F(DeploymentTest, MarketThatIsThereGoesOnWithItsAddressesLoginsAndIdentities) {
  journal::ClusterId cluster = 0;
  std::string token;
  {
    auto first = Deployment::prepare(options());
    ASSERT_TRUE(first.ok());
    cluster = first.value()->file().cluster;
    token = first.value()->file().sessions[0].token;
    first.value()->stop();
  }
  DeploymentOptions other = options();
  other.sessions = 99;
  other.nodes = 5;
  auto again = Deployment::prepare(other);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again.value()->file().cluster, cluster);
  EXPECT_EQ(again.value()->file().nodes.size(), 3u);
  EXPECT_EQ(again.value()->file().sessions.size(), 5u);
  EXPECT_EQ(again.value()->file().sessions[0].token, token);
}

TEST_F(DeploymentTest, MarketThatRunsIsNotStartedTwice) {
  auto first = Deployment::prepare(options());
  ASSERT_TRUE(first.ok());
  const auto second = Deployment::prepare(options());
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, testing::HasSubstr("runs already"));
}

TEST_F(DeploymentTest, UnreadableDeploymentIsNamed) {
  fs::create_directories(folder_ + "/market");
  std::ofstream(folder_ + "/market/deployment.json") << "{\"cluster\": 3";
  const auto prepared = Deployment::prepare(options());
  ASSERT_FALSE(prepared.ok());
  EXPECT_THAT(prepared.error().message, testing::HasSubstr("deployment.json: is no deployment"));
}

TEST_F(DeploymentTest, MarketFromBeforeThereWasHttpGoesOnWithoutIt) {
  DeploymentFile market;
  market.folder = folder_;
  market.cluster = 1;
  market.nodes.emplace_back().node = 1;
  market.gateways.emplace_back().gateway = 1;
  EXPECT_EQ(market.to_json().find("http"), std::string::npos);
  const auto read = DeploymentFile::parse(market.to_json(), folder_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_FALSE(read.value().nodes[0].http || read.value().gateways[0].http);
  EXPECT_EQ(node_settings_text(read.value(), 1).find("http"), std::string::npos);
  EXPECT_EQ(gateway_settings_text(read.value(), 1, "c").find("http"), std::string::npos);
}

// It would not fit the field of a command, which is built on the word of this file.
TEST_F(DeploymentTest, DeploymentWithASymbolTooLongIsNamed) {
  DeploymentFile market;
  market.folder = folder_;
  InstrumentPlace& place = market.instruments.emplace_back();
  place.instrument = 1;
  place.symbol = "TOOLONG89";
  ASSERT_TRUE(market.store().ok());
  const auto read = DeploymentFile::load(folder_);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, testing::HasSubstr("deployment.json: symbol 'TOOLONG89'"));
}

TEST(ExampleConfigurationTest, ExamplesOfTheRepositoryAreTaken) {
  const std::string folder = OKIAGARI_SOURCE_DIR "/config/";
  const auto node_config = node::load_node_config(folder + "node.toml");
  ASSERT_TRUE(node_config.ok()) << node_config.error().message;
  // What the example shows as default is the default.
  node::NodeConfig defaults;
  EXPECT_EQ(node_config.value().timeouts.election_ms, defaults.timeouts.election_ms);
  EXPECT_EQ(node_config.value().timeouts.heartbeat_ms, defaults.timeouts.heartbeat_ms);
  EXPECT_EQ(node_config.value().timeouts.silence_ms, defaults.timeouts.silence_ms);
  EXPECT_EQ(node_config.value().checkpoint_ms, defaults.checkpoint_ms);
  EXPECT_EQ(node_config.value().snapshot_after_mib, defaults.snapshot_after_mib);
  EXPECT_EQ(node_config.value().limits.max_positions, defaults.limits.max_positions);
  const auto gateway_config = load_gateway_settings(folder + "gateway.toml");
  ASSERT_TRUE(gateway_config.ok()) << gateway_config.error().message;
  EXPECT_EQ(gateway_config.value().grace_ms, gateway::GatewayOptions().grace_ms);
  EXPECT_EQ(gateway_config.value().undecided_bytes_max,
            gateway::GatewayOptions().undecided_bytes_max);
  const auto instruments = load_instruments(folder + "instruments.toml");
  ASSERT_TRUE(instruments.ok()) << instruments.error().message;
  EXPECT_EQ(instruments.value().size(), 2u);
}

TEST(InstrumentsFileTest, SecondInstrumentOfOneSymbolIsNamed) {
  const std::string path = testing::TempDir() + "two_of_one_symbol.toml";
  std::ofstream(path) << "[[instrument]]\nsymbol = \"ALPHA\"\n[[instrument]]\nsymbol = \"ALPHA\"\n";
  const auto instruments = load_instruments(path);
  ASSERT_FALSE(instruments.ok());
  EXPECT_EQ(instruments.error().message, path + ":4: 'ALPHA' is another instrument's symbol");
}

TEST(GatewaySettingsTest, MisspeltAndMissingKeysAreNamed) {
  const std::string good =
      "cluster = 1\ngateway = 1\nmembers = \"127.0.0.1:0\"\ncredentials = \"c\"\n"
      "nodes = [\"127.0.0.1:1\"]\n";
  EXPECT_TRUE(parse_gateway_settings(good, "g").ok());
  EXPECT_EQ(parse_gateway_settings(good + "[limits]\ngrase_ms = 3\n", "g").error().message,
            "g:7: unknown key 'grase_ms'; did you mean 'grace_ms'?");
  EXPECT_THAT(parse_gateway_settings("cluster = 1\ngateway = 1\n", "g").error().message,
              testing::HasSubstr("'members' is missing"));
}

TEST(FreePortsTest, RowOfPortsIsFreeAndOutsideTheKernelsRange) {
  const auto ports = find_free_ports(0, 20);
  ASSERT_TRUE(ports.ok());
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  int first = 32'768;
  range >> first;
  EXPECT_EQ(ports.value().size(), 20u);
  EXPECT_LT(ports.value().back(), first);
  const auto again = find_free_ports(ports.value()[0], 20);
  EXPECT_TRUE(again.ok());
}

TEST(FreePortsTest, PortInUseIsNamed) {
  const auto ports = find_free_ports(0, 3);
  ASSERT_TRUE(ports.ok());
  net::Loop loop;
  auto listener = net::Listener::open(loop, {"127.0.0.1", ports.value()[1]},
                                      [](const auto& connection) { connection->close(); });
  ASSERT_TRUE(listener.ok());
  const auto again = find_free_ports(ports.value()[0], 3);
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(again.error().message,
              testing::HasSubstr("port " + std::to_string(ports.value()[1]) + " is in use"));
}

}  // namespace
}  // namespace okiagari::deployment
