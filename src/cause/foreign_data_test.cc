#include "cause/foreign_data.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "cause/culprits.h"

namespace okiagari::cause {
namespace {

TEST(ParseTime, ReadsWhatSystemsWrite) {
  EXPECT_DOUBLE_EQ(parse_time("2022-08-22 03:53:54"), 1661140434);
  EXPECT_DOUBLE_EQ(parse_time("2022-08-22T03:53:54.5Z"), 1661140434.5);
  EXPECT_DOUBLE_EQ(parse_time("2022-08-22T12:53:54+09:00"), 1661140434);
  EXPECT_DOUBLE_EQ(parse_time("1661140434"), 1661140434);
  EXPECT_DOUBLE_EQ(parse_time("1661140434000"), 1661140434);
  EXPECT_DOUBLE_EQ(parse_time("1661140434000000000"), 1661140434);
  for (const char* text : {"", "yesterday", "2022-13-22 03:53:54", "2022-08"}) {
    EXPECT_TRUE(std::isnan(parse_time(text))) << text;
  }
}

// In one public recording, the numbers of one service lie years after the dates beside them.
TEST(Tables, BelieveTheDateInWordsBeforeTheNumberBesideIt) {
  ForeignData data;
  const auto known = data.add_metrics(
      "Time,TimeStamp,PodName,CpuUsageRate(%)\n2022-08-22 03:53:54 +0000 UTC m=+0.1,1861140434,"
      "ad-1,5\n",
      "ad.csv");
  ASSERT_TRUE(known.ok() && known.value());
  ASSERT_EQ(data.series().size(), 1u);
  EXPECT_DOUBLE_EQ(data.series()[0].times_s[0], 1661140434);
}

TEST(Tables, OfUnknownFormArePassedOver) {
  ForeignData data;
  for (const char* text : {"", "a\n", "a,b\n1,2\n", "time,x\n1,2\n"}) {
    const auto known = data.add_metrics(text, "x.csv");
    ASSERT_TRUE(known.ok());
    EXPECT_FALSE(known.value()) << text;
  }
}

// A shop of three services; from second 7,200 on `cart` is slow in itself, and `shop`, which calls
// it, is slow with it.
ForeignData& recorded_shop(ForeignData& data) {
  std::string table = "time,entity,metric,value\n";
  for (int minute = 0; minute < 125; ++minute) {
    const int noise = minute % 5;
    const bool is_bad = minute >= 120;
    const auto add = [&](const char* entity, const char* metric, double value) {
      table += fmt::format("{},{},{},{}\n", minute * 60, entity, metric, value);
    };
    add("shop", "latency_p90", is_bad ? 900 : 30 + noise);
    add("cart", "latency_p90", is_bad ? 850 : 10 + noise);
    add("stock", "latency_p90", 5 + noise);
    add("cart", "cpu_percent", is_bad ? 97 : 8 + noise);
  }
  EXPECT_TRUE(data.add_metrics(table, "shop.csv").ok());
  EXPECT_TRUE(data.add_graph("caller,callee\nshop,cart\nshop,stock\n", "graph.csv").ok());
  data.sort();
  return data;
}

TEST(Culprits, IsTheServiceBelowAndNotItsCaller) {
  ForeignData data;
  Incident incident;
  incident.at_s = 7'200;
  incident.window_s = 300;
  const Culprits culprits = find_culprits(CauseTable::builtin(), recorded_shop(data), incident);
  ASSERT_FALSE(culprits.ranked.empty());
  EXPECT_EQ(culprits.ranked[0].entity, "cart");
  EXPECT_EQ(culprits.ranked[0].hypothesis.cause, "processor_hog");
}

TEST(Culprits, OfAQuietTimeIsNobody) {
  ForeignData data;
  Incident incident;
  incident.at_s = 3'600;
  EXPECT_TRUE(find_culprits(CauseTable::builtin(), recorded_shop(data), incident).ranked.empty());
}

// `pay` always wrote "charged" after "charge"; then it stops in between.
TEST(Culprits, IsTheServiceWhoseStepsStayAway) {
  ForeignData data;
  std::string logs;
  for (int request = 0; request < 60; ++request) {
    const int second = request < 40 ? request * 60 : 7'200 + request;
    logs += fmt::format(R"({{"time":{},"entity":"pay","span":"s{}","log":"charge card {}"}})",
                        second + 1'000'000, request, request);
    logs += '\n';
    if (request >= 40) continue;
    logs += fmt::format(R"({{"time":{},"entity":"pay","span":"s{}","log":"charged for order"}})",
                        second + 1'000'001, request);
    logs += '\n';
  }
  ASSERT_TRUE(data.add_logs(logs, "pay.log").ok());
  data.sort();
  Incident incident;
  incident.at_s = 1'007'200;
  incident.past = {1'000'000, 1'007'000};
  const Culprits culprits = find_culprits(CauseTable::builtin(), data, incident);
  ASSERT_FALSE(culprits.ranked.empty());
  EXPECT_EQ(culprits.ranked[0].entity, "pay");
  EXPECT_EQ(culprits.ranked[0].hypothesis.cause, "service_throws");
}

}  // namespace
}  // namespace okiagari::cause
