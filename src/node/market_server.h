// One replica at work: the venue driven by the log, its history, feed and gateways around it. It is
// the log's state machine; what is the log's own business stays behind journal::Replica, and the
// process around it in node.h.
//
// A turn: the loop has run what was ready; commands that came in go into the log; the replica ends
// its turn, in which committed batches are applied; what they said is sent.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "feed/feed_server.h"
#include "journal/replica.h"
#include "net/loop.h"
#include "node/applying_word.h"
#include "node/config.h"
#include "node/event_ring.h"
#include "node/gateway_port.h"
#include "node/history.h"
#include "node/history_fetch.h"
#include "node/leader_clock.h"
#include "node/leader_link.h"
#include "node/pending_commands.h"
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

  // The replica that this is the state machine of; before the first turn.
  void attach(journal::Replica& replica) { replica_ = &replica; }

  void apply(journal::Index index, journal::Term term, base::Bytes batch, const base::Digest& chain,
             bool own) override;
  void leadership_open(journal::Term term) override;
  void leadership_lost() override;
  void write_snapshot(base::ByteWriter& into) override;
  base::Status load_snapshot(base::Bytes snapshot, journal::Index index) override;

  // An error is final: end the process.
  base::Status end_turn(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

  // Once it is not fine, nothing is told to anybody any more.
  [[nodiscard]] Verdict verdict() const { return verdict_; }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] const venue::Venue& venue() const { return venue_; }
  [[nodiscard]] History& history() { return *history_; }
  [[nodiscard]] const net::Endpoint& gateways_endpoint() const { return port_->endpoint(); }
  [[nodiscard]] const net::Endpoint& feed_endpoint() const { return feed_->endpoint(); }
  [[nodiscard]] const ApplyingWord& applying() const { return *applying_; }

 private:
  // What a checkpoint found here, and the log's chain at the batch that held it.
  struct Finding {
    venue::Venue::CheckpointFinding found;
    base::Digest chain{};
  };

  MarketServer(net::Loop& loop, const NodeConfig& config, std::unique_ptr<ApplyingWord> applying,
               std::unique_ptr<History> history);
  base::Status open_ports(net::Loop& loop);

  void on_command(const venue::CommandHeader& command) override;
  void describe_market(GatewayId gateway, base::ByteWriter& events) override;
  wire::NodeStatus node_status() override;
  std::string node_report() override;
  base::Status transfer_leadership(NodeId target) override;

  void hand_out_events();
  void note_checkpoint(const base::Digest& chain);
  void judge();
  void add_own_commands(std::uint64_t now_ms);
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
  std::unique_ptr<feed::FeedServer> feed_;
  std::unique_ptr<GatewayPort> port_;
  journal::Replica* replica_ = nullptr;
  journal::ReplicaView view_;

  bool open_ = false;
  Verdict verdict_ = Verdict::fine;
  bool ledger_broken_ = false;
  std::uint64_t commands_since_checkpoint_ = 0;
  std::uint64_t next_checkpoint_ms_ = 0;
  std::uint64_t checkpoint_number_ = 0;
  std::deque<Finding> findings_;  // newest last
  bool attestation_due_ = false;
  // Checkpoints applied since this process first attested. The venue remembers attestations of this
  // node's earlier lives; they are no verdict on this one.
  std::uint32_t checkpoints_attested_ = 0;
  bool has_attested_ = false;
  base::ByteWriter events_;
};

}  // namespace okiagari::node
