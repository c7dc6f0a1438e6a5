#include "watch/leader_detector.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {

// Of fewer looks nothing is concluded, as when the one who looks got no processor.
constexpr std::size_t kLooksLeast = 10;

// The value that so many quarters of all are below.
double quartile(std::vector<double> values, std::size_t quarters) {
  if (values.empty()) return 0;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(values.size() * quarters / 4);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

double median(std::vector<double> values) { return quartile(std::move(values), 2); }

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

const LeaderDetector::Server* find(const std::vector<LeaderDetector::Server>& servers,
                                   NodeId node) {
  const auto found = std::find_if(servers.begin(), servers.end(),
                                  [&](const auto& one) { return one.node == node; });
  return found == servers.end() ? nullptr : &*found;
}

}  // namespace

void LeaderDetector::look(NodeId leader, const std::vector<Server>& servers,
                          const std::vector<Orders>& orders, const Moment& moment) {
  // Of one that is silent for a moment nobody can say that it leads: it is the same until another
  // does.
  if (leader == 0) leader = leader_;
  if (leader != leader_) {
    leader_ = leader;
    looks_.clear();
    slow_ = {};
    alike_ = {};
    fast_ = {};
    slow_told_ms_ = 0;
  }
  if (leader_ == 0 || orders.empty()) return;
  if (!is_due(moment)) return;
  Look& now = looks_.emplace_back();
  now.steady_ms = moment.steady_ms;
  now.servers = servers;
  for (const Orders& one : orders) now.orders_ms[one.gateway] = one.answer_ms;
  while (looks_.front().steady_ms + limits_.window_ms < moment.steady_ms) looks_.pop_front();
  if (is_full(moment)) judge(orders, moment);
}

bool LeaderDetector::is_full(const Moment& moment) const {
  return looks_.size() >= kLooksLeast &&
         looks_.front().steady_ms + limits_.window_ms <= moment.steady_ms + 2 * limits_.look_ms;
}

LeaderDetector::Speed LeaderDetector::speed(const std::vector<Orders>& orders) const {
  std::optional<Speed> fastest;
  const std::uint64_t recent_ms = looks_.back().steady_ms - limits_.recent_ms;
  for (const Orders& one : orders) {
    std::vector<double> all;
    std::vector<double> recent;
    for (const Look& look : looks_) {
      const auto found = look.orders_ms.find(one.gateway);
      if (found == look.orders_ms.end()) continue;
      all.push_back(found->second);
      if (look.steady_ms >= recent_ms) recent.push_back(found->second);
    }
    const double slow_ms = std::max(
        limits_.slow_ms, limits_.slow_factor * std::min(one.usual_ms, limits_.usual_ms_max));
    Speed speed{.orders_ms = quartile(std::move(all), 3), .usual_ms = one.usual_ms};
    // What was slow and is over is not slow.
    speed.is_slow = speed.orders_ms >= slow_ms && quartile(std::move(recent), 3) >= slow_ms;
    const bool is_better = !fastest || (fastest->is_slow && !speed.is_slow) ||
                           (fastest->is_slow == speed.is_slow &&  //
                            speed.orders_ms < fastest->orders_ms);
    if (is_better) fastest = speed;
  }
  return fastest.value_or(Speed{});
}

LeaderDetector::Comparison LeaderDetector::compare(NodeId other) const {
  Comparison found;
  std::vector<double> own_ms;
  std::vector<double> its_ms;
  std::size_t worse = 0;
  std::size_t better = 0;
  for (const Look& look : looks_) {
    const Server* own = find(look.servers, leader_);
    const Server* its = find(look.servers, other);
    if (own == nullptr || its == nullptr) return found;
    if (!its->is_alive || its->lag_ms > limits_.lag_ms) return found;
    if (!own->answer_ms || !its->answer_ms) continue;
    own_ms.push_back(*own->answer_ms);
    its_ms.push_back(*its->answer_ms);
    if (own_ms.back() > its_ms.back() + limits_.worse_ms) ++worse;
    if (its_ms.back() > own_ms.back() + limits_.worse_ms) ++better;
  }
  if (own_ms.size() < kLooksLeast) return found;
  found.worse_share = static_cast<double>(worse) / static_cast<double>(own_ms.size());
  found.better_share = static_cast<double>(better) / static_cast<double>(own_ms.size());
  const double own_mean_ms = mean(own_ms);
  const double its_mean_ms = mean(its_ms);
  if (found.worse_share >= limits_.worse_share &&
      found.worse_share >= limits_.worse_factor * found.better_share &&
      own_mean_ms >= limits_.mean_factor * its_mean_ms) {
    found.is_better = true;
    found.how = said(
        "takes {:.0f} ms to answer and {} {:.0f}, and is the later one by more than {:.0f} ms in "
        "{:.0f} % of all moments, the earlier one in {:.0f} %",
        "は応答に{:.0f}ミリ秒、{}は{:.0f}ミリ秒かかり、{:.0f}ミリ秒を超えて遅い瞬間が全体の{:.0f} "
        "%、逆が{:.0f} %である",
        own_mean_ms, node_name(other), its_mean_ms, limits_.worse_ms, 100 * found.worse_share,
        100 * found.better_share);
    return found;
  }
  // Of a process that does not get to run the time of a sync says nothing about its disk.
  if (median(std::move(own_ms)) <= limits_.worse_ms &&
      median(std::move(its_ms)) <= limits_.worse_ms) {
    compare_syncs(other, found);
  }
  return found;
}

