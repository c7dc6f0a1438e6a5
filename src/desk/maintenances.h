// Planned work: one object announces it to the public, shows it on the components it touches, and
// silences what they would otherwise set off. It ends only when somebody says that all is well
// again.
//
// Entries: maintenance.plan {title, text, components, impact, from_ns, until_ns, every_days,
// times}; maintenance.zone {zone}; maintenance.move {maintenance, from_ns, until_ns};
// maintenance.start, maintenance.verify, maintenance.complete, maintenance.cancel {maintenance}.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"
#include "desk/time_zone.h"
#include "desk/words.h"

namespace okiagari::desk {

enum class MaintenanceState : std::uint8_t {
  scheduled,
  in_progress,
  verifying,
  completed,
  cancelled
};
[[nodiscard]] std::string_view to_string(MaintenanceState state);

struct Maintenance {
  std::string id;  // "mnt-1"
  Words title;
  Words text;
  std::vector<std::string> components;
  std::string impact;  // "none", "minor", "major", "critical"
  MaintenanceState state = MaintenanceState::scheduled;
  std::string by;
  TimestampNs from_ns = 0;
  TimestampNs until_ns = 0;
  TimestampNs created_ns = 0;
  TimestampNs changed_ns = 0;
  TimestampNs ended_ns = 0;
  std::uint32_t changes = 0;     // the calendar's SEQUENCE
  std::uint32_t every_days = 0;  // 0: once
  std::uint32_t times_left = 0;  // after this one
  bool is_overdue = false;       // it was to be over, and nobody has said that it is
};

class Maintenances final : public Part {
 public:
  static constexpr std::size_t kMost = 5'000;
  static constexpr TimestampNs kLongestNs = 7 * 86'400'000'000'000ULL;
  static constexpr TimestampNs kVerifyWithinNs = 1'800'000'000'000;

  [[nodiscard]] const Maintenance* find(std::string_view id) const;
  // In order of planning.
  [[nodiscard]] const std::vector<Maintenance>& all() const { return maintenances_; }
  // While it is in progress or being verified.
  [[nodiscard]] bool is_under_way(std::string_view component) const;
  // The same, and not longer than was announced. Servers too may be named.
  [[nodiscard]] bool is_in_window(std::string_view component, TimestampNs now_ns) const;

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"maintenance"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  base::Status set_zone(const Entry& entry);
  base::Status plan(const Entry& entry, Context& context);
  base::Status move(Maintenance& maintenance, const Entry& entry, Context& context);
  base::Status go_to(Maintenance& maintenance, std::string_view what, Context& context);
  void enter(Maintenance& maintenance, MaintenanceState state, Context& context);
  void note(const Maintenance& maintenance, std::string kind, Context& context);
  void plan_next(const Maintenance& maintenance, Context& context);
  [[nodiscard]] TimestampNs days_after(TimestampNs at_ns, std::uint32_t days) const;
  [[nodiscard]] static TimestampNs next_of(const Maintenance& maintenance);

  std::vector<Maintenance> maintenances_;
  TimeZone zone_;  // whose clocks recurring ones keep; empty: UTC
};

}  // namespace okiagari::desk
