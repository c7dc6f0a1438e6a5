#include "cli/desk_web.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>

#include "cli/document_text.h"
#include "cli/gateway_guards.h"
#include "cli/incident_bundle.h"
#include "cli/proposed_acts.h"
#include "client/market_act.h"
#include "deployment/deployment_file.h"
#include "deployment/market_watching.h"
#include "desk/ack_token.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kIdleMs = 100;
constexpr TimestampNs kSecondNs = 1'000'000'000;

web::PublicSettings page_settings(const deployment::DeskSettings& settings) {
  web::PublicSettings page;
  page.url = fmt::format("{}://{}", settings.host.public_scheme,
                         net::to_string(settings.host.find(settings.host.desk)->http));
  return page;
}

}  // namespace

DeskWeb::DeskWeb(net::Loop& loop, desk::DeskHost& host, const deployment::DeskSettings& settings,
                 const deployment::DeskSecrets& secrets, web::StaticFiles console)
    : host_(host),
      market_folder_(settings.market_folder),
      notice_key_(base::key_pair_from_seed(secrets.notice_seed)),
      work_(loop),
      has_bundle_(!settings.bundle_folder.empty()),
      page_(page_settings(settings)),
      public_site_(host, page_, web::SubscriptionTokens(secrets.link_key),
                   [] { return net::Loop::wall_ns(); }),
      bundle_(host, page_, base::key_pair_from_seed(secrets.notice_seed), settings.bundle_folder,
              [] { return net::Loop::wall_ns(); }),
      rebuild_look_(loop, settings.market_folder),
      site_(host, site_options(settings, secrets, std::move(console))) {}

web::SiteOptions DeskWeb::site_options(const deployment::DeskSettings& settings,
                                       const deployment::DeskSecrets& secrets,
                                       web::StaticFiles console) {
  web::SiteOptions options;
  options.api.keys = {secrets.session_key, secrets.second_factor_key};
  options.api.alert_keys = {base::to_hex(secrets.alert_key)};
  options.api.read_proposal = read_proposal;
  if (auto sites = watch::load_sites(deployment::sites_path_in(market_folder_))) {
    options.api.sites = std::move(sites.value());
  }
  options.api.make_bundle = [this](const std::string& incident, const auto& on_bundle) {
    make_bundle(incident, on_bundle);
  };
  options.api.approved_act = approved_act;
  options.api.draft_act = [folder = settings.market_folder](const boost::json::object& wanted) {
    return draft_act(folder, wanted, net::Loop::wall_ns());
  };
  options.api.guards = [folder = settings.market_folder]() -> base::Result<boost::json::array> {
    const auto market = deployment::DeploymentFile::load(folder);
    if (!market) return market.error();
    return guards_in_force(market.value());
  };
  options.api.draft_lift = [folder = settings.market_folder](
                               const boost::json::object& wanted) -> base::Result<std::string> {
    const auto market = deployment::DeploymentFile::load(folder);
    if (!market) return market.error();
    return draft_lift(market.value(), wanted, net::Loop::wall_ns());
  };
  options.api.rebuild_look = [this] { return rebuild_look_.last(); };
  options.api.begin_rebuild_look = [this] { return rebuild_look_.begin(net::Loop::wall_ns()); };
  options.console = std::move(console);
  options.read_ack_token =
      [key = secrets.link_key](std::string_view token) -> base::Result<web::AckLink> {
    const auto now_s = static_cast<std::int64_t>(net::Loop::wall_ns() / kSecondNs);
    auto claim = desk::read_ack_token(token, key, now_s);
    if (!claim) return claim.error();
    return web::AckLink{claim.value().incident, claim.value().person};
  };
  options.public_pages = [this](const net::HttpRequest& request, net::HttpReply& reply) {
    auto response = public_site_.serve(request);
    if (!response) return false;
    reply.send(std::move(*response));
    return true;
  };
  return options;
}

base::Result<std::unique_ptr<DeskWeb>> DeskWeb::open(net::Loop& loop, desk::DeskHost& host,
                                                     const deployment::DeskSettings& settings,
                                                     const deployment::DeskSecrets& secrets) {
  web::StaticFiles console;
  if (!settings.console_folder.empty()) {
    auto loaded = web::StaticFiles::load(settings.console_folder);
    if (!loaded) return loaded.error();
    console = std::move(loaded.value());
  }
  std::unique_ptr<DeskWeb> web(new DeskWeb(loop, host, settings, secrets, std::move(console)));
  net::HttpServerOptions options;
  options.listen = settings.host.find(settings.host.desk)->http;
  auto server = net::HttpServer::open(
      loop, options, [raw = web.get()](const net::HttpRequest& request, net::HttpReply reply) {
        raw->handle(request, std::move(reply));
      });
  if (!server) return server.error();
  web->server_ = std::move(server.value());
  return web;
}

// Whoever watches the desk asks for its health without a log-in; it tells nothing else.
void DeskWeb::handle(const net::HttpRequest& request, net::HttpReply reply) {
  if (request.path == "/healthz") {
    net::HttpResponse response;
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = boost::json::serialize(host_.status());
    reply.send(std::move(response));
    return;
  }
  site_.handle(request, std::move(reply));
}

// The papers are of this moment; the rest is gathered beside the loop, which goes on leading.
void DeskWeb::make_bundle(const std::string& incident, const web::ApiOptions::OnBundle& on_bundle) {
  auto papers = take_papers(host_, incident);
  if (!papers) {
    on_bundle(papers.error());
    return;
  }
  for (const MetricPage& page : metric_pages_.of(incident)) {
    // A colon is no character of a path.
    std::string name = fmt::format("metrics/around/{}-{}.om", page.process, time_text(page.at_ns));
    std::erase(name, ':');
    std::replace(name.begin(), name.end(), ' ', '_');
    papers.value().bundle.add(std::move(name), *page.text);
  }
  auto kept = std::make_shared<IncidentPapers>(std::move(papers.value()));
  const bool is_taken = work_.add([kept, on_bundle, folder = market_folder_, key = notice_key_] {
    auto archive =
        std::make_shared<base::Result<std::string>>(finish_bundle(std::move(*kept), folder, key));
    return [archive, on_bundle] { on_bundle(std::move(*archive)); };
  });
  if (!is_taken) on_bundle(base::Error{"too many bundles are being made already"});
}

std::uint64_t DeskWeb::tick(std::uint64_t now_ms) {
  if (has_bundle_ && host_.leads()) {
    if (base::Status status = bundle_.turn(); !status) {
      spdlog::error("the copy of the public page: {}", status.error().message);
    }
  }
  if (const auto* incidents = host_.desk().part<desk::Incidents>()) {
    metric_pages_.turn(now_ms, work_, market_folder_, *incidents);
  }
  return std::min(site_.tick(now_ms), now_ms + kIdleMs);
}

}  // namespace okiagari::cli
