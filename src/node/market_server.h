// One replica at work: the venue driven by the log, its history, feed and gateways around it. It is
// the log's state machine; what is the log's own business stays behind journal::Replica, and the
// process around it in node.h.
//
// A turn: the loop has run what was ready; commands that came in go into the log; the replica ends
// its turn, in which committed batches are applied; what they said is sent.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "feed/market_data.h"
#include "journal/line_choice.h"
#include "journal/replica.h"
#include "net/loop.h"
#include "net/metric_histogram.h"
#include "node/applying_word.h"
#include "node/config.h"
#include "node/event_ring.h"
#include "node/gateway_port.h"
#include "node/history.h"
#include "node/history_fetch.h"
#include "node/leader_clock.h"
#include "node/leader_link.h"
#include "node/level_in_force.h"
#include "node/pending_commands.h"
#include "node/plan_advance.h"
#include "venue/venue.h"

namespace okiagari::node {

// Whether this replica may go on, by what all of them attest.
enum class Verdict : std::uint8_t { fine, in_minority, no_majority };

class MarketServer final : public journal::StateMachine, private GatewayPort::Owner {
 public:
  // `data_folder` gets the history and the word that says what is being applied.
  static base::Result<std::unique_ptr<MarketServer>> open(net::Loop& loop, const NodeConfig& config,
                                                          const std::string& data_folder);
  ~MarketServer() override;

  // The replica that this is the state machine of, once it has started and before the first turn.
  // What lies in the history's folder stays if a snapshot was loaded that counts on it.
  [[nodiscard]] base::Status attach(journal::Replica& replica);

  base::Status apply(journal::Index index, journal::Term term, base::Bytes batch,
                     const base::Digest& chain, bool own) override;
  void leadership_open(journal::Term term) override;
  void leadership_lost() override;
  void write_snapshot(base::ByteWriter& into) override;
  base::Status load_snapshot(base::Bytes snapshot, journal::Index index) override;

  // How the links to the other servers are, for the report.
  struct PeerLink {
    NodeId node = 0;
    bool is_connected = false;       // frames can be sent to it
    std::uint64_t heard_ms_ago = 0;  // since its last frame came
    journal::PeerNetworks networks = {};
  };
  void tell_links_by(std::function<std::vector<PeerLink>()> links) { links_ = std::move(links); }

  // What this server understands, and what another one does.
  [[nodiscard]] journal::FormatLevels levels() const;
  void hear_levels(NodeId node, const journal::FormatLevels& levels);

  // The servers of the cluster have changed, and the configuration's list with them.
  void servers_changed(const journal::Configuration& servers);

