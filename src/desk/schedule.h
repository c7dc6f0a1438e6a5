// Who is on duty when. A schedule has layers, each a rotation of people in its own time zone with
// the hours at which it counts; a later layer goes before an earlier one, and an override before
// all of them. Who is absent is replaced by the next of the rotation. Everything is decided at an
// instant, so there is never more than one on duty; where there is nobody is a gap, and checkable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "desk/time_zone.h"

namespace okiagari::desk {

// From `from_s` until before `to_s`, UTC.
struct Interval {
  std::int64_t from_s = 0;
  std::int64_t to_s = 0;
  [[nodiscard]] bool holds(std::int64_t at_s) const { return at_s >= from_s && at_s < to_s; }
};

struct Rotation {
  std::string id;
  TimeZone zone;
  std::vector<std::string> people;  // in turn, by id
  // Handed over on clocks of the zone: each day at each of these seconds of the day, or once each
  // week; or, with `hours` set, by equal lengths of time from the first one on.
  LocalSeconds first_day = 0;  // midnight of the first duty's day
  std::vector<std::int64_t> hand_over = {0};
  int days = 1;  // 1 or 7
  int hours = 0;
  // Counts only on these weekdays (bit 0: Sunday) and between these seconds of the day; a window
  // that ends before it begins reaches into the next day and belongs to the day of its begin.
  unsigned weekdays = 0x7f;
  std::int64_t window_from = 0;
  std::int64_t window_to = 86'400;

  // Number of the duty at that instant, from 0; nothing before the first, or outside its hours.
  [[nodiscard]] std::optional<std::int64_t> duty(std::int64_t at_s) const;
  // Where something may change between the two.
  void add_edges(std::int64_t from_s, std::int64_t to_s, std::vector<std::int64_t>& into) const;

 private:
  [[nodiscard]] std::int64_t begin_of(std::int64_t duty) const;
  [[nodiscard]] std::int64_t last_begun(std::int64_t at_s) const;
  [[nodiscard]] bool counts(std::int64_t at_s) const;
};

struct Override {
  Interval when;
  std::string person;
};
// While it lasts, each does the other's duties.
struct Swap {
  Interval when;
  std::string one;
  std::string other;
};
struct Absence {
  Interval when;
  std::string person;
};

struct Duty {
  Interval when;
  std::string person;  // empty: nobody
  friend bool operator==(const Duty& a, const Duty& b) {
    return a.when.from_s == b.when.from_s && a.when.to_s == b.when.to_s && a.person == b.person;
  }
};

struct Schedule {
  std::string id;
  std::vector<Rotation> layers;
  std::vector<Override> overrides;
  std::vector<Swap> swaps;

  // Empty: nobody.
  [[nodiscard]] std::string on_duty(std::int64_t at_s, const std::vector<Absence>& absences) const;
  // Without a break from the interval's begin to its end; neighbours have different people.
  [[nodiscard]] std::vector<Duty> duties(Interval interval,
                                         const std::vector<Absence>& absences) const;
  // When nobody is on duty.
  [[nodiscard]] std::vector<Interval> find_gaps(Interval interval,
                                                const std::vector<Absence>& absences) const;
  // When two overrides want different people: the later one in the file counts.
  [[nodiscard]] std::vector<Interval> find_overlaps() const;

 private:
  [[nodiscard]] std::string swapped(const std::string& person, std::int64_t at_s) const;
};

}  // namespace okiagari::desk
