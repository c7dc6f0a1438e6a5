#include "desk/clocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "desk/deadlines.h"
#include "desk/dora_classification.h"
#include "desk/incidents.h"
#include "desk/read_words.h"
#include "desk/time_text.h"

namespace okiagari::desk {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr TimestampNs kDayNs = 86'400 * kSecondNs;

TimestampNs time_or(const boost::json::object& body, std::string_view key, TimestampNs otherwise) {
  const std::int64_t at_ns = number_or(body, key, 0);
  return at_ns > 0 ? static_cast<TimestampNs>(at_ns) : otherwise;
}

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += between;
    all += text;
  }
  return all;
}

std::string text_of_fact(const boost::json::value& value, std::string_view key, bool is_japanese) {
  if (value.is_array()) {
    std::string text;
    for (const boost::json::value& item : value.get_array()) {
      if (!text.empty()) text += is_japanese ? "、" : ", ";
      text += text_of_fact(item, {}, is_japanese);
    }
    return text;
  }
  const Words words = read_words(value);
  if (!is_empty(words)) return is_japanese ? words.ja : words.en;
  boost::system::error_code error;
  const auto number = value.to_number<std::int64_t>(error);
  if (!error && key.ends_with("_ns")) {
    if (number <= 0) return {};
    const Words time = time_words(static_cast<TimestampNs>(number));
    return is_japanese ? time.ja : time.en;
  }
  if (value.is_object() && value.get_object().contains("from_ns")) {
    const boost::json::object& range = value.get_object();
    return fmt::format("{} – {}", utc_text(time_or(range, "from_ns", 0)),
                       utc_text(time_or(range, "to_ns", 0)));
  }
  if (value.is_null() || value.is_object() || value.is_string()) return {};
  if (value.is_bool()) {
    if (value.get_bool()) return is_japanese ? "あり" : "yes";
    return is_japanese ? "なし" : "no";
  }
  return boost::json::serialize(value);
}

}  // namespace

std::vector<DraftField> draft_report(const ClockRule& rule, const boost::json::object& record) {
  const bool is_japanese = rule.language == "ja";
  std::vector<DraftField> fields;
  for (const ReportField& field : rule.fields) {
    DraftField drafted;
    drafted.label = is_japanese ? field.label.ja : field.label.en;
    const boost::json::value* fact = record.if_contains(field.key);
    if (fact != nullptr) drafted.value = text_of_fact(*fact, field.key, is_japanese);
    drafted.is_known = !drafted.value.empty();
    if (!drafted.is_known) {
      drafted.value = is_japanese ? "【未確認】" : "[not known: to be filled in]";
      // A cause is said to be looked for, not left open.
      if (field.key == "cause")
        drafted.value = is_japanese ? "【調査中】" : "[under investigation]";
    }
    fields.push_back(std::move(drafted));
  }
  return fields;
}

const RegulatorClock* Clocks::find(std::string_view id) const {
  const auto found = clocks_.find(id);
  return found == clocks_.end() ? nullptr : &found->second;
}

const boost::json::object* Clocks::record(std::string_view incident) const {
  const auto found = records_.find(incident);
  return found == records_.end() ? nullptr : &found->second;
}

base::Status Clocks::apply(const Entry& entry, Context& context) {
  if (entry.what() == "regimes") return set_regimes(entry, context);
  if (entry.what() == "start") return start(entry, context);
  if (entry.what() == "submitted") return submitted(entry, context);
  const std::string incident = text_or(entry.body, "incident");
  const auto found = records_.find(incident);
  if (found == records_.end()) {
    return base::Error{fmt::format("no clock was started for '{}'", incident)};
  }
  if (entry.what() == "record") {
    for (const auto& fact : entry.body) {
      found->second[fact.key()] = fact.value();
      if (context.by.starts_with("person:")) by_people_[incident].emplace(fact.key());
    }
    return {};
  }
  if (entry.what() == "classify") return classify(incident, entry, context);
  if (entry.what() == "closed") {
    if (!context.by.starts_with("person:")) return base::Error{"a person closes an investigation"};
    start_all(incident, ClockStart::closed, time_or(entry.body, "at_ns", context.now_ns), context);
    return {};
  }
  return base::Error{fmt::format("there is no entry '{}'", entry.type)};
}

