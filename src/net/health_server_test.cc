#include "net/health_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "net/http_client.h"
#include "net/loop_meter.h"
#include "net/metrics_text.h"
#include "net/process_metrics.h"
#include "net/raw_peer.h"

namespace okiagari::net {
namespace {

using testing::HasSubstr;

class HealthServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = HealthServer::open(loop_, {},
                                     {.metrics =
                                          [this](MetricsWriter& writer) {
                                            meter_.write(writer);
                                            write_process_metrics(writer);
                                          },
                                      .readiness = [this] { return readiness_; }});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    health_ = std::move(opened.value());
  }
  HttpResponse fetch(const std::string& target, const std::string& accept = "*/*",
                     HttpMethod method = HttpMethod::get) {
    HttpCall call;
    call.to = health_->endpoint();
    call.target = target;
    call.method = method;
    call.headers = {{"Accept", accept}};
    HttpClient client(loop_);
    std::optional<HttpResponse> got;
    client.fetch(call, [&](base::Result<HttpResponse> result) {
      ASSERT_TRUE(result.ok()) << result.error().message;
      got = result.value();
    });
    EXPECT_TRUE(turn_until(loop_, [&] { return got.has_value(); }));
    return got.value_or(HttpResponse{});
  }

  Loop loop_;
  LoopMeter meter_;
  Readiness readiness_;
  std::unique_ptr<HealthServer> health_;
};

TEST_F(HealthServerTest, MetricsComeInTheFormatThatWasAskedFor) {
  const HttpResponse plain = fetch("/metrics");
  EXPECT_EQ(plain.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const auto read = parse_metrics(plain.body, MetricsFormat::prometheus);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_GT(read.value().value("okiagari_process_resident_memory_bytes"), 1'000'000);
  EXPECT_GT(read.value().value("okiagari_process_open_files"), 3);
  const HttpResponse open = fetch("/metrics", "application/openmetrics-text");
  EXPECT_EQ(open.header("content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(parse_metrics(open.body, MetricsFormat::openmetrics).ok());
}

TEST_F(HealthServerTest, ReadinessSaysWhyNot) {
  readiness_ = {.is_ready = false, .state = "follower", .why = "no leader is known"};
  const HttpResponse no = fetch("/readyz");
  EXPECT_EQ(no.status, 503);
  EXPECT_EQ(no.body, "{\"ready\":false,\"state\":\"follower\",\"why\":\"no leader is known\"}\n");
  readiness_ = {.is_ready = true, .state = "leader", .why = ""};
  EXPECT_EQ(fetch("/readyz").status, 200);
  EXPECT_EQ(fetch("/healthz").status, 200);
}

TEST_F(HealthServerTest, OtherPagesAndOtherMethodsAreProblems) {
  EXPECT_EQ(fetch("/").status, 404);
  const HttpResponse refused = fetch("/metrics", "*/*", HttpMethod::post);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.header("allow"), "GET, HEAD");
}

TEST_F(HealthServerTest, TurnThatBeginsAfterItsDeadlineIsLate) {
  meter_.turn(loop_, Loop::now_ms() + 1);
  meter_.turn(loop_, Loop::now_ms() + 1);
  MetricsWriter writer(MetricsFormat::prometheus);
  meter_.write(writer);
  const auto read = parse_metrics(writer.finish(), MetricsFormat::prometheus);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().value("okiagari_loop_lateness_seconds_count"), 2);
  EXPECT_EQ(read.value().value("okiagari_loop_busy_seconds_count"), 1);
}

}  // namespace
}  // namespace okiagari::net
