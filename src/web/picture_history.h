// The market as the desk saw it over the last minutes: how much was taken into the log, who led,
// how long each gateway took to acknowledge a test order, and where it did not. For the graphs;
// bounded, in memory, and each desk's own.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "desk/desk_port.h"

namespace okiagari::web {

class PictureHistory {
 public:
  static constexpr std::uint64_t kEveryMs = 250;
  static constexpr std::size_t kMost = 2'400;  // ten minutes; the oldest goes first
  static constexpr std::size_t kGatewaysMax = 16;
  // A gateway that obeys a halt answers every test order, by refusing it: what it acknowledged last
  // says nothing about now.
  static constexpr TimestampNs kAnswerHoldsNs = 1'000'000'000;

  explicit PictureHistory(const desk::DeskPort& port) : port_(port) {}

  // The answer is when it wants to look again.
  std::uint64_t tick(std::uint64_t now_ms);
  // What is newer than that, oldest first.
  [[nodiscard]] boost::json::object series(TimestampNs after_ns) const;

 private:
  struct Sample {
    TimestampNs at_ns = 0;
    NodeId leader = 0;          // 0: nobody
    std::uint64_t applied = 0;  // the furthest server's
    // By gateway; nothing while it does not serve, or acknowledges none.
    std::map<std::int64_t, std::optional<double>> acknowledged_ms;
  };
  struct Answers {
    std::int64_t count = 0;
    TimestampNs since_ns = 0;  // when there were so many first
  };
  void look();

  const desk::DeskPort& port_;
  std::deque<Sample> samples_;
  std::map<std::int64_t, Answers> answers_;  // by gateway
  std::uint64_t due_ms_ = 0;
};

}  // namespace okiagari::web
