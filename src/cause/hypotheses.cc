#include "cause/hypotheses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "cause/evidence_weight.h"

namespace okiagari::cause {

namespace {

// A required sign that was not seen counts so much against the hypothesis.
constexpr double kMissingDb = 12;
// What a person may be told with confidence needs this share and this lead over every other cause.
constexpr double kConfidentShare = 0.7;
constexpr double kMarginDb = 6;
// Against a hypothesis this strongly, and more than for it: refuted.
constexpr double kRefutingDb = 10;
// Evidence this near and direct satisfies a requirement.
constexpr double kSatisfying = 0.5;
constexpr std::size_t kEntitiesOfCauseMax = 6;

struct Weighed {
  Hypothesis hypothesis;
  bool requirements_met = true;
};

bool is_one_of(const std::vector<std::string>& signals, const std::string& signal) {
  return std::find(signals.begin(), signals.end(), signal) != signals.end();
}

// The entities that a cause may be about: those that show what it requires first.
std::vector<std::string> entities_of(const Cause& cause, const CaseFile& file) {
  std::vector<std::string> entities;
  for (const Sign& sign : cause.signs) {
    if (sign.role != SignRole::required) continue;
    for (const watch::Evidence& evidence : file.evidence) {
      if (is_one_of(sign.signals, evidence.signal) &&
          std::find(entities.begin(), entities.end(), evidence.entity) == entities.end()) {
        entities.push_back(evidence.entity);
      }
    }
    break;
  }
  return entities;
}

struct SignSeen {
  const watch::Evidence* best = nullptr;
  double relevance = 0;
  std::size_t entities = 0;
  bool only_self_reported = true;
};

SignSeen look_for(const Sign& sign, const std::string& entity, const CaseFile& file,
                  const EvidenceWeight& weight) {
  SignSeen seen;
  std::set<std::string_view> entities;
  for (const watch::Evidence& evidence : file.evidence) {
    if (!is_one_of(sign.signals, evidence.signal)) continue;
    const double relevance = weight.relevance(evidence, entity, sign);
    if (relevance <= 0) continue;
    entities.insert(evidence.entity);
    if (!evidence.self_reported) seen.only_self_reported = false;
    if (relevance > seen.relevance) {
      seen.relevance = relevance;
      seen.best = &evidence;
    }
  }
  seen.entities = entities.size();
  if (seen.entities < sign.entities_min) return {};
  return seen;
}

Reason reason_of(const SignSeen& seen, double weight_db, const CauseTable& table) {
  const watch::Evidence& evidence = *seen.best;
  const Bilingual* said = table.signal_text(evidence.signal);
  Reason reason;
  reason.evidence_id = evidence.id;
  reason.weight_db = weight_db;
  const std::string en = said == nullptr ? evidence.signal : said->en;
  const std::string ja = said == nullptr ? evidence.signal : said->ja;
  const auto after = [](const std::string& statement, const char* end) {
    return statement.empty() ? end : ": " + statement;
  };
  reason.sentence.en = fmt::format("{} ({}){} [{}]", en, evidence.entity,
                                   after(evidence.statement, "."), evidence.id);
  reason.sentence.ja = fmt::format("{}({}){} [{}]", ja, evidence.entity,
                                   after(evidence.statement_ja, "。"), evidence.id);
  return reason;
}

Weighed weigh(const Cause& cause, const std::string& entity, const CaseFile& file,
              const EvidenceWeight& weight, const CauseTable& table) {
  Weighed result;
  Hypothesis& hypothesis = result.hypothesis;
  hypothesis.cause = cause.name;
  hypothesis.cause_class = cause.cause_class;
  hypothesis.entity = entity;
  hypothesis.title = cause.title;
  hypothesis.next_check = cause.next_check;
  hypothesis.score_db = cause.prior_db;
  for (const Sign& sign : cause.signs) {
    const SignSeen seen = look_for(sign, entity, file, weight);
    const bool required = sign.role == SignRole::required;
    if (required && (seen.relevance < kSatisfying || seen.only_self_reported)) {
      result.requirements_met = false;
    }
    if (seen.best == nullptr) {
      if (!required) continue;
      hypothesis.score_db -= kMissingDb;
      hypothesis.missing_signals.insert(hypothesis.missing_signals.end(), sign.signals.begin(),
                                        sign.signals.end());
      continue;
    }
    const double weight_db = sign.weight_db * seen.relevance;
    const bool against = sign.role == SignRole::contradicting;
    hypothesis.score_db += against ? -weight_db : weight_db;
    (against ? hypothesis.reasons_against : hypothesis.reasons_for)
        .push_back(reason_of(seen, weight_db, table));
  }
  const auto heavier = [](const Reason& a, const Reason& b) { return a.weight_db > b.weight_db; };
  std::stable_sort(hypothesis.reasons_for.begin(), hypothesis.reasons_for.end(), heavier);
  std::stable_sort(hypothesis.reasons_against.begin(), hypothesis.reasons_against.end(), heavier);
  return result;
}

bool is_better(const Weighed& a, const Weighed& b) {
  if (a.hypothesis.score_db != b.hypothesis.score_db) {
    return a.hypothesis.score_db > b.hypothesis.score_db;
  }
  if (a.hypothesis.cause != b.hypothesis.cause) return a.hypothesis.cause < b.hypothesis.cause;
  return a.hypothesis.entity < b.hypothesis.entity;
}

Weighed unknown_of(const CauseTable& table) {
  Weighed unknown;
  unknown.hypothesis.cause = table.unknown().name;
  unknown.hypothesis.entity = "market";
  unknown.hypothesis.title = table.unknown().title;
  unknown.hypothesis.next_check = table.unknown().next_check;
  unknown.hypothesis.score_db = table.unknown().prior_db;
  return unknown;
}

// Shares in proportion to the odds; `unknown` is raised to its floor at the others' cost.
void share_out(std::vector<Weighed>& all, double unknown_floor) {
  double sum = 0;
  double of_unknown = 0;
  const double top_db = all.front().hypothesis.score_db;
  for (Weighed& one : all) {
    one.hypothesis.probability = std::pow(10.0, (one.hypothesis.score_db - top_db) / 10.0);
    sum += one.hypothesis.probability;
    if (one.hypothesis.cause_class == CauseClass::unknown) of_unknown = one.hypothesis.probability;
  }
  const double unknown_share = std::max(of_unknown / sum, unknown_floor);
  const double scale = sum > of_unknown ? (1 - unknown_share) / (sum - of_unknown) : 0;
  for (Weighed& one : all) {
    const bool is_unknown = one.hypothesis.cause_class == CauseClass::unknown;
    one.hypothesis.probability =
        is_unknown ? (scale == 0 ? 1.0 : unknown_share) : one.hypothesis.probability * scale;
    one.hypothesis.band = band_of(one.hypothesis.probability);
  }
}

double sum_db(const std::vector<Reason>& reasons) {
  double sum = 0;
  for (const Reason& reason : reasons) sum += reason.weight_db;
  return sum;
}

// Of one cause, wherever it is: when two ends of a cut both show it, that it is a cut is as sure.
double share_of_cause(const std::vector<Weighed>& all, const std::string& cause) {
  double share = 0;
  for (const Weighed& one : all) {
    if (one.hypothesis.cause == cause) share += one.hypothesis.probability;
  }
  return share;
}

// How far `at` leads over every other cause, `unknown` among them.
double lead_db(const std::vector<Weighed>& all, std::size_t at) {
  double best_other = -1e9;
  for (const Weighed& other : all) {
    if (other.hypothesis.cause == all[at].hypothesis.cause) continue;
    best_other = std::max(best_other, other.hypothesis.score_db);
  }
  return all[at].hypothesis.score_db - best_other;
}

void judge(std::vector<Weighed>& all) {
  for (std::size_t at = 0; at < all.size(); ++at) {
    Hypothesis& hypothesis = all[at].hypothesis;
    if (hypothesis.cause_class == CauseClass::unknown) continue;
    const double for_db = sum_db(hypothesis.reasons_for);
    const double against_db = sum_db(hypothesis.reasons_against);
    std::set<std::string_view> ids;
    for (const Reason& reason : hypothesis.reasons_for) ids.insert(reason.evidence_id);
    if (against_db >= kRefutingDb && against_db >= for_db) {
      hypothesis.state = HypothesisState::refuted;
    } else if (all[at].requirements_met && ids.size() >= 2 &&
               share_of_cause(all, hypothesis.cause) >= kConfidentShare &&
               lead_db(all, at) >= kMarginDb) {
      hypothesis.state = HypothesisState::supported;
    }
  }
}

}  // namespace

Ranking rank_hypotheses(const CauseTable& table, const CaseFile& file) {
  Ranking ranking;
  const EvidenceWeight weight(file);
  ranking.symptom_ns = weight.symptom_ns();
  ranking.recent_changes = weight.recent_changes();
  std::vector<Weighed> all{unknown_of(table)};
  for (const Cause& cause : table.causes()) {
    std::vector<Weighed> of_cause;
    for (const std::string& entity : entities_of(cause, file)) {
      of_cause.push_back(weigh(cause, entity, file, weight, table));
    }
    std::sort(of_cause.begin(), of_cause.end(), is_better);
    if (of_cause.size() > kEntitiesOfCauseMax) of_cause.resize(kEntitiesOfCauseMax);
    all.insert(all.end(), of_cause.begin(), of_cause.end());
  }
  std::sort(all.begin(), all.end(), is_better);
  share_out(all, table.unknown_floor());
  judge(all);
  std::stable_sort(all.begin(), all.end(), [](const Weighed& a, const Weighed& b) {
    return a.hypothesis.probability > b.hypothesis.probability;
  });
  for (Weighed& one : all) {
    const bool is_unknown = one.hypothesis.cause_class == CauseClass::unknown;
    if (ranking.hypotheses.size() + 1 < kHypothesesMax || is_unknown) {
      ranking.hypotheses.push_back(std::move(one.hypothesis));
    }
  }
  ranking.is_confident = ranking.hypotheses.front().state == HypothesisState::supported;
  return ranking;
}

std::string_view to_string(HypothesisState state) {
  static constexpr std::array<std::string_view, 3> kNames = {"proposed", "supported", "refuted"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::string_view to_string(ProbabilityBand band) {
  static constexpr std::array<std::string_view, 5> kNames = {"very_unlikely", "unlikely", "even",
                                                             "likely", "very_likely"};
  return kNames.at(static_cast<std::size_t>(band));
}

Bilingual title_of(ProbabilityBand band) {
  static constexpr std::array<std::array<const char*, 2>, 5> kTitles = {
      {{"very unlikely", "可能性は極めて低い"},
       {"unlikely", "可能性は低い"},
       {"about as likely as not", "どちらとも言えない"},
       {"likely", "可能性が高い"},
       {"very likely", "可能性が極めて高い"}}};
  const auto& title = kTitles.at(static_cast<std::size_t>(band));
  return {title[0], title[1]};
}

ProbabilityBand band_of(double probability) {
  if (probability >= 0.9) return ProbabilityBand::very_likely;
  if (probability >= 0.66) return ProbabilityBand::likely;
  if (probability >= 0.33) return ProbabilityBand::even;
  return probability >= 0.1 ? ProbabilityBand::unlikely : ProbabilityBand::very_unlikely;
}

}  // namespace okiagari::cause
