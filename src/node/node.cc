#include "node/node.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <memory>
#include <random>

#include "base/planted.h"
#include "journal/identity.h"
#include "journal/posix_disk.h"
#include "journal/replica.h"
#include "journal/tcp_links.h"
#include "net/loop.h"
#include "node/forked_snapshot.h"
#include "node/market_server.h"

namespace okiagari::node {

namespace {

// A hand-over takes milliseconds; without anybody to take over it never ends.
constexpr std::uint64_t kHandOverMs = 1'500;

std::uint64_t draw() {
  std::random_device entropy;
  return std::uint64_t{entropy()} << 32 | entropy();
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
      loop_.turn(leaving_since_ms_ != 0 ? net::Loop::now_ms() + 1 : server_->next_deadline_ms());
      const std::uint64_t now_ms = net::Loop::now_ms();
      if (base::Status status = server_->end_turn(now_ms); !status) {
        spdlog::critical("{}", status.error().message);
        return ExitCode::disk_failed;
      }
      const bool must_leave = stop_asked_ || server_->verdict() != Verdict::fine;
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
    auto server = MarketServer::open(loop_, config_, data_folder_);
    if (!server) return refuse(server.error(), ExitCode::cannot_start);
    server_ = std::move(server.value());
    if (base::Status status = open_links(); !status) {
      return refuse(status.error(), ExitCode::cannot_start);
    }
    auto replica = journal::Replica::start(replica_options(), *disk_, *links_, snapshots_, *server_,
                                           net::Loop::now_ms());
    if (!replica) return refuse(replica.error(), ExitCode::journal_refused);
    replica_ = std::move(replica.value());
    server_->attach(*replica_);
    // The disk closes its own.
    sync_event_.assign(::dup(disk_->sync_event_descriptor()));
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
    spdlog::critical("{}", error.message);
    return code;
  }

  base::Status open_links() {
    journal::TcpLinksOptions options;
    options.cluster = config_.cluster;
    options.node = config_.node;
    options.listen = config_.own().peers;
    options.incarnation = draw();
    for (const ServerAddresses& server : config_.servers) {
      if (server.node != config_.node) options.peers[server.node] = server.peers;
    }
    journal::LinkEvents events;
    // Nothing comes before the first turn, and by then the replica is there.
    events.frame = [this](NodeId from, base::Bytes frame) { replica_->receive(from, frame); };
    events.link_up = [this](NodeId peer) { replica_->link_up(peer); };
    events.link_lost = [this](NodeId peer) { replica_->link_lost(peer); };
    events.log = [](const std::string& line) { spdlog::info("{}", line); };
    auto links = journal::TcpLinks::open(loop_, std::move(options), std::move(events));
    if (!links) return links.error();
    links_ = std::move(links.value());
    return {};
  }

  [[nodiscard]] journal::ReplicaOptions replica_options() const {
    journal::ReplicaOptions options;
    options.cluster = config_.cluster;
    options.node = config_.node;
    for (const ServerAddresses& server : config_.servers) options.voters.push_back(server.node);
    options.random_seed = draw();
    options.timeouts = config_.timeouts;
    options.log.segment_bytes = config_.segment_mib << 20;
    options.log.cache_bytes = config_.cache_mib << 20;
    options.max_entries_in_flight = config_.batches_in_flight_max;
    options.min_free_bytes = config_.min_free_mib << 20;
    options.snapshot_after_bytes = config_.snapshot_after_mib << 20;
    options.keep_log_bytes = config_.keep_log_mib << 20;
    options.on_notable = [](const std::string& line) { spdlog::info("{}", line); };
    return options;
  }

  void tell_start() const {
    const journal::Timeouts& t = config_.timeouts;
    spdlog::info("node {} of cluster {} runs: peers {}, gateways {}, feed {}", config_.node,
                 config_.cluster, net::to_string(config_.own().peers),
                 net::to_string(server_->gateways_endpoint()),
                 net::to_string(server_->feed_endpoint()));
    spdlog::info(
        "timeouts in ms: election {}, heartbeat {}, silence {}, no progress {}, quick election {}, "
        "own lateness {}",
        t.election_ms, t.heartbeat_ms, t.silence_ms, t.no_progress_ms, t.quick_election_ms,
        t.own_lateness_ms);
    if (server_->applying().died_at() != 0) {
      spdlog::warn("the process before this one ended while it applied sequence {} ({} in a row)",
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
        spdlog::warn("leadership cannot be handed over: {}", status.error().message);
        return true;
      }
    }
    return now_ms >= leaving_since_ms_ + kHandOverMs;
  }

  [[nodiscard]] ExitCode reason_to_leave() const {
    switch (server_->verdict()) {
      case Verdict::in_minority:
        spdlog::critical(
            "this server's state differs from the majority's. Keep its folder for whoever looks "
            "for "
            "the cause, run `okiagari verify` on the folders of all servers, and start it again "
            "only "
            "on what that finds good: docs/operating.md, exit code 6");
        return ExitCode::in_minority;
      case Verdict::no_majority:
        spdlog::critical(
            "no state is that of a majority: nobody may go on. Run `okiagari verify` on the "
            "folders "
            "of all servers: docs/operating.md, exit code 7");
        return ExitCode::no_majority;
      case Verdict::fine:
        break;
    }
    spdlog::info("stopped");
    return ExitCode::success;
  }

  const NodeConfig& config_;
  std::string data_folder_;
  net::Loop loop_;
  boost::asio::signal_set signals_;
  boost::asio::posix::stream_descriptor sync_event_;
  bool is_awaiting_sync_ = false;
  bool stop_asked_ = false;
  std::uint64_t leaving_since_ms_ = 0;
  std::unique_ptr<journal::PosixDisk> disk_;
  ForkedSnapshot snapshots_;
  std::unique_ptr<MarketServer> server_;
  std::unique_ptr<journal::TcpLinks> links_;
  std::unique_ptr<journal::Replica> replica_;
};

}  // namespace

std::string journal_folder(const std::string& data_folder) { return data_folder + "/journal"; }

bool is_formatted(const std::string& data_folder) {
  std::error_code error;
  return std::filesystem::exists(
      journal_folder(data_folder) + "/" + std::string(journal::kIdentityName), error);
}

base::Status format_node(const NodeConfig& config, const std::string& data_folder) {
  auto disk = journal::PosixDisk::open_folder(journal_folder(data_folder), true);
  if (!disk) return disk.error();
  journal::Identity identity;
  identity.cluster = config.cluster;
  identity.node = config.node;
  identity.storage = draw();
  return journal::format(*disk.value(), identity);
}

ExitCode run_node(const NodeConfig& config, const std::string& data_folder) {
  spdlog::set_pattern(fmt::format("%Y-%m-%dT%H:%M:%S.%f node {} %l: %v", config.node));
  spdlog::flush_on(spdlog::level::info);
  base::set_planted_node(config.node);
  Node node(config, data_folder);
  return node.run();
}

}  // namespace okiagari::node
