#include "watch/site_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "watch/signal.h"

namespace okiagari::watch {

SiteWatch::SiteWatch(const std::vector<SiteSettings>& sites, Reporter& reporter)
    : reporter_(reporter) {
  for (const SiteSettings& site : sites) {
    if (site.servers.size() >= 2) places_.push_back({site.name, site.servers, {}});
  }
}

void SiteWatch::tick(const std::function<bool(std::string_view)>& is_down, const Moment& moment) {
  for (Place& place : places_) {
    const bool is_lost = std::all_of(place.servers.begin(), place.servers.end(), is_down);
    if (!place.lost.holds(is_lost, kLostMs, moment)) continue;
    std::string names;
    for (const std::string& server : place.servers) {
      names += (names.empty() ? "" : ", ") + server;
    }
    reporter_.report(
        moment, {.kind = EvidenceKind::absence,
                 .entity = "site " + place.name,
                 .signal = signal::site_lost,
                 .statement = said("none of the {} servers at {} is there any more: {}",
                                   "{1}のサーバー{0}台がすべて失われた: {2}", place.servers.size(),
                                   place.name, names),
                 .value = static_cast<double>(place.servers.size()),
                 .from_ns = place.lost.since_ns});
  }
}

}  // namespace okiagari::watch
