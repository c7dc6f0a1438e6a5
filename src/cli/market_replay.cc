#include "cli/market_replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/flow_play.h"
#include "cli/flow_source.h"
#include "cli/replay_tally.h"
#include "cli/stop_signal.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kConnectMs = 20'000;
constexpr std::uint64_t kSettleMs = 20'000;
// As fast as the market takes it: enough on their way to fill its batches, and no more, so that
// latencies are the market's and not those of a queue.
constexpr std::size_t kWindow = 256;

std::string words_of_pace(const MarketReplay& replay) {
  if (replay.rate > 0) return fmt::format("{} a second", replay.rate);
  if (replay.speed <= 0) return "as fast as the market takes them";
  return replay.speed == 1 ? "as recorded"
                           : fmt::format("{} times as fast as recorded", replay.speed);
}

}  // namespace

base::Result<base::Report> replay_into_market(const MarketReplay& replay) {
  catch_stop_signals();
  ReplayTally tally;
  check::History history;
  history.hand_to([&](const check::HistoryRecord& record) { tally.take(record); });
  const bool keeps_time = replay.rate == 0 && replay.speed > 0;
  FlowSource source(replay.flow, replay.addresses.members.size(), keeps_time ? replay.speed : 0);
  check::LoadOptions options;
  options.messages_per_second = replay.rate;
  options.source = &source;
  options.from_now_on = true;
  if (!keeps_time && replay.rate == 0) options.unanswered_max = kWindow;
  net::Loop loop;
  check::Load load(loop, history, replay.addresses, options);
  if (base::Status status = load.connect(kConnectMs); !status) return status.error();
  say(fmt::format("{} recorded messages on {} instruments by {} members, {}", source.size(),
                  replay.flow.instruments.size(), replay.addresses.members.size(),
                  words_of_pace(replay)));
  const std::uint64_t start_ns = net::Loop::now_ns();
  std::uint64_t behind_ns = 0;
  const base::Status played = play_flow(load, source, [&] {
    const std::uint64_t elapsed_ns = net::Loop::now_ns() - start_ns;
    if (keeps_time && !source.is_over() && elapsed_ns > source.due_ns()) {
      behind_ns = std::max(behind_ns, elapsed_ns - source.due_ns());
    }
    return !is_stop_asked();
  });
  const double seconds = static_cast<double>(net::Loop::now_ns() - start_ns) / 1e9;
  if (!played) say(played.error().message);
  say(is_stop_asked() ? "stopped; waiting for the answers to what was sent"
                      : "waiting for the last answers");
  (void)load.settle(kSettleMs);

  base::Report report(replay.name, 0);
  report.figure("of the recording",
                100.0 * static_cast<double>(source.position()) / static_cast<double>(source.size()),
                "%");
  report.figure("time", seconds, "s");
  report.figure("messages a second", static_cast<double>(source.position()) / seconds,
                "messages/s");
  if (keeps_time) {
    report.figure("furthest behind the recording", static_cast<double>(behind_ns) / 1e6, "ms");
  }
  tally.report(report);
  if (!is_stop_asked()) report.check("every recorded message was sent", source.is_over(), true);
  return report;
}

}  // namespace okiagari::cli
