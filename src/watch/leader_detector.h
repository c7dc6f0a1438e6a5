// Whether the server that leads works worse than another would: orders are slow through every
// gateway, and it is the leader that is slow. What is slow everywhere, as on a machine that is busy
// as a whole, is no reason for another leader, and is told as that.
//
// All servers are looked at in the same moments, so that what slows down all of them, or the place
// that looks, makes no difference between them; it counts how often the leader did worse than
// another, not by how much, so that single bad moments do not matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/types.h"
#include "watch/lasting.h"
#include "watch/moment.h"
#include "watch/reporter.h"
#include "watch/sentence.h"

namespace okiagari::watch {

struct LeaderLimits {
  // In no rhythm with the 100 ms in which a system deals out shares of its processors.
  std::uint64_t look_ms = 30;
  std::uint64_t window_ms = 2'500;
  std::uint64_t recent_ms = 1'000;       // in which it must be slow as well
  std::uint64_t lasts_ms = 1'800;        // after which it is told
  std::uint64_t alike_lasts_ms = 3'000;  // and that no server does better
  std::uint64_t again_ms = 30'000;       // what goes on is told so often
  double slow_ms = 20;                   // an order that is faster was never slow
  double slow_factor = 3;                // nor one that takes less than so many times the usual
  // Who begins to look while a leader is slow must not take that for the usual.
  double usual_ms_max = 15;
  double worse_ms = 20;          // to answer, than another takes in the same moment
  double worse_share = 0.4;      // of all moments
  double worse_factor = 3;       // and so many times as often as it is the other way round
  double mean_factor = 3;        // so many times as long to answer, on average
  double sync_share = 0.8;       // of all moments, in which it takes longer for a sync
  double sync_ms = 8;            // of its log, on average
  double sync_factor = 4;        // so many times what another takes
  std::uint64_t lag_ms = 1'000;  // who is further behind is not better
};

class LeaderDetector {
 public:
  struct Server {
    NodeId node = 0;
    bool is_alive = false;
    std::uint64_t lag_ms = 0;
    // How long it takes to say how it is: the last time, or what it has been taking by now.
    std::optional<double> answer_ms;
    std::optional<double> sync_ms;  // by its own word, of late
  };
  // Through one gateway; the last order's time, or what the oldest has been waiting by now.
  struct Orders {
    GatewayId gateway = 0;
    double answer_ms = 0;
    double usual_ms = 0;
  };

  LeaderDetector(LeaderLimits limits, Reporter& reporter) : limits_(limits), reporter_(reporter) {}

  [[nodiscard]] bool is_due(const Moment& moment) const {
    return looks_.empty() || moment.steady_ms >= looks_.back().steady_ms + limits_.look_ms;
  }
  // When it is due. `orders` has the gateways of which it is known what is usual.
  void look(NodeId leader, const std::vector<Server>& servers, const std::vector<Orders>& orders,
            const Moment& moment);

 private:
  struct Look {
    std::uint64_t steady_ms = 0;
    std::vector<Server> servers;
    std::map<GatewayId, double> orders_ms;
  };
  struct Speed {
    double orders_ms = 0;  // the upper quartile: who stutters is quick in between
    double usual_ms = 0;
    bool is_slow = false;
  };
  // How the leader compares with one other over the window.
  struct Comparison {
    bool is_better = false;  // the other one
    double worse_share = 0;
    double better_share = 0;
    Sentence how;
  };
  [[nodiscard]] bool is_full(const Moment& moment) const;
  // Of the gateway whose orders are fastest: a slow gateway is no slow leader.
  [[nodiscard]] Speed speed(const std::vector<Orders>& orders) const;
  [[nodiscard]] Comparison compare(NodeId other) const;
  void compare_syncs(NodeId other, Comparison& found) const;
  [[nodiscard]] bool all_answer() const;
  void judge(const std::vector<Orders>& orders, const Moment& moment);
  void tell_slow(const Speed& speed, NodeId better, const Sentence& how, const Moment& moment);
  void tell_alike(const Speed& speed, const Moment& moment);
  void tell_fast(const Speed& speed, const Moment& moment);
  [[nodiscard]] bool may_tell(std::uint64_t& told_ms, const Moment& moment) const;

  LeaderLimits limits_;
  Reporter& reporter_;
  NodeId leader_ = 0;
  std::deque<Look> looks_;  // under this leader, of the window
  Lasting slow_;
  Lasting alike_;
  Lasting fast_;
  std::uint64_t slow_told_ms_ = 0;  // of this leader; 0: not yet
  std::uint64_t alike_told_ms_ = 0;
  // What was told and is not over.
  struct Told {
    NodeId leader = 0;
    double orders_ms = 0;
  };
  std::optional<Told> told_;
};

}  // namespace okiagari::watch
