// A desk's web in its process: the API, the console, the public page and its signed copy, the links
// that acknowledge.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/signature.h"
#include "cli/background_work.h"
#include "cli/metric_pages.h"
#include "cli/rebuild_look.h"
#include "deployment/desk_secrets.h"
#include "deployment/desk_settings.h"
#include "desk/desk_host.h"
#include "net/http_server.h"
#include "web/bundle_writer.h"
#include "web/public_site.h"
#include "web/site.h"

namespace okiagari::cli {

class DeskWeb {
 public:
  // `host` is borrowed. Errors name the address or file and what to do.
  static base::Result<std::unique_ptr<DeskWeb>> open(net::Loop& loop, desk::DeskHost& host,
                                                     const deployment::DeskSettings& settings,
                                                     const deployment::DeskSecrets& secrets);

  // The answer is when it wants the next turn, in monotonic milliseconds.
  std::uint64_t tick(std::uint64_t now_ms);
  [[nodiscard]] desk::Hands& hands() { return bundle_; }

 private:
  DeskWeb(net::Loop& loop, desk::DeskHost& host, const deployment::DeskSettings& settings,
          const deployment::DeskSecrets& secrets, web::StaticFiles console);
  [[nodiscard]] web::SiteOptions site_options(const deployment::DeskSettings& settings,
                                              const deployment::DeskSecrets& secrets,
                                              web::StaticFiles console);
  void handle(const net::HttpRequest& request, net::HttpReply reply);

  void make_bundle(const std::string& incident, const web::ApiOptions::OnBundle& on_bundle);

  desk::DeskHost& host_;
  std::string market_folder_;
  base::KeyPair notice_key_;
  MetricPages metric_pages_;
  BackgroundWork work_;
  bool has_bundle_;
  web::PublicSettings page_;
  web::PublicSite public_site_;
  web::BundleWriter bundle_;
  RebuildLook rebuild_look_;
  web::Site site_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace okiagari::cli
