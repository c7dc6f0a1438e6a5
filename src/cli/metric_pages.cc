#include "cli/metric_pages.h"

#include <fmt/format.h>

#include <optional>

#include "deployment/deployment_file.h"
#include "net/http_client.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kScrapeMs = 2'000;

struct PagePlace {
  std::string process;
  net::Endpoint endpoint;
};

std::vector<PagePlace> places_of(const deployment::DeploymentFile& market) {
  std::vector<PagePlace> places;
  for (const deployment::NodePlace& place : market.nodes) {
    if (place.http) places.push_back({fmt::format("node-{}", place.node), *place.http});
  }
  for (const deployment::GatewayPlace& place : market.gateways) {
    if (place.http) places.push_back({fmt::format("gateway-{}", place.gateway), *place.http});
  }
  return places;
}

// Who does not answer has no page: that is in the evidence.
std::vector<MetricPage> scrape_all(const std::string& market_folder) {
  std::vector<MetricPage> pages;
  const auto market = deployment::DeploymentFile::load(market_folder);
  if (!market) return pages;
  for (const PagePlace& place : places_of(market.value())) {
    auto text = scrape_page(place.endpoint);
    if (!text || text.value().size() > MetricPages::kPageBytesMax) continue;
    pages.push_back({net::Loop::wall_ns(), place.process,
                     std::make_shared<const std::string>(std::move(text.value()))});
  }
  return pages;
}

}  // namespace

base::Result<std::string> scrape_page(const net::Endpoint& endpoint) {
  net::Loop loop;
  net::HttpClient client(loop);
  std::optional<base::Result<net::HttpResponse>> answer;
  net::HttpCall call;
  call.to = endpoint;
  call.target = "/metrics";
  call.headers = {{"Accept", "application/openmetrics-text; version=1.0.0"}};
  call.timeout_ms = kScrapeMs;
  client.fetch(std::move(call), [&](auto got) { answer = std::move(got); });
  const std::uint64_t end_ms = net::Loop::now_ms() + 2 * kScrapeMs;
  while (!answer && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  if (!answer) return base::Error{"does not answer"};
  if (!*answer) return answer->error();
  if (answer->value().status != 200) {
    return base::Error{fmt::format("answers {}", answer->value().status)};
  }
  return std::move(answer->value().body);
}

bool MetricPages::is_around(const MetricPage& page, TimestampNs began_ns) {
  return page.at_ns + kBeforeNs >= began_ns && page.at_ns <= began_ns + kBehindNs;
}

void MetricPages::turn(std::uint64_t now_ms, BackgroundWork& work, const std::string& market_folder,
                       const desk::Incidents& incidents) {
  if (market_folder.empty() || is_scraping_ || now_ms < next_ms_) return;
  next_ms_ = now_ms + kEveryMs;
  keep(incidents);
  is_scraping_ = work.add([this, market_folder]() -> BackgroundWork::Afterwards {
    auto pages = std::make_shared<std::vector<MetricPage>>(scrape_all(market_folder));
    return [this, pages] {
      is_scraping_ = false;
      for (MetricPage& page : *pages) take(std::move(page));
    };
  });
}

void MetricPages::take(MetricPage page) {
  for (auto& [incident, kept] : kept_) {
    if (is_around(page, kept.began_ns)) kept.pages.push_back(page);
  }
  pages_.push_back(std::move(page));
  if (pages_.size() > kPagesMax) pages_.pop_front();
}

void MetricPages::keep(const desk::Incidents& incidents) {
  for (const auto& [id, incident] : incidents.all()) {
    if (incident.status == desk::IncidentStatus::resolved || kept_.contains(id)) continue;
    // An old one that is still open has no pages any more, and takes no place.
    if (pages_.empty() || pages_.back().at_ns > incident.began_ns + kBehindNs) continue;
    Kept& kept = kept_[id];
    kept.began_ns = incident.began_ns;
    for (const MetricPage& page : pages_) {
      if (is_around(page, kept.began_ns)) kept.pages.push_back(page);
    }
    kept_order_.push_back(id);
    if (kept_order_.size() > kIncidentsMax) {
      kept_.erase(kept_order_.front());
      kept_order_.pop_front();
    }
  }
}

std::vector<MetricPage> MetricPages::of(const std::string& incident) const {
  const auto kept = kept_.find(incident);
  return kept == kept_.end() ? std::vector<MetricPage>{} : kept->second.pages;
}

}  // namespace okiagari::cli
