#include "node/node.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <random>

#include "base/json_log.h"
#include "base/planted.h"
#include "journal/identity.h"
#include "journal/posix_disk.h"
#include "journal/replica.h"
#include "journal/tcp_links.h"
#include "net/health_server.h"
#include "net/link_identity.h"
#include "net/loop.h"
#include "net/loop_meter.h"
#include "net/process_metrics.h"
#include "node/forked_snapshot.h"
#include "node/market_server.h"
#include "node/node_metrics.h"
#include "node/server_list.h"

namespace okiagari::node {

namespace {

// A hand-over takes milliseconds; without anybody to take over it never ends.
constexpr std::uint64_t kHandOverMs = 1'500;

std::uint64_t draw() {
  std::random_device entropy;
  return std::uint64_t{entropy()} << 32 | entropy();
}

journal::PeerPlace peer_place(const ServerAddresses& server) {
  return {server.peers, server.peers_b};
}

class Node {
 public:
  Node(const NodeConfig& config, std::string data_folder)
      : config_(config),
        data_folder_(std::move(data_folder)),
        signals_(loop_.context(), SIGTERM, SIGINT),
        sync_event_(loop_.context()) {}

  ExitCode run() {
    const ExitCode started = start();
    if (started != ExitCode::success) return started;
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) stop_asked_ = true;
    });
    while (true) {
      await_sync();
      meter_.turn(loop_,
                  leaving_since_ms_ != 0 ? net::Loop::now_ms() + 1 : server_->next_deadline_ms());
      const std::uint64_t now_ms = net::Loop::now_ms();
      if (base::Status status = server_->end_turn(now_ms); !status) {
        if (server_->is_too_old()) return refuse_as_too_old(status.error());
        base::log_critical("disk_failed", {}, "{}", status.error().message);
        return ExitCode::disk_failed;
      }
      const bool must_leave =
          stop_asked_ || server_->verdict() != Verdict::fine || server_->is_removed();
      if (must_leave && has_left(now_ms)) return reason_to_leave();
    }
  }

 private:
  ExitCode start() {
    auto disk = journal::PosixDisk::open_folder(journal_folder(data_folder_), false);
    if (!disk) return refuse(disk.error(), ExitCode::cannot_start);
    disk_ = std::move(disk.value());
    if (base::Status status = disk_->claim(); !status) {
      return refuse(status.error(), ExitCode::cannot_start);
    }
    const auto tell = [](const std::string& line) {
      base::log_info("certificate", {}, "{}", line);
    };
    if (base::Status status = net::use_link_files(config_.tls, tell); !status) {
      return refuse(status.error(), ExitCode::cannot_start);
    }
    auto server = MarketServer::open(loop_, config_, data_folder_);
    if (!server) return refuse(server.error(), ExitCode::cannot_start);
    server_ = std::move(server.value());
    if (base::Status status = open_links(); !status) {
      return refuse(status.error(), ExitCode::cannot_start);
    }
    auto replica = journal::Replica::start(replica_options(), *disk_, *links_, snapshots_, *server_,
                                           net::Loop::now_ms());
    if (!replica && server_->is_too_old()) return refuse_as_too_old(replica.error());
    if (!replica) return refuse(replica.error(), ExitCode::journal_refused);
    replica_ = std::move(replica.value());
    if (base::Status status = server_->attach(*replica_); !status) {
      return refuse(status.error(), ExitCode::cannot_start);
    }
    server_->tell_links_by([this] { return peer_links(); });
    // The disk closes its own.
    sync_event_.assign(::dup(disk_->sync_event_descriptor()));
    if (base::Status status = open_health(); !status) {
      return refuse(status.error(), ExitCode::cannot_start);
    }
    tell_start();
    return ExitCode::success;
  }

  // A sync that has finished begins a turn, in which the journal takes note of it.
  void await_sync() {
    if (is_awaiting_sync_) return;
    is_awaiting_sync_ = true;
    sync_event_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                           [this](const boost::system::error_code&) { is_awaiting_sync_ = false; });
  }

  static ExitCode refuse(const base::Error& error, ExitCode code) {
    base::log_critical("start_refused", {{"exit_code", exit_status(code)}}, "{}", error.message);
    return code;
  }

  static ExitCode refuse_as_too_old(const base::Error& error) {
    base::log_critical("too_old", {{"exit_code", exit_status(ExitCode::too_old)}}, "{}",
                       error.message);
    return ExitCode::too_old;
  }

  base::Status open_links() {
    journal::TcpLinksOptions options;
    options.cluster = config_.cluster;
    options.node = config_.node;
    options.listen = peer_place(config_.own());
    options.incarnation = draw();
    options.identity = net::link_security().identity;
    for (const ServerAddresses& server : config_.servers) {
      if (server.node != config_.node) options.peers[server.node] = peer_place(server);
    }
    journal::LinkEvents events;
    // Nothing comes before the first turn, and by then the replica is there.
    events.frame = [this](NodeId from, base::Bytes frame) {
      heard_ms_[from] = net::Loop::now_ms();
      replica_->receive(from, frame);
    };
    events.link_up = [this](NodeId peer) { replica_->link_up(peer); };
    events.link_lost = [this](NodeId peer) { replica_->link_lost(peer); };
    events.log = [](const std::string& line) { base::log_info("peer_link", {}, "{}", line); };
    events.network = [](NodeId peer, journal::Network network) {
      base::log_warning("peer_network", {{"peer", peer}, {"network", journal::name_of(network)}},
                        "node {}: what is sent to it goes over network {} now", peer,
                        journal::name_of(network));
    };
    auto links = journal::TcpLinks::open(loop_, std::move(options), std::move(events));
    if (!links) return links.error();
    links_ = std::move(links.value());
    return {};
  }

  base::Status open_health() {
    if (!config_.own().http) return {};
    auto health = net::HealthServer::open(
        loop_, *config_.own().http,
        {.metrics =
             [this](net::MetricsWriter& writer) {
               write_node_metrics(writer, {config_, *server_, *disk_}, replica_->view());
               write_peer_networks(writer, peer_links());
               meter_.write(writer);
               net::write_process_metrics(writer);
             },
         .readiness = [this] { return node_readiness(server_->verdict(), replica_->view()); }});
    if (!health) return health.error();
    health_ = std::move(health.value());
    base::log_info("http_open", {{"http", net::to_string(health_->endpoint())}},
                   "metrics and health at http://{}", net::to_string(health_->endpoint()));
    return {};
  }
  // Of a peer that was never heard, since the start.
  [[nodiscard]] std::vector<MarketServer::PeerLink> peer_links() const {
    const std::uint64_t now_ms = net::Loop::now_ms();
    std::vector<MarketServer::PeerLink> links;
    for (const ServerAddresses& server : config_.servers) {
      if (server.node == config_.node) continue;
      const auto heard = heard_ms_.find(server.node);
      const std::uint64_t since_ms = heard == heard_ms_.end() ? started_ms_ : heard->second;
      links.push_back({server.node, links_->is_connected_to(server.node), now_ms - since_ms,
                       links_->networks_of(server.node)});
    }
    return links;
  }

  [[nodiscard]] journal::ReplicaOptions replica_options() {
    journal::ReplicaOptions options;
    options.cluster = config_.cluster;
    options.node = config_.node;
    for (const ServerAddresses& server : config_.servers) options.voters.push_back(server.node);
    options.random_seed = draw();
    options.timeouts = config_.timeouts;
    options.log.segment_bytes = config_.segment_mib << 20;
    // As many as one snapshot drops.
    options.log.reused_segments =
        static_cast<std::uint32_t>(config_.snapshot_after_mib / config_.segment_mib) + 1;
    options.log.cache_bytes = config_.cache_mib << 20;
    options.max_entries_in_flight = config_.batches_in_flight_max;
    options.min_free_bytes = config_.min_free_mib << 20;
    options.snapshot_after_bytes = config_.snapshot_after_mib << 20;
    options.keep_log_bytes = config_.keep_log_mib << 20;
    options.address = address_text(config_.own());
    options.on_servers = [this](const journal::Configuration& servers) { take(servers); };
    options.on_server_address = [this](NodeId node, std::string_view text) {
      const auto place = parse_address_text(node, text);
      if (place && config_.find(node) == nullptr) {
        links_->set_peer(node, peer_place(place.value()));
      }
    };
    options.levels = [this] { return server_->levels(); };
    options.on_levels = [this](NodeId node, const journal::FormatLevels& levels) {
      server_->hear_levels(node, levels);
    };
    options.on_notable = [](const std::string& line) {
      base::log_info("replication", {}, "{}", line);
    };
    return options;
  }

  // The log says who the servers are; links and gateways follow.
  void take(const journal::Configuration& servers) {
    const std::vector<ServerAddresses> before = config_.servers;
    take_servers(config_, servers);
    for (const ServerAddresses& server : config_.servers) {
      if (server.node != config_.node) links_->set_peer(server.node, peer_place(server));
    }
    for (const ServerAddresses& server : before) {
      if (config_.find(server.node) == nullptr) links_->retire(server.node);
    }
    server_->servers_changed(servers);
  }

  void tell_start() const {
    const journal::Timeouts& t = config_.timeouts;
    base::log_info("started", {{"cluster", config_.cluster}, {"node", config_.node}},
                   "node {} of cluster {} runs: peers {}, gateways {}, feed {}", config_.node,
                   config_.cluster, net::to_string(config_.own().peers),
                   net::to_string(server_->gateways_endpoint()),
                   net::to_string(server_->feed_endpoint()));
    base::log_info(
        "timeouts", {},
        "timeouts in ms: election {}, heartbeat {}, silence {}, no progress {}, quick election {}, "
        "own lateness {}",
        t.election_ms, t.heartbeat_ms, t.silence_ms, t.no_progress_ms, t.quick_election_ms,
        t.own_lateness_ms);
    if (server_->applying().died_at() != 0) {
      base::log_warning(
          "died_before",
          {{"sequence", server_->applying().died_at()}, {"deaths", server_->applying().deaths()}},
          "the process before this one ended while it applied sequence {} ({} in a row)",
          server_->applying().died_at(), server_->applying().deaths());
    }
  }

  // A leader does not just vanish: somebody else takes over first.
  bool has_left(std::uint64_t now_ms) {
    const bool leads = replica_->view().role == journal::Role::leader;
    if (!leads) return true;
    if (leaving_since_ms_ == 0) {
      leaving_since_ms_ = now_ms;
      if (base::Status status = replica_->transfer(0); !status) {
        base::log_warning("hand_over_failed", {}, "leadership cannot be handed over: {}",
                          status.error().message);
        return true;
      }
    }
    return now_ms >= leaving_since_ms_ + kHandOverMs;
  }

  [[nodiscard]] ExitCode reason_to_leave() const {
    switch (server_->verdict()) {
      case Verdict::in_minority:
        base::log_critical(
            "in_minority", {},
            "this server's state differs from the majority's. Keep its folder for whoever looks "
            "for "
            "the cause, run `okiagari verify` on the folders of all servers, and start it again "
            "only "
            "on what that finds good: docs/operating.md, exit code 6");
        return ExitCode::in_minority;
      case Verdict::no_majority:
        base::log_critical(
            "no_majority", {},
            "no state is that of a majority: nobody may go on. Run `okiagari verify` on the "
            "folders "
            "of all servers: docs/operating.md, exit code 7");
        return ExitCode::no_majority;
      case Verdict::fine:
        break;
    }
    if (server_->is_removed()) {
      base::log_critical("removed", {},
                         "this server was removed from its cluster and is not needed any more. A "
                         "server that is to come back gets an empty folder: docs/operating.md");
      return ExitCode::removed;
    }
    base::log_info("stopped", {}, "stopped");
    return ExitCode::success;
  }

  NodeConfig config_;  // its list of servers follows the log
  std::string data_folder_;
  net::Loop loop_;
  boost::asio::signal_set signals_;
  boost::asio::posix::stream_descriptor sync_event_;
  bool is_awaiting_sync_ = false;
  bool stop_asked_ = false;
  std::uint64_t leaving_since_ms_ = 0;
  std::uint64_t started_ms_ = net::Loop::now_ms();
  std::map<NodeId, std::uint64_t> heard_ms_;  // when the last frame of each peer came
  std::unique_ptr<journal::PosixDisk> disk_;
  ForkedSnapshot snapshots_;
  std::unique_ptr<MarketServer> server_;
  std::unique_ptr<journal::TcpLinks> links_;
  std::unique_ptr<journal::Replica> replica_;
  net::LoopMeter meter_;
  std::unique_ptr<net::HealthServer> health_;
};

}  // namespace

std::string journal_folder(const std::string& data_folder) { return data_folder + "/journal"; }

bool is_formatted(const std::string& data_folder) {
  std::error_code error;
  return std::filesystem::exists(
      journal_folder(data_folder) + "/" + std::string(journal::kIdentityName), error);
}

base::Status format_node(const NodeConfig& config, const std::string& data_folder, bool joins) {
  auto disk = journal::PosixDisk::open_folder(journal_folder(data_folder), true);
  if (!disk) return disk.error();
  journal::Identity identity;
  identity.cluster = config.cluster;
  identity.node = config.node;
  identity.storage = draw();
  identity.joins = joins;
  return journal::format(*disk.value(), identity);
}

ExitCode run_node(const NodeConfig& config, const std::string& data_folder) {
  base::use_json_log(fmt::format("node-{}", config.node));
  base::set_planted_node(config.node);
  Node node(config, data_folder);
  return node.run();
}

}  // namespace okiagari::node
