// Regulators' clocks of each incident: started by what happened, warned of before they run out,
// ended by a person who says that the report went out; and the drafts of those reports, filled from
// the record.
//
// Entries: clock.regimes {regimes, at_once_s, zone, holidays, firm, lei}; clock.start {incident,
// facts...}; clock.record {incident, facts...}; clock.classify {incident, DORA's facts};
// clock.submitted {clock, at_ns, reference}; clock.closed {incident}.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "desk/clock_rules.h"
#include "desk/part.h"
#include "desk/time_zone.h"

namespace okiagari::desk {

struct RegulatorClock {
  std::string id;  // "inc-3/dora_initial"
  std::string incident;
  const ClockRule* rule = nullptr;
  TimestampNs started_ns = 0;
  TimestampNs due_ns = 0;
  TimestampNs warn_ns = 0;
  TimestampNs submitted_ns = 0;
  std::string submitted_by;
  std::string reference;
  bool is_warned = false;
  bool is_overdue = false;
  bool is_late_start = false;  // DORA: classified later than a day after awareness
};

// What the desk knows of a field, in the report's language; marked where it is not known.
struct DraftField {
  std::string label;
  std::string value;
  bool is_known = false;
};
[[nodiscard]] std::vector<DraftField> draft_report(const ClockRule& rule,
                                                   const boost::json::object& record);

class Incidents;

class Clocks final : public Part {
 public:
  static constexpr std::size_t kIncidentsMax = 10'000;
  static constexpr std::size_t kResponsesMax = 30;

  // `incidents` is borrowed, and may be null: then only what entries say stands in the drafts.
  explicit Clocks(const Incidents* incidents = nullptr) : incidents_(incidents) {}

  [[nodiscard]] const RegulatorClock* find(std::string_view id) const;
  [[nodiscard]] const std::map<std::string, RegulatorClock, std::less<>>& all() const {
    return clocks_;
  }
  [[nodiscard]] const boost::json::object* record(std::string_view incident) const;
  // What reports are filled from: the record, and of the incident what people did not say
  // otherwise.
  [[nodiscard]] boost::json::object report_record(const std::string& incident) const;

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"clock"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void heard(const TimelineItem& item, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  base::Status set_regimes(const Entry& entry, Context& context);
  base::Status start(const Entry& entry, Context& context);
  base::Status classify(const std::string& incident, const Entry& entry, Context& context);
  base::Status submitted(const Entry& entry, Context& context);
  void start_all(const std::string& incident, ClockStart what, TimestampNs at_ns, Context& context);
  void start_one(const std::string& incident, const ClockRule& rule, TimestampNs at_ns,
                 TimestampNs due_ns, Context& context);
  static void set_due(RegulatorClock& clock, TimestampNs due_ns);
  [[nodiscard]] TimestampNs due_of(const ClockRule& rule, TimestampNs at_ns) const;

  void note_response(const TimelineItem& item, boost::json::object& record) const;

  const Incidents* incidents_;
  std::set<std::string, std::less<>> regimes_;
  std::uint64_t at_once_s_ = 3'600;
  std::optional<TimeZone> zone_;  // of business days
  std::set<std::string> holidays_;
  std::string firm_;
  std::string lei_;
  std::map<std::string, boost::json::object, std::less<>> records_;  // by incident
  // Keys that a person has recorded, by incident: no robot fills them.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> by_people_;
  std::map<std::string, RegulatorClock, std::less<>> clocks_;
};

}  // namespace okiagari::desk
