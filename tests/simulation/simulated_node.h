// One server: the real replica and the real venue on a simulated disk, in a process that is
// started, killed, frozen and cut off. Around them the little that a node adds: batches from what
// gateways send, events to those who subscribed, checkpoints and attestations.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "journal/replica.h"
#include "node/plan_advance.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/timed_disk.h"
#include "tests/simulation/world.h"
#include "venue/venue.h"

namespace okiagari::simulation {

// How a process ends.
enum class Ending : std::uint8_t { killed, dark };

class SimulatedNode final : public journal::StateMachine,
                            public journal::Links,
                            public journal::SnapshotWorker {
 public:
  SimulatedNode(World& world, Endpoint endpoint);
  ~SimulatedNode() override;

  // The process is started, unless it runs or is held down.
  void start();
  void end(Ending ending);
  [[nodiscard]] bool is_running() const { return replica_ != nullptr; }
  // As long as one fault holds it down it is not started again.
  void hold_down() { ++held_down_; }
  void let_up();

  void receive(const Happening& message);
  void turn();
  void wake();

  void freeze() { ++frozen_; }
  void thaw();
  void set_sync_us(TimeUs sync_us) { timed_disk_.set_sync_us(sync_us); }
  void step_clock(std::int64_t by_us) { skew_us_ += by_us; }
  // In a random one of its next operations on its disk it dies.
  void crash_in_write(std::uint64_t choice, Ending ending);
  void disarm() { disk_.disarm(); }
  void fill_disk(std::uint64_t choice);
  void free_disk();
  // Only while it is down. False: there was nothing to damage.
  bool flip_bit(std::uint64_t choice);
  void lose_tail(std::uint64_t choice);
  void wipe_disk(std::uint64_t storage);
  void transfer(NodeId target);
  bool change_voters();
  base::Result<journal::ChangeOutcome> change_servers(const journal::ServerChange& change);
  // A server's empty folder, for a cluster that runs already, on a machine that had none.
  void install(std::uint64_t storage);
  [[nodiscard]] const journal::Configuration& servers() const { return replica_->servers(); }
  [[nodiscard]] bool is_disk_full() const { return is_disk_full_; }
  // What the present life has done so far is added to the tally.
  void count_life();

  [[nodiscard]] journal::ReplicaView view() const { return replica_->view(); }
  [[nodiscard]] const venue::Venue& venue() const { return *venue_; }
  // Its copy of the log is lost for good, by a fault of this run.
  // Its disk was wiped: peers do not take it for the server it was.
  [[nodiscard]] bool is_wiped() const { return is_wiped_; }
  [[nodiscard]] bool is_ruined() const { return is_ruined_; }
  [[nodiscard]] journal::Index applied_index() const { return last_applied_; }
  [[nodiscard]] std::uint64_t sectors_lost() const { return disk_.counters().sectors_lost; }
  [[nodiscard]] std::string describe() const;

 private:
  struct GatewayLink {
    bool is_up = false;
    bool is_subscribed = false;
    bool is_concerned = false;  // there are events for it
    std::uint64_t told_event = 0;
    TimeUs next_status_us = 0;
  };

  // journal::StateMachine
  base::Status apply(journal::Index index, journal::Term term, base::Bytes batch,
                     const base::Digest& chain, bool own) override;
  void leadership_open(journal::Term term) override;
  void leadership_lost() override;
  void write_snapshot(base::ByteWriter& into) override;
  base::Status load_snapshot(base::Bytes snapshot, journal::Index index) override;
  void before_snapshot() override;
  // journal::Links
  bool send(NodeId to, base::Bytes frame) override;
  bool send_bulk(NodeId to, base::Bytes frame) override;
  [[nodiscard]] bool is_bulk_on_its_way(NodeId to) const override;
  // journal::SnapshotWorker
  void start(std::unique_ptr<journal::SnapshotJob> job) override;
  State poll() override;

  [[nodiscard]] journal::ReplicaOptions options() const;
  // The file and the end of what was written last to the log; empty when there is no log yet.
  [[nodiscard]] std::pair<std::string, std::uint64_t> end_of_log();
  void try_to_start();
  void refused_to_start(const std::string& message);
  void run_turn();
  void take_inbox();
  void take(const Happening& message);
  void take_submit(base::Bytes commands);
  void subscribe(Endpoint gateway, std::uint64_t after);
  void submit_pending();
  void add_checkpoint();
  void add_advance();
  void attest(const venue::Venue::CheckpointFinding& finding, const base::Digest& chain);
  void tell_gateways();
  void check_leadership();
  void ended_itself(const std::string& message);
  void start_later(TimeUs after_us);
  void format_anew(std::uint64_t storage, bool joins);
  void plan_turn(TimeUs at_us);
  void plan_wake();
  [[nodiscard]] std::uint64_t next_deadline_ms() const;
  [[nodiscard]] TimeUs now_us() const { return world_.agenda.now_us() + timed_disk_.elapsed_us(); }
  [[nodiscard]] std::uint64_t to_node_ms(TimeUs at_us) const {
    return (at_us + boot_offset_us_) / 1000;
  }
  // Its wall clock, now.
  [[nodiscard]] TimestampNs wall_ns() const {
    const auto clock_us = static_cast<std::int64_t>(kEpochUs + world_.agenda.now_us()) + skew_us_;
    return static_cast<TimestampNs>(clock_us) * 1'000;
  }
  // What the market is in the middle of.
  struct Middle {
    bool of_call = false;  // whose end is planned
    bool of_day_end = false;
    bool of_plan = false;
  };
  [[nodiscard]] Middle middle() const;
  void count(Branch branch, bool is_taken = true) { world_.tally.count(branch, is_taken ? 1 : 0); }

  World& world_;
  Endpoint endpoint_;
  SimulatedDisk disk_;
  TimedDisk timed_disk_;
  TimeUs boot_offset_us_;
  std::int64_t skew_us_ = 0;
  std::uint64_t lives_ = 0;
  bool is_in_use_;  // a server is installed on this machine
  bool is_ruined_ = false;
  bool is_wiped_ = false;
  bool is_disk_full_ = false;
  Ending armed_ending_ = Ending::killed;
  std::uint32_t held_down_ = 0;
  std::uint32_t frozen_ = 0;
  // Of the store of past events, which a node keeps beside its log.
  std::uint64_t oldest_event_ = 1;
  std::uint64_t kept_through_ = 0;

  // Of one life.
  std::unique_ptr<venue::Venue> venue_;
  std::unique_ptr<journal::Replica> replica_;
  bool is_starting_ = false;
  std::vector<Happening> inbox_;
  std::vector<Happening> taken_;
  std::vector<std::byte> frame_;
  bool is_turn_planned_ = false;
  TimeUs wake_at_us_ = 0;
  TimeUs busy_until_us_ = 0;
  bool is_open_ = false;
  journal::Term open_term_ = 0;
  std::vector<std::byte> pending_;  // whole commands that were not submitted
  base::ByteWriter batch_;
  base::ByteWriter events_;
  journal::Index last_applied_ = 0;  // with commands
  std::array<GatewayLink, kEndpoints> gateways_{};
  TimeUs next_checkpoint_us_ = 0;
  node::PlanAdvance advance_;
  State snapshot_state_ = State::idle;
  TimeUs snapshot_done_us_ = 0;
};

}  // namespace okiagari::simulation
