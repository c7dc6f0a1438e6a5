// Goal: whoever scrapes a market's processes gets what docs/formats/metrics.md says, in a form that
// the field's own programs take. Method: a real market, its pages read by our parser, by promtool
// and by a Prometheus server, and broken pages that each of them must refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "base/child_process.h"
#include "deployment/free_ports.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/metrics_text.h"
#include "test_places.h"
#include "tests/cluster/test_market.h"
#include "tests/metrics/judges.h"

namespace okiagari::metrics {
namespace {

using net::MetricsFormat;

constexpr const char* kOpenMetrics = "application/openmetrics-text; version=1.0.0";

class MetricsTest : public TestMarket {
 protected:
  void SetUp() override {
    TestMarket::SetUp();
    deployment::DeploymentOptions with = options();
    with.nodes = 1;
    with.gateways = 1;
    start(with);
    if (HasFatalFailure()) return;
    node_ = *market_->file().nodes[0].http;
    gateway_ = *market_->file().gateways[0].http;
    ASSERT_TRUE(wait_until([&] { return get(gateway_, "/readyz").status == 200; }));
  }

  net::HttpResponse get(const net::Endpoint& from, const std::string& target,
                        const std::string& accept = "*/*") {
    net::HttpClient client(loop_);
    net::HttpCall call;
    call.to = from;
    call.target = target;
    call.headers = {{"Accept", accept}};
    std::optional<net::HttpResponse> answer;
    bool is_done = false;
    client.fetch(call, [&](base::Result<net::HttpResponse> result) {
      is_done = true;
      if (result) answer = result.value();
    });
    while (!is_done) loop_.turn(net::Loop::now_ms() + 20);
    return answer.value_or(net::HttpResponse{.status = 0, .headers = {}, .body = {}});
  }

  net::MetricsText read(const net::Endpoint& from) {
    const net::HttpResponse page = get(from, "/metrics", kOpenMetrics);
    auto parsed = net::parse_metrics(page.body, MetricsFormat::openmetrics);
    EXPECT_TRUE(parsed.ok()) << parsed.error().message;
    return parsed.ok() ? parsed.value() : net::MetricsText{};
  }

