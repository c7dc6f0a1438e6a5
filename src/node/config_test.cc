#include "node/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/nearest_name.h"

namespace okiagari::node {
namespace {

const std::string kGood = R"(
cluster = 77
node = 2

[[server]]
node = 1
peers = "127.0.0.1:7101"
gateways = "127.0.0.1:7201"
feed = "127.0.0.1:7301"

[[server]]
node = 2
peers = "127.0.0.1:7102"
gateways = "127.0.0.1:7202"
feed = "127.0.0.1:7302"

[timeouts]
heartbeat_ms = 10
)";

std::string error_of(const std::string& text) {
  const auto config = parse_node_config(text, "node.toml");
  return config.ok() ? "" : config.error().message;
}

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kGood;
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(NodeConfigTest, GoodFileIsRead) {
  const auto config = parse_node_config(kGood, "node.toml");
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config.value().cluster, 77u);
  EXPECT_EQ(config.value().own().peers.port, 7102);
  EXPECT_EQ(config.value().timeouts.heartbeat_ms, 10u);
  EXPECT_EQ(config.value().timeouts.election_ms, journal::Timeouts().election_ms);
  EXPECT_EQ(config.value().limits.voters, 2);
}

TEST(NodeConfigTest, AServerMayHaveASecondNetwork) {
  const auto config =
      parse_node_config(changed("peers = \"127.0.0.1:7102\"",
                                "peers = \"127.0.0.1:7102\"\npeers_b = \"127.0.0.2:7109\""),
                        "node.toml");
  ASSERT_TRUE(config.ok()) << config.error().message;
  ASSERT_TRUE(config.value().own().peers_b.has_value());
  EXPECT_EQ(net::to_string(*config.value().own().peers_b), "127.0.0.2:7109");
  EXPECT_FALSE(config.value().servers.front().peers_b.has_value());
  EXPECT_NE(error_of(changed("peers = \"127.0.0.1:7102\"",
                             "peers = \"127.0.0.1:7102\"\npeers_b = \"nowhere\"")),
            "");
}

TEST(NodeConfigTest, MisspeltKeyIsNamedWithItsLineAndWhatWasMeant) {
  EXPECT_EQ(error_of(changed("heartbeat_ms", "hearbeat_ms")),
            "node.toml:18: unknown key 'hearbeat_ms'; did you mean 'heartbeat_ms'?");
  EXPECT_EQ(error_of(changed("[timeouts]", "[timouts]")),
            "node.toml:17: unknown key 'timouts'; did you mean 'timeouts'?");
  EXPECT_EQ(error_of(changed("feed = \"127.0.0.1:7301\"", "fed = \"127.0.0.1:7301\"")),
            "node.toml:9: unknown key 'fed'; did you mean 'feed'?");
}

TEST(NodeConfigTest, EachMistakeHasItsOwnWords) {
  EXPECT_EQ(error_of(changed("cluster = 77\n", "")), "node.toml:1: 'cluster' is missing");
  EXPECT_EQ(error_of(changed("= 77", "= 0")),
            "node.toml:2: 'cluster' must be a whole number from 1 to 9223372036854775807");
  EXPECT_EQ(error_of(changed("node = 2\n\n", "node = 3\n\n")),
            "node.toml:3: no [[server]] has the node 3, which this one is to be");
  EXPECT_EQ(error_of(changed("node = 1", "node = 2")), "node.toml:5: two servers have the node 2");
  EXPECT_THAT(error_of(changed("\"127.0.0.1:7101\"", "\"localhost:7101\"")),
              testing::HasSubstr("node.toml:7: 'peers': 'localhost:7101' is not an address"));
  EXPECT_THAT(error_of("cluster = = 3"), testing::HasSubstr("node.toml:1"));
  EXPECT_THAT(load_node_config("no/such/file.toml").error().message,
              testing::HasSubstr("no/such/file.toml: cannot be read"));
}

TEST(NearestNameTest, OnlyWhatIsNearIsSuggested) {
  const std::vector<std::string> known = {"status", "transfer", "node", "gateway"};
  EXPECT_EQ(base::nearest_name("staus", known), "status");
  EXPECT_EQ(base::nearest_name("satus", known), "status");
  EXPECT_EQ(base::nearest_name("ndoe", known), "node");
  EXPECT_EQ(base::nearest_name("trans", known), "transfer");
  EXPECT_EQ(base::nearest_name("replay", known), "");
}

}  // namespace
}  // namespace okiagari::node
