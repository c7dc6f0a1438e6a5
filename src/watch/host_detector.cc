#include "watch/host_detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {
constexpr double kSlowDeviations = 8;
constexpr double kLeastProbeSpreadMs = 1;
constexpr std::size_t kProbesLeast = 10;
constexpr double kLeastBusySpreadPercent = 3;
constexpr std::size_t kReadingsLeast = 40;
constexpr std::size_t kForeignNamesMax = 100;
constexpr double kBusyAsUsualPercent = 80;
// What is not known to be unusual says little. An effect of 0 would say that it was not measured.
constexpr double kUnknownPastEffect = 1;
constexpr double kLeastEffect = 0.1;

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}
}  // namespace

HostDetector::HostDetector(std::string host, HostLimits limits, Reporter& reporter)
    : host_(std::move(host)), limits_(limits), reporter_(reporter) {}

void HostDetector::say(std::string_view signal, const Moment& moment, Sentence statement,
                       double value, double baseline, double effect, TimestampNs from_ns,
                       const std::string& folder) {
  const auto hurt = disk_entities_.find(folder);
  reporter_.report(moment, {.kind = EvidenceKind::metric_shift,
                            .entity = hurt == disk_entities_.end() ? "host " + host_ : hurt->second,
                            .signal = signal,
                            .statement = std::move(statement),
                            .value = value,
                            .baseline = baseline,
                            .effect = effect,
                            .from_ns = from_ns});
}

void HostDetector::processors(const ProcessorTimes& times, const Moment& moment) {
  const auto before = std::exchange(times_, times);
  if (!before || times.total() <= before->total()) return;
  const std::uint64_t total = times.total() - before->total();
  const double stolen = percent(times.stolen - before->stolen, total);
  const double busy = percent(times.busy - before->busy, total);
  picture_.processor_percent = busy;
  picture_.stolen_percent = stolen;
  // Time that is stolen is not there to be used.
  const bool is_saturated = busy + stolen >= limits_.processor_percent;
  if (saturated_.holds(is_saturated, limits_.processor_for_ms, moment)) {
    // A host that is always busy shows nothing by being busy.
    const double usual = busy_percent_.median();
    const double effect =
        busy_percent_.count() < kReadingsLeast
            ? kUnknownPastEffect
            : std::max(kLeastEffect, busy_percent_.deviation(busy, kLeastBusySpreadPercent));
    const Sentence users = words_of(shares_);
    say(signal::processor_saturated, moment,
        said("host {}: processors {:.0f} % busy and {:.0f} % stolen, for {} ms; {:.0f} % is "
             "usual{}{}",
             "ホスト{}: "
             "プロセッサ使用率{:.0f}%、他の仮想マシンに取られた割合{:.0f}%が{}"
             "ミリ秒続いている（通常は{:.0f}%）{}{}",
             host_, busy, stolen, moment.steady_ms - saturated_.since_ms, usual,
             users.en.empty() ? Sentence() : Sentence("; most by ", "。多い順: "), users),
        busy, usual, effect, saturated_.since_ns);
  }
  busy_percent_.add(busy);
  say_foreign_processes(moment);
  if (stolen_.holds(stolen >= limits_.stolen_percent, limits_.processor_for_ms, moment)) {
    say(signal::processor_stolen, moment,
        said("host {}: {:.0f} % of processor time goes to other machines, for {} ms",
             "ホスト{}: プロセッサ時間の{:.0f}%が{}ミリ秒にわたり他の仮想マシンに取られている",
             host_, stolen, moment.steady_ms - stolen_.since_ms),
        stolen, 0, 0, stolen_.since_ns);
  }
}

void HostDetector::say_foreign_processes(const Moment& moment) {
  const bool is_foreign = saturated_.was_said &&
                          shares_.others_percent >= limits_.foreign_percent &&
                          shares_.others_percent > 2 * shares_.market_percent;
  const std::string who =
      shares_.users.empty() || shares_.users[0].percent < 0.8 * limits_.foreign_percent
          ? std::string()
          : shares_.users[0].name;
  // Another than before is another story. Who was there from the begin on is none.
  const bool is_another = is_foreign && !who.empty() && !foreign_names_.contains(who);
  if (is_another) {
    if (foreign_names_.size() >= kForeignNamesMax) foreign_names_.clear();
    foreign_names_.insert(who);
  }
  const bool begins = foreign_.holds(is_foreign, 0, moment);
  const bool is_usual = busy_percent_.median() >= kBusyAsUsualPercent;
  if (busy_percent_.count() < kReadingsLeast || !(is_another || (begins && !is_usual))) return;
  say(signal::foreign_processes, moment,
      said("host {}: what is not of the market takes {:.0f} % of the processors, the market {:.0f} "
           "%; most by {}",
           "ホスト{}: 市場以外のプロセスがプロセッサの{:.0f}%、市場が{:.0f}%を使っている。多い順: "
           "{}",
           host_, shares_.others_percent, shares_.market_percent, words_of(shares_)),
      shares_.others_percent, shares_.market_percent);
}

