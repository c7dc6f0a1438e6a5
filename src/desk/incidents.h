// What was seen, and the incidents it belongs to: how they begin, what is hit, how bad it is, what
// is thought to be the cause. Evidence is correlated, never eaten: each item keeps its place, and
// incidents are linked, merged and split again by people.
//
// Entries: evidence.seen {items}; incident.open {title, severity}; incident.sized {incident,
// facts}; incident.report {incident, sentences}; incident.causes {incident, hypotheses};
// incident.note {incident, text}; incident.role {incident, role, person}; incident.severity
// {incident, severity, reason}; incident.status {incident, status}; incident.link {incident,
// other}; incident.merge {incident, into}; incident.split {incident, evidence, title}.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"
#include "desk/storm.h"
#include "watch/evidence.h"

namespace okiagari::desk {

enum class IncidentStatus : std::uint8_t { open, monitoring, resolved, merged };
[[nodiscard]] std::string_view to_string(IncidentStatus status);

struct Incident {
  std::string id;  // "inc-1"
  Words title;
  IncidentStatus status = IncidentStatus::open;
  // 1: the market or a large part of it cannot trade. 2: it trades, but one more fault stops it, or
  // members are cut off. 3: redundancy is less than it should be. 4: to be looked at.
  int severity = 4;
  int measured_severity = 4;           // what the facts say, also while a person says otherwise
  bool is_severity_by_person = false;  // then no robot changes it
  TimestampNs began_ns = 0;            // of its first evidence
  TimestampNs opened_ns = 0;
  TimestampNs resolved_ns = 0;
  TimestampNs last_evidence_ns = 0;
  bool is_impaired = false;           // the market cannot trade at present
  std::vector<std::string> evidence;  // ids
  std::uint64_t counted = 0;          // of what was seen in storms: told as sums
  boost::json::object facts;          // as last sized up
  boost::json::object widest;         // what was ever hit: the most of each count, all of each list
  boost::json::array report;          // sentences, each with its evidence
  boost::json::array hypotheses;      // ranked
  std::map<std::string, std::string> roles;
  std::vector<std::string> linked;
  std::string merged_into;
};
[[nodiscard]] boost::json::object to_json(const Incident& incident);

// What opens an incident, and how bad that is until it has been sized up.
struct Trigger {
  std::string signal;
  int severity = 3;
  Words title;  // with {entity} in it
};

class Incidents final : public Part {
 public:
  static constexpr std::size_t kEvidenceMax = 50'000;
  // Evidence that comes within this time of an open incident's last belongs to it.
  static constexpr TimestampNs kCorrelationNs = 600'000'000'000;

  explicit Incidents(std::vector<Trigger> triggers) : triggers_(std::move(triggers)) {}

  [[nodiscard]] const std::map<std::string, Incident>& all() const { return incidents_; }
  [[nodiscard]] const Incident* find(std::string_view id) const;
  [[nodiscard]] const watch::Evidence* find_evidence(std::string_view id) const;
  [[nodiscard]] std::vector<const watch::Evidence*> evidence_of(const Incident& incident) const;

  // Whether it is what opens incidents: not good news, and not a component's word of itself.
  [[nodiscard]] bool is_trouble(const watch::Evidence& evidence) const;
  // Changes and acts of people in the 24 hours before it that are not of it already, oldest first.
  [[nodiscard]] std::vector<const watch::Evidence*> changes_before(const Incident& incident) const;

  [[nodiscard]] std::vector<std::string_view> words() const override {
    return {"evidence", "incident"};
  }
  base::Status apply(const Entry& entry, Context& context) override;
  void heard(const TimelineItem& item, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override { return storm_.due_ns(); }
  [[nodiscard]] boost::json::value view() const override;

 private:
  using Act = base::Status (Incidents::*)(Incident&, const Entry&, Context&);
  base::Status take_evidence(const Entry& entry, Context& context);
  void place(watch::Evidence evidence, Context& context);
  void gather(Incident& incident) const;
  [[nodiscard]] const Trigger* trigger_of(const watch::Evidence& evidence) const;
  void tell(const watch::Evidence& evidence, Incident* incident, Context& context);
  Incident* open_one_for(const watch::Evidence& evidence);
  Incident& begin(Words title, int severity, TimestampNs began_ns, Context& context);
  base::Status open_by_hand(const Entry& entry, Context& context);
  base::Status sized(Incident& incident, const Entry& entry, Context& context);
  base::Status reported(Incident& incident, const Entry& entry, Context& context);
  base::Status caused(Incident& incident, const Entry& entry, Context& context);
  base::Status noted(Incident& incident, const Entry& entry, Context& context);
  base::Status give_role(Incident& incident, const Entry& entry, Context& context);
  base::Status set_severity(Incident& incident, const Entry& entry, Context& context);
  base::Status set_status(Incident& incident, const Entry& entry, Context& context);
  base::Status link(Incident& incident, const Entry& entry, Context& context);
  base::Status merge(Incident& incident, const Entry& entry, Context& context);
  base::Status split(Incident& incident, const Entry& entry, Context& context);
  void raise(Incident& incident, int severity, Context& context);
  void note_impairment(Incident& incident, Context& context);

  std::vector<Trigger> triggers_;
  std::map<std::string, Incident> incidents_;
  std::uint64_t opened_ = 0;
  std::map<std::string, watch::Evidence, std::less<>> evidence_;
  std::deque<std::string> evidence_order_;
  std::uint64_t evidence_forgotten_ = 0;
  Storm storm_;
};

// What the facts say of how bad it is: see Incident::severity.
[[nodiscard]] int severity_of(const boost::json::object& facts);

}  // namespace okiagari::desk
