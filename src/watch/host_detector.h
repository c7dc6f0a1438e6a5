// What a host's readings show: processors, memory, disks, clock and the processes of the market on
// it. Fed with readings, so that it can be tried with those of any host.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "watch/cgroup_memory.h"
#include "watch/lasting.h"
#include "watch/moment.h"
#include "watch/proc_readings.h"
#include "watch/processor_users.h"
#include "watch/reporter.h"
#include "watch/robust_baseline.h"

namespace okiagari::watch {

struct HostLimits {
  double processor_percent = 95;
  double stolen_percent = 10;
  std::uint64_t processor_for_ms = 3'000;
  double foreign_percent = 50;       // of the processors, taken by what is not the market's
  double memory_percent = 5;         // available; below it is low
  double group_memory_percent = 95;  // used, of what a server's control group may
  double pressure_percent = 40;
  double disk_low_percent = 10;  // free
  double disk_full_percent = 1;
  double disk_slow_ms = 100;  // a probe that takes this long, and is far from its own past
  double disk_stuck_ms = 1'000;
  double clock_step_ms = 50;
  std::uint64_t connections_least = 200;  // fewer are never many
  double lost_segments_least = 20;        // sent again per second; fewer are never many
  double connections_factor = 4;          // times the usual number
  double few_addresses_percent = 80;      // of them from three addresses: they come from few
};

class HostDetector {
 public:
  HostDetector(std::string host, HostLimits limits, Reporter& reporter);

  void processors(const ProcessorTimes& times, const Moment& moment);
  // Who takes them, as of late; counted only while they are busy.
  void processor_users(const ProcessorUsers::Shares& shares) { shares_ = shares; }
  void memory(const MemoryReading& reading, const Moment& moment);
  void pressure(const std::string& resource, const PressureReading& reading, const Moment& moment);
  // Whom it hurts when that folder's disk fails; the host, when nothing was said.
  void disk_hurts(const std::string& folder, const std::string& entity) {
    disk_entities_[folder] = entity;
  }
  void disk_space(const std::string& folder, double free_percent, const Moment& moment);
  // A small synced write; `is_over` false: it is still under way after that time.
  void disk_probe(const std::string& folder, double took_ms, bool is_over, const Moment& moment);
  void disk_probe_failed(const std::string& folder, const std::string& error, const Moment& moment);
  // A process of the market, under the name that evidence has for it; nothing: there is none.
  void process(const std::string& entity, const std::optional<ProcessReading>& reading,
               const Moment& moment);
  // The control group of a server's process.
  void group_memory(const std::string& entity, const CgroupMemory& memory, const Moment& moment);
  // Segments of TCP that the host sent, and sent again, since its start.
  void segments(std::uint64_t sent, std::uint64_t sent_again, const Moment& moment);
  // Connections to a port of the market's, under its server's name.
  void connections(const std::string& entity, const PortConnections& connections,
                   const Moment& moment);
  // The wall's clock against the one that only runs forward.
  void clock(const Moment& moment);
  void clock_state(bool is_synchronized, double error_ms, const Moment& moment);

  struct Picture {
    double processor_percent = 0;
    double stolen_percent = 0;
    double memory_available_percent = 0;
    double disk_free_percent = 0;
    double disk_probe_ms = 0;
  };
  [[nodiscard]] const Picture& picture() const { return picture_; }
  // Whether the process is there, is not stopped, and the processors are all taken: then its
  // silence does not say that it hangs.
  [[nodiscard]] bool is_starved(const std::string& entity) const;

 private:
  void say(std::string_view signal, const Moment& moment, Sentence statement, double value,
           double baseline = 0, double effect = 0, TimestampNs from_ns = 0,
           const std::string& folder = {});
  void say_foreign_processes(const Moment& moment);

  struct Disk {
    Lasting low;
    Lasting full;
    Lasting slow;
    RobustBaseline probe_ms;
    std::string failure;  // of the last write; empty: it went well
  };
  struct Group {
    Lasting low;
    std::optional<std::uint64_t> kills;
  };
  struct Segments {
    std::uint64_t sent_again = 0;
    std::uint64_t steady_ms = 0;
  };
  struct Process {
    char state = '?';
    std::uint64_t started_ticks = 0;
    bool is_there = false;
  };

  std::string host_;
  HostLimits limits_;
  Reporter& reporter_;
  Picture picture_;
  std::optional<ProcessorTimes> times_;
  RobustBaseline busy_percent_;
  Lasting saturated_;
  Lasting stolen_;
  Lasting memory_low_;
  std::map<std::string, Lasting> pressure_;
  std::map<std::string, RobustBaseline> pressure_past_;
  std::map<std::string, Disk> disks_;
  std::map<std::string, std::string> disk_entities_;
  std::map<std::string, Group> groups_;
  ProcessorUsers::Shares shares_;
  Lasting foreign_;
  std::set<std::string> foreign_names_;  // that were told
  std::optional<Segments> segments_;
  RobustBaseline sent_again_;
  Lasting losing_;
  std::map<std::string, Process> processes_;
  struct Port {
    RobustBaseline count;
    Lasting many;
  };
  std::map<std::string, Port> ports_;
  std::optional<Moment> clock_;
  std::optional<bool> was_synchronized_;
};

}  // namespace okiagari::watch
