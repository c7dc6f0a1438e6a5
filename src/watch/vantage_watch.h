// Asks other vantage points what they see, for VantageDetector.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/http_client.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "watch/moment.h"
#include "watch/reporter.h"
#include "watch/vantage_detector.h"

namespace okiagari::watch {

struct VantageSettings {
  std::vector<net::Endpoint> others;  // where they answer; none: this is the only place
  std::uint64_t interval_ms = 500;
  VantageLimits limits;
};

class VantageWatch {
 public:
  // `name` is this vantage point's; the reporter is borrowed.
  VantageWatch(net::Loop& loop, VantageSettings settings, std::string name, Reporter& reporter);
  // `own`: what this place sees at this moment.
  void tick(const VantageView& own, const Moment& moment);

 private:
  struct Place {
    net::Endpoint at;
    bool is_asked = false;  // one call at a time
  };
  void ask(Place& place);

  VantageSettings settings_;
  VantageDetector detector_;
  std::vector<std::unique_ptr<Place>> places_;
  std::uint64_t next_ms_ = 0;
  net::HttpClient client_;
};

}  // namespace okiagari::watch