  // An error is final: end the process.
  base::Status end_turn(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

  // Once it is not fine, nothing is told to anybody any more.
  [[nodiscard]] Verdict verdict() const { return verdict_; }
  [[nodiscard]] bool is_open() const { return open_; }
  // It is no server of the cluster any more: end the process.
  [[nodiscard]] bool is_removed() const { return view_.removed; }
  // It cannot go on with this program: end the process. The error was told by end_turn() or
  // load_snapshot().
  [[nodiscard]] bool is_too_old() const { return is_too_old_; }
  [[nodiscard]] const LevelInForce& level() const { return level_; }
  [[nodiscard]] const venue::Venue& venue() const { return venue_; }
  [[nodiscard]] History& history() { return *history_; }
  [[nodiscard]] const net::Endpoint& gateways_endpoint() const { return port_->endpoint(); }
  [[nodiscard]] const net::Endpoint& feed_endpoint() const { return market_data_->feed_endpoint(); }
  [[nodiscard]] const ApplyingWord& applying() const { return *applying_; }

  // For whoever watches this replica.
  struct Work {
    std::uint64_t batches_applied = 0;
    std::uint64_t commands_applied = 0;
    std::uint64_t events_made = 0;
    net::MetricHistogram batch_commands = net::count_histogram();
  };
  [[nodiscard]] const Work& work() const { return work_; }
  // The newest checkpoint, with hashes that every replica must have in common.
  struct NewestCheckpoint {
    std::uint64_t number = 0;  // 0: none yet
    std::uint64_t state_hash = 0;
    base::Digest chain{};
  };
  [[nodiscard]] NewestCheckpoint newest_checkpoint() const;
  [[nodiscard]] bool is_ledger_conserved() const { return !ledger_broken_; }
  [[nodiscard]] std::size_t pending_bytes() const { return pending_.bytes(); }
  [[nodiscard]] std::size_t gateways() const { return port_->gateways(); }
  [[nodiscard]] std::size_t feed_subscribers() const { return market_data_->subscribers(); }
  [[nodiscard]] const feed::MarketData& market_data() const { return *market_data_; }
  [[nodiscard]] const History& history() const { return *history_; }

 private:
  // What a checkpoint found here, and the log's chain at the batch that held it.
  struct Finding {
    venue::Venue::CheckpointFinding found;
    base::Digest chain{};
  };

  MarketServer(net::Loop& loop, const NodeConfig& config, std::unique_ptr<ApplyingWord> applying,
               std::unique_ptr<History> history);
  base::Status open_ports(net::Loop& loop);

  base::Status on_command(const venue::CommandHeader& command) override;
  void describe_market(GatewayId gateway, base::ByteWriter& events) override;
  wire::NodeStatus node_status() override;
  std::string node_report() override;
  std::string halt_preview(const wire::PreviewRequest& request) override;
  base::Status transfer_leadership(NodeId target) override;
  base::Status transfer_leadership(NodeId target, const wire::TransferApproval& approval) override;
  base::Result<journal::ChangeOutcome> change_servers(const journal::ServerChange& change) override;
  [[nodiscard]] bool never_takes(const journal::ServerChange& change) override;
  [[nodiscard]] boost::json::array servers_report() const;

  void hand_out_events();
  void note_checkpoint(const base::Digest& chain);
  void judge();
  void note_whether_current();
  void add_own_commands(std::uint64_t now_ms);
  [[nodiscard]] bool may_advance() const;
  void add_checkpoint();
  // What the server that understands least understands, as far as is known here.
  [[nodiscard]] LeastServer least_server() const;
  void raise_level();
  base::Status stop_as_too_old(base::Error error);
  // Of the day's plan; UINT64_MAX when nothing is left to do.
  void attest();
  void submit_batches();
  void restart_streams();

  const NodeConfig& config_;
  std::unique_ptr<ApplyingWord> applying_;
  std::unique_ptr<History> history_;
  venue::Venue venue_;
  EventRing ring_;
  PendingCommands pending_;
  LeaderClock clock_;
  LeaderLink leader_link_;
  HistoryFetch history_fetch_;
  std::unique_ptr<feed::MarketData> market_data_;
  std::unique_ptr<GatewayPort> port_;
  journal::Replica* replica_ = nullptr;
  bool has_loaded_snapshot_ = false;
  std::function<std::vector<PeerLink>()> links_;
  journal::ReplicaView view_;
  LevelInForce level_;
  bool is_too_old_ = false;
  std::string newer_needed_;  // by what another server said
  ToldLevels told_levels_;
  bool was_told_of_snapshot_ = false;

  bool open_ = false;
  bool is_current_ = false;
  Verdict verdict_ = Verdict::fine;
  bool ledger_broken_ = false;
  std::uint64_t commands_since_checkpoint_ = 0;
  std::uint64_t next_checkpoint_ms_ = 0;
  PlanAdvance advance_;
  std::uint64_t checkpoint_number_ = 0;
  std::deque<Finding> findings_;  // newest last
  bool attestation_due_ = false;
  // Checkpoints applied since this process first attested. The venue remembers attestations of this
  // node's earlier lives; they are no verdict on this one.
  std::uint32_t checkpoints_attested_ = 0;
  bool has_attested_ = false;
  base::ByteWriter events_;
  Work work_;
};

}  // namespace okiagari::node
