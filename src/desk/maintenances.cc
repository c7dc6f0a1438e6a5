#include "desk/maintenances.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "desk/read_words.h"
#include "desk/time_text.h"

namespace okiagari::desk {

namespace {

constexpr TimestampNs kDayNs = 86'400'000'000'000;
constexpr std::array<std::string_view, 5> kStateNames = {"scheduled", "in_progress", "verifying",
                                                         "completed", "cancelled"};
constexpr std::array<std::string_view, 5> kStateNamesJa = {"予定", "作業中", "確認中", "完了",
                                                           "中止"};

base::Status read_window(const boost::json::object& body, const Context& context,
                         Maintenance& into) {
  const std::int64_t from_ns = number_or(body, "from_ns", 0);
  const std::int64_t until_ns = number_or(body, "until_ns", 0);
  into.from_ns = from_ns < 0 ? 0 : static_cast<TimestampNs>(from_ns);
  into.until_ns = until_ns < 0 ? 0 : static_cast<TimestampNs>(until_ns);
  if (into.from_ns < context.now_ns) return base::Error{"'from_ns' is over already"};
  if (into.until_ns <= into.from_ns || into.until_ns > into.from_ns + Maintenances::kLongestNs) {
    return base::Error{"'until_ns' is behind 'from_ns', by at most seven days"};
  }
  return {};
}

}  // namespace

std::string_view to_string(MaintenanceState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

const Maintenance* Maintenances::find(std::string_view id) const {
  const auto at = std::find_if(maintenances_.begin(), maintenances_.end(),
                               [&](const Maintenance& m) { return m.id == id; });
  return at == maintenances_.end() ? nullptr : &*at;
}

bool Maintenances::is_under_way(std::string_view component) const {
  return std::any_of(maintenances_.begin(), maintenances_.end(), [&](const Maintenance& m) {
    const bool is_on =
        m.state == MaintenanceState::in_progress || m.state == MaintenanceState::verifying;
    return is_on &&
           std::find(m.components.begin(), m.components.end(), component) != m.components.end();
  });
}

bool Maintenances::is_in_window(std::string_view component, TimestampNs now_ns) const {
  return std::any_of(maintenances_.begin(), maintenances_.end(), [&](const Maintenance& m) {
    const bool is_on =
        m.state == MaintenanceState::in_progress || m.state == MaintenanceState::verifying;
    return is_on && now_ns >= m.from_ns && now_ns < m.until_ns &&
           std::find(m.components.begin(), m.components.end(), component) != m.components.end();
  });
}

base::Status Maintenances::set_zone(const Entry& entry) {
  const boost::json::value* changes = entry.body.if_contains("zone");
  if (changes == nullptr) return base::Error{"'zone' is missing"};
  auto zone = TimeZone::from_json(*changes);
  if (!zone) return zone.error();
  zone_ = std::move(zone.value());
  return {};
}

base::Status Maintenances::apply(const Entry& entry, Context& context) {
  if (entry.what() == "zone" && !context.by.starts_with("person:")) return set_zone(entry);
  if (!context.by.starts_with("person:")) return base::Error{"maintenance is planned by people"};
  if (entry.what() == "plan") return plan(entry, context);
  const std::string id = text_or(entry.body, "maintenance");
  const auto at = std::find_if(maintenances_.begin(), maintenances_.end(),
                               [&](const Maintenance& m) { return m.id == id; });
  if (at == maintenances_.end()) return base::Error{fmt::format("there is no '{}'", id)};
  if (at->state == MaintenanceState::completed || at->state == MaintenanceState::cancelled) {
    return base::Error{fmt::format("{} is {}", id, to_string(at->state))};
  }
  if (entry.what() == "move") return move(*at, entry, context);
  return go_to(*at, entry.what(), context);
}

base::Status Maintenances::plan(const Entry& entry, Context& context) {
  if (maintenances_.size() >= kMost) {
    return base::Error{fmt::format("there are {} maintenances; no more are taken", kMost)};
  }
  Maintenance planned;
  planned.title = read_words(entry.body, "title");
  planned.text = read_words(entry.body, "text");
  planned.components = texts_of(entry.body, "components");
  planned.impact = text_or(entry.body, "impact", "minor");
  if (is_empty(planned.title)) return base::Error{"'title' is missing"};
  if (base::Status status = read_window(entry.body, context, planned); !status) return status;
  const std::int64_t every_days = number_or(entry.body, "every_days", 0);
  const std::int64_t times = number_or(entry.body, "times", 1);
  if (every_days < 0 || every_days > 366 || times < 1 || times > 1'000) {
    return base::Error{"'every_days' is at most 366, 'times' 1 to 1000"};
  }
  if (every_days != 0 &&
      planned.until_ns - planned.from_ns >= static_cast<TimestampNs>(every_days) * kDayNs) {
    return base::Error{"it would begin again before it ends"};
  }
  planned.every_days = static_cast<std::uint32_t>(every_days);
  planned.times_left = every_days == 0 ? 0 : static_cast<std::uint32_t>(times - 1);
  planned.id = fmt::format("mnt-{}", maintenances_.size() + 1);
  planned.by = context.by;
  planned.created_ns = planned.changed_ns = context.now_ns;
  maintenances_.push_back(std::move(planned));
  note(maintenances_.back(), "maintenance.planned", context);
  return {};
}

base::Status Maintenances::move(Maintenance& maintenance, const Entry& entry, Context& context) {
  if (maintenance.state != MaintenanceState::scheduled) {
    return base::Error{"it has begun; what has begun is not moved"};
  }
  Maintenance moved = maintenance;
  if (base::Status status = read_window(entry.body, context, moved); !status) return status;
  moved.changed_ns = context.now_ns;
  ++moved.changes;
  maintenance = std::move(moved);
  note(maintenance, "maintenance.moved", context);
  return {};
}

base::Status Maintenances::go_to(Maintenance& maintenance, std::string_view what,
                                 Context& context) {
  const MaintenanceState now = maintenance.state;
  if (what == "start" && now == MaintenanceState::scheduled) {
    enter(maintenance, MaintenanceState::in_progress, context);
  } else if (what == "verify" && now == MaintenanceState::in_progress) {
    enter(maintenance, MaintenanceState::verifying, context);
  } else if (what == "complete" && now != MaintenanceState::scheduled) {
    const std::size_t at = static_cast<std::size_t>(&maintenance - maintenances_.data());
    enter(maintenance, MaintenanceState::completed, context);
    plan_next(Maintenance(maintenances_[at]), context);
  } else if (what == "cancel" && now == MaintenanceState::scheduled) {
    enter(maintenance, MaintenanceState::cancelled, context);
  } else {
    return base::Error{fmt::format("'{}' cannot follow when it is {}", what, to_string(now))};
  }
  return {};
}

void Maintenances::enter(Maintenance& maintenance, MaintenanceState state, Context& context) {
  maintenance.state = state;
  maintenance.changed_ns = context.now_ns;
  ++maintenance.changes;
  if (state == MaintenanceState::completed || state == MaintenanceState::cancelled) {
    maintenance.ended_ns = context.now_ns;
  }
  note(maintenance, fmt::format("maintenance.{}", to_string(state)), context);
}

void Maintenances::note(const Maintenance& maintenance, std::string kind, Context& context) {
  boost::json::array components(maintenance.components.begin(), maintenance.components.end());
  const auto state = static_cast<std::size_t>(maintenance.state);
  context.note(
      "", std::move(kind),
      {fmt::format("maintenance {} ({}): {}, from {}", maintenance.id, kStateNames.at(state),
                   maintenance.title.en, utc_text(maintenance.from_ns)),
       fmt::format("メンテナンス {}（{}）: {}、{} から", maintenance.id, kStateNamesJa.at(state),
                   maintenance.title.ja, jst_text(maintenance.from_ns))},
      {{"maintenance", maintenance.id}, {"components", std::move(components)}});
}

// At the same time on the wall, whatever the clocks were set in between.
TimestampNs Maintenances::days_after(TimestampNs at_ns, std::uint32_t days) const {
  if (zone_.is_empty()) return at_ns + days * kDayNs;
  constexpr TimestampNs kSecondNs = 1'000'000'000;
  const LocalSeconds local = zone_.local(static_cast<std::int64_t>(at_ns / kSecondNs));
  const std::int64_t instant_s = zone_.first_instant(local + std::int64_t{days} * 86'400);
  return static_cast<TimestampNs>(instant_s) * kSecondNs + at_ns % kSecondNs;
}

void Maintenances::plan_next(const Maintenance& maintenance, Context& context) {
  if (maintenance.every_days == 0 || maintenance.times_left == 0 || maintenances_.size() >= kMost) {
    return;
  }
  Maintenance next = maintenance;
  next.id = fmt::format("mnt-{}", maintenances_.size() + 1);
  next.state = MaintenanceState::scheduled;
  while (next.from_ns <= context.now_ns) {
    const TimestampNs length_ns = next.until_ns - next.from_ns;
    next.from_ns = days_after(next.from_ns, maintenance.every_days);
    next.until_ns = next.from_ns + length_ns;
  }
  next.created_ns = next.changed_ns = context.now_ns;
  next.ended_ns = 0;
  next.changes = 0;
  next.is_overdue = false;
  --next.times_left;
  maintenances_.push_back(std::move(next));
  note(maintenances_.back(), "maintenance.planned", context);
}

TimestampNs Maintenances::next_of(const Maintenance& m) {
  if (m.state == MaintenanceState::scheduled) return m.from_ns;
  if (m.state == MaintenanceState::in_progress) return m.until_ns;
  if (m.state == MaintenanceState::verifying && !m.is_overdue) {
    return std::max(m.until_ns, m.changed_ns) + kVerifyWithinNs;
  }
  return kNever;
}

TimestampNs Maintenances::next_due_ns() const {
  TimestampNs due = kNever;
  for (const Maintenance& maintenance : maintenances_) due = std::min(due, next_of(maintenance));
  return due;
}

void Maintenances::advance(Context& context) {
  for (Maintenance& m : maintenances_) {
    if (next_of(m) > context.now_ns) continue;
    if (m.state == MaintenanceState::scheduled) {
      enter(m, MaintenanceState::in_progress, context);
    } else if (m.state == MaintenanceState::in_progress) {
      enter(m, MaintenanceState::verifying, context);
    } else {
      m.is_overdue = true;
      note(m, "maintenance.overdue", context);
    }
  }
}

boost::json::value Maintenances::view() const {
  boost::json::array array;
  for (const Maintenance& m : maintenances_) {
    boost::json::array components(m.components.begin(), m.components.end());
    array.push_back({{"id", m.id},
                     {"title", to_json(m.title)},
                     {"text", to_json(m.text)},
                     {"components", std::move(components)},
                     {"impact", m.impact},
                     {"state", to_string(m.state)},
                     {"by", m.by},
                     {"from_ns", m.from_ns},
                     {"until_ns", m.until_ns},
                     {"every_days", m.every_days},
                     {"overdue", m.is_overdue}});
  }
  return array;
}

}  // namespace okiagari::desk
