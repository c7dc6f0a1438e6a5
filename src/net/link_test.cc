// Links between processes of one market: who is let in, what arrives, and certificates that change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "net/link_certificate.h"
#include "net/link_identity.h"
#include "net/tcp.h"

namespace okiagari::net {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A market's authority, and the identities it has signed for, as files.
class Market {
 public:
  explicit Market(const std::string& name)
      : folder_(fs::temp_directory_path() / ("link_" + name + "_" + std::to_string(::getpid()))),
        authority_(make_link_authority(name, 30).value()) {
    fs::create_directories(folder_);
    write("authority.pem", authority_.certificate_pem);
  }
  ~Market() { fs::remove_all(folder_); }

  LinkIdentityFiles issue(const std::string& name, std::uint32_t valid_days = 1) {
    const LinkCertificate made = issue_link_certificate(authority_, name, valid_days).value();
    return {write(name + ".pem", made.certificate_pem), write(name + ".key", made.key_pem),
            (folder_ / "authority.pem").string()};
  }
  std::shared_ptr<LinkIdentity> identity(const std::string& name) {
    return LinkIdentity::open(issue(name)).value();
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::trunc) << text;
    return (folder_ / name).string();
  }

 private:
  fs::path folder_;
  LinkCertificate authority_;
};

// The end that accepts, which sends back what it gets.
struct Accepting {
  Accepting(Loop& loop, const Security& security) {
    auto opened = Listener::open(
        loop, {}, [this](std::shared_ptr<Connection> made) { take(std::move(made)); }, security);
    listener = std::move(opened.value());
  }
  void take(std::shared_ptr<Connection> made) {
    connection = std::move(made);
    connection->start(
        [this](base::Bytes bytes) {
          received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
          if (echoes) {
            EXPECT_TRUE(connection->send(bytes));
            connection->flush();
          }
          return bytes.size();
        },
        [this](const std::string& reason) { ended = reason; });
  }
  std::unique_ptr<Listener> listener;
  std::shared_ptr<Connection> connection;
  std::string received;
  std::string ended;
  bool echoes = false;
};

struct Connecting {
  void connect(Loop& loop, const Endpoint& to, const Security& security,
               const std::string& first = "hello") {
    net::connect(
        loop, to,
        [this, first](std::shared_ptr<Connection> made, const std::string& error) {
          ASSERT_NE(made, nullptr) << error;
          connection = std::move(made);
          connection->start(
              [this](base::Bytes bytes) {
                received.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
                return bytes.size();
              },
              [this](const std::string& reason) { ended = reason; });
          EXPECT_TRUE(
              connection->send({reinterpret_cast<const std::byte*>(first.data()), first.size()}));
          connection->flush();
        },
        security);
  }
  std::shared_ptr<Connection> connection;
  std::string received;
  std::string ended;
};

class LinkTest : public ::testing::Test {
 protected:
  template <typename Condition>
  bool until(Condition&& condition) {
    const std::uint64_t deadline_ms = Loop::now_ms() + 20'000;
    while (!condition() && Loop::now_ms() < deadline_ms) loop_.turn(Loop::now_ms() + 10);
    return condition();
  }

  Loop loop_;
  Market market_{"market"};
};

TEST_F(LinkTest, BothEndsKnowWhoTheOtherIs) {
  Accepting node(loop_, {market_.identity("node-1"), {}});
  Connecting gateway;
  gateway.connect(loop_, node.listener->endpoint(), {market_.identity("gateway-2"), "node-1"});
  ASSERT_TRUE(until([&] { return node.received == "hello"; })) << node.ended << gateway.ended;
  EXPECT_TRUE(node.connection->is_peer_named("gateway-2"));
  EXPECT_FALSE(node.connection->is_peer_named("gateway-1"));
  EXPECT_FALSE(node.connection->is_peer_named("node-1"));
  EXPECT_TRUE(gateway.connection->is_peer_named("node-1"));
}

