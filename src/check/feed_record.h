// Everything that came on the lines of the feed and in answers to requests, by number, and where
// two of them say something else. Waits for nothing and asks nobody; see LineListener.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "check/feed_findings.h"

namespace okiagari::check {

class FeedRecord {
 public:
  // `lines` are their names, as findings use them.
  FeedRecord(std::string session, std::vector<std::string> lines);

  static constexpr std::size_t kAnswer = SIZE_MAX;  // came on no line, but to one who asked
  void take(std::size_t line, base::Bytes datagram);

  // Messages below it are there, all of them.
  [[nodiscard]] std::uint64_t next_missing() const { return next_missing_; }
  // Messages below it are known to exist.
  [[nodiscard]] std::uint64_t known_end() const { return slots_.size() + 1; }
  // The first run of missing messages, [first, end); empty when nothing is known to be missing.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> missing() const;
  [[nodiscard]] bool has(std::uint64_t number) const;
  // Empty when it is not there. Valid until the next datagram.
  [[nodiscard]] base::Bytes message(std::uint64_t number) const;

  struct LineCounters {
    std::uint64_t datagrams = 0;  // with messages
    std::uint64_t messages = 0;
  };
  [[nodiscard]] const std::vector<LineCounters>& lines() const { return counters_; }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }  // messages new by answers
  [[nodiscard]] std::uint64_t foreign() const { return foreign_; }    // of other sessions
  [[nodiscard]] FeedFindings& findings() { return findings_; }
  [[nodiscard]] const FeedFindings& findings() const { return findings_; }

 private:
  // What one process can hold; a feed that is longer cannot be judged whole, which is a finding.
  static constexpr std::uint64_t kMessagesMax = 40'000'000;
  // No heartbeat or datagram runs ahead so far of what is known: a header that says so is wrong.
  static constexpr std::uint64_t kAheadMax = 5'000'000;

  struct Slot {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;  // 0: not there
    std::uint32_t line = 0;  // that brought it first
  };
  struct Cut {
    std::uint64_t hash = 0;
    std::size_t line = 0;
  };

  [[nodiscard]] std::string name_of_line(std::size_t line) const;
  // False when no feed is so long.
  bool make_room(std::uint64_t end, std::size_t line);
  void take_message(std::size_t line, std::uint64_t number, base::Bytes message);
  void compare_cut(std::size_t line, std::uint64_t first, base::Bytes datagram);

  std::string session_;
  std::vector<std::string> names_;
  std::vector<LineCounters> counters_;
  std::vector<Slot> slots_;  // of message 1 and on
  std::vector<std::byte> bytes_;
  std::unordered_map<std::uint64_t, Cut> cuts_;  // datagrams of lines, by first number
  std::uint64_t next_missing_ = 1;
  std::uint64_t answered_ = 0;
  std::uint64_t foreign_ = 0;
  bool is_full_ = false;
  FeedFindings findings_;
};

}  // namespace okiagari::check
