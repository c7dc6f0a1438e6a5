// When the leader asks the market to go on with what the clock brings: a phase of the day's plan, a
// call's end, the next step of a day's end. It asks with the command *advance plan*; whatever is
// due was approved before.
#pragma once

#include <algorithm>
#include <cstdint>

#include "venue/venue.h"

namespace okiagari::node {

class PlanAdvance {
 public:
  // Whether to ask now; it then counts as asked for.
  [[nodiscard]] bool asks(const venue::Venue& venue, TimestampNs wall_ns, std::uint64_t now_ms) {
    const venue::Venue::PlanView plan = venue.plan();
    // What is left of a day that has ended is due by any clock, also by one that is behind the
    // market's.
    const bool is_due = plan.next_at_ns != 0 && (plan.is_ending_day || wall_ns >= plan.next_at_ns);
    if (!is_due || (now_ms < again_ms_ && !day_end_goes_on(venue, plan))) return false;
    again_ms_ = now_ms + kAgainMs;
    asked_at_ = venue.last_sequence();
    return true;
  }

  // When to look again; UINT64_MAX: nothing is planned.
  [[nodiscard]] std::uint64_t next_ms(const venue::Venue& venue, TimestampNs wall_ns,
                                      std::uint64_t now_ms) const {
    const venue::Venue::PlanView plan = venue.plan();
    if (plan.next_at_ns == 0) return UINT64_MAX;
    if (day_end_goes_on(venue, plan)) return 0;
    const bool is_later = !plan.is_ending_day && plan.next_at_ns > wall_ns;
    const std::uint64_t wait_ms = is_later ? (plan.next_at_ns - wall_ns) / 1'000'000 + 1 : 0;
    return std::max(again_ms_, now_ms + wait_ms);
  }

 private:
  // Asked for again when it brought nothing: the market's time may lag behind this clock.
  static constexpr std::uint64_t kAgainMs = 1'000;

  // One step of it for each batch that is applied, so that others' commands come between.
  [[nodiscard]] bool day_end_goes_on(const venue::Venue& venue,
                                     const venue::Venue::PlanView& plan) const {
    return plan.is_ending_day && venue.last_sequence() > asked_at_;
  }

  std::uint64_t again_ms_ = 0;
  Sequence asked_at_ = 0;  // the last one applied when it was asked for
};

}  // namespace okiagari::node
