// The kernel's tables under /proc as numbers. Parsing only: each takes a file's text, so that any
// host's can be tried; what does not fit the kernel's format gives nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace okiagari::watch {

// /proc/stat, all processors together, in ticks since the start.
struct ProcessorTimes {
  std::uint64_t busy = 0;  // user, nice, system, interrupts
  std::uint64_t idle = 0;  // with waiting for disks
  std::uint64_t stolen = 0;
  [[nodiscard]] std::uint64_t total() const { return busy + idle + stolen; }
};
[[nodiscard]] std::optional<ProcessorTimes> parse_processor_times(std::string_view stat);

// /proc/meminfo
struct MemoryReading {
  std::uint64_t total_kib = 0;
  std::uint64_t available_kib = 0;
};
[[nodiscard]] std::optional<MemoryReading> parse_memory(std::string_view meminfo);

// /proc/pressure/*: the share of the last ten seconds in which some, or all, had to wait.
struct PressureReading {
  double some_percent = 0;
  double full_percent = 0;
};
[[nodiscard]] std::optional<PressureReading> parse_pressure(std::string_view pressure);

// /proc/<pid>/stat
struct ProcessReading {
  std::string name;
  char state = '?';  // R, S, D, T, t, Z, X
  std::uint64_t ticks = 0;
  std::uint64_t resident_pages = 0;
  std::uint64_t started_ticks = 0;  // since boot: tells processes of one number apart
};
[[nodiscard]] std::optional<ProcessReading> parse_process(std::string_view stat);

// /proc/diskstats, by device.
struct DiskReading {
  std::uint64_t operations = 0;
  std::uint64_t busy_ms = 0;
  std::uint64_t waited_ms = 0;  // summed over operations
};
[[nodiscard]] std::map<std::string, DiskReading> parse_disks(std::string_view diskstats);

// /proc/net/snmp: segments of TCP since the start.
struct SegmentCounts {
  std::uint64_t sent = 0;
  std::uint64_t sent_again = 0;
};
[[nodiscard]] std::optional<SegmentCounts> parse_segments(std::string_view snmp);

// /proc/net/tcp or tcp6: connections to local ports that are established or half open.
struct PortConnections {
  std::uint64_t established = 0;
  std::uint64_t half_open = 0;
  std::map<std::string, std::uint64_t> by_address;  // as the kernel writes it, in hexadecimal
};
void add_connections(std::string_view table, std::map<std::uint16_t, PortConnections>& ports);

}  // namespace okiagari::watch
