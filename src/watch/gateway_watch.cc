#include "watch/gateway_watch.h"

#include <utility>

namespace okiagari::watch {

GatewayWatch::GatewayWatch(net::Loop& loop, GatewayWatchSettings settings, Reporter& reporter)
    : settings_(std::move(settings)), client_(loop) {
  for (const ScrapeTarget& target : settings_.targets) {
    places_.push_back(std::make_unique<Place>(
        Place{target, ServerMetrics(target.entity, settings_.limits, reporter)}));
  }
}

void GatewayWatch::tick(const Moment& moment) {
  if (moment.steady_ms < next_ms_) return;
  next_ms_ = moment.steady_ms + settings_.interval_ms;
  for (const auto& place : places_) {
    if (!place->is_asked) ask(*place);
  }
}

std::optional<double> GatewayWatch::sync_seconds(std::string_view entity) const {
  for (const auto& place : places_) {
    if (place->target.entity == entity) return place->metrics.sync_seconds();
  }
  return std::nullopt;
}

void GatewayWatch::ask(Place& place) {
  place.is_asked = true;
  net::HttpCall call;
  call.to = place.target.health;
  call.target = "/metrics";
  call.timeout_ms = 2'000;
  // In the old format a family of counters has another name, which nobody would find.
  call.headers = {{"Accept", "application/openmetrics-text; version=1.0.0"}};
  client_.fetch(std::move(call), [this, &place](base::Result<net::HttpResponse> answer) {
    place.is_asked = false;
    // Who does not answer is MarketWatch's affair.
    if (!answer || answer.value().status != 200) return;
    if (on_page_) on_page_(place.target.entity);
    const auto page = net::parse_metrics(answer.value().body, net::MetricsFormat::openmetrics);
    if (!page) return;
    ++pages_;
    place.metrics.take(page.value(), Moment::now());
  });
}

}  // namespace okiagari::watch
