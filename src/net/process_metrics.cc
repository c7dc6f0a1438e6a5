#include "net/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/version.h"
#include "net/loop.h"

namespace okiagari::net {

namespace {

const TimestampNs kStartedNs = Loop::wall_ns();

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return file ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

std::uint64_t open_files() {
  std::uint64_t count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++count;
  }
  return count;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void write_process_metrics(MetricsWriter& writer) {
  writer.info("okiagari_build", "The program that runs.");
  writer.facts({{"version", base::kVersion}});
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  writer.counter("okiagari_process_cpu_seconds", "seconds", "Processor time used, user and system.",
                 seconds(usage.ru_utime) + seconds(usage.ru_stime));
  writer.gauge("okiagari_process_resident_memory_bytes", "bytes", "Memory in use.",
               resident_bytes());
  writer.gauge("okiagari_process_open_files", "", "Open file descriptors.", open_files());
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  writer.gauge("okiagari_process_open_files_max", "", "As many as may be open.",
               std::uint64_t{limit.rlim_cur});
  writer.gauge("okiagari_process_start_time_seconds", "seconds",
               "When the process started, in seconds since 1970.",
               static_cast<double>(kStartedNs) / 1e9);
}

}  // namespace okiagari::net
