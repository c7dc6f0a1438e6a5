// The metrics of a market's processes around a fault: each page as it was, every 10 s, for as long
// as somebody may come to ask. In memory; each desk keeps its own.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "cli/background_work.h"
#include "desk/incidents.h"
#include "net/tcp.h"

namespace okiagari::cli {

// One page, in OpenMetrics 1.0. Waits for the answer.
[[nodiscard]] base::Result<std::string> scrape_page(const net::Endpoint& endpoint);

struct MetricPage {
  TimestampNs at_ns = 0;
  std::string process;  // "node-1"
  std::shared_ptr<const std::string> text;
};

class MetricPages {
 public:
  static constexpr std::uint64_t kEveryMs = 10'000;
  // Of all processes; the oldest goes.
  static constexpr std::size_t kPagesMax = 600;
  static constexpr std::size_t kPageBytesMax = 256u << 10;
  // Around the fault of an incident, kept until others need the place.
  static constexpr TimestampNs kBeforeNs = 120'000'000'000;
  static constexpr TimestampNs kBehindNs = 300'000'000'000;
  static constexpr std::size_t kIncidentsMax = 16;

  // In each turn of the loop; scrapes beside it when it is time.
  void turn(std::uint64_t now_ms, BackgroundWork& work, const std::string& market_folder,
            const desk::Incidents& incidents);
  void take(MetricPage page);
  // Begins to keep the pages of incidents that are new.
  void keep(const desk::Incidents& incidents);
  // Oldest first.
  [[nodiscard]] std::vector<MetricPage> of(const std::string& incident) const;

 private:
  struct Kept {
    TimestampNs began_ns = 0;
    std::vector<MetricPage> pages;
  };
  static bool is_around(const MetricPage& page, TimestampNs began_ns);

  std::deque<MetricPage> pages_;
  std::map<std::string, Kept> kept_;  // by incident
  std::deque<std::string> kept_order_;
  std::uint64_t next_ms_ = 0;
  bool is_scraping_ = false;
};

}  // namespace okiagari::cli
