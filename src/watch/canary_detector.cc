#include "watch/canary_detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {

constexpr std::size_t kOrdersKept = 512;
constexpr std::size_t kEarlyKept = 256;
constexpr double kLeastSpreadMs = 0.2;

double since_ms(std::uint64_t from_ns, std::uint64_t until_ns) {
  return until_ns > from_ns ? static_cast<double>(until_ns - from_ns) / 1e6 : 0;
}

}  // namespace

CanaryDetector::CanaryDetector(std::vector<GatewayId> gateways, std::vector<NodeId> feeds,
                               CanaryLimits limits, const ClusterDetector& cluster,
                               Reporter& reporter)
    : limits_(limits), cluster_(cluster), reporter_(reporter) {
  for (const GatewayId gateway : gateways) places_[gateway];
  for (const NodeId node : feeds) feeds_[node];
}

CanaryDetector::Order* CanaryDetector::find(Place& place, std::uint32_t number) {
  const auto found = std::find_if(place.orders.begin(), place.orders.end(),
                                  [&](const Order& one) { return one.number == number; });
  return found == place.orders.end() ? nullptr : &*found;
}

void CanaryDetector::sent(GatewayId gateway, std::uint32_t order, const Moment& moment,
                          std::uint64_t now_ns) {
  Place& place = places_.at(gateway);
  ++place.orders_sent;
  if (place.orders.size() >= kOrdersKept) place.orders.pop_front();
  place.orders.push_back({.number = order, .sent = moment, .sent_ns = now_ns});
}

void CanaryDetector::acknowledged(GatewayId gateway, std::uint32_t number, OrderReference reference,
                                  const Moment& moment, std::uint64_t now_ns) {
  Place& place = places_.at(gateway);
  Order* order = find(place, number);
  if (order == nullptr || order->acknowledged_ns != 0) return;
  order->acknowledged_ns = now_ns;
  order->acknowledged = moment;
  order->reference = reference;
  place.refusals_in_a_row = 0;
  answered(gateway, place, *order, moment, now_ns);
  const auto early = early_.extract(reference);
  if (early.empty()) return;
  for (const EarlySight& sight : early.mapped()) {
    seen_on_feed(gateway, place, *order, sight.node, sight.seen_ns);
  }
}

void CanaryDetector::rejected(GatewayId gateway, std::uint32_t number, const std::string& reason,
                              const Moment& moment, std::uint64_t now_ns) {
  Place& place = places_.at(gateway);
  if (Order* order = find(place, number)) {
    order->acknowledged_ns = now_ns;
    order->acknowledged = moment;
    answered(gateway, place, *order, moment, now_ns);
    if (loss_ && place.witness == number) rejected_witness(gateway, place, *order, reason);
  }
  refused(gateway, number, reason, moment);
}

// It will be on no feed: the next order is the witness, unless all are rejected, as under a halt.
void CanaryDetector::rejected_witness(GatewayId gateway, Place& place, const Order& order,
                                      const std::string& reason) {
  if (order.acknowledged.steady_ms < loss_->since.steady_ms + limits_.rejected_ms) {
    place.witness = 0;
  } else {
    resumed(gateway, place, order,
            said("rejected ({}), so on no feed", "拒否（{}）のため配信には出ない", reason));
  }
}

void CanaryDetector::refused(GatewayId gateway, std::uint32_t number, const std::string& reason,
                             const Moment& moment) {
  Place& place = places_.at(gateway);
  std::erase_if(place.orders, [&](const Order& one) { return one.number == number; });
  if (++place.refusals_in_a_row != limits_.refusals_in_a_row) return;
  reporter_.report(moment,
                   {.kind = EvidenceKind::probe,
                    .entity = gateway_name(gateway),
                    .signal = signal::refusals_high,
                    .statement = said("{} canary orders in a row were refused through {}: {}",
                                      "{1}経由のカナリア注文が{0}件続けて拒否された: {2}",
                                      place.refusals_in_a_row, gateway_name(gateway), reason),
                    .value = static_cast<double>(place.refusals_in_a_row)});
}

void CanaryDetector::cancelled(GatewayId gateway, std::uint32_t number) {
  // What was acknowledged and is still missing on a feed stays until it is judged.
  Place& place = places_.at(gateway);
  std::erase_if(place.orders, [&](const Order& one) {
    return one.number == number && one.acknowledged_ns != 0 &&
           (one.seen.size() >= feeds_.size() || feeds_.empty());
  });
}

void CanaryDetector::session_lost(GatewayId gateway, const std::string& reason) {
  places_.at(gateway).last_loss = reason;
}

