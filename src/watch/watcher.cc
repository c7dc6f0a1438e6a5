#include "watch/watcher.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "journal/role_names.h"
#include "watch/signal.h"

namespace okiagari::watch {

namespace {

constexpr std::uint64_t kTickMs = 10;
// A repeat of an alert that is older than so many others counts as new.
constexpr std::size_t kAlertsKept = 10'000;

// After one of these it is not believed that the market works until an order has shown it.
struct LossWords {
  std::string_view signal;
  std::string_view ja;
};
constexpr std::array kLosses = {
    LossWords{signal::process_gone, "停止"},
    LossWords{signal::process_frozen, "無反応"},
    LossWords{signal::unreachable, "到達不能"},
    LossWords{signal::leader_changed, "リーダー交代"},
    LossWords{signal::no_leader, "リーダー不在"},
    LossWords{signal::acknowledgements_stopped, "応答停止"},
    LossWords{signal::no_progress, "進行停止"},
};

std::vector<NodeId> feeds_of(const MarketWatchSettings& market) {
  std::vector<NodeId> nodes;
  for (const NodeAddress& one : market.nodes) nodes.push_back(one.node);
  return nodes;
}

void tell_of_log(const NodeFacts& facts, Picture::Server& server) {
  server.log_first = facts.first_index;
  server.log_last = facts.last_index;
  server.log_synced = facts.synced_index;
  server.log_committed = facts.commit_index;
  server.log_bytes = facts.log_bytes;
  for (const NodeFacts::Checkpoint& one : facts.checkpoints) {
    if (one.sequence < server.checkpoint) continue;
    server.checkpoint = one.sequence;
    server.state_hash = one.state_hash;
  }
}

// Gateways whose pages are read owe more than connections.
MarketWatchSettings with_pages(MarketWatchSettings market, const GatewayWatchSettings& metrics) {
  for (GatewayAddress& one : market.gateways) {
    one.has_page = std::any_of(
        metrics.targets.begin(), metrics.targets.end(),
        [&](const ScrapeTarget& target) { return target.entity == gateway_name(one.gateway); });
  }
  return market;
}

}  // namespace

Watcher::Watcher(net::Loop& loop, WatchSettings settings, HostWatch::Processes processes, Sink sink)
    : settings_(std::move(settings)),
      sink_(std::move(sink)),
      market_reporter_(settings_.name, [this](Evidence one) { take(std::move(one)); }),
      canary_reporter_(settings_.name + ".canary", [this](Evidence one) { take(std::move(one)); }),
      host_reporter_(settings_.name + ".host", [this](Evidence one) { take(std::move(one)); }),
      market_(loop, with_pages(settings_.market, settings_.metrics), market_reporter_),
      feed_reporter_(settings_.name + ".feed", [this](Evidence one) { take(std::move(one)); }),
      lines_(loop, settings_.lines, feeds_of(settings_.market), feed_reporter_),
      vantage_reporter_(settings_.name + ".vantage",
                        [this](Evidence one) { take(std::move(one)); }),
      vantage_(loop, settings_.vantage, settings_.name, vantage_reporter_),
      server_reporter_(settings_.name + ".server", [this](Evidence one) { take(std::move(one)); }),
      change_reporter_(settings_.name + ".change", [this](Evidence one) { take(std::move(one)); }),
      hazard_reporter_(settings_.name + ".hazard", [this](Evidence one) { take(std::move(one)); }),
      alert_reporter_(settings_.name + ".alert", [this](Evidence one) { take(std::move(one)); }),
      metrics_(loop, settings_.metrics, server_reporter_),
      leader_({}, market_reporter_),
      endings_(settings_.endings_file, server_reporter_),
      logs_(
          settings_.logs,
          [this](const std::string& entity, const LogLine& line) {
            if (on_log_line_) on_log_line_(entity, line);
          },
          server_reporter_),
      files_(settings_.changes, change_reporter_),
      market_changes_(change_reporter_),
      sites_(settings_.sites, market_reporter_),
      messages_(settings_.message_folder, [this](std::string_view text, const std::string& path) {
        const base::Status taken = take_public_message(text);
        if (!taken) spdlog::warn("{}: {}", path, taken.error().message);
      }) {
  market_.on_event(
      [this](const venue::EventHeader& event) { market_changes_.take(event, Moment::now()); });
  metrics_.on_page([this](const std::string& entity) {
    for (const GatewayAddress& one : settings_.market.gateways) {
      if (gateway_name(one.gateway) == entity) market_.page_read(one.gateway, Moment::now());
    }
  });
  if (!settings_.canary.sessions.empty()) {
    canary_ = std::make_unique<Canary>(loop, settings_.canary, market_, canary_reporter_);
    canary_->on_feed_message([this](NodeId node, std::uint64_t number, base::Bytes message) {
      lines_.stream_said(node, number, message);
    });
  }
  if (settings_.watches_host) {
    host_ = std::make_unique<HostWatch>(settings_.host, std::move(processes), host_reporter_);
  }
}

Watcher::~Watcher() = default;

void Watcher::take(Evidence evidence) {
  // Nobody who waits for a processor hangs.
  if (evidence.signal == signal::process_frozen && host_ && host_->is_starved(evidence.entity)) {
    evidence.signal = signal::heartbeat_missing;
    evidence.statement += "; its process waits for a processor";
    if (!evidence.statement_ja.empty()) {
      evidence.statement_ja += "。プロセスはプロセッサの空きを待っている";
    }
  }
  const auto loss = std::find_if(kLosses.begin(), kLosses.end(),
                                 [&](const auto& one) { return one.signal == evidence.signal; });
  if (canary_ && loss != kLosses.end()) {
    const Sentence what{evidence.signal, std::string(loss->ja)};
    canary_->loss_began(said("{} of {}", "{1}の{0}", what, evidence.entity), Moment::now());
  }
  sink_(std::move(evidence));
}

void Watcher::tick() {
  ticked_ = Moment::now();
  market_.tick(ticked_);
  if (canary_) canary_->tick(ticked_);
  lines_.tick(ticked_);
  if (!settings_.vantage.others.empty()) {
    vantage_.tick(view_of(settings_.name, picture()), ticked_);
  }
  look_at_leader();
  if (host_) host_->tick(ticked_);
  metrics_.tick(ticked_);
  endings_.tick(ticked_);
  logs_.tick(ticked_);
  files_.tick(ticked_);
  messages_.tick(ticked_);
  sites_.tick([this](std::string_view server) { return is_down(server); }, ticked_);
}

// Without the canary nobody knows whether orders are slow.
void Watcher::look_at_leader() {
  constexpr std::uint64_t kAnswersLeast = 30;  // before anything is usual
  if (!canary_ || !leader_.is_due(ticked_)) return;
  std::vector<LeaderDetector::Orders> orders;
  for (const GatewayAddress& one : settings_.market.gateways) {
    if (!canary_->detector().knows(one.gateway)) continue;
    const auto seen = canary_->detector().picture(one.gateway);
    if (seen.answers < kAnswersLeast) continue;
    std::uint64_t waiting_ms = 0;
    if (seen.waiting_since_ms != 0 && ticked_.steady_ms > seen.waiting_since_ms) {
      waiting_ms = ticked_.steady_ms - seen.waiting_since_ms;
    }
    orders.push_back({one.gateway, std::max(seen.acknowledged_ms, static_cast<double>(waiting_ms)),
                      seen.median_ms});
  }
  std::vector<LeaderDetector::Server> servers;
  for (const NodeAddress& one : settings_.market.nodes) {
    LeaderDetector::Server& server = servers.emplace_back();
    server.node = one.node;
    server.is_alive = market_.node(one.node).is_alive();
    server.lag_ms = market_.cluster().lag_ms(one.node, ticked_);
    server.answer_ms = market_.answer_ms(one.node, ticked_);
    const auto sync_s = metrics_.sync_seconds(node_name(one.node));
    if (sync_s) server.sync_ms = 1'000 * *sync_s;
  }
  leader_.look(market_.cluster().leader(), servers, orders, ticked_);
}

bool Watcher::is_down(std::string_view server) const {
  using State = ServerLiveness::State;
  const auto counts = [](State state) {
    return state == State::gone || state == State::frozen || state == State::unreachable;
  };
  for (const NodeAddress& one : settings_.market.nodes) {
    if (node_name(one.node) == server) return counts(market_.node(one.node).state());
  }
  for (const GatewayAddress& one : settings_.market.gateways) {
    if (gateway_name(one.gateway) == server) return counts(market_.gateway(one.gateway).state());
  }
  return false;
}

base::Status Watcher::take_public_message(std::string_view xml) {
  const auto hazard = parse_hazard(xml);
  if (!hazard) return hazard.error();
  for (Observation& one : concerns(hazard.value(), settings_.sites)) {
    hazard_reporter_.report(Moment::now(), std::move(one));
  }
  return {};
}

void Watcher::take_alerts(const std::vector<Alert>& alerts) {
  for (const Alert& alert : alerts) {
    if (std::find(alerts_taken_.begin(), alerts_taken_.end(), alert.key) != alerts_taken_.end()) {
      continue;
    }
    if (alerts_taken_.size() >= kAlertsKept) alerts_taken_.pop_front();
    alerts_taken_.push_back(alert.key);
    alert_reporter_.report(Moment::now(), observation_of(alert));
  }
}

std::uint64_t Watcher::next_deadline_ms() const { return ticked_.steady_ms + kTickMs; }

Picture Watcher::picture() const {
  Picture picture;
  const Moment moment = Moment::now();
  const ClusterDetector& cluster = market_.cluster();
  picture.at_ns = moment.wall_ns;
  picture.leader = cluster.leader();
  picture.term = cluster.term();
  picture.has_canary = canary_ != nullptr;
  for (const NodeAddress& one : settings_.market.nodes) {
    Picture::Server& server = picture.servers.emplace_back();
    const ServerLiveness& liveness = market_.node(one.node);
    server.node = one.node;
    server.state = to_string(liveness.state());
    if (const std::uint64_t heard_ms = liveness.heard_ms(); heard_ms < moment.steady_ms) {
      server.heard_ms_ago = moment.steady_ms - heard_ms;
    }
    const auto& status = cluster.last_status(one.node);
    if (!status) continue;
    server.role = journal::name_of(static_cast<journal::Role>(status->role));
    server.is_open = status->open != 0;
    server.term = status->term;
    server.applied = status->applied_sequence;
    server.lag_ms = cluster.lag_ms(one.node, moment);
    picture.feed_head = std::max(picture.feed_head, status->last_feed);
    if (const auto& facts = cluster.last_facts(one.node)) tell_of_log(*facts, server);
  }
  for (const GatewayAddress& one : settings_.market.gateways) {
    Picture::Gateway& gateway = picture.gateways.emplace_back();
    gateway.gateway = one.gateway;
    gateway.state = to_string(market_.gateway(one.gateway).state());
    if (!canary_ || !canary_->detector().knows(one.gateway)) continue;
    const auto seen = canary_->detector().picture(one.gateway);
    gateway.is_serving = seen.serves;
    gateway.acknowledged_ms = seen.acknowledged_ms;
    gateway.median_ms = seen.median_ms;
    gateway.on_feed_ms = seen.on_feed_ms;
    gateway.orders = seen.orders;
    gateway.answers = seen.answers;
  }
  if (host_) {
    const HostDetector::Picture& seen = host_->picture();
    picture.host = {seen.processor_percent, seen.stolen_percent, seen.memory_available_percent,
                    seen.disk_free_percent, seen.disk_probe_ms};
  }
  return picture;
}

}  // namespace okiagari::watch