void HostDetector::group_memory(const std::string& entity, const CgroupMemory& memory,
                                const Moment& moment) {
  Group& group = groups_[entity];
  const double used = percent(memory.used_bytes, memory.most_bytes);
  if (group.low.holds(used >= limits_.group_memory_percent, 0, moment)) {
    reporter_.report(moment,
                     {.kind = EvidenceKind::metric_shift,
                      .entity = entity,
                      .signal = signal::memory_low,
                      .statement = said("the control group of {} uses {:.0f} % of its {} MiB",
                                        "{0}の制御グループが{2} MiBのメモリの{1:.0f}%を使っている",
                                        entity, used, memory.most_bytes >> 20),
                      .value = used,
                      .baseline = limits_.group_memory_percent});
  }
  const auto before = std::exchange(group.kills, memory.kills);
  if (!before || memory.kills <= *before) return;
  reporter_.report(
      moment, {.entity = entity,
               .signal = signal::out_of_memory_kill,
               .statement = said(
                   "the kernel killed {} process(es) in the control group of {} for want of memory",
                   "メモリ不足のため、カーネルが{1}の制御グループのプロセスを{0}個停止させた",
                   memory.kills - *before, entity),
               .value = static_cast<double>(memory.kills - *before)});
}

void HostDetector::segments(std::uint64_t sent, std::uint64_t sent_again, const Moment& moment) {
  const auto before = std::exchange(segments_, Segments{sent_again, moment.steady_ms});
  if (!before || moment.steady_ms <= before->steady_ms || sent_again < before->sent_again) return;
  const double per_second = static_cast<double>(sent_again - before->sent_again) * 1'000 /
                            static_cast<double>(moment.steady_ms - before->steady_ms);
  const double usual = sent_again_.median();
  const bool is_many =
      per_second >= limits_.lost_segments_least && per_second > 4 * usual && sent > 0;
  if (!is_many) sent_again_.add(per_second);
  if (!losing_.holds(is_many, 0, moment)) return;
  say(signal::packet_loss, moment,
      said("host {} sends {:.0f} segments per second again that nobody acknowledged; {:.1f} are "
           "usual",
           "ホスト{}が受信確認のないセグメントを毎秒{:.0f}個再送している（通常は{:.1f}個）", host_,
           per_second, usual),
      per_second, usual);
}

