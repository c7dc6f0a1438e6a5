#include "cause/ranking_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace okiagari::cause {

namespace {

constexpr std::size_t kTextBytesMax = 16u << 20;
constexpr std::size_t kNameBytesMax = 500;

boost::json::object to_json(const Bilingual& text) { return {{"en", text.en}, {"ja", text.ja}}; }

boost::json::array to_json(const std::vector<Reason>& reasons) {
  boost::json::array all;
  for (const Reason& reason : reasons) {
    all.push_back({{"evidence", reason.evidence_id},
                   {"weight_db", reason.weight_db},
                   {"sentence", to_json(reason.sentence)}});
  }
  return all;
}

base::Status read_evidence(const boost::json::object& object, CaseFile& file) {
  const boost::json::value* value = object.if_contains("evidence");
  const boost::json::array* all = value == nullptr ? nullptr : value->if_array();
  if (all == nullptr) return base::Error{"case: 'evidence' must be a list"};
  if (all->size() > kEvidenceMax) {
    return base::Error{fmt::format("case: more than {} pieces of evidence", kEvidenceMax)};
  }
  for (const boost::json::value& one : *all) {
    if (!one.is_object()) return base::Error{"case: a piece of evidence is no object"};
    auto evidence = watch::evidence_from_json(one.get_object());
    if (!evidence) return evidence.error();
    file.evidence.push_back(std::move(evidence.value()));
  }
  return {};
}

base::Status read_graph(const boost::json::object& object, CaseFile& file) {
  const boost::json::value* value = object.if_contains("graph");
  if (value == nullptr) return {};
  const base::Error wrong{"case: 'graph' must be a list of pairs [\"part\", \"whole\"]"};
  if (!value->is_array()) return wrong;
  for (const boost::json::value& one : value->get_array()) {
    const boost::json::array* pair = one.if_array();
    if (pair == nullptr || pair->size() != 2) return wrong;
    const boost::json::string* part = pair->at(0).if_string();
    const boost::json::string* whole = pair->at(1).if_string();
    if (part == nullptr || whole == nullptr || part->size() > kNameBytesMax ||
        whole->size() > kNameBytesMax) {
      return wrong;
    }
    if (!file.topology.connect(std::string(*part), std::string(*whole))) {
      return base::Error{
          fmt::format("case: a graph of more than {} things", Topology::kEntitiesMax)};
    }
  }
  return {};
}

boost::json::object to_json(const Hypothesis& hypothesis) {
  boost::json::array missing;
  for (const std::string& signal : hypothesis.missing_signals) missing.emplace_back(signal);
  return {{"cause", hypothesis.cause},
          {"class", to_string(hypothesis.cause_class)},
          {"class_title", to_json(title_of(hypothesis.cause_class))},
          {"entity", hypothesis.entity},
          {"title", to_json(hypothesis.title)},
          {"state", to_string(hypothesis.state)},
          {"probability", hypothesis.probability},
          {"band", to_string(hypothesis.band)},
          {"band_title", to_json(title_of(hypothesis.band))},
          {"score_db", hypothesis.score_db},
          {"for", to_json(hypothesis.reasons_for)},
          {"against", to_json(hypothesis.reasons_against)},
          {"missing", std::move(missing)},
          {"next_check", to_json(hypothesis.next_check)}};
}

}  // namespace

base::Result<CaseFile> case_from_json(std::string_view text) {
  if (text.size() > kTextBytesMax) return base::Error{"case: longer than 16 MiB"};
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(text, error);
  if (error) return base::Error{fmt::format("case: is no JSON: {}", error.message())};
  const boost::json::object* object = parsed.if_object();
  if (object == nullptr) return base::Error{"case: is no JSON object"};
  CaseFile file;
  if (base::Status status = read_evidence(*object, file); !status) return status.error();
  if (base::Status status = read_graph(*object, file); !status) return status.error();
  if (const boost::json::value* symptom = object->if_contains("symptom_ns")) {
    file.symptom_ns = symptom->to_number<TimestampNs>(error);
    if (error) return base::Error{"case: 'symptom_ns' is no time"};
  }
  return file;
}

boost::json::object to_json(const Ranking& ranking) {
  boost::json::array changes;
  for (const RecentChange& change : ranking.recent_changes) {
    changes.push_back({{"evidence", change.evidence_id},
                       {"entity", change.entity},
                       {"age_s", change.age_s},
                       {"weight", change.weight}});
  }
  boost::json::array hypotheses;
  for (const Hypothesis& hypothesis : ranking.hypotheses) hypotheses.push_back(to_json(hypothesis));
  return {{"recent_changes", std::move(changes)},
          {"hypotheses", std::move(hypotheses)},
          {"confident", ranking.is_confident},
          {"symptom_ns", ranking.symptom_ns}};
}

boost::json::object to_json(const Culprits& culprits) {
  boost::json::array ranked;
  for (const Culprit& culprit : culprits.ranked) {
    ranked.push_back({{"entity", culprit.entity},
                      {"cause", culprit.hypothesis.cause},
                      {"class", to_string(culprit.hypothesis.cause_class)},
                      {"title", to_json(culprit.hypothesis.title)},
                      {"score_db", culprit.hypothesis.score_db}});
  }
  boost::json::array evidence;
  for (const watch::Evidence& one : culprits.evidence) evidence.push_back(watch::to_json(one));
  boost::json::object object = to_json(culprits.ranking);
  object["culprits"] = std::move(ranked);
  object["evidence"] = std::move(evidence);
  return object;
}

}  // namespace okiagari::cause
