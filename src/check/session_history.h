// A history sorted by session and by node, ready to be judged.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "check/history.h"
#include "check/ouch.h"

namespace okiagari::check {

// A message that a member sent, as first sent.
struct Sent {
  std::uint64_t time_ns = 0;
  base::Bytes message;
  char type = 0;  // 'O', 'U', 'X' or 'C' of OUCH
  std::uint32_t user_reference = 0;
  std::uint32_t times_again = 0;
  bool refused = false;          // by a gateway, outside the sequence
  bool gave_up = false;          // no answer came
  bool connection_lost = false;  // after it was sent
};

struct Answered {
  std::uint64_t time_ns = 0;
  base::Bytes message;
  OuchAnswer answer;
  bool is_readable = false;
};

struct SessionHistory {
  std::uint32_t first_user_reference = 1;  // what has a lower one was sent before this run
  std::vector<Sent> sent;
  std::vector<Answered> live;
  std::vector<std::vector<Answered>> replays;
};

struct FeedHistory {
  std::vector<base::Bytes> live;  // from whichever nodes
  std::map<std::uint16_t, std::vector<base::Bytes>> replays;
  std::map<std::uint16_t, std::string> failures;
};

struct SortedHistory {
  std::map<std::uint16_t, SessionHistory> sessions;
  std::map<std::uint16_t, std::string> failed_replays;  // by session
  FeedHistory feed;
  std::uint64_t quiet_ns = 0;  // 0: load and faults did not come to an end
};

// Refers to the bytes of the history, which must stay.
[[nodiscard]] SortedHistory sort_history(const History& history);

}  // namespace okiagari::check
