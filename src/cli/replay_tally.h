// What a replay's members were answered, counted while it happens in constant memory: a long replay
// does not fit into one history.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "base/report.h"
#include "check/history.h"
#include "client/latency_histogram.h"

namespace okiagari::cli {

class ReplayTally {
 public:
  // To be given every record of the history, in order. What a session hears before it has begun is
  // of earlier times and not counted.
  void take(const check::HistoryRecord& record);

  // Everything that was counted, and the checks: nothing lost, nothing refused.
  void report(base::Report& report) const;

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] std::uint64_t feed_messages() const { return feed_messages_; }
  // By the reason's name.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& refused_by_venue() const {
    return refused_by_venue_;
  }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& refused_by_gateways() const {
    return refused_by_gateways_;
  }

 private:
  void take_answer(const check::HistoryRecord& record);
  void take_first_answer(const check::HistoryRecord& record, std::uint32_t user_reference);
  [[nodiscard]] static std::uint64_t key_of(const check::HistoryRecord& record,
                                            std::uint32_t user_reference) {
    return std::uint64_t{record.source} << 32 | user_reference;
  }

  std::set<std::uint16_t> begun_;                             // sessions
  std::unordered_map<std::uint64_t, std::uint64_t> sent_ns_;  // orders without an answer
  client::LatencyHistogram latency_;
  std::uint64_t sent_ = 0;
  std::uint64_t sent_again_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t cancels_done_ = 0;
  std::uint64_t cancels_too_late_ = 0;
  std::uint64_t trades_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t feed_messages_ = 0;
  std::uint64_t connections_lost_ = 0;
  std::map<std::string, std::uint64_t> refused_by_venue_;
  std::map<std::string, std::uint64_t> refused_by_gateways_;
};

}  // namespace okiagari::cli