boost::json::object Clocks::report_record(const std::string& incident) const {
  const auto found = records_.find(incident);
  if (found == records_.end()) return {};
  boost::json::object filled = found->second;
  const Incident* known = incidents_ == nullptr ? nullptr : incidents_->find(incident);
  if (known == nullptr) return filled;
  boost::json::object facts = known->widest;
  facts["title"] = to_json(known->title);
  facts["began_ns"] = known->began_ns;
  facts["severity"] = known->severity;
  const auto by_people = by_people_.find(incident);
  for (const auto& fact : facts) {
    const bool is_said = by_people != by_people_.end() && by_people->second.contains(fact.key());
    if (!is_said) filled[fact.key()] = fact.value();
  }
  return filled;
}

base::Status Clocks::set_regimes(const Entry& entry, Context&) {
  std::set<std::string, std::less<>> regimes;
  for (const std::string& regime : texts_of(entry.body, "regimes")) {
    const bool is_known = std::any_of(clock_rules().begin(), clock_rules().end(),
                                      [&](const ClockRule& rule) { return rule.regime == regime; });
    if (!is_known) return base::Error{fmt::format("there is no regime '{}'", regime)};
    regimes.insert(regime);
  }
  std::optional<TimeZone> zone;
  if (const boost::json::value* changes = entry.body.if_contains("zone")) {
    auto read = TimeZone::from_json(*changes);
    if (!read) return read.error();
    zone = std::move(read.value());
  }
  const std::int64_t at_once_s = number_or(entry.body, "at_once_s", 3'600);
  if (at_once_s < 1 || at_once_s > 86'400) return base::Error{"'at_once_s' is 1 to 86400"};
  const std::vector<std::string> holidays = texts_of(entry.body, "holidays");
  regimes_ = std::move(regimes);
  zone_ = std::move(zone);
  holidays_ = {holidays.begin(), holidays.end()};
  at_once_s_ = static_cast<std::uint64_t>(at_once_s);
  firm_ = text_or(entry.body, "firm");
  lei_ = text_or(entry.body, "lei");
  return {};
}

base::Status Clocks::start(const Entry& entry, Context& context) {
  const std::string incident = text_or(entry.body, "incident");
  if (incident.empty()) return base::Error{"'incident' is missing"};
  if (records_.contains(incident)) {
    return base::Error{fmt::format("the clocks of {} run already", incident)};
  }
  if (records_.size() >= kIncidentsMax) {
    return base::Error{fmt::format("{} incidents have clocks; no more are taken", kIncidentsMax)};
  }
  boost::json::object& record = records_[incident];
  record = entry.body;
  const TimestampNs aware_ns = time_or(entry.body, "opened_ns", context.now_ns);
  const TimestampNs began_ns = time_or(entry.body, "began_ns", aware_ns);
  record["aware_ns"] = aware_ns;
  record["firm"] = firm_;
  record["lei"] = lei_;
  const Incident* known = incidents_ == nullptr ? nullptr : incidents_->find(incident);
  if (known != nullptr && !known->evidence.empty()) {
    record["discovered_by"] = {{"en", "monitoring from outside, with test orders"},
                               {"ja", "外部からの監視（試験注文を含む）により検知"}};
  }
  start_all(incident, ClockStart::aware, aware_ns, context);
  start_all(incident, ClockStart::occurred, began_ns, context);
  return {};
}

base::Status Clocks::classify(const std::string& incident, const Entry& entry, Context& context) {
  const DoraClass found = classify_dora(dora_facts(entry.body));
  boost::json::object& record = records_.at(incident);
  boost::json::array criteria(found.criteria.begin(), found.criteria.end());
  record["criteria"] = criteria;
  context.note(
      incident, "clock.classified",
      {fmt::format("DORA: {}; criteria met: {}", found.is_major ? "major" : "not major",
                   joined(found.criteria, ", ")),
       fmt::format("DORA: {}、該当基準: {}", found.is_major ? "重大な障害" : "重大に該当せず",
                   joined(found.criteria, "、"))},
      {{"is_major", found.is_major}, {"criteria", std::move(criteria)}});
  const ClockRule* rule = find_clock_rule("dora_initial");
  if (!found.is_major || !regimes_.contains(rule->regime)) return {};
  record["classified_ns"] = context.now_ns;
  const InitialDue due =
      dora_initial_due(time_or(record, "aware_ns", context.now_ns), context.now_ns);
  start_one(incident, *rule, context.now_ns, due.due_ns, context);
  clocks_.at(fmt::format("{}/{}", incident, rule->id)).is_late_start = due.is_late;
  return {};
}

TimestampNs Clocks::due_of(const ClockRule& rule, TimestampNs at_ns) const {
  switch (rule.length) {
    case ClockLength::at_once:
      return at_ns + at_once_s_ * kSecondNs;
    case ClockLength::seconds:
      return at_ns + rule.amount * kSecondNs;
    case ClockLength::months:
      return months_after(at_ns, static_cast<unsigned>(rule.amount));
    case ClockLength::business_days:
      return business_days_after(at_ns, static_cast<unsigned>(rule.amount),
                                 zone_ ? &*zone_ : nullptr, holidays_);
  }
  return at_ns;
}

void Clocks::start_all(const std::string& incident, ClockStart what, TimestampNs at_ns,
                       Context& context) {
  for (const ClockRule& rule : clock_rules()) {
    if (rule.start == what && regimes_.contains(rule.regime)) {
      start_one(incident, rule, at_ns, due_of(rule, at_ns), context);
    }
  }
}

void Clocks::set_due(RegulatorClock& clock, TimestampNs due_ns) {
  clock.due_ns = due_ns;
  // A quarter of the time before, but at most a day.
  const TimestampNs whole = due_ns > clock.started_ns ? due_ns - clock.started_ns : 0;
  clock.warn_ns = due_ns - std::min(kDayNs, whole / 4);
}

void Clocks::start_one(const std::string& incident, const ClockRule& rule, TimestampNs at_ns,
                       TimestampNs due_ns, Context& context) {
  const std::string id = fmt::format("{}/{}", incident, rule.id);
  const auto [at, is_new] = clocks_.try_emplace(id);
  if (!is_new) return;  // it runs, or is over
  RegulatorClock& clock = at->second;
  clock.id = id;
  clock.incident = incident;
  clock.rule = &rule;
  clock.started_ns = at_ns;
  set_due(clock, due_ns);
  const Words due = time_words(clock.due_ns);
  context.note(incident, "clock.started",
               {fmt::format("{}: due {}", rule.title.en, due.en),
                fmt::format("{}: 期限 {}", rule.title.ja, due.ja)},
               {{"clock", id}, {"due_ns", clock.due_ns}});
}

base::Status Clocks::submitted(const Entry& entry, Context& context) {
  const std::string id = text_or(entry.body, "clock");
  const auto found = clocks_.find(id);
  if (found == clocks_.end()) return base::Error{fmt::format("there is no clock '{}'", id)};
  RegulatorClock& clock = found->second;
  if (!context.by.starts_with("person:")) return base::Error{"a person submits a report"};
  if (clock.submitted_ns != 0) return base::Error{fmt::format("{} was submitted already", id)};
  const TimestampNs at_ns = time_or(entry.body, "at_ns", context.now_ns);
  if (at_ns > context.now_ns) return base::Error{"'at_ns' is in the future"};
  clock.submitted_ns = at_ns;
  clock.submitted_by = context.by;
  clock.reference = text_or(entry.body, "reference");
  context.note(clock.incident, "clock.submitted",
               {fmt::format("{} submitted by {}", clock.rule->title.en, context.by),
                fmt::format("{} を {} が提出", clock.rule->title.ja, context.by)},
               {{"clock", id}, {"was_late", at_ns > clock.due_ns}});
  for (const ClockRule& rule : clock_rules()) {
    if (rule.start == ClockStart::submitted && rule.behind == clock.rule->id) {
      start_one(clock.incident, rule, at_ns, due_of(rule, at_ns), context);
    }
  }
  return {};
}

// What was done, in the order in which it was.
void Clocks::note_response(const TimelineItem& item, boost::json::object& record) const {
  static const std::set<std::string_view> kResponses = {
      "halt.ordered",      "halt.in_effect",      "incident.path_observed", "approval.proposed",
      "approval.executed", "incident.monitoring", "incident.recovered",     "incident.resolved"};
  const auto by_people = by_people_.find(item.incident);
  const bool is_said = by_people != by_people_.end() && by_people->second.contains("response");
  if (!kResponses.contains(item.kind) || is_said) return;
  boost::json::value& responses = record["response"];
  if (!responses.is_array()) responses = boost::json::array{};
  if (responses.get_array().size() >= kResponsesMax) return;
  const Words time = time_words(item.at_ns);
  responses.get_array().push_back({{"en", fmt::format("{}: {}", time.en, item.words.en)},
                                   {"ja", fmt::format("{} {}", time.ja, item.words.ja)}});
}

void Clocks::heard(const TimelineItem& item, Context& context) {
  const auto found = records_.find(item.incident);
  if (found == records_.end()) return;
  note_response(item, found->second);
  if (item.kind == "incident.recovered" || item.kind == "incident.resolved") {
    if (!found->second.contains("recovered_ns")) found->second["recovered_ns"] = item.at_ns;
    start_all(item.incident, ClockStart::recovered, item.at_ns, context);
  } else if (item.kind == "notice.cause") {
    const boost::json::value* cause = item.data.if_contains("cause");
    if (cause != nullptr) found->second["cause"] = *cause;
    start_all(item.incident, ClockStart::cause_known, item.at_ns, context);
  } else if (item.kind == "notice.released") {
    boost::json::value& notices = found->second["notices"];
    if (!notices.is_array()) notices = boost::json::array{};
    if (const boost::json::value* id = item.data.if_contains("notice")) {
      notices.get_array().push_back(*id);
    }
  }
}

TimestampNs Clocks::next_due_ns() const {
  TimestampNs due = kNever;
  for (const auto& [id, clock] : clocks_) {
    if (clock.submitted_ns != 0) continue;
    if (!clock.is_warned) {
      due = std::min(due, clock.warn_ns);
    } else if (!clock.is_overdue) {
      due = std::min(due, clock.due_ns + 1);  // at its very time is in time
    }
  }
  return due;
}

void Clocks::advance(Context& context) {
  for (auto& [id, clock] : clocks_) {
    if (clock.submitted_ns != 0) continue;
    const Words due = time_words(clock.due_ns);
    if (!clock.is_warned && clock.warn_ns <= context.now_ns) {
      clock.is_warned = true;
      context.note(clock.incident, "clock.due_soon",
                   {fmt::format("{} is due {}", clock.rule->title.en, due.en),
                    fmt::format("{} の期限が近い: {}", clock.rule->title.ja, due.ja)},
                   {{"clock", id}, {"due_ns", clock.due_ns}});
      context.follow("page.start",
                     {{"incident", clock.incident},
                      {"severity", 3},
                      {"title",
                       {{"en", fmt::format("{} is due {}", clock.rule->title.en, due.en)},
                        {"ja", fmt::format("{} の期限: {}", clock.rule->title.ja, due.ja)}}},
                      {"reason", "clock_due_soon"}});
    } else if (clock.is_warned && !clock.is_overdue && clock.due_ns < context.now_ns) {
      clock.is_overdue = true;
      const Words title{fmt::format("{} is overdue since {}", clock.rule->title.en, due.en),
                        fmt::format("{} が期限超過: {}", clock.rule->title.ja, due.ja)};
      context.note(clock.incident, "clock.overdue", title, {{"clock", id}});
      context.follow("page.start", {{"incident", clock.incident},
                                    {"severity", 1},
                                    {"title", to_json(title)},
                                    {"reason", "clock_overdue"},
                                    {"escalates", true}});
    }
  }
}

boost::json::value Clocks::view() const {
  boost::json::array array;
  for (const auto& [id, clock] : clocks_) {
    boost::json::array draft;
    for (const DraftField& field : draft_report(*clock.rule, report_record(clock.incident))) {
      draft.push_back({{"label", field.label}, {"value", field.value}, {"known", field.is_known}});
    }
    array.push_back({{"id", id},
                     {"incident", clock.incident},
                     {"regime", clock.rule->regime},
                     {"title", to_json(clock.rule->title)},
                     {"started_ns", clock.started_ns},
                     {"due_ns", clock.due_ns},
                     {"submitted_ns", clock.submitted_ns},
                     {"submitted_by", clock.submitted_by},
                     {"reference", clock.reference},
                     {"overdue", clock.is_overdue},
                     {"late_classification", clock.is_late_start},
                     {"language", clock.rule->language},
                     {"draft", std::move(draft)}});
  }
  return array;
}

}  // namespace okiagari::desk
