#include "cause/evidence_weight.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "watch/signal.h"

namespace okiagari::cause {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr TimestampNs kDayNs = 24 * 3'600 * kSecondNs;
// What begins so much later than the symptom did not cause it. Collectors look every few seconds.
constexpr TimestampNs kSlackNs = 60 * kSecondNs;
constexpr double kLate = 0.5;
constexpr double kSelfReported = 0.3;
// A change counts half after so many hours, and never less than a tenth within the day.
constexpr double kChangeHalfLifeH = 4;
constexpr double kChangeLeast = 0.1;
// By steps in the topology; further away, the last.
constexpr std::array<double, 4> kByDistance = {1.0, 0.7, 0.3, 0.1};

constexpr std::array<std::string_view, 8> kSymptoms = {
    watch::signal::canary_failed, watch::signal::canary_slow,
    watch::signal::refusals_high, watch::signal::acknowledgements_stopped,
    watch::signal::feed_silent,   watch::signal::no_leader,
    watch::signal::no_progress,   watch::signal::rate_gone};

bool is_symptom(std::string_view signal) {
  return std::find(kSymptoms.begin(), kSymptoms.end(), signal) != kSymptoms.end();
}

// Something barely outside its past says less than something far out; what is not measured in
// deviations counts in full.
double strength_of(double effect) {
  constexpr double kFullLog2 = 5;  // 31 deviations
  if (effect == 0) return 1;
  return std::min(1.0, std::log2(1 + std::abs(effect)) / kFullLog2);
}

double change_weight(TimestampNs age_ns) {
  const double hours = static_cast<double>(age_ns) / (3'600.0 * kSecondNs);
  return std::max(std::exp2(-hours / kChangeHalfLifeH), kChangeLeast);
}

}  // namespace

EvidenceWeight::EvidenceWeight(const CaseFile& file) : file_(file), symptom_ns_(file.symptom_ns) {
  for (const watch::Evidence& evidence : file.evidence) {
    if (file.symptom_ns != 0 || !is_symptom(evidence.signal) || evidence.from_ns == 0) continue;
    if (symptom_ns_ == 0 || evidence.from_ns < symptom_ns_) symptom_ns_ = evidence.from_ns;
  }
}

double EvidenceWeight::by_time(const watch::Evidence& evidence, const Sign& sign) const {
  if (symptom_ns_ == 0 || evidence.from_ns == 0) return 1;
  const bool is_late = evidence.from_ns > symptom_ns_ + kSlackNs;
  if (evidence.kind == watch::EvidenceKind::change) {
    if (is_late) return 0;
    const TimestampNs age = symptom_ns_ - std::min(symptom_ns_, evidence.from_ns);
    return age > kDayNs ? 0 : change_weight(age);
  }
  return is_late && sign.role == SignRole::required ? kLate : 1;
}

double EvidenceWeight::relevance(const watch::Evidence& evidence, const std::string& entity,
                                 const Sign& sign) const {
  double relevance = by_time(evidence, sign) * strength_of(evidence.effect);
  if (!sign.anywhere) {
    const std::size_t distance = file_.topology.distance(evidence.entity, entity);
    relevance *= kByDistance[std::min(distance, kByDistance.size() - 1)];
  }
  if (evidence.self_reported) relevance *= kSelfReported;
  return relevance;
}

std::vector<RecentChange> EvidenceWeight::recent_changes() const {
  std::vector<RecentChange> changes;
  for (const watch::Evidence& evidence : file_.evidence) {
    if (evidence.kind != watch::EvidenceKind::change) continue;
    if (symptom_ns_ != 0 && evidence.from_ns > symptom_ns_ + kSlackNs) continue;
    const TimestampNs age =
        symptom_ns_ == 0 ? 0 : symptom_ns_ - std::min(symptom_ns_, evidence.from_ns);
    if (age > kDayNs) continue;
    changes.push_back({evidence.id, evidence.entity, age / kSecondNs, change_weight(age)});
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const RecentChange& a, const RecentChange& b) { return a.age_s < b.age_s; });
  return changes;
}

}  // namespace okiagari::cause
