// Everything that watches a market from one place, in one: sensors and detectors, from settings to
// evidence and a picture of the moment. Runs on its owner's loop; tick() must be called often, at
// least every next_deadline_ms().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "watch/alerts_in.h"
#include "watch/canary.h"
#include "watch/changes.h"
#include "watch/gateway_watch.h"
#include "watch/host_watch.h"
#include "watch/leader_detector.h"
#include "watch/line_watch.h"
#include "watch/log_reader.h"
#include "watch/market_watch.h"
#include "watch/message_folder.h"
#include "watch/picture.h"
#include "watch/process_endings.h"
#include "watch/reporter.h"
#include "watch/site_watch.h"
#include "watch/vantage_watch.h"
#include "watch/watch_settings.h"

namespace okiagari::watch {

class Watcher {
 public:
  // `processes`: those of the market on this host, see HostWatch.
  Watcher(net::Loop& loop, WatchSettings settings, HostWatch::Processes processes, Sink sink);
  ~Watcher();

  // Lines of the servers' logs, for who looks for kinds of them; to be set before the first tick.
  void on_log_line(LogReader::Handler handler) { on_log_line_ = std::move(handler); }
  // A public message, by whatever way it came; the error says why it is none.
  base::Status take_public_message(std::string_view xml);
  // Alerts of others, once each: what was taken before is left out.
  void take_alerts(const std::vector<Alert>& alerts);

  void tick();
  // When tick() must be called again, at the latest.
  [[nodiscard]] std::uint64_t next_deadline_ms() const;
  [[nodiscard]] Picture picture() const;

 private:
  void take(Evidence evidence);
  void look_at_leader();
  [[nodiscard]] bool is_down(std::string_view server) const;

  WatchSettings settings_;
  Sink sink_;
  Reporter market_reporter_;
  Reporter canary_reporter_;
  Reporter host_reporter_;
  MarketWatch market_;
  std::unique_ptr<Canary> canary_;
  std::unique_ptr<HostWatch> host_;
  Reporter feed_reporter_;
  LineWatch lines_;
  Reporter vantage_reporter_;
  VantageWatch vantage_;
  Reporter server_reporter_;  // metrics and logs
  Reporter change_reporter_;
  Reporter hazard_reporter_;
  Reporter alert_reporter_;
  GatewayWatch metrics_;
  LeaderDetector leader_;
  ProcessEndings endings_;
  LogReader logs_;
  LogReader::Handler on_log_line_;
  FileChanges files_;
  MarketChanges market_changes_;
  SiteWatch sites_;
  MessageFolder messages_;
  std::deque<std::string> alerts_taken_;  // keys, newest last
  Moment ticked_;
};

}  // namespace okiagari::watch
