// Terminates members' sessions: logs them in through the venue's log, turns what they send into
// commands for the leader, and what the venue says into their numbered messages. It holds no truth:
// whoever loses it goes on at another gateway. docs/gateway.md tells what members see.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/arrivals.h"
#include "gateway/cluster_link.h"
#include "gateway/credentials.h"
#include "gateway/delivery.h"
#include "gateway/halt_folder.h"
#include "gateway/halt_guard.h"
#include "gateway/intake.h"
#include "gateway/measures.h"
#include "gateway/member_line.h"
#include "gateway/options.h"
#include "gateway/order_instruments.h"
#include "gateway/receipt_log.h"
#include "gateway/session.h"
#include "gateway/told_events.h"
#include "gateway/undecided.h"
#include "gateway/witness.h"
#include "net/health_server.h"
#include "net/loop.h"
#include "net/metrics.h"
#include "net/tcp.h"
#include "wire/symbols.h"

namespace okiagari::gateway {

class Gateway final : private MemberLine::Owner, private ClusterLink::Owner {
 public:
  // The errors name the file or the address and what to do about it.
  [[nodiscard]] static base::Result<std::unique_ptr<Gateway>> open(net::Loop& loop,
                                                                   GatewayOptions options);
  ~Gateway() override;

  // Sends what the turn has made, and keeps the time. To be called after each turn of the loop,
  // which must not wait beyond next_deadline_ms().
  void end_turn();
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

  // A halt or lift that came by another way than the folder; returns the answer (docs/formats/
  // halt.md). `origin` is for the log.
  [[nodiscard]] std::string hand_over_halt(std::string_view text, const std::string& origin);

  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }
  [[nodiscard]] bool is_serving() const { return cluster_.is_serving(); }
  [[nodiscard]] std::size_t connections() const { return lines_.size(); }
  [[nodiscard]] std::size_t undecided_bytes() const { return undecided_.bytes(); }
  [[nodiscard]] const std::string& receipts_path() const { return receipts_->path(); }

  // For whoever watches it; gateway_metrics.cc.
  void write_metrics(net::MetricsWriter& writer) const;
  [[nodiscard]] net::Readiness readiness() const;

 private:
  Gateway(net::Loop& loop, GatewayOptions options, const Credentials& credentials,
          std::unique_ptr<ReceiptLog> receipts, HaltFolder halt_folder,
          wire::OperatorKeys operators, std::uint64_t incarnation);

  // From the members' side.
  void on_login(MemberLine& line, const wire::SoupLoginRequest& request) override;
  bool on_message(MemberLine& line, base::Bytes message) override;
  void on_logout(MemberLine& line) override;
  void on_malformed(MemberLine&) override { ++measures_.malformed; }
  void on_gone(MemberLine& line, const std::string& reason) override;
  void on_dirty(MemberLine& line) override { dirty_.push_back(&line); }

  // From the cluster's side.
  void on_event(const venue::EventHeader& event) override;
  void on_events_done() override;
  void on_history(const wire::HistoryPrefix& prefix, base::Bytes events) override;
  void on_history_end(const wire::HistoryEnd& end) override;
  void on_serving() override { undecided_.send_all_again(); }
  void on_lost_track() override;

  void poll_halts(std::uint64_t now_ms);
  void tell_of_halt(const HaltInForce& halt, char action);
  void tell_of_halts(Session& session) const;
  [[nodiscard]] std::string halt_answer(const HaltGuard::Answer& answer,
                                        std::uint64_t took_us) const;

  void note_order(const venue::EventHeader& event);
  void accept(std::shared_ptr<net::Connection> connection);
  void record_login(const wire::SoupLoginRequest& request, SessionId session);
  void reject_login(MemberLine& line, char reason);
  void begin_login(Session& session, std::uint64_t requested_number);
  [[nodiscard]] bool push(const auto& command);
  void push_logout(Session& session, venue::LogoutReason reason);

  void login_accepted(Session& session, const venue::LoginAccepted& event);
  void login_refused(Session& session, const venue::LoginRefused& event);
  void session_fenced(Session& session, std::uint32_t epoch);
  void stream_gap(Session& session, const venue::StreamGap& event);
  void logout_answered(Session& session, const venue::ControlResult& event);
  // The epoch is over: what is still undecided in it will never be decided here.
  void end_epoch(Session& session);
  [[nodiscard]] bool is_decided(const venue::CommandHeader& command) const;

  [[nodiscard]] Session* find(SessionId session) const {
    return session < sessions_.size() ? sessions_[session].get() : nullptr;
  }
  void tick(std::uint64_t now_ms);
  void tick_session(Session& session, std::uint64_t now_ms);
  void submit();
  void send_again_what_stalls(std::uint64_t now_ms);
  void resume_members();
  void flush_receipts();
  void save_witness_file();
  void save_told_events();
  void restore(const Witness& witness);

  GatewayOptions options_;
  Credentials credentials_;
  wire::Alpha<10> soup_session_;
  std::mt19937_64 nonces_;
  wire::Symbols symbols_;
  UndecidedCommands undecided_;
  Arrivals arrivals_;
  Measures measures_;
  std::unique_ptr<ReceiptLog> receipts_;
  ToldEvents told_;
  bool told_is_saved_ = false;  // since the cluster fell silent
  ClusterLink cluster_;
  Delivery delivery_;
  HaltGuard halts_;
  HaltFolder halt_folder_;
  OrderInstruments orders_;
  Intake intake_;
  std::vector<std::unique_ptr<Session>> sessions_;  // by id; null where there is none
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<MemberLine>> lines_;
  std::vector<MemberLine*> dirty_;
  Intake::Moment moment_;    // of the messages being read
  bool has_moment_ = false;  // taken in this turn
  bool has_closed_lines_ = false;
  bool has_paused_lines_ = false;
  bool receipts_failed_ = false;
  std::uint64_t oldest_since_ms_ = 0;  // the oldest undecided command is the same since then
  std::uint64_t next_tick_ms_ = 0;
  std::uint64_t next_witness_ms_ = 0;
  std::uint64_t next_halt_poll_ms_ = 0;
};

}  // namespace okiagari::gateway