  net::Loop loop_;
  net::Endpoint node_;
  net::Endpoint gateway_;
};

// The families in the tables below a heading of the document: name, type and unit.
std::set<std::string> documented(const std::string& heading) {
  std::ifstream file(OKIAGARI_SOURCE_DIR "/docs/formats/metrics.md");
  std::set<std::string> found;
  std::string line;
  bool is_inside = false;
  while (std::getline(file, line)) {
    if (line.starts_with("## ")) is_inside = line == "## " + heading;
    if (!is_inside || !line.starts_with("| `")) continue;
    std::string row;
    std::size_t at = 2;
    for (int column = 0; column < 3; ++column) {
      const std::size_t end = line.find(" | ", at);
      std::string cell = line.substr(at, end - at);
      std::erase(cell, '`');
      row += (column == 0 ? "" : " ") + cell;
      at = end + 3;
    }
    found.insert(row);
  }
  return found;
}

std::set<std::string> shown(const net::MetricsText& page) {
  std::set<std::string> found;
  for (const net::MetricFamily& family : page.families) {
    found.insert(family.name + " " + family.type + " " + (family.unit.empty() ? "-" : family.unit));
  }
  return found;
}

std::set<std::string> both(std::set<std::string> a, const std::set<std::string>& b) {
  a.insert(b.begin(), b.end());
  return a;
}

TEST_F(MetricsTest, WhatIsShownAndWhatIsDocumentedAreTheSame) {
  EXPECT_FALSE(documented("Every process").empty());
  EXPECT_EQ(shown(read(node_)), both(documented("Nodes"), documented("Every process")));
  EXPECT_EQ(shown(read(gateway_)), both(documented("Gateways"), documented("Every process")));
}

TEST_F(MetricsTest, NumbersAreTheProcesses) {
  const net::MetricsText node = read(node_);
  EXPECT_EQ(node.value("okiagari_role", {{"okiagari_role", "leader"}}), 1);
  EXPECT_EQ(node.value("okiagari_role", {{"okiagari_role", "follower"}}), 0);
  EXPECT_EQ(node.value("okiagari_open"), 1);
  EXPECT_EQ(node.value("okiagari_leader"), 1);
  EXPECT_EQ(node.value("okiagari_ledger_conserved"), 1);
  EXPECT_GT(node.value("okiagari_commands_applied_total"), 0);
  EXPECT_GT(node.value("okiagari_log_sync_seconds_count"), 0);
  EXPECT_EQ(node.value("okiagari_gateways_connected"), 1);
  EXPECT_EQ(node.value("okiagari_node_info", {{"node", "1"}}), 1);
  EXPECT_EQ(read(gateway_).value("okiagari_gateway_leader"), 1);
  EXPECT_EQ(get(node_, "/readyz").status, 200);
  EXPECT_EQ(get(node_, "/healthz").status, 200);
}

TEST_F(MetricsTest, GatewayWithoutAServerIsNotReadyAndSaysSo) {
  market_->stop_node(1);
  ASSERT_TRUE(wait_until([&] { return get(gateway_, "/readyz").status == 503; }));
  EXPECT_THAT(get(gateway_, "/readyz").body, testing::HasSubstr("\"state\":\"away\""));
  EXPECT_EQ(get(gateway_, "/healthz").status, 200);
  EXPECT_EQ(read(gateway_).value("okiagari_gateway_serving"), 0);
}

TEST_F(MetricsTest, EveryLineOfTheLogsIsAnObjectWithAnEvent) {
  market_->stop();
  for (const std::string& folder :
       {market_->file().nodes[0].folder, market_->file().gateways[0].folder}) {
    std::ifstream file(folder + "/output.log");
    std::set<std::string> events;
    std::string line;
    while (std::getline(file, line)) {
      boost::system::error_code error;
      const boost::json::value parsed = boost::json::parse(line, error);
      ASSERT_FALSE(error) << line;
      for (const char* key : {"time", "level", "component", "event", "message"}) {
        ASSERT_TRUE(parsed.as_object().contains(key)) << line;
      }
      events.emplace(parsed.at("event").as_string());
    }
    EXPECT_TRUE(events.contains("started")) << folder;
    EXPECT_TRUE(events.contains("stopped")) << folder;
  }
}

// The words that machines look for: each that is logged is documented, and the other way round.
TEST(LogLines, EventsThatAreLoggedAndThoseDocumentedAreTheSame) {
  const std::string source = OKIAGARI_SOURCE_DIR "/";
  const auto words = [](const std::string& path, const std::regex& pattern,
                        std::set<std::string>& found) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    const std::string all = text.str();
    for (std::sregex_iterator at(all.begin(), all.end(), pattern), end; at != end; ++at) {
      found.insert((*at)[1]);
    }
  };
  std::set<std::string> logged;
  std::set<std::string> listed;
  const std::regex call("log_(?:info|warning|error|critical)\\(\\s*\"([a-z_]+)\"");
  for (const char* folder : {"src/node", "src/gateway"}) {
    for (const auto& entry : std::filesystem::directory_iterator(source + folder)) {
      if (entry.path().extension() == ".cc") words(entry.path(), call, logged);
    }
  }
  words(source + "src/cli/gateway_command.cc", call, logged);
  words(source + "docs/formats/log_lines.md",
        std::regex("\\| `([a-z_]+)` \\| (?:info|warn|err|crit)"), listed);
  EXPECT_EQ(logged, listed);
  EXPECT_GT(logged.size(), 20U);
}

TEST_F(MetricsTest, PromtoolFindsNothingToSay) {
  if (judge_path("promtool").empty()) GTEST_SKIP() << "run scripts/fetch_judges.sh";
  for (const net::Endpoint& from : {node_, gateway_}) {
    const std::string page = get(from, "/metrics").body;
    const Judgement judgement = check_by_promtool(page, folder_);
    EXPECT_TRUE(judgement.is_fine) << judgement.said;
    EXPECT_EQ(judgement.said, "");
    EXPECT_FALSE(check_by_promtool(page + "okiagari_x{a=\"b} 1\n", folder_).is_fine);
    EXPECT_FALSE(check_by_promtool(page + page, folder_).is_fine) << "families come twice";
  }
}

// A Prometheus server asks for OpenMetrics and says of each target whether it could be read.
TEST_F(MetricsTest, PrometheusScrapesBothAndRefusesAPageWithoutItsEnd) {
  const std::string program = judge_path("prometheus");
  if (program.empty()) GTEST_SKIP() << "run scripts/fetch_judges.sh";
  std::string accepted;
  std::string page = get(node_, "/metrics", kOpenMetrics).body;
  auto broken =
      net::HttpServer::open(loop_, {}, [&](const net::HttpRequest& request, net::HttpReply reply) {
        accepted = request.header("accept").value_or("");
        const auto format = net::choose_metrics_format(request.header("accept"));
        reply.send({.status = 200,
                    .headers = {{"Content-Type", std::string(net::content_type(format))}},
                    .body = page.substr(0, page.size() - std::string_view("# EOF\n").size())});
      });
  ASSERT_TRUE(broken.ok());
  auto ports = deployment::find_free_ports(0, 1);
  ASSERT_TRUE(ports.ok());
  const net::Endpoint api{"127.0.0.1", ports.value()[0]};
  std::ofstream(folder_ + "/prometheus.yml") << fmt::format(
      "global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}\nscrape_configs:\n"
      "- {{job_name: node, static_configs: [{{targets: ['{}']}}]}}\n"
      "- {{job_name: gateway, static_configs: [{{targets: ['{}']}}]}}\n"
      "- {{job_name: broken, static_configs: [{{targets: ['{}']}}]}}\n",
      net::to_string(node_), net::to_string(gateway_), net::to_string(broken.value()->endpoint()));
  auto prometheus =
      base::ChildProcess::start({program, "--config.file=" + folder_ + "/prometheus.yml",
                                 "--storage.tsdb.path=" + folder_ + "/prometheus",
                                 "--web.listen-address=" + net::to_string(api)},
                                folder_ + "/prometheus.log");
  ASSERT_TRUE(prometheus.ok()) << prometheus.error().message;
  const auto health_of = [&](const std::string& job) -> std::string {
    boost::system::error_code error;
    const auto answer = boost::json::parse(get(api, "/api/v1/targets?state=active").body, error);
    if (error) return "no answer";
    for (const auto& target : answer.at("data").at("activeTargets").as_array()) {
      if (std::string_view(target.at("labels").at("job").as_string()) == job) {
        return std::string(target.at("health").as_string()) + " " +
               std::string(target.at("lastError").as_string());
      }
    }
    return "no target";
  };
  EXPECT_TRUE(wait_until([&] { return health_of("broken").starts_with("down"); }, 60'000))
      << health_of("broken");
  EXPECT_TRUE(wait_until([&] { return health_of("node") == "up "; })) << health_of("node");
  EXPECT_TRUE(wait_until([&] { return health_of("gateway") == "up "; })) << health_of("gateway");
  EXPECT_EQ(net::choose_metrics_format(accepted), MetricsFormat::openmetrics) << accepted;
  EXPECT_THAT(health_of("broken"), testing::HasSubstr("EOF"));
  const std::string found = get(api, "/api/v1/query?query=okiagari_open").body;
  EXPECT_THAT(found, testing::HasSubstr("\"job\":\"node\"")) << found;
}

}  // namespace
}  // namespace okiagari::metrics
