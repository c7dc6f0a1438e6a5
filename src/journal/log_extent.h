// How many bytes of log lie between two entries, roughly: marks at intervals, straight lines
// between them. Decides when a snapshot is due and how much log is kept behind it.
#pragma once

#include <cstdint>
#include <deque>

#include "journal/log.h"

namespace okiagari::journal {

class LogExtent {
 public:
  // A log that has `bytes` between entry `first` - 1 and `last`. Marks are `interval_bytes` apart.
  LogExtent(Index first, Index last, std::uint64_t bytes, std::uint64_t interval_bytes);

  void appended(Index index, std::uint64_t bytes);
  void truncated(Index last);
  void dropped_up_to(Index index);

  // Up to and with that entry, counted from some beginning.
  [[nodiscard]] std::uint64_t bytes_at(Index index) const;
  // The entry behind which lie at least `bytes` of log, as few more as can be told.
  [[nodiscard]] Index index_before_last(std::uint64_t bytes) const;

 private:
  struct Mark {
    Index index = 0;
    std::uint64_t bytes = 0;
  };

  std::uint64_t interval_bytes_;
  std::deque<Mark> marks_;  // never empty
  Mark end_;
};

}  // namespace okiagari::journal