void CanaryDetector::answered(GatewayId gateway, Place& place, const Order& order,
                              const Moment& moment, std::uint64_t now_ns) {
  ++place.answers;
  place.last_acknowledged_ms = since_ms(order.sent_ns, now_ns);
  const Moment before = std::exchange(place.last_good, moment);
  // What waited through an outage says nothing about how fast the market is now.
  if (!place.has_failed && place.last_acknowledged_ms < static_cast<double>(limits_.fail_ms)) {
    judge_speed(gateway, place, place.last_acknowledged_ms, moment);
  }
  if (loss_ && place.witness == 0 && order.sent.steady_ms >= loss_->since.steady_ms) {
    place.witness = order.number;
    if (feeds_.empty())
      resumed(gateway, place, order, {"no feed is watched", "配信は監視していない"});
  }
  if (!place.has_failed) return;
  place.has_failed = false;
  const std::uint64_t gap_ms = before.steady_ms == 0 ? 0 : moment.steady_ms - before.steady_ms;
  reporter_.report(
      moment, {.kind = EvidenceKind::probe,
               .entity = gateway_name(gateway),
               .signal = signal::canary_good,
               .statement = said("orders through {} are acknowledged again, {} ms after the last",
                                 "{}経由の注文が再び応答を得た（直前の応答から{}ミリ秒）",
                                 gateway_name(gateway), gap_ms),
               .value = static_cast<double>(gap_ms)});
}

void CanaryDetector::judge_speed(GatewayId gateway, Place& place, double value_ms,
                                 const Moment& moment) {
  RobustBaseline& past = place.acknowledged_ms;
  const double median_ms = past.median();
  const double deviations = past.deviation(value_ms, kLeastSpreadMs);
  const bool is_slow = past.count() >= limits_.baseline_least &&
                       deviations > limits_.slow_deviations && value_ms > limits_.slow_least_ms &&
                       value_ms > limits_.slow_factor * median_ms;
  // What is called slow does not become the new usual: a slow market stays slow.
  if (!is_slow) {
    past.add(value_ms);
    place.slow_in_a_row = 0;
    place.slow_was_said = false;
    return;
  }
  if (++place.slow_in_a_row < limits_.slow_in_a_row || place.slow_was_said) return;
  place.slow_was_said = true;
  reporter_.report(
      moment,
      {.kind = EvidenceKind::probe,
       .entity = gateway_name(gateway),
       .signal = signal::canary_slow,
       .statement = said(
           "{} orders in a row through {} took {:.1f} ms and more to be acknowledged; {:.1f} ms is "
           "usual",
           "{1}経由の注文が{0}件続けて応答まで{2:.1f}ミリ秒以上かかった（通常は{3:.1f}ミリ秒）",
           place.slow_in_a_row, gateway_name(gateway),
           std::max(limits_.slow_least_ms, limits_.slow_factor * median_ms), median_ms),
       .value = value_ms,
       .baseline = median_ms,
       .effect = deviations});
}

void CanaryDetector::on_feed(NodeId node, OrderReference reference, const std::string& difference,
                             const Moment& moment, std::uint64_t now_ns) {
  if (!difference.empty()) {
    reporter_.report(
        moment, {.kind = EvidenceKind::probe,
                 .entity = "feed " + node_name(node),
                 .signal = signal::feed_differs,
                 .statement = said("order {} of the canary is on the feed of {} with {}",
                                   "カナリアの注文{}が{}の配信に異なる内容で出た: {}", reference,
                                   node_name(node), difference),
                 .reference = fmt::format("order {}", reference)});
  }
  Feed& feed = feeds_.at(node);
  if (feed.is_silent) {
    feed.is_silent = false;
    reporter_.report(
        moment, {.kind = EvidenceKind::probe,
                 .entity = "feed " + node_name(node),
                 .signal = signal::canary_good,
                 .statement = said("the canary's orders are on the feed of {} again",
                                   "カナリアの注文が{}の配信に再び出ている", node_name(node))});
  }
  for (auto& [gateway, place] : places_) {
    for (Order& order : place.orders) {
      if (order.reference != reference || order.acknowledged_ns == 0) continue;
      return seen_on_feed(gateway, place, order, node, now_ns);
    }
  }
  if (early_.size() >= kEarlyKept) early_.erase(early_.begin());
  early_[reference].push_back({node, now_ns});
}

