#include "cause/hypotheses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cause/explain.h"
#include "watch/signal.h"

namespace okiagari::cause {
namespace {

namespace signal = watch::signal;

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr TimestampNs kStartNs = 1'790'000'000 * kSecondNs;

watch::Evidence seen(std::string id, std::string_view signal, std::string entity,
                     std::int64_t at_s = 0) {
  watch::Evidence evidence;
  evidence.id = std::move(id);
  evidence.source = "desk";
  evidence.entity = std::move(entity);
  evidence.signal = signal;
  evidence.from_ns = kStartNs + static_cast<TimestampNs>(at_s) * kSecondNs;
  if (signal.starts_with("change.")) evidence.kind = watch::EvidenceKind::change;
  return evidence;
}

Ranking rank(std::vector<watch::Evidence> evidence) {
  CaseFile file;
  file.evidence = std::move(evidence);
  file.topology.connect("node-1", "host a");
  file.topology.connect("node-2", "host b");
  file.symptom_ns = kStartNs;
  return rank_hypotheses(CauseTable::builtin(), file);
}

const Hypothesis* find(const Ranking& ranking, std::string_view cause) {
  const auto found = std::find_if(ranking.hypotheses.begin(), ranking.hypotheses.end(),
                                  [&](const Hypothesis& one) { return one.cause == cause; });
  return found == ranking.hypotheses.end() ? nullptr : &*found;
}

std::vector<watch::Evidence> slow_disk() {
  return {seen("e1", signal::disk_slow, "host a"), seen("e2", signal::replica_lags, "node-1"),
          seen("e3", signal::canary_slow, "market")};
}

TEST(Hypotheses, NothingSeenIsUnknownAndNotConfident) {
  const Ranking ranking = rank({});
  ASSERT_EQ(ranking.hypotheses.size(), 1u);
  EXPECT_EQ(ranking.hypotheses.front().cause, "unknown");
  EXPECT_DOUBLE_EQ(ranking.hypotheses.front().probability, 1.0);
  EXPECT_FALSE(ranking.is_confident);
}

TEST(Hypotheses, SharesSumToOneAndUnknownKeepsItsFloor) {
  const Ranking ranking = rank(slow_disk());
  double sum = 0;
  for (const Hypothesis& hypothesis : ranking.hypotheses) sum += hypothesis.probability;
  EXPECT_NEAR(sum, 1.0, 1e-9);
  EXPECT_GE(find(ranking, "unknown")->probability, 0.05);
}

TEST(Hypotheses, WhatAComponentSaysOfItselfIsNeverEnough) {
  auto evidence = slow_disk();
  ASSERT_EQ(rank(evidence).hypotheses.front().state, HypothesisState::supported);
  for (watch::Evidence& one : evidence) one.self_reported = one.signal != signal::canary_slow;
  const Ranking ranking = rank(evidence);
  EXPECT_NE(find(ranking, "disk_slow")->state, HypothesisState::supported);
  EXPECT_FALSE(ranking.is_confident);
}

TEST(Hypotheses, ALoudThingFarAwayCountsLess) {
  const double near_db = find(rank(slow_disk()), "disk_slow")->score_db;
  auto evidence = slow_disk();
  evidence[1].entity = "node-2";
  EXPECT_LT(find(rank(evidence), "disk_slow")->score_db, near_db);
}

TEST(Hypotheses, WhatContradictsRefutes) {
  const Ranking ranking = rank(
      {seen("e1", signal::process_frozen, "node-1"), seen("e2", signal::process_gone, "node-1")});
  EXPECT_EQ(find(ranking, "hang")->state, HypothesisState::refuted);
  EXPECT_EQ(find(ranking, "hang")->reasons_against.front().evidence_id, "e2");
}

TEST(Hypotheses, ChangesOfTheLastDayComeFirstAndFade) {
  const Ranking ranking = rank({seen("old", signal::configuration_changed, "node-1", -80'000),
                                seen("older", signal::configuration_changed, "node-1", -90'000),
                                seen("new", signal::program_changed, "node-2", -60),
                                seen("after", signal::program_changed, "node-2", 300)});
  ASSERT_EQ(ranking.recent_changes.size(), 2u);
  EXPECT_EQ(ranking.recent_changes[0].evidence_id, "new");
  EXPECT_EQ(ranking.recent_changes[1].evidence_id, "old");
  EXPECT_GT(ranking.recent_changes[0].weight, 0.9);
  EXPECT_LT(ranking.recent_changes[1].weight, 0.2);
}

// Both explain what is seen; to say either with confidence would be a guess.
TEST(Hypotheses, TwoThatLieCloseAreToldWithoutConfidence) {
  const Ranking ranking = rank({seen("e1", signal::configuration_changed, "node-1", -10),
                                seen("e2", signal::program_changed, "node-1", -10),
                                seen("e3", signal::canary_failed, "market")});
  EXPECT_FALSE(ranking.is_confident);
}

// Here the share alone would do; the lead over `unknown` is 4 dB.
TEST(Hypotheses, AShareWithoutALeadIsNotConfidence) {
  const Ranking ranking = rank({seen("e1", signal::connections_high, "gateway-1"),
                                seen("e2", signal::canary_slow, "market")});
  ASSERT_EQ(ranking.hypotheses.front().cause, "connection_flood");
  ASSERT_GE(ranking.hypotheses.front().probability, 0.7);
  EXPECT_FALSE(ranking.is_confident);
}

TEST(Hypotheses, OrderOfEvidenceDoesNotMatter) {
  auto evidence = slow_disk();
  const Ranking one = rank(evidence);
  std::reverse(evidence.begin(), evidence.end());
  const Ranking other = rank(evidence);
  ASSERT_EQ(one.hypotheses.size(), other.hypotheses.size());
  for (std::size_t at = 0; at < one.hypotheses.size(); ++at) {
    EXPECT_EQ(one.hypotheses[at].cause, other.hypotheses[at].cause);
    EXPECT_DOUBLE_EQ(one.hypotheses[at].score_db, other.hypotheses[at].score_db);
  }
}

TEST(Hypotheses, AnotherClassNeedsEvidenceOfItsOwn) {
  const Ranking ranking = rank({seen("e1", signal::canary_failed, "market")});
  EXPECT_EQ(ranking.hypotheses.front().cause, "unknown");
}

TEST(Hypotheses, TheDayOfTheEarthquakeWhoseFirstDeadServerWasTakenForAKilledProcess) {
  CaseFile file;
  file.topology.connect("node-1", "site osaka");
  file.topology.connect("node-2", "site tokyo");
  file.symptom_ns = kStartNs;
  file.evidence = {seen("e1", signal::process_killed_by_signal, "node-1"),
                   seen("e2", signal::process_gone, "node-1"),
                   seen("e3", signal::leader_changed, "market"),
                   seen("e4", signal::earthquake, "site osaka", -3)};
  EXPECT_FALSE(rank_hypotheses(CauseTable::builtin(), file).is_confident);
  file.evidence.back().entity = "site tokyo";
  const Ranking elsewhere = rank_hypotheses(CauseTable::builtin(), file);
  EXPECT_TRUE(elsewhere.is_confident);
  EXPECT_EQ(elsewhere.hypotheses.front().cause, "killed_from_outside");
}

TEST(Hypotheses, TheDayOtherPeoplesProgramsTookTheProcessorsAndTheNetworkWasBlamed) {
  const Ranking ranking = rank(
      {seen("e1", signal::packet_loss, "node-1"), seen("e2", signal::replica_lags, "node-1"),
       seen("e3", signal::canary_slow, "market"), seen("e4", signal::foreign_processes, "host a")});
  EXPECT_EQ(ranking.hypotheses.front().cause, "processor_hog");
  ASSERT_NE(find(ranking, "packet_loss"), nullptr);
  ASSERT_EQ(find(ranking, "packet_loss")->reasons_against.size(), 1u);
  EXPECT_EQ(find(ranking, "packet_loss")->reasons_against.front().evidence_id, "e4");
}

TEST(Hypotheses, TheDayAFullDiskSilencedTheFeedAndItsPublisherWasBlamed) {
  const Ranking ranking =
      rank({seen("e1", signal::feed_silent, "node-1"), seen("e2", signal::disk_low, "host a"),
            seen("e3", signal::canary_good, "market")});
  EXPECT_FALSE(ranking.is_confident);
}

TEST(Hypotheses, TheDayAGatewayWasRestartedForWrongAddressesAndTheRestartWasBlamed) {
  const std::vector<watch::Evidence> restarted = {seen("e1", signal::process_gone, "node-1"),
                                                  seen("e2", signal::process_stopped, "node-1"),
                                                  seen("e3", signal::process_restarted, "node-1")};
  EXPECT_EQ(rank(restarted).hypotheses.front().cause, "wrong_command");
  auto with_change = restarted;
  with_change.push_back(seen("e4", signal::configuration_changed, "node-1"));
  EXPECT_EQ(rank(with_change).hypotheses.front().cause, "configuration_change");
  with_change.back() = seen("e4", signal::configuration_changed, "node-1", -20 * 3'600);
  EXPECT_EQ(rank(with_change).hypotheses.front().cause, "wrong_command") << "that was yesterday";
}

TEST(Explanation, EverySentenceHasItsEvidenceAndBothLanguages) {
  auto evidence = slow_disk();
  evidence.push_back(seen("c1", signal::configuration_changed, "node-1", -600));
  const Explanation explanation = explain(rank(evidence), CauseTable::builtin());
  ASSERT_FALSE(explanation.known.empty());
  ASSERT_FALSE(explanation.thought.empty());
  EXPECT_EQ(explanation.known.front().evidence_ids, std::vector<std::string>{"c1"});
  for (const auto* list : {&explanation.known, &explanation.thought, &explanation.not_known}) {
    for (const Statement& statement : *list) {
      ASSERT_FALSE(statement.evidence_ids.empty()) << statement.text.en;
      EXPECT_FALSE(statement.text.ja.empty()) << statement.text.en;
    }
  }
}

}  // namespace
}  // namespace okiagari::cause
