// A market in a folder, as the watch wants it: addresses, the canary's log-ins, the processes on
// this host.
#pragma once

#include "deployment/deployment_file.h"
#include "watch/host_watch.h"
#include "watch/watch_settings.h"

namespace okiagari::deployment {

[[nodiscard]] watch::WatchSettings watch_settings(const DeploymentFile& market);

// Of the second place: the servers and the business path alone, by log-ins of its own, and not the
// same lines of the feed as watch_settings().
[[nodiscard]] bool has_lookout(const DeploymentFile& market);
[[nodiscard]] watch::WatchSettings lookout_settings(const DeploymentFile& market);

// Where the market's servers stand; `up` gives a new market a file with made-up places.
[[nodiscard]] std::string sites_path_in(const std::string& folder);
[[nodiscard]] std::string default_sites(const DeploymentFile& market);

// Reads the folder's file anew whenever it was written.
[[nodiscard]] watch::HostWatch::Processes market_processes(const std::string& folder);

}  // namespace okiagari::deployment