void CanaryDetector::seen_on_feed(GatewayId gateway, Place& place, Order& order, NodeId node,
                                  std::uint64_t now_ns) {
  if (std::find(order.seen.begin(), order.seen.end(), node) == order.seen.end()) {
    order.seen.push_back(node);
  }
  if (order.was_seen_first) return;
  order.was_seen_first = true;
  place.last_on_feed_ms = since_ms(order.sent_ns, now_ns);
  place.on_feed_ms.add(place.last_on_feed_ms);
  if (!loss_ || place.witness != order.number) return;
  resumed(gateway, place, order,
          said("on the feed of {} after {:.1f} ms", "{}の配信に{:.1f}ミリ秒で出た", node_name(node),
               place.last_on_feed_ms));
}

void CanaryDetector::feed_connected(NodeId node, bool is_connected, const Moment& moment) {
  Feed& feed = feeds_.at(node);
  if (feed.is_connected == is_connected) return;
  feed.is_connected = is_connected;
  feed.connected_since_ms = is_connected ? moment.steady_ms : 0;
}

void CanaryDetector::loss_began(const Sentence& what, const Moment& moment) {
  if (loss_) return;
  loss_ = Loss{.what = what, .since = moment, .good_before = {}};
  for (auto& [gateway, place] : places_) {
    place.has_resumed = false;
    place.witness = 0;
    loss_->good_before[gateway] = place.last_good;
  }
}

void CanaryDetector::resumed(GatewayId gateway, Place& place, const Order& order,
                             const Sentence& feed) {
  place.has_resumed = true;
  const Moment& moment = order.acknowledged;
  const Moment& before = loss_->good_before[gateway];
  const std::uint64_t gap_ms = before.steady_ms == 0 ? 0 : moment.steady_ms - before.steady_ms;
  std::string lags;
  for (const auto& [node, unused] : feeds_) {
    if (!cluster_.last_status(node)) continue;
    lags += fmt::format("{}{} {} ms", lags.empty() ? "" : ", ", node_name(node),
                        cluster_.lag_ms(node, moment));
  }
  reporter_.report(
      moment,
      {.kind = EvidenceKind::probe,
       .entity = gateway_name(gateway),
       .signal = signal::fail_over_observed,
       .statement =
           said("after {}: order {} through {} was answered {:.1f} ms after it was sent, {} ms "
                "after the loss was seen and {} ms after the last one before it; {}; {} leads in "
                "term {}; behind: {}",
                "{0}の後: "
                "{2}経由の注文{1}が送信から{3:.1f}ミリ秒で応答を得た（喪失の検知から{4}"
                "ミリ秒、直前の応答から{5}ミリ秒）。{6}。リーダーは{7}（ターム{8}）。遅れ: {9}",
                loss_->what, order.number, gateway_name(gateway),
                since_ms(order.sent_ns, order.acknowledged_ns),
                moment.steady_ms - loss_->since.steady_ms, gap_ms, feed,
                cluster_.leader() == 0 ? Sentence("nobody known", "不明")
                                       : both(node_name(cluster_.leader())),
                cluster_.term(), lags.empty() ? Sentence("not watched", "監視なし") : both(lags)),
       .value = static_cast<double>(gap_ms),
       .from_ns = loss_->since.wall_ns,
       .until_ns = moment.wall_ns,
       .reference = fmt::format("order {} at {}", order.number, gateway_name(gateway))});
  const bool all = std::all_of(places_.begin(), places_.end(),
                               [](const auto& one) { return one.second.has_resumed; });
  if (all) loss_.reset();
}

std::uint64_t CanaryDetector::waiting_since_ms() const {
  std::uint64_t oldest_ms = 0;
  for (const auto& [gateway, place] : places_) {
    for (const Order& order : place.orders) {
      if (order.acknowledged_ns != 0) continue;
      if (oldest_ms == 0 || order.sent.steady_ms < oldest_ms) oldest_ms = order.sent.steady_ms;
    }
  }
  return oldest_ms;
}

std::size_t CanaryDetector::waiting(GatewayId gateway) const {
  const Place& place = places_.at(gateway);
  return static_cast<std::size_t>(
      std::count_if(place.orders.begin(), place.orders.end(),
                    [](const Order& one) { return one.acknowledged_ns == 0; }));
}

