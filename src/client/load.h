// Load as many members make it: orders over many sessions, at a constant rate whatever the market
// does, or as many as a window of unanswered ones lets through; with the latency of each
// acknowledgement as the member sees it, and the longest time without any.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/latency_histogram.h"
#include "client/soup_client.h"
#include "net/loop.h"
#include "wire/ouch.h"

namespace okiagari::client {

struct LoadOptions {
  std::vector<SoupAccess> sessions;
  std::vector<wire::ouch::Symbol> symbols;
  std::uint64_t orders_per_second = 0;  // 0: as many as the window lets through
  std::uint32_t window = 512;           // orders without an answer, per session
  std::uint32_t live_orders_max = 64;   // per session; the oldest is cancelled when there are more
  bool crosses = true;                  // about one order in four meets another; else all rest
  std::uint64_t mid_price_e4 = 1'000'000;
  std::uint64_t tick_e4 = 100;
  std::uint64_t seed = 1;
};

struct LoadFigures {
  std::uint64_t orders_sent = 0;
  std::uint64_t orders_acknowledged = 0;  // accepted
  std::uint64_t orders_rejected = 0;      // by the venue
  std::uint64_t orders_refused = 0;       // by a gateway
  std::uint64_t cancels_sent = 0;
  std::uint64_t cancels_answered = 0;  // done or found to be too late
  std::uint64_t executions = 0;
  std::uint64_t connections_lost = 0;
  // From when the order was due, not from when it could be sent.
  LatencyHistogram latency;
};

class Load {
 public:
  Load(net::Loop& loop, LoadOptions options);
  ~Load();

  // All sessions are logged in.
  [[nodiscard]] bool is_ready() const;
  // A session whose name and token are wrong never will be; its name, or nothing.
  [[nodiscard]] std::string refused_session() const;

  // Orders go out from now on, until stop(); those under way are still answered.
  void start() { start(options_.orders_per_second); }
  void start(std::uint64_t orders_per_second);  // at that rate from now on
  void stop() { is_running_ = false; }
  [[nodiscard]] std::uint64_t unanswered() const;

  // Sends what is due. To be called after each turn of the loop, which must not wait beyond
  // next_deadline_ms().
  void end_turn();
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

  // Forgets what was measured so far.
  void begin_measurement();
  [[nodiscard]] const LoadFigures& figures() const { return figures_; }

  // The longest time between two acknowledgements since this was reset, one under way included.
  void reset_longest_gap();
  [[nodiscard]] std::uint64_t longest_gap_ns() const;
  [[nodiscard]] std::uint64_t last_acknowledgement_ns() const { return last_acknowledgement_ns_; }

  void close(bool log_out);

 private:
  class Trader;
  friend class Trader;

  void acknowledged(std::uint64_t due_ns);
  void send_due(std::uint64_t now_ns);
  void fill_windows(std::uint64_t now_ns);
  void wake_at(std::uint64_t when_ns);

  LoadOptions options_;
  std::vector<std::unique_ptr<Trader>> traders_;
  boost::asio::steady_timer timer_;
  bool is_running_ = false;
  bool is_timer_armed_ = false;
  std::uint64_t started_ns_ = 0;
  std::uint64_t scheduled_ = 0;  // orders since the start, at the constant rate
  std::size_t next_trader_ = 0;
  std::uint64_t last_acknowledgement_ns_ = 0;
  std::uint64_t longest_gap_ns_ = 0;
  LoadFigures figures_;
};

}  // namespace okiagari::client
