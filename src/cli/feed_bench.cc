#include "cli/feed_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "check/load.h"
#include "client/line_feed_client.h"
#include "deployment/deployment.h"
#include "deployment/market_addresses.h"
#include "feed/market_data.h"
#include "wire/mold.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kQuietMs = 500;  // until every line has said everything
constexpr double kBehindMaxMs = 2;       // 99th percentile, docs/benchmarks.md
constexpr std::size_t kLines = 2;        // A and B

// Listens on a thread of its own, so that the load's work does not delay what it measures.
class Listener {
 public:
  explicit Listener(const deployment::DeploymentFile& market) {
    client::LineFeedOptions options;
    options.session = feed::session_of(market.cluster);
    options.interface = "127.0.0.1";
    for (const deployment::NodePlace& place : market.nodes) {
      if (place.feed_line && options.lines.size() < kLines)
        options.lines.push_back(*place.feed_line);
      if (place.feed_requests) options.requests.push_back(*place.feed_requests);
    }
    thread_ = std::thread([this, options = std::move(options)] { listen(options); });
  }
  ~Listener() {
    stops_ = true;
    thread_.join();
  }

  // Before the object ends; nothing comes in any more.
  void stop() { stops_ = true; }
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] std::uint64_t gaps() const { return gaps_; }
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  // Milliseconds that the later line was behind the earlier one, one for each datagram that both
  // brought, sorted.
  [[nodiscard]] std::vector<double> behind_ms() {
    stops_ = true;
    while (!is_over_) std::this_thread::yield();
    std::vector<double> behind;
    for (const auto& [number, at_ns] : arrivals_) {
      if (at_ns[0] == 0 || at_ns[1] == 0) continue;
      const auto [first, last] = std::minmax(at_ns[0], at_ns[1]);
      behind.push_back(static_cast<double>(last - first) / 1e6);
    }
    std::sort(behind.begin(), behind.end());
    return behind;
  }

 private:
  void listen(const client::LineFeedOptions& options) {
    net::Loop loop;
    client::LineFeedOptions from_now = options;
    from_now.next_number = 0;
    auto client = client::LineFeedClient::open(loop, from_now, [](std::uint64_t, base::Bytes) {});
    if (!client) {
      fault_ = client.error().message;
    } else {
      client.value()->watch_datagrams(
          [this](std::size_t line, std::uint64_t first, base::Bytes datagram) {
            const bool is_heartbeat = datagram.size() == sizeof(wire::MoldHeader);
            if (!is_heartbeat) arrivals_[first][line] = net::Loop::now_ns();
          });
      while (!stops_) {
        const std::uint64_t now_ms = net::Loop::now_ms();
        loop.turn(std::min(now_ms + 20, client.value()->next_deadline_ms()));
        client.value()->tick(net::Loop::now_ms());
      }
      gaps_ = client.value()->counters().gaps;
      messages_ = client.value()->counters().messages;
    }
    is_over_ = true;
  }

  std::map<std::uint64_t, std::array<std::uint64_t, kLines>> arrivals_;
  std::string fault_;
  std::uint64_t gaps_ = 0;
  std::uint64_t messages_ = 0;
  std::atomic<bool> stops_ = false;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return std::nan("");
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

base::Status measure(const FeedBenchOptions& options, deployment::Deployment& market,
                     const char* name, std::uint32_t rate, base::Report& report) {
  options.progress(fmt::format("{}: {} messages a second for {} s", name, rate, options.seconds));
  net::Loop loop;
  check::History history;
  check::LoadOptions load_options;
  load_options.seed = options.seed;
  load_options.messages_per_second = rate;
  check::Load load(loop, history, deployment::market_addresses(market.file(), options.sessions),
                   load_options);
  load.while_waiting = [&market] { market.supervise(); };
  if (base::Status status = load.connect(kConnectMs); !status) return status;
  Listener listener(market.file());
  std::uint64_t end_ms = net::Loop::now_ms() + options.seconds * 1'000;
  while (net::Loop::now_ms() < end_ms) {
    load.turn();
    market.supervise();
  }
  end_ms += kQuietMs;
  while (net::Loop::now_ms() < end_ms) market.supervise(5);
  const std::vector<double> behind = listener.behind_ms();
  if (!listener.fault().empty()) return base::Error{listener.fault()};
  report.check(fmt::format("{}: both lines brought datagrams", name), !behind.empty(), true);
  report.figure(fmt::format("{}: behind, median", name), quantile(behind, 0.5), "ms");
  report.figure_at_most(fmt::format("{}: behind, 99th percentile", name), quantile(behind, 0.99),
                        "ms", kBehindMaxMs);
  report.figure(fmt::format("{}: behind, largest", name), quantile(behind, 1), "ms");
  report.figure(fmt::format("{}: messages", name), static_cast<double>(listener.messages()),
                "messages");
  report.figure(fmt::format("{}: gaps that no line filled in time", name),
                static_cast<double>(listener.gaps()), "gaps");
  return {};
}

}  // namespace

base::Result<base::Report> bench_feed(const FeedBenchOptions& options) {
  deployment::DeploymentOptions deployment;
  deployment.folder = options.folder;
  deployment.sessions = 2 * options.sessions;
  auto market = deployment::Deployment::prepare(std::move(deployment));
  if (!market) return market.error();
  if (base::Status status = market.value()->start(); !status) return status.error();
  base::Report report("bench feed", options.seed);
  for (const auto& [name, rate] :
       {std::pair{"idle", options.idle_rate}, std::pair{"busy", options.busy_rate}}) {
    if (base::Status status = measure(options, *market.value(), name, rate, report); !status) {
      return status.error();
    }
  }
  return report;
}

}  // namespace okiagari::cli
