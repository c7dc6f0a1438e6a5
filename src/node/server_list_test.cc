#include "node/server_list.h"

#include <gtest/gtest.h>

#include <vector>

namespace okiagari::node {
namespace {

ServerAddresses server(NodeId node) {
  const auto port = static_cast<std::uint16_t>(7000 + 10 * node);
  const auto at = [port](int place) {
    return net::Endpoint{"127.0.0.1", static_cast<std::uint16_t>(port + place)};
  };
  ServerAddresses place;
  place.node = node;
  place.peers = at(0);
  place.gateways = at(1);
  place.feed = at(2);
  place.http = at(3);
  return place;
}

std::vector<NodeId> nodes_of(const NodeConfig& config) {
  std::vector<NodeId> nodes;
  for (const ServerAddresses& one : config.servers) nodes.push_back(one.node);
  return nodes;
}

NodeConfig config_of(NodeId node) {
  NodeConfig config;
  config.node = node;
  for (const NodeId each : {NodeId{1}, NodeId{2}, NodeId{3}}) {
    config.servers.push_back(server(each));
  }
  return config;
}

TEST(ServerList, AnAddressComesBackAsItWasWritten) {
  ServerAddresses place = server(4);
  const std::string text = address_text(place);
  EXPECT_EQ(text,
            "peers=127.0.0.1:7040 gateways=127.0.0.1:7041 feed=127.0.0.1:7042 http=127.0.0.1:7043");
  auto parsed = parse_address_text(4, text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(address_text(parsed.value()), text);
  place.http.reset();
  parsed = parse_address_text(4, address_text(place));
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed.value().http.has_value());
}

TEST(ServerList, AServerThatHasTwoNetworksSaysWhereItIsOnBoth) {
  ServerAddresses place = server(4);
  place.peers_b = net::Endpoint{"127.0.0.2", 7044};
  const std::string text = address_text(place);
  EXPECT_EQ(text,
            "peers=127.0.0.1:7040 gateways=127.0.0.1:7041 feed=127.0.0.1:7042 http=127.0.0.1:7043 "
            "peers_b=127.0.0.2:7044");
  auto parsed = parse_address_text(4, text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(address_text(parsed.value()), text);
  place.http.reset();
  parsed = parse_address_text(4, address_text(place));
  ASSERT_TRUE(parsed.ok());
  ASSERT_TRUE(parsed.value().peers_b.has_value());
  EXPECT_EQ(parsed.value().peers_b->port, 7044);
}

TEST(ServerList, WhatIsNoAddressIsRefused) {
  for (const char* text :
       {"", "peers=", "peers=127.0.0.1:1", "peers=127.0.0.1:1 gateways=127.0.0.1:2",
        "gateways=127.0.0.1:2 peers=127.0.0.1:1 feed=127.0.0.1:3",
        "peers=127.0.0.1:1 gateways=127.0.0.1:2 feed=127.0.0.1:3 ",
        "peers=127.0.0.1:1  gateways=127.0.0.1:2 feed=127.0.0.1:3",
        "peers=127.0.0.1:1 gateways=127.0.0.1:2 feed=127.0.0.1:99999",
        "peers=127.0.0.1:1 peers_b=127.0.0.2:1 gateways=127.0.0.1:2 feed=127.0.0.1:3",
        "peers=127.0.0.1:1 gateways=127.0.0.1:2 feed=127.0.0.1:3 peers_b=",
        "peers=127.0.0.1:1 gateways=127.0.0.1:2 feed=127.0.0.1:3 peers_b=127.0.0.2:1 "
        "http=127.0.0.1:4"}) {
    EXPECT_FALSE(parse_address_text(4, text).ok()) << text;
  }
}

TEST(ServerList, TheListFollowsTheLog) {
  NodeConfig config = config_of(1);
  journal::Configuration servers = journal::voters_only({1, 2, 3});
  servers.push_back({4, journal::ServerRole::standby, 7, address_text(server(4))});
  take_servers(config, servers);
  EXPECT_EQ(nodes_of(config), (std::vector<NodeId>{1, 2, 3, 4}));
  EXPECT_EQ(config.find(4)->gateways.port, 7041);
  servers.erase(servers.begin() + 1);
  take_servers(config, servers);
  EXPECT_EQ(nodes_of(config), (std::vector<NodeId>{1, 3, 4}));
}

TEST(ServerList, AServerIsFoundWhereTheLogSaysAndNotWhereTheFileDoes) {
  NodeConfig config = config_of(1);
  journal::Configuration servers = journal::voters_only({1, 2});
  servers.push_back({3, journal::ServerRole::voter, 7, address_text(server(9))});
  take_servers(config, servers);
  EXPECT_EQ(config.find(3)->peers.port, 7090);
}

TEST(ServerList, AServerThatIsNotInTheLogStillKnowsItself) {
  NodeConfig config = config_of(3);
  take_servers(config, journal::voters_only({1, 2}));
  EXPECT_EQ(nodes_of(config), (std::vector<NodeId>{1, 2, 3}));
  config = config_of(3);
  take_servers(config, {});
  EXPECT_EQ(config.servers.size(), 3U) << "one that joins has no log yet";
}

TEST(ServerList, GatewaysAreToldWhereEachServerIs) {
  const NodeConfig config = config_of(1);
  EXPECT_EQ(gateway_lines(config, journal::voters_only({1, 3, 8})),
            "1 127.0.0.1:7011\n3 127.0.0.1:7031\n");
}

}  // namespace
}  // namespace okiagari::node
