#include "net/udp.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace okiagari::net {
namespace {

template <typename Condition>
bool run_until(Loop& loop, Condition condition) {
  const std::uint64_t end_ms = Loop::now_ms() + 5'000;
  while (!condition() && Loop::now_ms() < end_ms) loop.turn(Loop::now_ms() + 5);
  return condition();
}

std::string text_of(base::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(UdpTest, EveryoneInAGroupHearsWhatIsSentThere) {
  Loop loop;
  std::vector<std::string> heard;
  const auto hear = [&](base::Bytes datagram, const UdpPeer&) {
    heard.push_back(text_of(datagram));
  };
  auto first = UdpPort::open(loop, {"239.255.77.1", 0}, "127.0.0.1", hear);
  ASSERT_TRUE(first.ok()) << first.error().message;
  const Endpoint group = first.value()->endpoint();
  auto second = UdpPort::open(loop, group, "127.0.0.1", hear);
  ASSERT_TRUE(second.ok()) << second.error().message;
  auto sender = UdpSender::open(loop, group, "127.0.0.1");
  ASSERT_TRUE(sender.ok()) << sender.error().message;
  EXPECT_TRUE(sender.value()->send(base::as_bytes("price")));
  ASSERT_TRUE(run_until(loop, [&] { return heard.size() == 2; }));
  EXPECT_EQ(heard, (std::vector<std::string>{"price", "price"}));
}

TEST(UdpTest, APortAnswersWhoeverAsked) {
  Loop loop;
  std::string answer;
  std::unique_ptr<UdpPort> server;
  auto opened = UdpPort::open(loop, {}, "", [&](base::Bytes question, const UdpPeer& from) {
    server->send(base::as_bytes("to " + text_of(question)), from);
  });
  ASSERT_TRUE(opened.ok());
  server = std::move(opened.value());
  auto client = UdpPort::open(
      loop, {}, "", [&](base::Bytes datagram, const UdpPeer&) { answer = text_of(datagram); });
  ASSERT_TRUE(client.ok());
  UdpPeer to;
  ASSERT_TRUE(resolve(server->endpoint(), to));
  EXPECT_TRUE(client.value()->send(base::as_bytes("you"), to));
  ASSERT_TRUE(run_until(loop, [&] { return !answer.empty(); }));
  EXPECT_EQ(answer, "to you");
}

TEST(UdpTest, WhatIsNoAddressIsRefusedByName) {
  Loop loop;
  EXPECT_FALSE(UdpSender::open(loop, {"nowhere", 1}, "").ok());
  EXPECT_FALSE(UdpPort::open(loop, {"nowhere", 1}, "", nullptr).ok());
  EXPECT_FALSE(is_multicast({"127.0.0.1", 1}));
  EXPECT_TRUE(is_multicast({"239.1.2.3", 1}));
}

}  // namespace
}  // namespace okiagari::net
