#include "cli/run_feed_check.h"

#include <signal.h>

#include <filesystem>

#include "base/whole_file.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {
// It reads three journals and predicts every message from them.
constexpr std::uint64_t kVerdictMs = 120'000;
}  // namespace

base::Result<std::unique_ptr<RunFeedCheck>> RunFeedCheck::start(const std::string& market_folder,
                                                                const std::string& out) {
  std::unique_ptr<RunFeedCheck> check(new RunFeedCheck(out));
  std::error_code ignored;
  for (const char* name : {"/feed.json", "/feed.log"}) std::filesystem::remove(out + name, ignored);
  auto child = base::ChildProcess::start({base::own_program(), "check-feed", "--data",
                                          market_folder, "--report", out + "/feed.json", "--json"},
                                         out + "/feed.log");
  if (!child) return child.error();
  check->child_ = std::move(child.value());
  return check;
}

void RunFeedCheck::finish(const std::function<void()>& meanwhile) {
  child_.send_signal(SIGTERM);
  const std::uint64_t end_ms = net::Loop::now_ms() + kVerdictMs;
  while (!child_.has_ended() && net::Loop::now_ms() < end_ms) meanwhile();
  holds_ = child_.has_ended() && child_.ended_by_signal() == 0 && child_.exit_status() == 0;
}

void RunFeedCheck::judge(base::Report& report) const {
  report.check("another process heard every line of the feed, and they are what the journals give",
               holds_, true);
}

std::string RunFeedCheck::words() const {
  if (holds_) return {};
  auto log = base::read_whole_file(out_ + "/feed.log");
  return log ? log.value() : log.error().message;
}

}  // namespace okiagari::cli
