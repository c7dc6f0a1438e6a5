#include "watch/proc_readings.h"

#include <charconv>
#include <cstdlib>

namespace okiagari::watch {

namespace {

constexpr std::size_t kLinesMax = 200'000;
constexpr std::size_t kAddressesMax = 10'000;

// Cuts off and returns what is before the separator, without it.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view piece = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return piece;
}

std::string_view next_word(std::string_view& rest) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  const std::size_t end = rest.find_first_of(" \t\n");
  const std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return word;
}

template <typename Number>
bool read(std::string_view word, Number& into, int base = 10) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), into, base);
  return error == std::errc() && end == word.data() + word.size();
}

// The number behind "<key>=" in a line of pressure information.
bool read_share(std::string_view line, std::string_view key, double& into) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return false;
  std::string_view rest = line.substr(at + key.size());
  const std::string_view word = next_word(rest);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), into);
  return error == std::errc() && end == word.data() + word.size();
}

}  // namespace

std::optional<ProcessorTimes> parse_processor_times(std::string_view stat) {
  std::string_view line = cut(stat, '\n');
  if (next_word(line) != "cpu") return std::nullopt;
  std::uint64_t fields[8] = {};
  for (std::uint64_t& field : fields) {
    if (!read(next_word(line), field)) return std::nullopt;
  }
  ProcessorTimes times;
  times.busy = fields[0] + fields[1] + fields[2] + fields[5] + fields[6];
  times.idle = fields[3] + fields[4];
  times.stolen = fields[7];
  return times;
}

std::optional<MemoryReading> parse_memory(std::string_view meminfo) {
  MemoryReading reading;
  for (std::size_t lines = 0; !meminfo.empty() && lines < kLinesMax; ++lines) {
    std::string_view line = cut(meminfo, '\n');
    const std::string_view key = next_word(line);
    std::uint64_t* into = key == "MemTotal:"       ? &reading.total_kib
                          : key == "MemAvailable:" ? &reading.available_kib
                                                   : nullptr;
    if (into != nullptr && !read(next_word(line), *into)) return std::nullopt;
  }
  if (reading.total_kib == 0) return std::nullopt;
  return reading;
}

std::optional<PressureReading> parse_pressure(std::string_view pressure) {
  PressureReading reading;
  bool found = false;
  for (std::size_t lines = 0; !pressure.empty() && lines < 8; ++lines) {
    const std::string_view line = cut(pressure, '\n');
    if (line.starts_with("some ")) found = read_share(line, "avg10=", reading.some_percent);
    if (line.starts_with("full ")) (void)read_share(line, "avg10=", reading.full_percent);
  }
  if (!found) return std::nullopt;
  return reading;
}

std::optional<ProcessReading> parse_process(std::string_view stat) {
  // The name stands in parentheses and may hold anything, parentheses too.
  const std::size_t open = stat.find('(');
  const std::size_t close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  ProcessReading reading;
  reading.name = stat.substr(open + 1, close - open - 1);
  std::string_view rest = stat.substr(close + 1);
  const std::string_view state = next_word(rest);
  if (state.size() != 1) return std::nullopt;
  reading.state = state[0];
  // Fields are numbered as in proc(5); the state is the third.
  for (int field = 4; field <= 24; ++field) {
    const std::string_view word = next_word(rest);
    std::int64_t value = 0;
    if (word.empty()) return std::nullopt;
    const bool is_number = read(word, value) && value >= 0;
    if (field == 14 || field == 15) {
      if (!is_number) return std::nullopt;
      reading.ticks += static_cast<std::uint64_t>(value);
    }
    if (field == 22 && is_number) reading.started_ticks = static_cast<std::uint64_t>(value);
    if (field == 24 && is_number) reading.resident_pages = static_cast<std::uint64_t>(value);
  }
  return reading;
}

std::map<std::string, DiskReading> parse_disks(std::string_view diskstats) {
  std::map<std::string, DiskReading> disks;
  for (std::size_t lines = 0; !diskstats.empty() && lines < 4'096; ++lines) {
    std::string_view line = cut(diskstats, '\n');
    (void)next_word(line);
    (void)next_word(line);
    const std::string name(next_word(line));
    std::uint64_t fields[10] = {};
    bool good = !name.empty();
    for (std::uint64_t& field : fields) good = good && read(next_word(line), field);
    if (!good) continue;
    disks[name] = {fields[0] + fields[4], fields[9], fields[3] + fields[7]};
  }
  return disks;
}

// Two lines for each protocol: the names, then the numbers.
std::optional<SegmentCounts> parse_segments(std::string_view snmp) {
  std::string_view names;
  for (std::size_t lines = 0; !snmp.empty() && lines < 256; ++lines) {
    std::string_view line = cut(snmp, '\n');
    if (!line.starts_with("Tcp: ")) continue;
    if (names.empty()) {
      names = line;
      continue;
    }
    SegmentCounts counts;
    int found = 0;
    while (true) {
      const std::string_view name = next_word(names);
      const std::string_view number = next_word(line);
      if (name.empty() || number.empty()) break;
      if (name == "OutSegs") found += read(number, counts.sent) ? 1 : 0;
      if (name == "RetransSegs") found += read(number, counts.sent_again) ? 1 : 0;
    }
    if (found == 2) return counts;
    return std::nullopt;
  }
  return std::nullopt;
}

void add_connections(std::string_view table, std::map<std::uint16_t, PortConnections>& ports) {
  constexpr std::string_view kEstablished = "01";
  constexpr std::string_view kHalfOpen = "03";
  (void)cut(table, '\n');
  for (std::size_t lines = 0; !table.empty() && lines < kLinesMax; ++lines) {
    std::string_view line = cut(table, '\n');
    (void)next_word(line);
    std::string_view local = next_word(line);
    std::string_view remote = next_word(line);
    const std::string_view state = next_word(line);
    (void)cut(local, ':');
    std::uint16_t port = 0;
    if (!read(local, port, 16)) continue;
    const auto found = ports.find(port);
    if (found == ports.end()) continue;
    PortConnections& connections = found->second;
    if (state == kHalfOpen) ++connections.half_open;
    if (state == kEstablished) ++connections.established;
    if (state != kHalfOpen && state != kEstablished) continue;
    const std::string address(cut(remote, ':'));
    if (connections.by_address.size() < kAddressesMax || connections.by_address.contains(address)) {
      ++connections.by_address[address];
    }
  }
}

}  // namespace okiagari::watch
