// Whether a whole site is gone: all servers that stand there, at once and for longer than a restart
// takes. One server alone shows nothing of its site.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "watch/hazard_relevance.h"
#include "watch/lasting.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

class SiteWatch {
 public:
  static constexpr std::uint64_t kLostMs = 1'000;

  SiteWatch(const std::vector<SiteSettings>& sites, Reporter& reporter);
  // `is_down`: whether a server, by its name in evidence, is gone, frozen or cannot be reached.
  void tick(const std::function<bool(std::string_view)>& is_down, const Moment& moment);

 private:
  struct Place {
    std::string name;
    std::vector<std::string> servers;
    Lasting lost;
  };
  std::vector<Place> places_;
  Reporter& reporter_;
};

}  // namespace okiagari::watch
