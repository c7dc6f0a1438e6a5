#include "net/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace okiagari::net {
namespace {

using testing::HasSubstr;

// As other programs write them.
TEST(MetricsText, PrometheusTextOfForeignProgramsIsRead) {
  const auto read = parse_metrics(
      "# a remark\n\n"
      "# HELP http_requests_total The total.\r\n# TYPE http_requests_total counter\n"
      "http_requests_total{method=\"post\",code=\"200\",} 1027 1395066363000\n"
      "  metric_without_timestamp_and_labels 12.47\n"
      "something_weird{problem=\"division by zero\"} +Inf -3982045\n"
      "not_a_number NaN\n"
      "tiny 1e-7",
      MetricsFormat::prometheus);
  ASSERT_TRUE(read.ok()) << read.error().message;
  const MetricsText& text = read.value();
  EXPECT_EQ(text.value("http_requests_total", {{"code", "200"}}), 1027);
  EXPECT_EQ(text.families[0].samples[0].timestamp_s, 1395066363.0);
  EXPECT_EQ(text.value("metric_without_timestamp_and_labels"), 12.47);
  EXPECT_EQ(text.value("something_weird"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(*text.value("not_a_number")));
  EXPECT_EQ(text.value("tiny"), 1e-7);
  EXPECT_EQ(text.find("tiny")->type, "unknown");
}

TEST(MetricsText, OpenMetricsOfForeignProgramsIsRead) {
  const auto read = parse_metrics(
      "# TYPE foo histogram\n# UNIT foo seconds\n"
      "foo_bucket{le=\"0.01\"} 0 1520879607.789 # {trace_id=\"KOO5S4vxi0o\"} 0.67\n"
      "foo_bucket{le=\"+Inf\"} 8\nfoo_count 8\nfoo_sum 324789.3\nfoo_created 1520430000.123\n"
      "# EOF\n",
      MetricsFormat::openmetrics);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read.value().families.size(), 1U);
  EXPECT_EQ(read.value().families[0].samples.size(), 5U);
  EXPECT_EQ(read.value().families[0].unit, "seconds");
  EXPECT_EQ(read.value().families[0].samples[0].timestamp_s, 1520879607.789);
}

TEST(MetricsText, EachMistakeIsNamedWithItsLine) {
  const std::pair<const char*, const char*> kMistakes[] = {
      {"a 1\nb\n", "line 2: the value is no number"},
      {"a one\n", "no number"},
      {"1a 1\n", "no name"},
      {"a{b} 1\n", "no '='"},
      {"a{b=1} 1\n", "not quoted"},
      {"a{b=\"1} 1\n", "not closed"},
      {"a{b=\"1\" c=\"2\"} 1\n", "not ended"},
      {"a{b=\"1\",b=\"2\"} 1\n", "twice"},
      {"a 1 2 3\n", "follows the value"},
      {"a 1 x\n", "the timestamp"},
      {"a 1\n# TYPE a counter\n", "after samples"},
      {"# TYPE 1 counter\n", "the name is none"},
  };
  for (const auto& [text, mistake] : kMistakes) {
    const auto read = parse_metrics(text, MetricsFormat::prometheus);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_THAT(read.error().message, HasSubstr(mistake)) << text;
  }
  for (const char* text : {"a 1\n", "a 1\n\n# EOF\n", "# EOF\na 1\n", "# remark\n# EOF\n"}) {
    EXPECT_FALSE(parse_metrics(text, MetricsFormat::openmetrics).ok()) << text;
  }
}

TEST(MetricsText, BoundsHold) {
  const MetricsTextLimits limits{
      .bytes_max = 100, .line_bytes_max = 20, .samples_max = 2, .labels_max = 1};
  const auto wrong = [&](const std::string& text) {
    return !parse_metrics(text, MetricsFormat::prometheus, limits).ok();
  };
  EXPECT_FALSE(wrong("a 1\nb 2\n"));
  EXPECT_TRUE(wrong("a 1\nb 2\nc 3\n"));
  EXPECT_TRUE(wrong("a{b=\"\",c=\"\"} 1\n"));
  EXPECT_TRUE(wrong("# " + std::string(20, 'x')));
  EXPECT_TRUE(wrong(std::string(101, '\n')));
}

}  // namespace
}  // namespace okiagari::net