void LeaderDetector::compare_syncs(NodeId other, Comparison& found) const {
  std::vector<double> own_ms;
  std::vector<double> its_ms;
  std::size_t worse = 0;
  for (const Look& look : looks_) {
    const Server* own = find(look.servers, leader_);
    const Server* its = find(look.servers, other);
    if (!own->sync_ms || !its->sync_ms) continue;
    own_ms.push_back(*own->sync_ms);
    its_ms.push_back(*its->sync_ms);
    const bool is_worse = *own->sync_ms >= limits_.sync_ms && *its->sync_ms < limits_.sync_ms &&
                          *own->sync_ms >= limits_.sync_factor * *its->sync_ms;
    if (is_worse) ++worse;
  }
  if (own_ms.size() < kLooksLeast) return;
  const double share = static_cast<double>(worse) / static_cast<double>(own_ms.size());
  if (share < limits_.sync_share) return;
  found.is_better = true;
  found.how = said("takes {:.1f} ms for a sync of its log, and {} {:.1f}",
                   "はログの同期に{:.1f}ミリ秒、{}は{:.1f}ミリ秒かかる", median(std::move(own_ms)),
                   node_name(other), median(std::move(its_ms)));
}

bool LeaderDetector::all_answer() const {
  return std::all_of(looks_.begin(), looks_.end(), [](const Look& look) {
    return std::all_of(look.servers.begin(), look.servers.end(),
                       [](const Server& one) { return one.is_alive && one.answer_ms.has_value(); });
  });
}

void LeaderDetector::judge(const std::vector<Orders>& orders, const Moment& moment) {
  const Speed now = speed(orders);
  NodeId best = 0;
  Comparison how;
  for (const Server& one : looks_.back().servers) {
    if (!now.is_slow || one.node == leader_) continue;
    Comparison found = compare(one.node);
    if (!found.is_better) continue;
    const double lead = found.worse_share - found.better_share;
    if (best != 0 && lead <= how.worse_share - how.better_share) continue;
    best = one.node;
    how = std::move(found);
  }
  const auto holds = [&](Lasting& lasting, bool is_so, std::uint64_t for_ms) {
    (void)lasting.holds(is_so, for_ms, moment);
    return lasting.was_said;
  };
  const bool is_alike = now.is_slow && best == 0 && all_answer();
  if (holds(slow_, now.is_slow && best != 0, limits_.lasts_ms) && may_tell(slow_told_ms_, moment)) {
    tell_slow(now, best, how.how, moment);
  }
  if (holds(alike_, is_alike, limits_.alike_lasts_ms) && may_tell(alike_told_ms_, moment)) {
    tell_alike(now, moment);
  }
  const bool is_fast =
      told_ && (!now.is_slow || now.orders_ms * limits_.slow_factor <= told_->orders_ms);
  if (holds(fast_, is_fast, limits_.lasts_ms)) tell_fast(now, moment);
}

bool LeaderDetector::may_tell(std::uint64_t& told_ms, const Moment& moment) const {
  if (told_ms != 0 && moment.steady_ms < told_ms + limits_.again_ms) return false;
  told_ms = moment.steady_ms;
  return true;
}

void LeaderDetector::tell_slow(const Speed& speed, NodeId better, const Sentence& how,
                               const Moment& moment) {
  told_ = {leader_, speed.orders_ms};
  reporter_.report(
      moment,
      {.kind = EvidenceKind::metric_shift,
       .entity = node_name(leader_),
       .signal = signal::leader_slow,
       .statement = said("orders take {:.0f} ms through every gateway, usually {:.1f}: {}, "
                         "which leads, {}",
                         "どのゲートウェイ経由でも注文に{:.0f}ミリ秒かかる（通常は{:.1f}ミリ秒）。"
                         "リーダーの{}{}",
                         speed.orders_ms, speed.usual_ms, node_name(leader_), how),
       .value = speed.orders_ms,
       .baseline = speed.usual_ms,
       .from_ns = slow_.since_ns,
       .reference = node_name(better)});
}

void LeaderDetector::tell_alike(const Speed& speed, const Moment& moment) {
  reporter_.report(
      moment,
      {.kind = EvidenceKind::metric_shift,
       .entity = "market",
       .signal = signal::slow_alike,
       .statement = said("orders take {:.0f} ms through every gateway, usually {:.1f}, and "
                         "no server does better than {}, which leads",
                         "どのゲートウェイ経由でも注文に{:.0f}ミリ秒かかり（通常は{:.1f}ミリ秒）、"
                         "リーダーの{}より良いサーバーはない",
                         speed.orders_ms, speed.usual_ms, node_name(leader_)),
       .value = speed.orders_ms,
       .baseline = speed.usual_ms,
       .from_ns = alike_.since_ns});
}

void LeaderDetector::tell_fast(const Speed& speed, const Moment& moment) {
  reporter_.report(
      moment, {.kind = EvidenceKind::metric_shift,
               .entity = node_name(leader_),
               .signal = signal::leader_fast,
               .statement = said("orders take {:.1f} ms under {}; they took {:.0f} ms when {} was "
                                 "slow",
                                 "{1}がリーダーの今は注文に{0:.1f}ミリ秒かかる。{3}が遅かったときは"
                                 "{2:.0f}ミリ秒だった",
                                 speed.orders_ms, node_name(leader_), told_->orders_ms,
                                 node_name(told_->leader)),
               .value = speed.orders_ms,
               .baseline = told_->orders_ms,
               .from_ns = fast_.since_ns});
  told_.reset();
}

}  // namespace okiagari::watch
