// A desk's look at the servers' folders when a majority is gone: beside the loop, one at a time.
// Folders are only read; a server that runs writes into its own meanwhile, so a look at one says
// only what was there. What it finds is kept until the next look.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "cli/background_work.h"
#include "deployment/deployment_file.h"

namespace okiagari::cli {

class RebuildLook {
 public:
  static constexpr std::size_t kLinesMax = 500;

  RebuildLook(net::Loop& loop, std::string market_folder)
      : market_folder_(std::move(market_folder)), work_(loop) {}

  // The error says that one is under way.
  [[nodiscard]] base::Status begin(TimestampNs now_ns);
  // {state: none|looking|done|failed, at_ns, error, survivors, damaged, furthest, losses, lines,
  // lines_more, checks, act, refusal}
  [[nodiscard]] const boost::json::object& last() const { return last_; }

 private:
  [[nodiscard]] static boost::json::object look(const std::string& market_folder);

  std::string market_folder_;
  boost::json::object last_ = {{"state", "none"}};
  BackgroundWork work_;
};

}  // namespace okiagari::cli
