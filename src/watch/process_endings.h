// How the market's processes ended, as whoever started them tells: only a parent learns whether its
// child was killed or stopped by itself. They stand in a file, one line each, and not behind a door
// of the desk: the desk may be down or change its leader in that very moment, every desk reads the
// same, and the supervisor needs no key. docs/formats/log_lines.md has the form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "watch/log_reader.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct ProcessEnding {
  std::string entity;  // "node-1"
  std::int64_t pid = 0;
  int signal = 0;           // that ended it; 0: it ended by itself
  int exit_code = 0;        // then
  std::string reason = {};  // what the code means, in one word: "disk_failed"; node/exit_code.h
  bool was_asked = false;   // the supervisor stopped it, with everything else
  std::string words = {};   // its last critical line, if it had any to say
  TimestampNs at_ns = 0;
};

[[nodiscard]] std::string endings_path_in(const std::string& market_folder);
// Appends a line. A disk that takes no more loses it: the ending is then known by its absence only.
[[nodiscard]] base::Status append_ending(const std::string& path, const ProcessEnding& ending);
[[nodiscard]] std::string to_line(const ProcessEnding& ending);
// Nothing when it is none.
[[nodiscard]] std::optional<ProcessEnding> parse_ending(std::string_view line);

class ProcessEndings {
 public:
  // Without a path there is nothing to read.
  ProcessEndings(const std::string& path, Reporter& reporter);
  void tick(const Moment& moment);

 private:
  void judge(const ProcessEnding& ending, const std::string& reference, const Moment& moment);

  std::optional<LogTail> tail_;
  Reporter& reporter_;
  std::uint64_t next_ms_ = 0;
};

}  // namespace okiagari::watch
