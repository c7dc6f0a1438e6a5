#include "watch/server_liveness.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {

Sentence words_of(ServerLiveness::State state) {
  const std::string en(to_string(state));
  if (state == ServerLiveness::State::gone) return {en, "停止"};
  if (state == ServerLiveness::State::frozen) return {en, "無反応"};
  if (state == ServerLiveness::State::unreachable) return {en, "到達不能"};
  return {en, "不明"};
}

// What a busy loop hands on late may have happened before what it knows already.
std::uint64_t passed_ms(const Moment& from, const Moment& to) {
  return to.steady_ms - std::min(from.steady_ms, to.steady_ms);
}

}  // namespace

void ServerLiveness::connected(const Moment& moment) {
  // From now on it is due to say something. While it loses its connections this means nothing yet:
  // a process that is dying may close them before it closes its port.
  if (state_ == State::losing) return;
  heard_ = moment;
  missed_heartbeat_ = false;
  if (state_ == State::unknown) state_ = State::alive;
}

void ServerLiveness::heard(const Moment& moment) {
  heard_ = moment;
  missed_heartbeat_ = false;
  if (state_ == State::alive) return;
  const State before = std::exchange(state_, State::alive);
  if (before == State::unknown) return;
  if (before == State::losing) return say_reset(moment);
  const std::uint64_t away_ms = passed_ms(down_since_, moment);
  if (before == State::gone) {
    reporter_.report(moment, {.entity = entity_,
                              .signal = signal::process_restarted,
                              .statement = said("a process listens as {} again",
                                                "{}として待ち受けるプロセスが再び現れた", entity_),
                              .value = static_cast<double>(away_ms)});
  }
  reporter_.report(moment, {.entity = entity_,
                            .signal = signal::reachable_again,
                            .statement = said("{} answers again, {} ms after it was {}",
                                              "{0}が再び応答した（{2}と判定してから{1}ミリ秒後）",
                                              entity_, away_ms, words_of(before)),
                            .value = static_cast<double>(away_ms)});
}

void ServerLiveness::say_reset(const Moment& moment) {
  const std::uint64_t away_ms = passed_ms(lost_, moment);
  reporter_.report(
      moment,
      {.entity = entity_,
       .signal = signal::link_reset,
       .statement = said("the connection to {} ended ({}); it answers on another, {} ms later",
                         "{}との接続が切れた（{}）が、{}ミリ秒後に別の接続で応答した", entity_,
                         lost_reason_, away_ms),
       .value = static_cast<double>(away_ms),
       .from_ns = lost_.wall_ns});
}

void ServerLiveness::lost(const Moment& moment, const std::string& reason) {
  if (state_ == State::losing) return;
  lost_ = moment;
  lost_reason_ = reason;
  if (state_ == State::alive) state_ = State::losing;
}

void ServerLiveness::refused(const Moment& moment) {
  if (state_ == State::gone) return;
  const bool was_known = state_ != State::unknown;
  const Moment since = state_ == State::losing ? lost_ : moment;
  go_down(State::gone, since, moment, signal::process_gone,
          was_known ? said("{} refuses connections{}", "{}が接続を拒否している{}", entity_,
                           lost_reason_.empty() ? Sentence()
                                                : said("; the last ended: {}",
                                                       "。直前の接続の終わり: {}", lost_reason_))
                    : said("{} refuses connections since the watch began",
                           "{}が監視の開始時から接続を拒否している", entity_));
}

void ServerLiveness::tick(const Moment& moment) {
  if (looked_.steady_ms == 0) heard_ = moment;
  forgive_own_lateness(moment);
  if (state_ == State::gone || state_ == State::frozen || state_ == State::unreachable) return;
  const Moment& since = state_ == State::losing ? lost_ : heard_;
  const std::uint64_t silent_ms =
      moment.steady_ms > since.steady_ms ? moment.steady_ms - since.steady_ms : 0;
  if (silent_ms >= limits_.heartbeat_ms && !missed_heartbeat_ && state_ == State::alive) {
    missed_heartbeat_ = true;
    knock_accepted_ = false;
    reporter_.report(moment, {.kind = EvidenceKind::absence,
                              .entity = entity_,
                              .signal = signal::heartbeat_missing,
                              .statement = said("{} has said nothing for {} ms",
                                                "{}から{}ミリ秒応答がない", entity_, silent_ms),
                              .value = static_cast<double>(silent_ms),
                              .from_ns = since.wall_ns});
  }
  if (silent_ms < limits_.silent_ms) return;
  if (state_ == State::alive && knock_accepted_) {
    return go_down(State::frozen, since, moment, signal::process_frozen,
                   said("{} accepts connections but has said nothing for {} ms",
                        "{}は接続を受け付けるが、{}ミリ秒何も言わない", entity_, silent_ms));
  }
  go_down(State::unreachable, since, moment, signal::unreachable,
          said("{} neither answers nor refuses connections, for {} ms",
               "{}は{}ミリ秒、接続に応答も拒否もしない", entity_, silent_ms));
}

void ServerLiveness::go_down(State state, const Moment& since, const Moment& moment,
                             std::string_view signal, Sentence statement) {
  state_ = state;
  down_since_ = since;
  reporter_.report(moment,
                   {.kind = state == State::gone ? EvidenceKind::event : EvidenceKind::absence,
                    .entity = entity_,
                    .signal = signal,
                    .statement = std::move(statement),
                    .value = static_cast<double>(moment.steady_ms - since.steady_ms),
                    .from_ns = since.wall_ns});
}

void ServerLiveness::forgive_own_lateness(const Moment& moment) {
  const Moment before = std::exchange(looked_, moment);
  if (before.steady_ms == 0 || moment.steady_ms <= before.steady_ms + limits_.look_ms) return;
  const std::uint64_t late_ms = moment.steady_ms - before.steady_ms - limits_.look_ms;
  heard_.steady_ms += late_ms;
  lost_.steady_ms += late_ms;
}

std::string_view to_string(ServerLiveness::State state) {
  switch (state) {
    case ServerLiveness::State::unknown:
      return "unknown";
    case ServerLiveness::State::alive:
      return "alive";
    case ServerLiveness::State::losing:
      return "losing its connection";
    case ServerLiveness::State::gone:
      return "gone";
    case ServerLiveness::State::frozen:
      return "frozen";
    case ServerLiveness::State::unreachable:
      return "unreachable";
  }
  return "unknown";
}

}  // namespace okiagari::watch
