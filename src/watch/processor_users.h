// Who takes the processors: the share of each process over a while, the market's apart from what
// is not of it, so that load of our own is told from somebody else's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "watch/moment.h"
#include "watch/sentence.h"

namespace okiagari::watch {

class ProcessorUsers {
 public:
  struct User {
    std::string name;       // as the kernel has it
    std::string entity;     // of the market's; empty for others
    double percent = 0;     // of all processors together
    std::size_t count = 1;  // processes of that name
  };
  struct Shares {
    double market_percent = 0;
    double others_percent = 0;
    std::vector<User> users;  // most first, few
  };

  // All processes, with their processor time in ticks since their start; `market`: which of them
  // belong to it, by number.
  struct Process {
    pid_t pid = 0;
    std::string name;
    std::uint64_t ticks = 0;
    std::uint64_t started_ticks = 0;
  };
  // What was used since the time before; nothing used at the first.
  Shares take(const std::vector<Process>& processes, const std::map<pid_t, std::string>& market,
              std::uint64_t all_ticks);

 private:
  struct Known {
    std::uint64_t started_ticks = 0;
    std::uint64_t ticks = 0;
  };
  std::map<pid_t, Known> known_;
  std::uint64_t all_ticks_ = 0;
};

// All processes under `proc`, at most so many.
[[nodiscard]] std::vector<ProcessorUsers::Process> read_processes(const std::string& proc);
[[nodiscard]] Sentence words_of(const ProcessorUsers::Shares& shares);

}  // namespace okiagari::watch
