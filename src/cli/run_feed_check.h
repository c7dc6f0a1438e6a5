// The feed's checker beside a run: `okiagari check-feed` as a process of its own, which hears the
// lines from the first message on and says at the end whether they are what the journals give.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/child_process.h"
#include "base/report.h"
#include "base/result.h"

namespace okiagari::cli {

class RunFeedCheck {
 public:
  // Leaves feed.json, its verdict, and feed.log in `out`.
  static base::Result<std::unique_ptr<RunFeedCheck>> start(const std::string& market_folder,
                                                           const std::string& out);

  // Asks for the verdict and waits for it, calling `meanwhile`; the market must run and be at rest.
  void finish(const std::function<void()>& meanwhile);
  void judge(base::Report& report) const;
  // What it found, in words; empty when all is well.
  [[nodiscard]] std::string words() const;

 private:
  explicit RunFeedCheck(std::string out) : out_(std::move(out)) {}

  std::string out_;
  base::ChildProcess child_;
  bool holds_ = false;
};

}  // namespace okiagari::cli
