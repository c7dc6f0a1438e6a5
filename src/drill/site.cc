#include "drill/site.h"

#include <fmt/format.h>

namespace okiagari::drill {

const Site* find_site(std::string_view name) {
  for (const Site& site : kSites) {
    if (site.name == name) return &site;
  }
  return nullptr;
}

const Site& site_of(unsigned server) { return kSites[(server - 1) % kSites.size()]; }

std::string sites_text(const std::array<std::vector<std::string>, kSites.size()>& servers) {
  std::string text;
  for (std::size_t at = 0; at < kSites.size(); ++at) {
    std::string names;
    for (const std::string& server : servers[at]) {
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", server);
    }
    text += fmt::format(
        "[[site]]\nname = \"{}\"\nservers = [{}]\nareas = [\"{}\"]\nlatitude = \"{}\"\n"
        "longitude = \"{}\"\n\n",
        kSites[at].name, names, kSites[at].prefecture, kSites[at].latitude, kSites[at].longitude);
  }
  return text;
}

}  // namespace okiagari::drill
