#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/stop_signal.h"
#include "deployment/deployment_file.h"
#include "deployment/market_watching.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "net/problem.h"
#include "watch/vantage_view.h"
#include "watch/watcher.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kLookForMarketMs = 1'000;

struct WatchOptions {
  std::string folder = "market";
  std::string config;
  std::string name;
  std::uint64_t interval_ms = 0;
  std::uint64_t for_ms = 0;
  bool json = false;
  bool no_canary = false;
  bool every_gateway = false;
  bool picture = false;
  bool lookout = false;
  std::string serve;
};

// One line for a person: when, about what, which signal, in words.
std::string line_of(const watch::Evidence& evidence) {
  const TimestampNs now_ns = net::Loop::wall_ns();
  const auto at = std::chrono::sys_seconds(std::chrono::seconds(now_ns / 1'000'000'000));
  return fmt::format("{:%H:%M:%S}.{:03} {:<10} {:<26} {}", at, now_ns / 1'000'000 % 1'000,
                     evidence.entity, evidence.signal, evidence.statement);
}

base::Result<watch::WatchSettings> settings_of(const WatchOptions& options) {
  if (!options.config.empty()) return watch::load_watch_settings(options.config);
  auto market = deployment::DeploymentFile::load(options.folder);
  if (!market) return market.error();
  if (options.lookout) {
    if (!deployment::has_lookout(market.value()))
      return base::Error{"the market has no log-ins for a lookout"};
    return deployment::lookout_settings(market.value());
  }
  watch::WatchSettings settings = deployment::watch_settings(market.value());
  settings.name = "watch";
  // The others are a desk's and a lookout's, whose log-ins one from here would end.
  const auto& spare = market.value().canary.sessions;
  if (!options.every_gateway && !settings.canary.sessions.empty()) {
    settings.canary.sessions.resize(1);
    settings.canary.sessions[0].name = spare[market.value().gateways.size()].name;
    settings.canary.sessions[0].token = spare[market.value().gateways.size()].token;
  }
  return settings;
}

// Tells other vantage points what this one sees, until what it returns ends.
base::Result<std::unique_ptr<net::HttpServer>> serve_view(net::Loop& loop, const std::string& at,
                                                          const std::string& name,
                                                          const watch::Watcher& watcher) {
  if (at.empty()) return std::unique_ptr<net::HttpServer>();
  auto listen = net::parse_endpoint(at);
  if (!listen) return listen.error();
  net::HttpServerOptions options;
  options.listen = listen.value();
  options.limits.connections_max = 64;
  return net::HttpServer::open(
      loop, std::move(options),
      [name, &watcher](const net::HttpRequest& request, net::HttpReply reply) {
        if (request.path != "/view") return reply.send(net::problem(404, "there is /view"));
        if (request.method != net::HttpMethod::get) {
          return reply.send(net::problem(405, "this page can only be read"));
        }
        net::HttpResponse answer;
        answer.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
        answer.body = watch::vantage_view_text(watch::view_of(name, watcher.picture())) + "\n";
        reply.send(std::move(answer));
      });
}

// A market that was rebuilt has another number; whoever supervises this process starts it anew.
bool is_other_market(const WatchOptions& options, std::uint64_t cluster) {
  if (!options.lookout) return false;
  auto market = deployment::DeploymentFile::load(options.folder);
  return market && market.value().cluster != cluster;
}

int run_watch(const WatchOptions& options) {
  auto chosen = settings_of(options);
  if (!chosen) return failed(chosen.error().message);
  watch::WatchSettings& settings = chosen.value();
  catch_stop_signals();
  net::Loop loop;
  if (!options.name.empty()) settings.name = options.name;
  if (options.interval_ms != 0) settings.canary.interval_ms = options.interval_ms;
  if (options.no_canary) settings.canary.sessions.clear();
  const std::string name = settings.name;
  const std::uint64_t cluster = settings.market.cluster;
  watch::HostWatch::Processes processes;
  if (options.config.empty()) processes = deployment::market_processes(options.folder);
  watch::Watcher watcher(
      loop, std::move(settings), std::move(processes), [&](const watch::Evidence& evidence) {
        fmt::print("{}\n", options.json ? boost::json::serialize(watch::to_json(evidence))
                                        : line_of(evidence));
        std::fflush(stdout);
      });
  auto served = serve_view(loop, options.serve, name, watcher);
  if (!served) return failed(served.error().message);
  const std::uint64_t begun_ms = net::Loop::now_ms();
  std::uint64_t look_ms = begun_ms + kLookForMarketMs;
  while (!is_stop_asked() &&
         (options.for_ms == 0 || net::Loop::now_ms() < begun_ms + options.for_ms)) {
    watcher.tick();
    loop.turn(watcher.next_deadline_ms());
    if (net::Loop::now_ms() < look_ms) continue;
    look_ms = net::Loop::now_ms() + kLookForMarketMs;
    if (is_other_market(options, cluster)) break;
  }
  if (options.picture) {
    fmt::print("{}\n", boost::json::serialize(watch::to_json(watcher.picture())));
  }
  return kExitHolds;
}

}  // namespace

void add_watch_command(Command app, const Exit& exit) {
  auto options = std::make_shared<WatchOptions>();
  const Command command = app.command(
      "watch", "Watch a market: its servers, its business path by canary orders, this host");
  command.option("--data", options->folder, "The market's folder").shows_default();
  command.option("--config", options->config,
                 "What to watch (config/watch.toml), instead of a market's folder");
  command.option("--name", options->name, "The vantage point's name in evidence");
  command
      .option("--interval-ms", options->interval_ms,
              "Between canary orders, the gateways in turn; 0: as the settings say")
      .within(0, 60'000)
      .shows_default();
  command.option("--for-ms", options->for_ms, "End after so long; 0: at Ctrl-C").shows_default();
  command.flag("--json", options->json, "One JSON object a line");
  command.flag("--no-canary", options->no_canary, "Enter no orders");
  command.flag("--every-gateway", options->every_gateway,
               "Enter orders through every gateway, not the first alone; not beside a desk, "
               "which uses the same sessions");
  command.flag("--lookout", options->lookout,
               "Be the second place beside a desk: by log-ins of its own, on other lines of "
               "the feed");
  command.option("--serve", options->serve,
                 "Tell other places at this address what is seen here: host:port");
  command.flag("--picture", options->picture, "At the end: how everything is, as JSON");
  set_action(command, exit, [options] { return run_watch(*options); });
}

}  // namespace okiagari::cli
