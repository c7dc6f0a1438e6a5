#include "desk/incidents.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "desk/widest_extent.h"
#include "watch/signal.h"

namespace okiagari::desk {

namespace {

constexpr std::array<std::string_view, 4> kStatusNames = {"open", "monitoring", "resolved",
                                                          "merged"};
constexpr std::size_t kEvidenceOfIncidentMax = 5'000;

std::string with_entity(std::string text, std::string_view entity) {
  constexpr std::string_view kPlace = "{entity}";
  if (const std::size_t at = text.find(kPlace); at != std::string::npos) {
    text.replace(at, kPlace.size(), entity);
  }
  return text;
}

Words words_of(const boost::json::object& body, std::string_view key) {
  const boost::json::value* value = body.if_contains(key);
  if (value == nullptr) return {};
  if (value->is_string()) {
    const std::string text = text_or(body, key);
    return {text, text};
  }
  if (!value->is_object()) return {};
  const std::string en = text_or(value->get_object(), "en");
  return {en, text_or(value->get_object(), "ja", en)};
}

boost::json::object about(const Incident& incident) {
  boost::json::object body{{"incident", incident.id},
                           {"severity", incident.severity},
                           {"began_ns", incident.began_ns},
                           {"opened_ns", incident.opened_ns},
                           {"title", to_json(incident.title)}};
  for (const auto& fact : incident.facts) body[fact.key()] = fact.value();
  return body;
}

}  // namespace

std::string_view to_string(IncidentStatus status) {
  return kStatusNames.at(static_cast<std::size_t>(status));
}

boost::json::object to_json(const Incident& incident) {
  boost::json::array evidence(incident.evidence.begin(), incident.evidence.end());
  boost::json::array linked(incident.linked.begin(), incident.linked.end());
  boost::json::object roles;
  for (const auto& [role, person] : incident.roles) roles[role] = person;
  return {{"id", incident.id},
          {"title", to_json(incident.title)},
          {"status", to_string(incident.status)},
          {"severity", incident.severity},
          {"measured_severity", incident.measured_severity},
          {"is_severity_by_person", incident.is_severity_by_person},
          {"began_ns", incident.began_ns},
          {"opened_ns", incident.opened_ns},
          {"resolved_ns", incident.resolved_ns},
          {"is_impaired", incident.is_impaired},
          {"evidence", std::move(evidence)},
          {"counted", incident.counted},
          {"facts", incident.facts},
          {"widest", incident.widest},
          {"report", incident.report},
          {"hypotheses", incident.hypotheses},
          {"roles", std::move(roles)},
          {"linked", std::move(linked)},
          {"merged_into", incident.merged_into}};
}

int severity_of(const boost::json::object& facts) {
  const bool can_trade = flag_or(facts, "can_trade", true);
  const std::int64_t spare = number_or(facts, "servers_spare", 1);
  const std::int64_t members_hit = number_or(facts, "members_hit_count", 0);
  const std::int64_t gateways_hit = number_or(facts, "gateways_hit_count", 0);
  const std::int64_t servers_hit = number_or(facts, "servers_hit_count", 0);
  if (!can_trade) return 1;
  if (spare <= 0 || members_hit > 0) return 2;
  if (servers_hit > 0 || gateways_hit > 0) return 3;
  return 4;
}

const Incident* Incidents::find(std::string_view id) const {
  const auto found = incidents_.find(std::string(id));
  return found == incidents_.end() ? nullptr : &found->second;
}

const watch::Evidence* Incidents::find_evidence(std::string_view id) const {
  const auto found = evidence_.find(id);
  return found == evidence_.end() ? nullptr : &found->second;
}

std::vector<const watch::Evidence*> Incidents::evidence_of(const Incident& incident) const {
  std::vector<const watch::Evidence*> items;
  for (const std::string& id : incident.evidence) {
    if (const watch::Evidence* item = find_evidence(id)) items.push_back(item);
  }
  return items;
}

std::vector<const watch::Evidence*> Incidents::changes_before(const Incident& incident) const {
  constexpr TimestampNs kDayNs = 86'400'000'000'000;
  std::vector<const watch::Evidence*> changes;
  for (const std::string& id : evidence_order_) {
    const watch::Evidence& item = evidence_.at(id);
    const bool is_before =
        item.from_ns <= incident.began_ns && item.from_ns + kDayNs > incident.began_ns;
    const bool is_known = std::find(incident.evidence.begin(), incident.evidence.end(), id) !=
                          incident.evidence.end();
    if (item.kind == watch::EvidenceKind::change && is_before && !is_known) {
      changes.push_back(&item);
    }
  }
  return changes;
}

base::Status Incidents::apply(const Entry& entry, Context& context) {
  if (entry.type == "evidence.seen") return take_evidence(entry, context);
  if (entry.type == "incident.open") return open_by_hand(entry, context);
  static const std::map<std::string_view, Act> kActs = {
      {"sized", &Incidents::sized},       {"report", &Incidents::reported},
      {"causes", &Incidents::caused},     {"note", &Incidents::noted},
      {"role", &Incidents::give_role},    {"severity", &Incidents::set_severity},
      {"status", &Incidents::set_status}, {"link", &Incidents::link},
      {"merge", &Incidents::merge},       {"split", &Incidents::split}};
  const auto act = kActs.find(entry.what());
  if (act == kActs.end()) {
    return base::Error{fmt::format("there is no entry '{}'", entry.type)};
  }
  const std::string id = text_or(entry.body, "incident");
  const auto found = incidents_.find(id);
  if (found == incidents_.end()) return base::Error{fmt::format("there is no incident '{}'", id)};
  return (this->*act->second)(found->second, entry, context);
}

base::Status Incidents::take_evidence(const Entry& entry, Context& context) {
  const boost::json::value* items = entry.body.if_contains("items");
  if (items == nullptr || !items->is_array()) return base::Error{"'items' is missing"};
  std::vector<watch::Evidence> read;
  for (const boost::json::value& item : items->get_array()) {
    if (!item.is_object()) return base::Error{"an item of evidence is no object"};
    auto evidence = watch::evidence_from_json(item.get_object());
    if (!evidence) return evidence.error();
    read.push_back(std::move(evidence.value()));
  }
  for (watch::Evidence& evidence : read) place(std::move(evidence), context);
  return {};
}

// A repeat of an id is the same observation told again.
void Incidents::place(watch::Evidence evidence, Context& context) {
  if (evidence_.contains(evidence.id)) return;
  evidence_order_.push_back(evidence.id);
  const watch::Evidence& kept = evidence_.emplace(evidence.id, std::move(evidence)).first->second;
  if (evidence_order_.size() > kEvidenceMax) {
    evidence_.erase(evidence_order_.front());
    evidence_order_.pop_front();
    ++evidence_forgotten_;
  }
  Incident* incident = open_one_for(kept);
  const Trigger* trigger = trigger_of(kept);
  const bool opens = trigger != nullptr;
  if (incident == nullptr && opens) {
    const TimestampNs began_ns = kept.from_ns == 0 ? context.now_ns : kept.from_ns;
    incident = &begin(
        {with_entity(trigger->title.en, kept.entity), with_entity(trigger->title.ja, kept.entity)},
        trigger->severity, began_ns, context);
    gather(*incident);
  } else if (incident != nullptr && opens) {
    raise(*incident, trigger->severity, context);
    if (incident->status == IncidentStatus::monitoring) {
      incident->status = IncidentStatus::open;
      context.note(incident->id, "incident.reopened",
                   {"new trouble: the incident is open again", "新たな異常のため再び対応中とする"});
    }
  }
  tell(kept, incident, context);
  if (incident == nullptr || incident->evidence.size() >= kEvidenceOfIncidentMax) return;
  incident->evidence.push_back(kept.id);
  incident->last_evidence_ns = context.now_ns;
  if (kept.from_ns != 0 && opens) incident->began_ns = std::min(incident->began_ns, kept.from_ns);
}

// What was seen in the minute before, or was warned of in the two hours before, and opened nothing
// by itself may be how it began.
void Incidents::gather(Incident& incident) const {
  constexpr TimestampNs kBeforeNs = 60'000'000'000;
  constexpr TimestampNs kWarningNs = 7'200'000'000'000;  // of nature
  constexpr std::size_t kLookedAtMax = 500;
  const auto belongs = [this](const std::string& id) {
    return std::any_of(incidents_.begin(), incidents_.end(), [&](const auto& one) {
      const std::vector<std::string>& ids = one.second.evidence;
      return std::find(ids.begin(), ids.end(), id) != ids.end();
    });
  };
  std::vector<std::string> ids;
  const std::size_t count = evidence_order_.size();
  // The last is the one that opens it, and is added by itself.
  for (std::size_t back = 2; back <= std::min(count, kLookedAtMax); ++back) {
    const std::string& id = evidence_order_[count - back];
    const TimestampNs from_ns = evidence_.at(id).from_ns;
    const bool is_warning = evidence_.at(id).kind == watch::EvidenceKind::hazard;
    const TimestampNs before_ns = is_warning ? kWarningNs : kBeforeNs;
    const bool is_old = from_ns != 0 && from_ns + before_ns < incident.began_ns;
    if (!is_old && !belongs(id)) ids.push_back(id);
  }
  incident.evidence.assign(ids.rbegin(), ids.rend());
}

// What a component says of itself opens nothing.
const Trigger* Incidents::trigger_of(const watch::Evidence& evidence) const {
  if (evidence.self_reported) return nullptr;
  const auto trigger = std::find_if(triggers_.begin(), triggers_.end(),
                                    [&](const Trigger& t) { return t.signal == evidence.signal; });
  return trigger == triggers_.end() ? nullptr : &*trigger;
}

bool Incidents::is_trouble(const watch::Evidence& evidence) const {
  return trigger_of(evidence) != nullptr;
}

// In a storm, what others act on is told all the same.
void Incidents::tell(const watch::Evidence& evidence, Incident* incident, Context& context) {
  const std::string id = incident == nullptr ? "" : incident->id;
  const bool must_be_told = is_trouble(evidence) || evidence.kind == watch::EvidenceKind::probe ||
                            evidence.kind == watch::EvidenceKind::change;
  if (must_be_told || storm_.has_room(context.now_ns)) {
    storm_.told(context.now_ns);
    const std::string& ja = evidence.statement_ja;
    context.note(id, "evidence." + evidence.signal,
                 {fmt::format("{}: {}", evidence.source, evidence.statement),
                  fmt::format("{}: {}", evidence.source, ja.empty() ? evidence.statement : ja)},
                 {{"evidence", evidence.id}, {"entity", evidence.entity}});
    return;
  }
  if (incident != nullptr) ++incident->counted;
  if (!storm_.count(id, evidence.signal)) return;
  context.note(id, "evidence.storm",
               {"very many observations at once: those that follow are counted",
                "観測が集中しているため、以降は件数で記録する"});
}

void Incidents::advance(Context& context) {
  for (const auto& [incident, counts] : storm_.take()) {
    std::string words;
    std::uint64_t total = 0;
    boost::json::object data;
    for (const auto& [signal, count] : counts) {
      words += fmt::format("{}{} {}", words.empty() ? "" : ", ", signal, count);
      total += count;
      data[signal] = count;
    }
    context.note(incident, "evidence.counted",
                 {fmt::format("{} more observations within ten seconds: {}", total, words),
                  fmt::format("10秒間に他 {} 件の観測: {}", total, words)},
                 {{"counts", std::move(data)}});
  }
}

// The newest that is open and still fresh.
Incident* Incidents::open_one_for(const watch::Evidence& evidence) {
  Incident* newest = nullptr;
  for (auto& [id, incident] : incidents_) {
    if (incident.status == IncidentStatus::resolved || incident.status == IncidentStatus::merged) {
      continue;
    }
    const bool is_fresh =
        evidence.from_ns == 0 || evidence.from_ns < incident.last_evidence_ns + kCorrelationNs;
    if (is_fresh && (newest == nullptr || incident.opened_ns >= newest->opened_ns)) {
      newest = &incident;
    }
  }
  return newest;
}

Incident& Incidents::begin(Words title, int severity, TimestampNs began_ns, Context& context) {
  Incident incident;
  incident.id = fmt::format("inc-{}", ++opened_);
  incident.title = std::move(title);
  incident.severity = severity;
  incident.measured_severity = severity;
  incident.began_ns = std::min(began_ns, context.now_ns);
  incident.opened_ns = context.now_ns;
  incident.last_evidence_ns = context.now_ns;
  Incident& kept = incidents_.emplace(incident.id, std::move(incident)).first->second;
  context.note(
      kept.id, "incident.opened",
      {fmt::format("incident {} opened, severity {}: {}", kept.id, severity, kept.title.en),
       fmt::format("障害 {} を開始、重大度 {}: {}", kept.id, severity, kept.title.ja)},
      about(kept));
  return kept;
}

base::Status Incidents::open_by_hand(const Entry& entry, Context& context) {
  Words title = words_of(entry.body, "title");
  if (title.en.empty()) return base::Error{"'title' is missing"};
  const std::int64_t severity = number_or(entry.body, "severity", 3);
  if (severity < 1 || severity > 4) return base::Error{"'severity' is 1 to 4"};
  begin(std::move(title), static_cast<int>(severity), context.now_ns, context);
  return {};
}

base::Status Incidents::sized(Incident& incident, const Entry& entry, Context& context) {
  const boost::json::value* facts = entry.body.if_contains("facts");
  if (facts == nullptr || !facts->is_object()) return base::Error{"'facts' is missing"};
  const bool is_first = incident.facts.empty();
  incident.facts = facts->get_object();
  widen(incident.widest, incident.facts);
  incident.measured_severity = severity_of(incident.facts);
  // Until now it was a guess by what opened it. From here on the facts may raise it; that it is
  // less bad than it was is for people to say.
  const bool is_worse = incident.measured_severity < incident.severity;
  if (!incident.is_severity_by_person && incident.measured_severity != incident.severity &&
      (is_first || is_worse)) {
    incident.severity = incident.measured_severity;
    context.note(incident.id, "incident.severity",
                 {fmt::format("severity {} by the facts", incident.severity),
                  fmt::format("事実に基づく重大度 {}", incident.severity)},
                 about(incident));
  }
  if (is_first) {
    context.note(incident.id, "incident.sized",
                 {"sized up: what is hit and what is not", "影響範囲を把握した"}, about(incident));
  }
  note_impairment(incident, context);
  return {};
}

void Incidents::note_impairment(Incident& incident, Context& context) {
  const bool is_impaired = !flag_or(incident.facts, "can_trade", true);
  if (is_impaired == incident.is_impaired) return;
  incident.is_impaired = is_impaired;
  if (is_impaired) {
    context.note(incident.id, "incident.trading_impaired",
                 {"the market cannot trade", "市場で売買ができない"}, about(incident));
  } else {
    context.note(incident.id, "incident.trading_restored",
                 {"orders are answered again", "注文に再び応答している"}, about(incident));
  }
}

base::Status Incidents::reported(Incident& incident, const Entry& entry, Context& context) {
  const boost::json::value* sentences = entry.body.if_contains("sentences");
  if (sentences == nullptr || !sentences->is_array()) return base::Error{"'sentences' is missing"};
  const bool is_first = incident.report.empty();
  incident.report = sentences->get_array();
  context.note(incident.id, is_first ? "incident.report" : "incident.report_updated",
               {fmt::format("situation report of {} sentences", incident.report.size()),
                fmt::format("状況報告 {} 文", incident.report.size())},
               {{"sentences", incident.report}});
  return {};
}

base::Status Incidents::caused(Incident& incident, const Entry& entry, Context& context) {
  const boost::json::value* hypotheses = entry.body.if_contains("hypotheses");
  if (hypotheses == nullptr || !hypotheses->is_array()) {
    return base::Error{"'hypotheses' is missing"};
  }
  const bool is_first = incident.hypotheses.empty();
  incident.hypotheses = hypotheses->get_array();
  Words first{"unknown", "不明"};
  if (!incident.hypotheses.empty() && incident.hypotheses.front().is_object()) {
    first = words_of(incident.hypotheses.front().get_object(), "title");
  }
  context.note(
      incident.id, is_first ? "incident.causes" : "incident.causes_updated",
      {fmt::format("first hypothesis: {}", first.en), fmt::format("第一の仮説: {}", first.ja)},
      {{"hypotheses", incident.hypotheses}});
  return {};
}

base::Status Incidents::noted(Incident& incident, const Entry& entry, Context& context) {
  auto text = text_of(entry.body, "text");
  if (!text) return text.error();
  context.note(incident.id, "incident.note", {text.value(), text.value()});
  return {};
}

base::Status Incidents::give_role(Incident& incident, const Entry& entry, Context& context) {
  auto role = text_of(entry.body, "role", 100);
  if (!role) return role.error();
  auto person = text_of(entry.body, "person", 100);
  if (!person) return person.error();
  incident.roles[role.value()] = person.value();
  context.note(incident.id, "incident.role",
               {fmt::format("{} is {}", person.value(), role.value()),
                fmt::format("{} が {} を担当", person.value(), role.value())});
  return {};
}

base::Status Incidents::set_severity(Incident& incident, const Entry& entry, Context& context) {
  const std::int64_t severity = number_or(entry.body, "severity", 0);
  if (severity < 1 || severity > 4) return base::Error{"'severity' is 1 to 4"};
  incident.severity = static_cast<int>(severity);
  incident.is_severity_by_person = true;
  const std::string reason = text_or(entry.body, "reason");
  context.note(incident.id, "incident.severity",
               {fmt::format("severity {} set by hand: {}", severity, reason),
                fmt::format("重大度を {} に変更: {}", severity, reason)},
               about(incident));
  return {};
}

base::Status Incidents::set_status(Incident& incident, const Entry& entry, Context& context) {
  const std::string wanted = text_or(entry.body, "status");
  if (wanted != "open" && wanted != "monitoring" && wanted != "resolved") {
    return base::Error{"'status' is open, monitoring or resolved"};
  }
  if (incident.status == IncidentStatus::merged) {
    return base::Error{fmt::format("it was merged into {}", incident.merged_into)};
  }
  const auto at = std::find(kStatusNames.begin(), kStatusNames.end(), wanted);
  incident.status = static_cast<IncidentStatus>(at - kStatusNames.begin());
  if (incident.status == IncidentStatus::resolved) incident.resolved_ns = context.now_ns;
  context.note(incident.id, "incident." + wanted,
               {fmt::format("status: {}", wanted), fmt::format("状態: {}", wanted)},
               about(incident));
  return {};
}

base::Status Incidents::link(Incident& incident, const Entry& entry, Context& context) {
  const std::string other = text_or(entry.body, "other");
  const auto found = incidents_.find(other);
  if (found == incidents_.end() || other == incident.id) {
    return base::Error{fmt::format("there is no other incident '{}'", other)};
  }
  if (std::find(incident.linked.begin(), incident.linked.end(), other) != incident.linked.end()) {
    return {};
  }
  incident.linked.push_back(other);
  found->second.linked.push_back(incident.id);
  context.note(incident.id, "incident.linked",
               {fmt::format("linked with {}", other), fmt::format("{} と関連付けた", other)});
  return {};
}

base::Status Incidents::merge(Incident& incident, const Entry& entry, Context& context) {
  const std::string into = text_or(entry.body, "into");
  const auto found = incidents_.find(into);
  if (found == incidents_.end() || into == incident.id) {
    return base::Error{fmt::format("there is no other incident '{}'", into)};
  }
  if (found->second.status == IncidentStatus::merged) {
    return base::Error{
        fmt::format("{} was merged itself, into {}", into, found->second.merged_into)};
  }
  // It keeps its own evidence, so that it can be split again.
  for (const std::string& id : incident.evidence) found->second.evidence.push_back(id);
  incident.status = IncidentStatus::merged;
  incident.merged_into = into;
  context.note(incident.id, "incident.merged",
               {fmt::format("merged into {}", into), fmt::format("{} に統合した", into)});
  return {};
}

base::Status Incidents::split(Incident& incident, const Entry& entry, Context& context) {
  Words title = words_of(entry.body, "title");
  const std::vector<std::string> ids = texts_of(entry.body, "evidence");
  if (title.en.empty() || ids.empty()) return base::Error{"'title' and 'evidence' are needed"};
  for (const std::string& id : ids) {
    if (std::find(incident.evidence.begin(), incident.evidence.end(), id) ==
        incident.evidence.end()) {
      return base::Error{fmt::format("evidence '{}' is not of {}", id, incident.id)};
    }
  }
  Incident& added = begin(std::move(title), incident.severity, context.now_ns, context);
  for (const std::string& id : ids) {
    std::erase(incident.evidence, id);
    added.evidence.push_back(id);
    const watch::Evidence* item = find_evidence(id);
    if (item != nullptr && item->from_ns != 0) {
      added.began_ns = std::min(added.began_ns, item->from_ns);
    }
  }
  added.linked.push_back(incident.id);
  incident.linked.push_back(added.id);
  context.note(incident.id, "incident.split",
               {fmt::format("{} items of evidence went to {}", ids.size(), added.id),
                fmt::format("証拠 {} 件を {} に分離した", ids.size(), added.id)});
  return {};
}

void Incidents::raise(Incident& incident, int severity, Context& context) {
  if (incident.is_severity_by_person || severity >= incident.severity) return;
  incident.severity = severity;
  context.note(incident.id, "incident.severity",
               {fmt::format("severity {}", severity), fmt::format("重大度 {}", severity)},
               about(incident));
}

// A fail-over is over when it was seen from outside, and not before.
void Incidents::heard(const TimelineItem& item, Context& context) {
  if (item.kind != fmt::format("evidence.{}", watch::signal::fail_over_observed)) return;
  const auto found = incidents_.find(item.incident);
  if (found == incidents_.end()) return;
  context.note(item.incident, "incident.path_observed",
               {fmt::format("the path was seen to work from outside: {}", item.words.en),
                fmt::format("外部から経路の動作を確認した: {}", item.words.ja)},
               item.data);
}

boost::json::value Incidents::view() const {
  boost::json::array array;
  for (const auto& [id, incident] : incidents_) array.push_back(to_json(incident));
  return array;
}

}  // namespace okiagari::desk