TEST_F(LinkTest, AnotherNodeInItsPlaceIsNotSpokenTo) {
  Accepting node(loop_, {market_.identity("node-3"), {}});
  Connecting gateway;
  gateway.connect(loop_, node.listener->endpoint(), {market_.identity("gateway-2"), "node-1"});
  ASSERT_TRUE(until([&] { return !gateway.ended.empty(); }));
  EXPECT_THAT(gateway.ended, HasSubstr("hostname mismatch"));
  EXPECT_EQ(node.received, "");
}

TEST_F(LinkTest, AProcessOfAnotherMarketIsRefusedByBothEnds) {
  Market other("other");
  Accepting node(loop_, {market_.identity("node-1"), {}});
  Connecting stranger;
  stranger.connect(loop_, node.listener->endpoint(), {other.identity("gateway-2"), {}});
  ASSERT_TRUE(until([&] { return !stranger.ended.empty() && !node.ended.empty(); }));
  EXPECT_THAT(stranger.ended, HasSubstr("self-signed certificate"));
  EXPECT_EQ(node.received, "");

  // One that trusts us is not trusted for it.
  LinkIdentityFiles mixed = other.issue("gateway-2");
  mixed.authority = market_.issue("node-9").authority;
  Connecting pretender;
  node.ended.clear();
  pretender.connect(loop_, node.listener->endpoint(),
                    {LinkIdentity::open(mixed).value(), "node-1"});
  ASSERT_TRUE(until([&] { return !pretender.ended.empty() && !node.ended.empty(); }));
  EXPECT_THAT(node.ended, HasSubstr("unable to get local issuer certificate"));
  EXPECT_EQ(node.received, "");
}

TEST_F(LinkTest, OneWithoutTlsIsRefusedAndOneWithTlsWaitsForNobodyWithout) {
  Accepting node(loop_, {market_.identity("node-1"), {}});
  Connecting plain;
  plain.connect(loop_, node.listener->endpoint(), {});
  ASSERT_TRUE(until([&] { return !plain.ended.empty(); }));
  EXPECT_EQ(node.received, "");
  EXPECT_THAT(node.ended, HasSubstr("TLS: "));

  Accepting open_node(loop_, {});
  Connecting secured;
  secured.connect(loop_, open_node.listener->endpoint(), {market_.identity("gateway-1"), {}});
  ASSERT_TRUE(until([&] { return !open_node.received.empty(); }));
  EXPECT_THAT(open_node.received, ::testing::Not(HasSubstr("hello")));
}

TEST_F(LinkTest, MuchMoreThanFitsIntoARecordOrASocketArrivesInOrder) {
  Accepting node(loop_, {market_.identity("node-1"), {}});
  node.echoes = true;
  std::mt19937_64 random(7);
  std::string sent(8U << 20, '\0');
  for (char& one : sent) one = static_cast<char>(random());
  Connecting gateway;
  gateway.connect(loop_, node.listener->endpoint(), {market_.identity("gateway-2"), "node-1"},
                  sent);
  ASSERT_TRUE(until([&] { return gateway.received.size() >= sent.size(); }))
      << node.ended << gateway.ended << gateway.received.size();
  EXPECT_TRUE(gateway.received == sent);
}

TEST_F(LinkTest, WhatCameBeforeAPauseAndWhatTlsHadTakenAreReadAfterIt) {
  Accepting node(loop_, {market_.identity("node-1"), {}});
  const std::string sent(3U << 20, 'x');
  Connecting gateway;
  gateway.connect(loop_, node.listener->endpoint(), {market_.identity("gateway-2"), "node-1"},
                  sent);
  std::size_t rounds = 0;
  ASSERT_TRUE(until([&] {
    if (node.connection == nullptr || node.received.empty()) return false;
    node.connection->pause();
    node.connection->resume();
    ++rounds;
    return node.received.size() == sent.size();
  })) << node.received.size();
  EXPECT_GT(rounds, 1U);
}

