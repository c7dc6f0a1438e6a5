// Follows the log files of servers as they grow, from their present end, through being cut off and
// replaced. Lines go on to whoever looks for kinds of them; errors and the texts of dying processes
// become evidence here. What a server logs is its own word: never enough alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "watch/log_line.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

// One file. Lines that are longer than the bound are cut; a server that writes faster than the
// bound of a call is caught up with over several.
class LogTail {
 public:
  using OnLine = std::function<void(std::string_view line, std::uint64_t offset)>;

  LogTail(std::string path, bool from_begin);
  ~LogTail();
  LogTail(LogTail&& other) noexcept;
  LogTail& operator=(LogTail&&) = delete;

  void read(const OnLine& on_line);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  // Opens it, or the one that has taken its place.
  void follow();

  std::string path_;
  int file_ = -1;
  bool from_begin_;
  std::uint64_t inode_ = 0;
  std::uint64_t offset_ = 0;
  std::string rest_;  // of a line that is not complete
  bool is_cut_ = false;
};

struct LogReaderSettings {
  std::map<std::string, std::string> files;  // by path: the server, as evidence calls it
  std::uint64_t interval_ms = 50;
  std::size_t reports_per_second = 20;  // from all files; what is beyond is counted, not told
};

class LogReader {
 public:
  using Handler = std::function<void(const std::string& entity, const LogLine& line)>;

  LogReader(LogReaderSettings settings, Handler on_line, Reporter& reporter);
  void tick(const Moment& moment);

 private:
  struct File {
    std::string entity;
    LogTail tail;
  };
  void judge(const std::string& entity, const LogLine& line, const std::string& reference,
             const Moment& moment);
  // Kinds of lines that the files have already: those are no news.
  void learn();
  [[nodiscard]] bool may_report(const Moment& moment);

  LogReaderSettings settings_;
  Handler on_line_;
  Reporter& reporter_;
  std::vector<File> files_;
  std::set<std::string> kinds_;  // "node disk_failed": a server's kind and an event's name
  std::uint64_t next_ms_ = 0;
  std::uint64_t second_ms_ = 0;
  std::size_t reported_ = 0;
  std::uint64_t kept_back_ = 0;
};

}  // namespace okiagari::watch
