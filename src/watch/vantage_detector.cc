#include "watch/vantage_detector.h"

#include <fmt/format.h>

#include "watch/signal.h"

namespace okiagari::watch {

void VantageDetector::heard(const VantageView& view, const Moment& moment) {
  if (view.name == name_) return;
  if (!others_.contains(view.name) && others_.size() >= kOthersMax) return;
  Other& other = others_[view.name];
  other.heard_ms = moment.steady_ms;
  for (const VantageView::Gateway& said : view.gateways) {
    take(other.gateways[said.gateway], said, moment);
  }
}

void VantageDetector::take(Gateway& gateway, const VantageView::Gateway& said,
                           const Moment& moment) {
  // Of a place that has begun anew there are fewer.
  if (said.answers != gateway.answers) gateway.answered_ms = moment.steady_ms;
  gateway.answers = said.answers;
  gateway.is_serving = said.is_serving;
}

bool VantageDetector::is_good(const Gateway& gateway, const Moment& moment) const {
  return gateway.is_serving && moment.steady_ms < gateway.answered_ms + limits_.fresh_ms;
}

void VantageDetector::tick(const VantageView& own, const Moment& moment) {
  if (begun_ms_ == 0) begun_ms_ = moment.steady_ms;
  for (const VantageView::Gateway& one : own.gateways) take(own_[one.gateway], one, moment);
  for (auto& [name, other] : others_) {
    const bool is_silent = moment.steady_ms >= other.heard_ms + limits_.silent_ms;
    if (other.silent.holds(is_silent, 0, moment)) say_silent(name, other, moment);
    compare(name, other, own, moment);
  }
}

void VantageDetector::compare(const std::string& name, Other& other, const VantageView& own,
                              const Moment& moment) {
  const bool is_fresh = moment.steady_ms < other.heard_ms + limits_.fresh_ms;
  std::vector<GatewayId> fail_here;
  std::vector<GatewayId> fail_there;
  for (const VantageView::Gateway& here : own.gateways) {
    const auto found = other.gateways.find(here.gateway);
    if (found == other.gateways.end()) continue;
    Gateway& there = found->second;
    // Nobody's orders were ever answered: there is nothing to compare yet.
    const bool has_begun = here.answers > 0 || moment.steady_ms >= begun_ms_ + limits_.begin_ms;
    const bool is_compared = is_fresh && has_begun && there.answered_ms != 0;
    const bool is_good_there = is_good(there, moment);
    const bool is_good_here = is_good(own_[here.gateway], moment);
    if (there.fails_here.holds(is_compared && is_good_there && !is_good_here, limits_.lasts_ms,
                               moment)) {
      fail_here.push_back(here.gateway);
    }
    if (there.fails_there.holds(is_compared && !is_good_there && is_good_here, limits_.lasts_ms,
                                moment)) {
      fail_there.push_back(here.gateway);
    }
    if (there.fails_both.holds(is_compared && !is_good_there && !is_good_here, limits_.lasts_ms,
                               moment)) {
      reporter_.report(
          moment, {.kind = EvidenceKind::probe,
                   .entity = gateway_name(here.gateway),
                   .signal = signal::canary_failed,
                   .statement = said("orders through {} fail from two places: from {} and from {}",
                                     "{}経由の注文が、{}と{}の2か所から共に失敗している",
                                     gateway_name(here.gateway), name_, name),
                   .from_ns = there.fails_both.since_ns});
    }
  }
  if (!fail_here.empty()) say_disagreement(name_, name, fail_here, moment);
  if (!fail_there.empty()) say_disagreement(name, name_, fail_there, moment);
}

void VantageDetector::say_disagreement(const std::string& broken, const std::string& fine,
                                       const std::vector<GatewayId>& gateways,
                                       const Moment& moment) {
  Sentence names;
  for (const GatewayId gateway : gateways) {
    if (!names.en.empty()) names += {" and ", "と"};
    names += both(gateway_name(gateway));
  }
  reporter_.report(
      moment,
      {.kind = EvidenceKind::probe,
       .entity = broken,
       .signal = signal::vantage_disagrees,
       .statement =
           said("orders of {} through {} fail, and those of {} there are answered at the same time",
                "{}からの{}経由の注文は失敗するが、同時に{}からの注文は応答を得ている", broken,
                names, fine)});
}

void VantageDetector::say_silent(const std::string& name, const Other& other,
                                 const Moment& moment) {
  reporter_.report(
      moment,
      {.kind = EvidenceKind::absence,
       .entity = name,
       .signal = signal::vantage_silent,
       .statement = said(
           "{}, which looks at the market from another place, has not answered for {} ms",
           "別の場所から市場を見る{}が{}ミリ秒応答しない", name, moment.steady_ms - other.heard_ms),
       .value = static_cast<double>(moment.steady_ms - other.heard_ms)});
}

}  // namespace okiagari::watch
