// Reads what the kernel of this host tells, at intervals, for HostDetector.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "watch/disk_probe.h"
#include "watch/host_detector.h"
#include "watch/kernel_log.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct HostWatchSettings {
  std::string host = "local";
  std::string proc = "/proc";
  std::string kernel_log = "/dev/kmsg";
  std::string cgroups = "/sys/fs/cgroup";
  std::vector<std::string> folders;  // whose disks are watched
  // Whose a folder is; those of several on one disk, and all others, are the host's.
  std::map<std::string, std::string> owners;
  std::uint64_t disk_probe_ms = 250;           // between small writes there; 0: none
  std::map<std::uint16_t, std::string> ports;  // listened on here, with what evidence calls them
  std::uint64_t interval_ms = 250;
  HostLimits limits;
};

class HostWatch {
 public:
  // The processes to watch, by the name that evidence has for them; asked at each reading, because
  // numbers change with restarts. 0: there is none.
  using Processes = std::function<std::map<std::string, pid_t>()>;

  HostWatch(HostWatchSettings settings, Processes processes, Reporter& reporter);

  void tick(const Moment& moment);
  [[nodiscard]] const HostDetector::Picture& picture() const { return detector_.picture(); }
  [[nodiscard]] bool is_starved(const std::string& entity) const {
    return detector_.is_starved(entity);
  }

 private:
  // One folder of each disk is enough; whom the disk hurts, by whose folders stand on it.
  void find_disks();
  void read_processes(const Moment& moment);
  void read_users(const ProcessorTimes& times);
  void read_groups(const Moment& moment);
  void read_segments(const Moment& moment);
  void read_probes(const Moment& moment);
  void read_space(const Moment& moment);
  void read_connections(const Moment& moment);
  void read_clock(const Moment& moment);

  HostWatchSettings settings_;
  Processes processes_;
  HostDetector detector_;
  KernelLog kernel_log_;
  std::vector<std::string> folders_;  // one of each disk
  std::map<std::string, pid_t> known_processes_;
  std::map<std::string, std::string> groups_;  // folders of control groups, by server
  ProcessorUsers users_;
  std::optional<ProcessorTimes> times_;
  std::uint64_t next_users_ms_ = 0;
  std::vector<std::unique_ptr<DiskProbe>> probes_;
  std::map<std::string, std::uint64_t> probed_;  // the last write taken of each folder
  std::uint64_t next_ms_ = 0;
  std::uint64_t next_slow_ms_ = 0;
};

}  // namespace okiagari::watch
