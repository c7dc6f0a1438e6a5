#include "watch/host_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

namespace okiagari::watch {

namespace {

// A table of 100,000 connections has 15 MiB; what is beyond is not needed to see that there are
// many.
constexpr std::size_t kProcFileBytesMax = 4u << 20;
// What costs more is read less often.
constexpr std::uint64_t kSlowMs = 1'000;
// Who takes the processors is of interest when most of them are taken.
constexpr double kBusyPercent = 70;

// Empty when it cannot be read: kernels differ in what they have.
std::string read_proc(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string text;
  char buffer[16'384];
  while (text.size() < kProcFileBytesMax) {
    const ssize_t got = ::read(file, buffer, sizeof buffer);
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(file);
  return text;
}

}  // namespace

HostWatch::HostWatch(HostWatchSettings settings, Processes processes, Reporter& reporter)
    : settings_(std::move(settings)),
      processes_(std::move(processes)),
      detector_(settings_.host, settings_.limits, reporter),
      kernel_log_(settings_.host, settings_.kernel_log, reporter) {
  find_disks();
  if (settings_.disk_probe_ms == 0) return;
  for (const std::string& folder : folders_) {
    probes_.push_back(std::make_unique<DiskProbe>(folder, settings_.disk_probe_ms));
  }
}

void HostWatch::find_disks() {
  struct Disk {
    std::string folder;
    std::set<std::string> owners;
  };
  std::map<dev_t, Disk> disks;
  for (const std::string& folder : settings_.folders) {
    struct stat found {};
    if (::stat(folder.c_str(), &found) != 0) continue;
    Disk& disk = disks[found.st_dev];
    if (disk.folder.empty()) disk.folder = folder;
    const auto owner = settings_.owners.find(folder);
    disk.owners.insert(owner == settings_.owners.end() ? "" : owner->second);
  }
  const std::string mounts = read_proc(settings_.proc + "/self/mountinfo");
  for (const auto& [number, disk] : disks) {
    folders_.push_back(disk.folder);
    const bool has_one = disk.owners.size() == 1 && !disk.owners.begin()->empty();
    const std::string owner = has_one ? *disk.owners.begin() : "host " + settings_.host;
    detector_.disk_hurts(disk.folder, owner);
    const std::string device = device_of(mounts, disk.folder);
    if (!device.empty()) kernel_log_.subject().device(device, owner);
  }
}

void HostWatch::tick(const Moment& moment) {
  if (moment.steady_ms < next_ms_) return;
  next_ms_ = moment.steady_ms + settings_.interval_ms;
  if (const auto times = parse_processor_times(read_proc(settings_.proc + "/stat"))) {
    if (moment.steady_ms >= next_users_ms_) {
      next_users_ms_ = moment.steady_ms + kSlowMs;
      read_users(*times);
    }
    detector_.processors(*times, moment);
  }
  if (const auto memory = parse_memory(read_proc(settings_.proc + "/meminfo"))) {
    detector_.memory(*memory, moment);
  }
  for (const char* resource : {"cpu", "memory", "io"}) {
    const auto pressure =
        parse_pressure(read_proc(fmt::format("{}/pressure/{}", settings_.proc, resource)));
    if (pressure) detector_.pressure(resource, *pressure, moment);
  }
  read_processes(moment);
  read_probes(moment);
  read_clock(moment);
  if (moment.steady_ms >= next_slow_ms_) {
    next_slow_ms_ = moment.steady_ms + kSlowMs;
    read_space(moment);
    read_connections(moment);
    read_groups(moment);
    read_segments(moment);
  }
  kernel_log_.tick(moment);
}

void HostWatch::read_processes(const Moment& moment) {
  if (!processes_) return;
  known_processes_ = processes_();
  for (const auto& [entity, pid] : known_processes_) {
    kernel_log_.subject().process(pid, entity);
    const auto reading =
        pid == 0 ? std::nullopt
                 : parse_process(read_proc(fmt::format("{}/{}/stat", settings_.proc, pid)));
    detector_.process(entity, reading, moment);
  }
}

// Reading all processes takes milliseconds, so that it is done only when there is something to see.
void HostWatch::read_users(const ProcessorTimes& times) {
  const auto before = std::exchange(times_, times);
  if (!before || times.total() <= before->total()) return;
  const auto busy = static_cast<double>(times.busy + times.stolen - before->busy - before->stolen);
  if (100 * busy < kBusyPercent * static_cast<double>(times.total() - before->total())) {
    users_ = {};
    detector_.processor_users({});
    return;
  }
  std::map<pid_t, std::string> market = {{::getpid(), "the watch"}};
  for (const auto& [entity, pid] : known_processes_) market[pid] = entity;
  detector_.processor_users(
      users_.take(watch::read_processes(settings_.proc), market, times.total()));
}

// A group outlives its process, which is when its kills are of interest.
void HostWatch::read_groups(const Moment& moment) {
  for (const auto& [entity, pid] : known_processes_) {
    const std::string text =
        pid == 0 ? std::string() : read_proc(fmt::format("{}/{}/cgroup", settings_.proc, pid));
    if (!text.empty()) groups_[entity] = memory_group_folder(text, settings_.cgroups);
    const auto memory = read_cgroup_memory(groups_[entity]);
    if (memory) detector_.group_memory(entity, *memory, moment);
  }
}

void HostWatch::read_segments(const Moment& moment) {
  const auto segments = parse_segments(read_proc(settings_.proc + "/net/snmp"));
  if (segments) detector_.segments(segments->sent, segments->sent_again, moment);
}

void HostWatch::read_probes(const Moment& moment) {
  for (const auto& probe : probes_) {
    const DiskProbe::Reading reading = probe->reading();
    const std::uint64_t before = std::exchange(probed_[probe->folder()], reading.number);
    if (reading.number != before && reading.error.empty()) {
      detector_.disk_probe(probe->folder(), reading.took_ms, true, moment);
    } else if (reading.number != before) {
      detector_.disk_probe_failed(probe->folder(), reading.error, moment);
    }
    if (reading.under_way_ms > settings_.limits.disk_stuck_ms) {
      detector_.disk_probe(probe->folder(), reading.under_way_ms, false, moment);
    }
  }
}

// This may hang where the disk does, so that it is not asked while a write is under way for long.
void HostWatch::read_space(const Moment& moment) {
  for (const std::string& folder : folders_) {
    const bool is_stuck = std::any_of(probes_.begin(), probes_.end(), [&](const auto& probe) {
      return probe->folder() == folder &&
             probe->reading().under_way_ms > settings_.limits.disk_slow_ms;
    });
    struct statvfs space {};
    if (is_stuck || ::statvfs(folder.c_str(), &space) != 0 || space.f_blocks == 0) continue;
    detector_.disk_space(
        folder, 100 * static_cast<double>(space.f_bavail) / static_cast<double>(space.f_blocks),
        moment);
  }
}

void HostWatch::read_connections(const Moment& moment) {
  if (settings_.ports.empty()) return;
  std::map<std::uint16_t, PortConnections> ports;
  for (const auto& [port, entity] : settings_.ports) ports[port];
  for (const char* table : {"tcp", "tcp6"}) {
    add_connections(read_proc(fmt::format("{}/net/{}", settings_.proc, table)), ports);
  }
  for (const auto& [port, connections] : ports) {
    detector_.connections(settings_.ports.at(port), connections, moment);
  }
}

void HostWatch::read_clock(const Moment& moment) {
  detector_.clock(moment);
  struct timex state {};
  const int answer = ::adjtimex(&state);
  if (answer < 0) return;
  const bool is_synchronized = answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  detector_.clock_state(is_synchronized, static_cast<double>(state.esterror) / 1e3, moment);
}

}  // namespace okiagari::watch
