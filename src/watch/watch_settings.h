// What is to be watched, and how closely: from a file (config/watch.toml is an example with every
// key), or made up from a market's folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "watch/canary.h"
#include "watch/changes.h"
#include "watch/gateway_watch.h"
#include "watch/hazard_relevance.h"
#include "watch/host_watch.h"
#include "watch/line_watch.h"
#include "watch/log_reader.h"
#include "watch/market_watch.h"
#include "watch/vantage_watch.h"

namespace okiagari::watch {

struct WatchSettings {
  std::string name = "desk";  // the vantage point, in evidence
  MarketWatchSettings market;
  CanarySettings canary;  // without sessions there is none
  LineWatchSettings lines;
  VantageSettings vantage;  // other places that look at the same market
  HostWatchSettings host;
  bool watches_host = true;
  GatewayWatchSettings metrics;
  LogReaderSettings logs;
  std::string endings_file;  // of a supervisor on this host; empty: there is none
  ChangesSettings changes;
  std::vector<SiteSettings> sites;  // for public messages, and what is lost with one
  std::string message_folder;       // where public messages are put; empty: none are
};

// Errors name the file, the line and the key.
[[nodiscard]] base::Result<WatchSettings> load_watch_settings(const std::string& path);
// The [[site]] tables alone, of a market that `up` made. No file: no sites.
[[nodiscard]] base::Result<std::vector<SiteSettings>> load_sites(const std::string& path);
[[nodiscard]] base::Result<WatchSettings> parse_watch_settings(std::string_view text,
                                                               const std::string& origin);

}  // namespace okiagari::watch