void HostDetector::memory(const MemoryReading& reading, const Moment& moment) {
  const double available = percent(reading.available_kib, reading.total_kib);
  picture_.memory_available_percent = available;
  if (!memory_low_.holds(available < limits_.memory_percent, 0, moment)) return;
  say(signal::memory_low, moment,
      said("host {}: {:.1f} % of {} MiB memory is available",
           "ホスト{0}: メモリ{2} MiBのうち使えるのは{1:.1f}%", host_, available,
           reading.total_kib / 1'024),
      available, limits_.memory_percent);
}

namespace {

// The kernel's name stays as it is in English.
Sentence words_of_resource(const std::string& resource) {
  if (resource == "cpu") return {resource, "プロセッサ"};
  if (resource == "memory") return {resource, "メモリ"};
  return {resource, "入出力"};
}

}  // namespace

void HostDetector::pressure(const std::string& resource, const PressureReading& reading,
                            const Moment& moment) {
  const bool is_high = reading.full_percent >= limits_.pressure_percent ||
                       (resource == "cpu" && reading.some_percent >= 2 * limits_.pressure_percent);
  RobustBaseline& past = pressure_past_[resource];
  const double effect =
      past.count() < kReadingsLeast
          ? kUnknownPastEffect
          : std::max(kLeastEffect, past.deviation(reading.some_percent, kLeastBusySpreadPercent));
  const double usual = past.median();
  past.add(reading.some_percent);
  if (!pressure_[resource].holds(is_high, 0, moment)) return;
  const std::string_view signal = resource == "cpu"      ? signal::processor_saturated
                                  : resource == "memory" ? signal::memory_low
                                                         : signal::disk_slow;
  say(signal, moment,
      said("host {}: within ten seconds some waited for {} {:.0f} % of the time, all {:.0f} %",
           "ホスト{}: 直近10秒で{}待ちの時間が、一部のプロセスで{:.0f}%、全プロセスで{:.0f}%",
           host_, words_of_resource(resource), reading.some_percent, reading.full_percent),
      reading.some_percent, usual, effect);
}

void HostDetector::disk_space(const std::string& folder, double free_percent,
                              const Moment& moment) {
  Disk& disk = disks_[folder];
  picture_.disk_free_percent = free_percent;
  const bool is_full = free_percent < limits_.disk_full_percent;
  if (disk.full.holds(is_full, 0, moment)) {
    say(signal::disk_full, moment,
        said("host {}: {:.2f} % of the disk of {} is free",
             "ホスト{0}: {2}のディスクの空きは{1:.2f}%", host_, free_percent, folder),
        free_percent, 0, 0, 0, folder);
  }
  if (disk.low.holds(free_percent < limits_.disk_low_percent, 0, moment) && !is_full) {
    say(signal::disk_low, moment,
        said("host {}: {:.1f} % of the disk of {} is free",
             "ホスト{0}: {2}のディスクの空きは{1:.1f}%", host_, free_percent, folder),
        free_percent, limits_.disk_low_percent, 0, 0, folder);
  }
}

void HostDetector::disk_probe(const std::string& folder, double took_ms, bool is_over,
                              const Moment& moment) {
  Disk& disk = disks_[folder];
  picture_.disk_probe_ms = took_ms;
  const double usual_ms = disk.probe_ms.median();
  const double deviations = disk.probe_ms.deviation(took_ms, kLeastProbeSpreadMs);
  const bool is_far = disk.probe_ms.count() >= kProbesLeast && deviations > kSlowDeviations;
  const bool is_slow =
      took_ms >= limits_.disk_stuck_ms || (took_ms >= limits_.disk_slow_ms && is_far);
  if (disk.slow.holds(is_slow, 0, moment)) {
    say(signal::disk_slow, moment,
        said("host {}: a small synced write in {} {} {:.0f} ms; {:.1f} ms is usual",
             "ホスト{}: {}への小さな同期書き込み{}{:.0f}ミリ秒（通常は{:.1f}ミリ秒）", host_,
             folder,
             is_over ? Sentence("took", "に") : Sentence("is not done after", "が終わらないまま"),
             took_ms, usual_ms),
        took_ms, usual_ms, deviations, 0, folder);
  }
  if (!is_over) return;
  disk.failure.clear();
  if (!is_slow) disk.probe_ms.add(took_ms);
}

void HostDetector::disk_probe_failed(const std::string& folder, const std::string& error,
                                     const Moment& moment) {
  if (std::exchange(disks_[folder].failure, error) == error) return;
  const bool is_full = error == std::strerror(ENOSPC) || error == std::strerror(EDQUOT);
  say(is_full ? signal::disk_full : signal::disk_error, moment,
      said("host {}: a small write in {} failed: {}",
           "ホスト{}: {}への小さな書き込みに失敗した: {}", host_, folder, error),
      0, 0, 0, 0, folder);
}

void HostDetector::process(const std::string& entity, const std::optional<ProcessReading>& reading,
                           const Moment& moment) {
  Process& known = processes_[entity];
  const bool is_there = reading && reading->state != 'Z' && reading->state != 'X';
  const auto tell = [&](std::string_view signal, Sentence statement) {
    reporter_.report(moment,
                     {.entity = entity, .signal = signal, .statement = std::move(statement)});
  };
  if (known.is_there && !is_there) {
    tell(signal::process_gone, reading
                                   ? said("the process of {} has ended and was not yet collected",
                                          "{}のプロセスは終了し、まだ回収されていない", entity)
                                   : said("host {} has no process of {} any more",
                                          "ホスト{}に{}のプロセスはもうない", host_, entity));
  }
  if (is_there) {
    const bool is_stopped = reading->state == 'T' || reading->state == 't';
    const bool was_stopped = known.state == 'T' || known.state == 't';
    // Before anything is said: who hears it may ask whether the process is starved.
    known.state = reading->state;
    if (known.is_there && known.started_ticks != reading->started_ticks) {
      tell(signal::process_restarted,
           said("{} is another process than before", "{}が以前と別のプロセスになっている", entity));
    }
    if (is_stopped && !was_stopped) {
      tell(signal::process_frozen,
           said("the process of {} is stopped (state {})",
                "{}のプロセスが一時停止している（状態{}）", entity, reading->state));
    }
    known.started_ticks = reading->started_ticks;
  }
  known.is_there = is_there;
}

bool HostDetector::is_starved(const std::string& entity) const {
  constexpr double kTakenPercent = 90;
  const auto known = processes_.find(entity);
  if (known == processes_.end() || !known->second.is_there) return false;
  const bool is_stopped = known->second.state == 'T' || known->second.state == 't';
  return !is_stopped && picture_.processor_percent + picture_.stolen_percent >= kTakenPercent;
}

void HostDetector::connections(const std::string& entity, const PortConnections& connections,
                               const Moment& moment) {
  constexpr std::size_t kFew = 3;
  Port& port = ports_[entity];
  const std::uint64_t count = connections.established + connections.half_open;
  const double usual = port.count.median();
  const auto value = static_cast<double>(count);
  const bool is_many =
      count >= limits_.connections_least && value > limits_.connections_factor * usual;
  if (!is_many) port.count.add(value);
  if (!port.many.holds(is_many, 0, moment)) return;
  std::vector<std::uint64_t> counts;
  for (const auto& [address, of_it] : connections.by_address) counts.push_back(of_it);
  std::sort(counts.rbegin(), counts.rend());
  std::uint64_t of_few = 0;
  for (std::size_t i = 0; i < std::min(kFew, counts.size()); ++i) of_few += counts[i];
  const double share = percent(of_few, count);
  const bool is_from_few = share >= limits_.few_addresses_percent;
  const Sentence statement = said(
      "{} connections to {}, {} of them half open, from {} addresses, {:.0f} % from three; {:.0f} "
      "are usual",
      "{1}への接続は{0}本（うち半開{2}本）、接続元は{3}アドレス、上位3つが{4:.0f}%を占める（通常は{"
      "5:.0f}本）",
      count, entity, connections.half_open, counts.size(), share, usual);
  const auto tell = [&](std::string_view signal) {
    reporter_.report(moment, {.kind = EvidenceKind::metric_shift,
                              .entity = entity,
                              .signal = signal,
                              .statement = statement,
                              .value = value,
                              .baseline = usual});
  };
  tell(signal::connections_high);
  if (is_from_few) tell(signal::connections_from_few);
}

void HostDetector::clock(const Moment& moment) {
  const auto before = std::exchange(clock_, moment);
  if (!before) return;
  const double steady_ms =
      static_cast<double>(moment.steady_ms) - static_cast<double>(before->steady_ms);
  const double wall_ms =
      (static_cast<double>(moment.wall_ns) - static_cast<double>(before->wall_ns)) / 1e6;
  const double step_ms = wall_ms - steady_ms;
  if (std::abs(step_ms) < limits_.clock_step_ms) return;
  reporter_.report(moment,
                   {.entity = "host " + host_,
                    .signal = signal::clock_stepped,
                    .statement = said("the clock of host {} stepped by {:+.0f} ms",
                                      "ホスト{}の時計が{:+.0f}ミリ秒飛んだ", host_, step_ms),
                    .value = step_ms});
}

void HostDetector::clock_state(bool is_synchronized, double error_ms, const Moment& moment) {
  const auto before = std::exchange(was_synchronized_, is_synchronized);
  // A host that was never synchronized does not begin to be wrong when somebody looks.
  if (!before || !*before || is_synchronized) return;
  reporter_.report(
      moment, {.entity = "host " + host_,
               .signal = signal::clock_skewed,
               .statement = said(
                   "the clock of host {} is no longer synchronized; it may be wrong by {:.1f} ms",
                   "ホスト{}の時計が同期から外れた。最大{:.1f}ミリ秒ずれている可能性がある", host_,
                   error_ms),
               .value = error_ms});
}

}  // namespace okiagari::watch
