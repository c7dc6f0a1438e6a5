#include "cli/flow_play.h"

#include <fmt/format.h>

#include <utility>

#include "cli/command.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kProgressMs = 1'000;
// Something was due and nothing sent for so long: nobody leads, or no gateway answers.
constexpr std::uint64_t kStalledMs = 20'000;

}  // namespace

base::Status play_flow(check::Load& load, const FlowSource& source,
                       const std::function<bool()>& goes_on) {
  const std::uint64_t start_ns = net::Loop::now_ns();
  std::uint64_t next_progress_ns = start_ns + kProgressMs * 1'000'000;
  std::size_t last_position = 0;
  std::uint64_t last_sent_ms = net::Loop::now_ms();
  while (!source.is_over()) {
    load.turn();
    if (!goes_on()) return {};
    const std::uint64_t now_ns = net::Loop::now_ns();
    const bool is_due = source.due_ns() <= now_ns - start_ns;
    if (source.position() != std::exchange(last_position, source.position()) || !is_due) {
      last_sent_ms = now_ns / 1'000'000;
    } else if (now_ns / 1'000'000 > last_sent_ms + kStalledMs) {
      return base::Error{
          fmt::format("nothing could be sent for {} s, at message {}; does `okiagari status` show "
                      "a leader?",
                      kStalledMs / 1'000, last_position)};
    }
    if (now_ns < next_progress_ns) continue;
    next_progress_ns += kProgressMs * 1'000'000;
    say(fmt::format("{:3} %  {} of {} sent, {} acknowledged",
                    100 * source.position() / source.size(), source.position(), source.size(),
                    load.acknowledged()));
  }
  return {};
}

}  // namespace okiagari::cli
