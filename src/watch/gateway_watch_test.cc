#include "watch/gateway_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/health_server.h"
#include "watch/signal.h"

namespace okiagari::watch {
namespace {

// The day a flood of one member was on the page of metrics, and nobody found it there: scraped in
// the old format, the family of counters had another name.
TEST(GatewayWatchTest, AMemberWhoSendsFarMoreThanTheOthersIsSeenOnTheServersRealPage) {
  net::Loop loop;
  std::uint64_t flooding = 0;
  auto server = net::HealthServer::open(loop, {},
                                        {[&](net::MetricsWriter& writer) {
                                           // Far beyond what dominates, however soon the next page
                                           // is asked for.
                                           flooding += 1'000'000;
                                           writer.counter("okiagari_gateway_member_messages", "",
                                                          "Messages of members, by member.");
                                           writer.value(std::uint64_t{10}, {{"member", "1"}});
                                           writer.value(flooding, {{"member", "2"}});
                                         },
                                         [] { return net::Readiness{}; }});
  ASSERT_TRUE(server.ok());
  std::vector<Evidence> seen;
  Reporter reporter("desk", [&](Evidence evidence) { seen.push_back(std::move(evidence)); });
  GatewayWatchSettings settings;
  settings.targets = {{"gateway-1", server.value()->endpoint()}};
  settings.interval_ms = 1;
  GatewayWatch watch(loop, std::move(settings), reporter);
  const std::uint64_t end_ms = net::Loop::now_ms() + 20'000;
  while (seen.empty() && net::Loop::now_ms() < end_ms) {
    watch.tick(Moment::now());
    loop.turn(net::Loop::now_ms() + 2);
  }
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].signal, signal::one_member_dominates);
  EXPECT_EQ(seen[0].entity, "gateway-1");
  EXPECT_THAT(seen[0].statement, testing::HasSubstr("member 2"));
}

}  // namespace
}  // namespace okiagari::watch
