#include "desk/first_look.h"

#include <algorithm>
#include <boost/json.hpp>

#include "cause/explain.h"
#include "cause/hypotheses.h"
#include "desk/situation_report.h"

namespace okiagari::desk {

namespace {

constexpr std::uint64_t kTickMs = 100;
// Evidence comes in a burst: the first look at the cause waits for the rest of it.
constexpr std::uint64_t kThinkAfterMs = 1'500;
constexpr std::uint64_t kThinkAgainMs = 2'000;
constexpr std::uint64_t kReportAgainMs = 1'000;
constexpr std::size_t kHypothesesTold = 8;

boost::json::array reasons(const std::vector<cause::Reason>& from) {
  boost::json::array array;
  for (const cause::Reason& reason : from) {
    array.push_back({{"evidence", reason.evidence_id},
                     {"weight_db", reason.weight_db},
                     {"en", reason.sentence.en},
                     {"ja", reason.sentence.ja}});
  }
  return array;
}

boost::json::object told(const cause::Hypothesis& hypothesis, bool is_confident) {
  boost::json::array evidence;
  for (const cause::Reason& reason : hypothesis.reasons_for) {
    evidence.emplace_back(reason.evidence_id);
  }
  return {{"cause", hypothesis.cause},
          {"class", cause::to_string(hypothesis.cause_class)},
          {"entity", hypothesis.entity},
          {"title", {{"en", hypothesis.title.en}, {"ja", hypothesis.title.ja}}},
          {"state", cause::to_string(hypothesis.state)},
          {"probability", hypothesis.probability},
          {"band", cause::to_string(hypothesis.band)},
          {"is_confident", is_confident},
          {"evidence", std::move(evidence)},
          {"for", reasons(hypothesis.reasons_for)},
          {"against", reasons(hypothesis.reasons_against)},
          {"next_check", {{"en", hypothesis.next_check.en}, {"ja", hypothesis.next_check.ja}}}};
}

// What changed, what is thought of it, and what would decide: as much as people read at once.
boost::json::array sentences_of(const cause::Ranking& ranking, const cause::CauseTable& table) {
  constexpr std::size_t kOfEach = 3;
  const cause::Explanation explanation = cause::explain(ranking, table);
  boost::json::array sentences;
  const auto add = [&](const std::vector<cause::Statement>& from, std::size_t most) {
    for (std::size_t at = 0; at < std::min(from.size(), most); ++at) {
      boost::json::array evidence(from[at].evidence_ids.begin(), from[at].evidence_ids.end());
      sentences.push_back(
          {{"en", from[at].text.en}, {"ja", from[at].text.ja}, {"evidence", std::move(evidence)}});
    }
  };
  // What was seen stands in the report already, in order of time; changes come first here.
  add(explanation.known, std::min(kOfEach, ranking.recent_changes.size()));
  add(explanation.thought, kOfEach);
  add(explanation.not_known, kOfEach);
  return sentences;
}

}  // namespace

void FirstLook::submit(const char* type, const Incident& incident, std::string_view key,
                       boost::json::value value) {
  Entry entry;
  entry.type = type;
  entry.by = "desk";
  entry.body = {{"incident", incident.id}};
  entry.body[key] = std::move(value);
  port_.submit(std::move(entry), nullptr);
}

std::uint64_t FirstLook::tick(std::uint64_t now_ms) {
  if (!port_.leads()) {
    looks_.clear();
    return now_ms + kTickMs;
  }
  const auto* incidents = port_.desk().part<Incidents>();
  for (const auto& [id, incident] : incidents->all()) {
    if (incident.status == IncidentStatus::resolved || incident.status == IncidentStatus::merged) {
      continue;
    }
    Look& look = looks_[id];
    if (look.sized_ms == 0 || now_ms - look.sized_ms >= kTickMs) size_up(incident, look, now_ms);
    if (!incident.facts.empty()) report(*incidents, incident, look, now_ms);
    think(*incidents, incident, look, now_ms);
  }
  return now_ms + kTickMs;
}

void FirstLook::size_up(const Incident& incident, Look& look, std::uint64_t now_ms) {
  look.sized_ms = now_ms;
  boost::json::object facts = sizing_.facts();
  std::string text = boost::json::serialize(facts);
  if (text == look.facts) return;
  look.facts = std::move(text);
  submit("incident.sized", incident, "facts", std::move(facts));
}

void FirstLook::report(const Incidents& incidents, const Incident& incident, Look& look,
                       std::uint64_t now_ms) {
  // The first at once; later ones as often as people can read.
  if (!look.report.empty() && now_ms - look.reported_ms < kReportAgainMs) return;
  // Who begins to lead thinks first, so that no report says less than the one before.
  if (look.hypotheses.empty() && !incident.hypotheses.empty()) return;
  boost::json::array sentences = situation_report(incidents, incident, table_, look.thoughts);
  std::string text = boost::json::serialize(sentences);
  if (text == look.report) return;
  look.report = std::move(text);
  look.reported_ms = now_ms;
  submit("incident.report", incident, "sentences", std::move(sentences));
}

void FirstLook::think(const Incidents& incidents, const Incident& incident, Look& look,
                      std::uint64_t now_ms) {
  if (look.thought_ms == 0) look.thought_ms = now_ms;  // when it was first seen here
  const std::uint64_t wait_ms = look.hypotheses.empty() ? kThinkAfterMs : kThinkAgainMs;
  if (now_ms - look.thought_ms < wait_ms || look.evidence == incident.evidence.size()) return;
  look.thought_ms = now_ms;
  look.evidence = incident.evidence.size();
  cause::CaseFile file;
  file.topology = topology_;
  file.symptom_ns = incident.began_ns;
  for (const watch::Evidence* item : incidents.evidence_of(incident)) {
    if (file.evidence.size() < cause::kEvidenceMax) file.evidence.push_back(*item);
  }
  for (const watch::Evidence* change : incidents.changes_before(incident)) {
    if (file.evidence.size() < cause::kEvidenceMax) file.evidence.push_back(*change);
  }
  const cause::Ranking ranking = cause::rank_hypotheses(table_, file);
  boost::json::array hypotheses;
  for (std::size_t at = 0; at < std::min(ranking.hypotheses.size(), kHypothesesTold); ++at) {
    hypotheses.push_back(told(ranking.hypotheses[at], at == 0 && ranking.is_confident));
  }
  std::string text = boost::json::serialize(hypotheses);
  if (text == look.hypotheses) return;
  look.hypotheses = std::move(text);
  look.thoughts = sentences_of(ranking, table_);
  submit("incident.causes", incident, "hypotheses", std::move(hypotheses));
}

}  // namespace okiagari::desk