void CanaryDetector::tick(const Moment& moment) {
  say_failures(moment);
  for (auto& [gateway, place] : places_) {
    while (!place.orders.empty()) {
      const Order& oldest = place.orders.front();
      const std::uint64_t since =
          oldest.acknowledged_ns != 0 ? oldest.acknowledged.steady_ms : oldest.sent.steady_ms;
      const std::uint64_t bound =
          oldest.acknowledged_ns != 0 ? limits_.feed_ms : limits_.give_up_ms;
      if (moment.steady_ms < since + bound) break;
      if (oldest.acknowledged_ns != 0) say_silent_feeds(oldest, moment);
      if (loss_ && place.witness == oldest.number && !place.has_resumed) {
        resumed(gateway, place, oldest, {"on no feed yet", "配信にはまだ出ていない"});
      }
      place.orders.pop_front();
    }
  }
  if (loss_ && moment.steady_ms > loss_->since.steady_ms + limits_.observe_ms) loss_.reset();
}

void CanaryDetector::say_failures(const Moment& moment) {
  std::size_t failed = 0;
  for (auto& [gateway, place] : places_) {
    std::uint64_t oldest_ms = 0;
    TimestampNs oldest_ns = 0;
    for (const Order& order : place.orders) {
      if (order.acknowledged_ns != 0) continue;
      oldest_ms = order.sent.steady_ms;
      oldest_ns = order.sent.wall_ns;
      break;
    }
    const bool is_late = oldest_ms != 0 && moment.steady_ms >= oldest_ms + limits_.fail_ms;
    if (is_late && !place.has_failed) {
      place.has_failed = true;
      reporter_.report(
          moment,
          {.kind = EvidenceKind::probe,
           .entity = gateway_name(gateway),
           .signal = signal::canary_failed,
           .statement =
               said("an order through {} has no answer after {} ms{}",
                    "{}経由の注文に{}ミリ秒応答がない{}", gateway_name(gateway),
                    moment.steady_ms - oldest_ms,
                    place.last_loss.empty() ? Sentence() : said("; {}", "。{}", place.last_loss)),
           .value = static_cast<double>(moment.steady_ms - oldest_ms),
           .baseline = place.acknowledged_ms.median(),
           .from_ns = oldest_ns});
    }
    if (place.has_failed) ++failed;
  }
  const bool all_fail = failed > 0 && failed == places_.size();
  if (all_fail && !all_failed_) {
    reporter_.report(
        moment,
        {.kind = EvidenceKind::absence,
         .entity = "market",
         .signal = signal::acknowledgements_stopped,
         .statement = said("no gateway of {} acknowledges the canary's orders",
                           "ゲートウェイ{}台のいずれもカナリアの注文に応答しない", places_.size()),
         .value = static_cast<double>(failed)});
  }
  all_failed_ = all_fail;
}

void CanaryDetector::say_silent_feeds(const Order& order, const Moment& moment) {
  for (auto& [node, feed] : feeds_) {
    const bool was_there = feed.is_connected && feed.connected_since_ms < order.sent.steady_ms;
    const bool was_seen = std::find(order.seen.begin(), order.seen.end(), node) != order.seen.end();
    // What a replica has not applied it cannot publish: that it lags is told by itself.
    const bool is_behind = cluster_.lag_ms(node, moment) >= limits_.feed_ms / 2;
    if (!was_there || was_seen || feed.is_silent || is_behind) continue;
    feed.is_silent = true;
    reporter_.report(
        moment, {.kind = EvidenceKind::absence,
                 .entity = "feed " + node_name(node),
                 .signal = signal::feed_silent,
                 .statement =
                     said("order {} was acknowledged {} ms ago and is not on the feed of {}",
                          "注文{}は{}ミリ秒前に応答を得たが、{}の配信に出ていない", order.reference,
                          moment.steady_ms - order.acknowledged.steady_ms, node_name(node)),
                 .value = static_cast<double>(moment.steady_ms - order.acknowledged.steady_ms),
                 .from_ns = order.acknowledged.wall_ns,
                 .reference = fmt::format("order {}", order.reference)});
  }
}

CanaryDetector::GatewayPicture CanaryDetector::picture(GatewayId gateway) const {
  const Place& place = places_.at(gateway);
  const auto waiting = std::find_if(place.orders.begin(), place.orders.end(),
                                    [](const Order& one) { return one.acknowledged_ns == 0; });
  return {.serves = !place.has_failed && place.answers > 0,
          .acknowledged_ms = place.last_acknowledged_ms,
          .median_ms = place.acknowledged_ms.median(),
          .on_feed_ms = place.last_on_feed_ms,
          .orders = place.orders_sent,
          .answers = place.answers,
          .waiting_since_ms = waiting == place.orders.end() ? 0 : waiting->sent.steady_ms,
          .last_loss = place.last_loss};
}

}  // namespace okiagari::watch
