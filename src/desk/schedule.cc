#include "desk/schedule.h"

#include <algorithm>

namespace okiagari::desk {

namespace {

constexpr std::int64_t kDay = 86'400;

std::int64_t floor_divided(std::int64_t value, std::int64_t by) {
  return value >= 0 ? value / by : -((-value + by - 1) / by);
}

bool is_absent(const std::string& person, std::int64_t at_s, const std::vector<Absence>& absences) {
  return std::any_of(absences.begin(), absences.end(), [&](const Absence& absence) {
    return absence.person == person && absence.when.holds(at_s);
  });
}

void add_ends(const Interval& when, std::vector<std::int64_t>& into) {
  into.push_back(when.from_s);
  into.push_back(when.to_s);
}

}  // namespace

std::int64_t Rotation::begin_of(std::int64_t duty) const {
  const auto each = static_cast<std::int64_t>(hand_over.size());
  if (hours != 0) return zone.first_instant(first_day + hand_over[0]) + duty * hours * 3'600;
  const std::int64_t period = floor_divided(duty, each);
  const auto at = static_cast<std::size_t>(duty - period * each);
  return zone.first_instant(first_day + period * days * kDay + hand_over[at]);
}

// The clocks may have gone back over a hand-over: what was handed over stays so.
std::int64_t Rotation::last_begun(std::int64_t at_s) const {
  if (hours != 0) return floor_divided(at_s - begin_of(0), std::int64_t{hours} * 3'600);
  const auto each = static_cast<std::int64_t>(hand_over.size());
  std::int64_t duty = floor_divided(zone.local(at_s) - first_day, days * kDay) * each;
  while (begin_of(duty) > at_s) --duty;
  while (begin_of(duty + 1) <= at_s) ++duty;
  return duty;
}

bool Rotation::counts(std::int64_t at_s) const {
  const LocalSeconds local = zone.local(at_s);
  const std::int64_t day = floor_divided(local, kDay);
  const std::int64_t time = local - day * kDay;
  // 1970-01-01 was a Thursday.
  const auto is_on = [&](std::int64_t of_day) {
    const std::int64_t weekday = of_day + 4 - floor_divided(of_day + 4, 7) * 7;
    return (weekdays >> weekday & 1u) != 0;
  };
  if (window_from < window_to) return time >= window_from && time < window_to && is_on(day);
  return (time >= window_from && is_on(day)) || (time < window_to && is_on(day - 1));
}

std::optional<std::int64_t> Rotation::duty(std::int64_t at_s) const {
  const std::int64_t number = last_begun(at_s);
  if (number < 0 || !counts(at_s)) return std::nullopt;
  return number;
}

void Rotation::add_edges(std::int64_t from_s, std::int64_t to_s,
                         std::vector<std::int64_t>& into) const {
  for (std::int64_t duty = std::max<std::int64_t>(last_begun(from_s), 0);; ++duty) {
    const std::int64_t begin_s = begin_of(duty);
    if (begin_s >= to_s) break;
    into.push_back(begin_s);
  }
  const bool is_always_on = weekdays == 0x7f && window_from == 0 && window_to == kDay;
  if (is_always_on) return;
  const std::int64_t first_day_number = floor_divided(zone.local(from_s), kDay) - 1;
  const std::int64_t last_day_number = floor_divided(zone.local(to_s), kDay) + 1;
  for (std::int64_t day = first_day_number; day <= last_day_number; ++day) {
    for (const std::int64_t time : {std::int64_t{0}, window_from, window_to}) {
      for (const std::int64_t at_s : zone.instants(day * kDay + time)) into.push_back(at_s);
    }
  }
  // The clocks may jump over the edge of a window.
  for (const std::int64_t at_s : zone.changes(from_s, to_s)) into.push_back(at_s);
}

std::string Schedule::swapped(const std::string& person, std::int64_t at_s) const {
  for (const Swap& swap : swaps) {
    if (!swap.when.holds(at_s)) continue;
    if (swap.one == person) return swap.other;
    if (swap.other == person) return swap.one;
  }
  return person;
}

std::string Schedule::on_duty(std::int64_t at_s, const std::vector<Absence>& absences) const {
  for (auto found = overrides.rbegin(); found != overrides.rend(); ++found) {
    if (found->when.holds(at_s) && !is_absent(found->person, at_s, absences)) return found->person;
  }
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    const auto duty = layer->duty(at_s);
    if (!duty) continue;
    const std::size_t count = layer->people.size();
    for (std::size_t further = 0; further < count; ++further) {
      const std::size_t turn = (static_cast<std::size_t>(*duty) + further) % count;
      // Who swapped, swapped his own turn: a substitute is the next of the rotation as it stands.
      const std::string person =
          further == 0 ? swapped(layer->people[turn], at_s) : layer->people[turn];
      if (!is_absent(person, at_s, absences)) return person;
    }
  }
  return {};
}

std::vector<Duty> Schedule::duties(Interval interval, const std::vector<Absence>& absences) const {
  std::vector<std::int64_t> edges{interval.from_s};
  for (const Rotation& layer : layers) layer.add_edges(interval.from_s, interval.to_s, edges);
  for (const Override& one : overrides) add_ends(one.when, edges);
  for (const Swap& swap : swaps) add_ends(swap.when, edges);
  for (const Absence& absence : absences) add_ends(absence.when, edges);
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::vector<Duty> found;
  for (const std::int64_t at_s : edges) {
    if (!interval.holds(at_s)) continue;
    const std::string person = on_duty(at_s, absences);
    if (!found.empty() && found.back().person == person) continue;
    if (!found.empty()) found.back().when.to_s = at_s;
    found.push_back({{at_s, interval.to_s}, person});
  }
  return found;
}

std::vector<Interval> Schedule::find_gaps(Interval interval,
                                          const std::vector<Absence>& absences) const {
  std::vector<Interval> gaps;
  for (const Duty& duty : duties(interval, absences)) {
    if (duty.person.empty()) gaps.push_back(duty.when);
  }
  return gaps;
}

std::vector<Interval> Schedule::find_overlaps() const {
  std::vector<Interval> overlaps;
  for (std::size_t a = 0; a < overrides.size(); ++a) {
    for (std::size_t b = a + 1; b < overrides.size(); ++b) {
      if (overrides[a].person == overrides[b].person) continue;
      const Interval both{std::max(overrides[a].when.from_s, overrides[b].when.from_s),
                          std::min(overrides[a].when.to_s, overrides[b].when.to_s)};
      if (both.from_s < both.to_s) overlaps.push_back(both);
    }
  }
  return overlaps;
}

}  // namespace okiagari::desk