// The owner flushed between their arrival and their being read: they had been taken from the socket
// with the handshake's last message, and nothing told of them again.
TEST_F(LinkTest, TheDayTheFirstBytesCameTogetherWithTheEndOfTheHandshakeAndWereNeverRead) {
  const auto node_identity = market_.identity("node-1");
  const auto gateway_identity = market_.identity("gateway-2");
  for (int i = 0; i < 50; ++i) {
    Accepting node(loop_, {node_identity, {}});
    Connecting gateway;
    gateway.connect(loop_, node.listener->endpoint(), {gateway_identity, "node-1"});
    const std::uint64_t deadline_ms = Loop::now_ms() + 3'000;
    while (node.received.empty() && Loop::now_ms() < deadline_ms) {
      loop_.context().poll_one();
      loop_.context().restart();
      if (node.connection != nullptr) node.connection->flush();
    }
    ASSERT_EQ(node.received, "hello") << "connection " << i;
  }
}

TEST_F(LinkTest, ANewCertificateIsUsedWithoutARestartAndOldLinksStay) {
  const LinkIdentityFiles files = market_.issue("node-1");
  const auto identity = LinkIdentity::open(files).value();
  std::string told;
  identity->on_change([&](const std::string& line) { told = line; });
  Accepting node(loop_, {identity, {}});
  const auto gateway_identity = market_.identity("gateway-2");
  Connecting before;
  before.connect(loop_, node.listener->endpoint(), {gateway_identity, "node-1"});
  ASSERT_TRUE(until([&] { return node.received == "hello"; }));
  const std::int64_t expiry_s = identity->expires_s();

  market_.issue("node-1", 20);
  const std::uint64_t later_ms = Loop::now_ms() + 5'000;
  static_cast<void>(identity->context(later_ms));
  EXPECT_THAT(told, HasSubstr("new certificate for links"));
  EXPECT_GT(identity->expires_s(), expiry_s + 18 * 86'400);
  EXPECT_TRUE(before.connection->is_open());
  node.received.clear();
  Connecting after;
  after.connect(loop_, node.listener->endpoint(), {gateway_identity, "node-1"});
  EXPECT_TRUE(until([&] { return node.received == "hello"; })) << after.ended;
}

TEST_F(LinkTest, FilesThatCannotBeUsedChangeNothingAndAreTold) {
  const auto identity = LinkIdentity::open(market_.issue("node-1")).value();
  std::string told;
  identity->on_change([&](const std::string& line) { told = line; });
  const TlsContext before = identity->context(1'000'000);
  market_.write("node-1.pem", "half a file");
  EXPECT_EQ(identity->context(1'002'000), before);
  EXPECT_THAT(told, HasSubstr("stays in use"));
  told.clear();
  EXPECT_EQ(identity->context(1'004'000), before);
  EXPECT_EQ(told, "") << "the same trouble is told once";
}

TEST_F(LinkTest, AnExpiredCertificateIsRefused) {
  Accepting node(loop_, {market_.identity("node-1"), {}});
  Connecting late;
  late.connect(loop_, node.listener->endpoint(),
               {LinkIdentity::open(market_.issue("gateway-2", 0)).value(), "node-1"});
  ASSERT_TRUE(until([&] { return !late.ended.empty(); }));
  EXPECT_THAT(node.ended, HasSubstr("expired"));
  EXPECT_EQ(node.received, "");
}

TEST(LinkCertificateTest, NamesThatAreNoneAndKeysOfOthersAreRefused) {
  const LinkCertificate one = make_link_authority("one", 30).value();
  const LinkCertificate other = make_link_authority("other", 30).value();
  for (const char* name : {"", "Node-1", "node 1", "*", "node-1,DNS:node-2"}) {
    EXPECT_FALSE(issue_link_certificate(one, name, 1).ok()) << name;
  }
  const auto mixed = issue_link_certificate({one.certificate_pem, other.key_pem}, "node-1", 1);
  ASSERT_FALSE(mixed.ok());
  EXPECT_THAT(mixed.error().message, HasSubstr("not the authority's"));
}

}  // namespace
}  // namespace okiagari::net
