#include "net/metrics.h"

#include <gtest/gtest.h>

#include <limits>

#include "net/metrics_text.h"

namespace okiagari::net {
namespace {

constexpr std::array<std::uint64_t, 2> kBounds{10, 1'000'000'000};

std::string page(MetricsFormat format) {
  MetricsWriter writer(format);
  writer.counter("okiagari_orders", "", "Orders \"taken\",\nsince start.");
  writer.value(7u, {{"member", "1"}});
  writer.value(std::numeric_limits<std::uint64_t>::max(), {{"member", "a\\b\"c\nd"}});
  writer.gauge("okiagari_lag_seconds", "seconds", "How far behind.", 0.25);
  writer.histogram("okiagari_wait_seconds", "seconds", "Waiting.");
  MetricHistogram histogram(kBounds, 1e9);
  histogram.observe(10);
  histogram.observe(11);
  histogram.observe(2'000'000'000);
  writer.value(histogram, {{"kind", "x"}});
  writer.info("okiagari_build", "What runs.");
  writer.facts({{"version", "1.2"}});
  writer.stateset("okiagari_role", "What it is.");
  constexpr std::array<std::string_view, 2> kRoles{"leader", "follower"};
  writer.states(kRoles, "follower");
  return writer.finish();
}

TEST(Metrics, OpenMetricsPageIsAsTheStandardWritesIt) {
  EXPECT_EQ(page(MetricsFormat::openmetrics),
            R"(# TYPE okiagari_orders counter
# HELP okiagari_orders Orders \"taken\",\nsince start.
okiagari_orders_total{member="1"} 7
okiagari_orders_total{member="a\\b\"c\nd"} 18446744073709551615
# TYPE okiagari_lag_seconds gauge
# UNIT okiagari_lag_seconds seconds
# HELP okiagari_lag_seconds How far behind.
okiagari_lag_seconds 0.25
# TYPE okiagari_wait_seconds histogram
# UNIT okiagari_wait_seconds seconds
# HELP okiagari_wait_seconds Waiting.
okiagari_wait_seconds_bucket{kind="x",le="1e-08"} 1
okiagari_wait_seconds_bucket{kind="x",le="1.0"} 2
okiagari_wait_seconds_bucket{kind="x",le="+Inf"} 3
okiagari_wait_seconds_sum{kind="x"} 2.000000021
okiagari_wait_seconds_count{kind="x"} 3
# TYPE okiagari_build info
# HELP okiagari_build What runs.
okiagari_build_info{version="1.2"} 1
# TYPE okiagari_role stateset
# HELP okiagari_role What it is.
okiagari_role{okiagari_role="leader"} 0
okiagari_role{okiagari_role="follower"} 1
# EOF
)");
}

TEST(Metrics, PrometheusPageHasTheSamplesNamesAndItsOwnTypes) {
  const std::string text = page(MetricsFormat::prometheus);
  EXPECT_NE(text.find("# TYPE okiagari_orders_total counter\n"
                      "# HELP okiagari_orders_total Orders \"taken\",\\nsince start.\n"),
            std::string::npos);
  EXPECT_NE(text.find("# TYPE okiagari_build_info gauge\n"), std::string::npos);
  EXPECT_NE(text.find("# TYPE okiagari_role gauge\n"), std::string::npos);
  EXPECT_EQ(text.find("# UNIT"), std::string::npos);
  EXPECT_EQ(text.find("# EOF"), std::string::npos);
}

TEST(Metrics, BothPagesReadBackTheSame) {
  for (const MetricsFormat format : {MetricsFormat::openmetrics, MetricsFormat::prometheus}) {
    const auto read = parse_metrics(page(format), format);
    ASSERT_TRUE(read.ok()) << read.error().message;
    const MetricsText& text = read.value();
    EXPECT_EQ(text.families.size(), 5U);
    EXPECT_EQ(text.value("okiagari_orders_total", {{"member", "1"}}), 7);
    EXPECT_EQ(text.value("okiagari_orders_total", {{"member", "a\\b\"c\nd"}}),
              18446744073709551615.0);
    EXPECT_EQ(text.value("okiagari_wait_seconds_bucket", {{"le", "1.0"}}), 2);
    EXPECT_EQ(text.value("okiagari_role", {{"okiagari_role", "follower"}}), 1);
    EXPECT_EQ(text.value("okiagari_lag_seconds"), 0.25);
    EXPECT_EQ(text.value("okiagari_none"), std::nullopt);
    EXPECT_EQ(text.families[0].help, "Orders \"taken\",\nsince start.");
    EXPECT_EQ(text.families[2].type, "histogram");
  }
}

TEST(Metrics, FormatFollowsTheAcceptHeader) {
  const auto open = MetricsFormat::openmetrics;
  const auto text = MetricsFormat::prometheus;
  EXPECT_EQ(choose_metrics_format(std::nullopt), text);
  EXPECT_EQ(choose_metrics_format("*/*"), text);
  EXPECT_EQ(choose_metrics_format("application/openmetrics-text"), open);
  EXPECT_EQ(choose_metrics_format("Application/OpenMetrics-Text; Version=1.0.0"), open);
  EXPECT_EQ(choose_metrics_format("application/openmetrics-text;version=2.0.0,text/plain"), text);
  EXPECT_EQ(choose_metrics_format("application/openmetrics-text;q=0,*/*"), text);
  EXPECT_EQ(choose_metrics_format("application/openmetrics-text;q=x"), text);
  EXPECT_EQ(choose_metrics_format("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;"
                                  "version=1.0.0;q=0.1"),
            text);
  // What Prometheus 2.42 sends.
  EXPECT_EQ(choose_metrics_format(
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            open);
}

}  // namespace
}  // namespace okiagari::net
