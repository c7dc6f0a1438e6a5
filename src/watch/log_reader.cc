#include "watch/log_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {

constexpr std::size_t kBytesPerTurn = 256u << 10;
constexpr std::size_t kStatementBytesMax = 500;

constexpr std::streamoff kLearnBytes = 1 << 20;
constexpr std::size_t kKindsMax = 10'000;

std::string kind_of(const std::string& entity, const LogLine& line) {
  return fmt::format("{} {}", entity.substr(0, entity.find('-')), line.event);
}

struct KnownEvent {
  std::string_view text;  // in the message, or the event's name
  std::string_view signal;
};
constexpr std::array kKnownEvents = {
    KnownEvent{"ended while it applied sequence", signal::crash_in_apply},
    KnownEvent{"damage", signal::damage_found},
    KnownEvent{"do not add up", signal::damage_found},
    KnownEvent{"is not that of a majority", signal::replica_diverged},
    KnownEvent{"No space left on device", signal::disk_full},
    KnownEvent{"Input/output error", signal::disk_error},
};

}  // namespace

LogTail::LogTail(std::string path, bool from_begin)
    : path_(std::move(path)), from_begin_(from_begin) {
  follow();
}

LogTail::LogTail(LogTail&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      from_begin_(other.from_begin_),
      inode_(other.inode_),
      offset_(other.offset_),
      rest_(std::move(other.rest_)),
      is_cut_(other.is_cut_) {}

LogTail::~LogTail() {
  if (file_ >= 0) ::close(file_);
}

void LogTail::follow() {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) {
    // What is made later is new from its first line on.
    from_begin_ = true;
    return;
  }
  const auto size = static_cast<std::uint64_t>(found.st_size);
  if (file_ >= 0 && found.st_ino == inode_) {
    if (size >= offset_) return;
    offset_ = 0;
    rest_.clear();
    return;
  }
  if (file_ >= 0) ::close(file_);
  file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  inode_ = found.st_ino;
  offset_ = from_begin_ ? 0 : size;
  from_begin_ = true;
  rest_.clear();
  is_cut_ = false;
}

void LogTail::read(const OnLine& on_line) {
  follow();
  char block[16'384];
  for (std::size_t taken = 0; file_ >= 0 && taken < kBytesPerTurn;) {
    const ssize_t got = ::pread(file_, block, sizeof block, static_cast<off_t>(offset_));
    if (got <= 0) return;
    std::string_view bytes(block, static_cast<std::size_t>(got));
    taken += bytes.size();
    offset_ += bytes.size();
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      if (!is_cut_) rest_ += bytes.substr(0, end);
      if (rest_.size() > kLogLineBytesMax) {
        rest_.resize(kLogLineBytesMax);
        is_cut_ = true;
      }
      if (end == std::string_view::npos) break;
      bytes.remove_prefix(end + 1);
      is_cut_ = false;
      const std::string line = std::exchange(rest_, {});
      if (!line.empty()) on_line(line, offset_ - bytes.size());
    }
  }
}

LogReader::LogReader(LogReaderSettings settings, Handler on_line, Reporter& reporter)
    : settings_(std::move(settings)), on_line_(std::move(on_line)), reporter_(reporter) {
  for (const auto& [path, entity] : settings_.files) {
    files_.push_back({entity, LogTail(path, false)});
  }
  learn();
}

void LogReader::tick(const Moment& moment) {
  if (moment.steady_ms < next_ms_) return;
  next_ms_ = moment.steady_ms + settings_.interval_ms;
  for (File& file : files_) {
    file.tail.read([&](std::string_view text, std::uint64_t offset) {
      const LogLine line = parse_log_line(text);
      if (on_line_) on_line_(file.entity, line);
      judge(file.entity, line, fmt::format("{}:{}", file.tail.path(), offset), moment);
    });
  }
}

void LogReader::learn() {
  for (const auto& [path, entity] : settings_.files) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file.tellg();
    if (!file || size <= 0) continue;
    file.seekg(std::max<std::streamoff>(0, size - kLearnBytes));
    std::string line;
    while (kinds_.size() < kKindsMax && std::getline(file, line)) {
      kinds_.insert(kind_of(entity, parse_log_line(line)));
    }
  }
}

bool LogReader::may_report(const Moment& moment) {
  if (moment.steady_ms >= second_ms_ + 1'000) {
    second_ms_ = moment.steady_ms;
    reported_ = 0;
  }
  if (reported_ < settings_.reports_per_second) {
    ++reported_;
    return true;
  }
  ++kept_back_;
  return false;
}

void LogReader::judge(const std::string& entity, const LogLine& line, const std::string& reference,
                      const Moment& moment) {
  std::string_view signal;
  for (const KnownEvent& known : kKnownEvents) {
    const bool is_it = line.message.find(known.text) != std::string::npos;
    if (is_it && line.level >= LogLine::Level::warning) signal = known.signal;
    if (!signal.empty()) break;
  }
  const bool is_bad = line.level == LogLine::Level::error || line.level == LogLine::Level::critical;
  if (signal.empty() && is_crash_text(line.message)) signal = signal::crash_text;
  const bool is_warning = line.level >= LogLine::Level::warning && !line.event.empty();
  if (is_warning && kinds_.size() < kKindsMax && kinds_.insert(kind_of(entity, line)).second &&
      signal.empty()) {
    signal = signal::log_new;
  }
  if (signal.empty() && is_bad) signal = signal::log_error;
  if (signal.empty() || !may_report(moment)) return;
  Sentence more;
  if (kept_back_ > 0) {
    more = said(" ({} more were kept back)", "（ほか{}件は省略）", std::exchange(kept_back_, 0));
  }
  reporter_.report(moment, {.entity = entity,
                            .signal = signal,
                            .statement = said("{} logs: {}{}", "{}のログ: {}{}", entity,
                                              line.message.substr(0, kStatementBytesMax), more),
                            .reference = reference,
                            .self_reported = true});
}

}  // namespace okiagari::watch
