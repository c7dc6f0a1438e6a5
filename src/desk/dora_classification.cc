#include "desk/dora_classification.h"

#include "desk/entry.h"

namespace okiagari::desk {

DoraFacts dora_facts(const boost::json::object& body) {
  DoraFacts facts;
  facts.is_critical_service = flag_or(body, "critical_service", false);
  facts.is_malicious_access = flag_or(body, "malicious_access", false);
  facts.clients_hit_ppm = number_or(body, "clients_hit_ppm", 0);
  facts.clients_hit = number_or(body, "clients_hit", 0);
  facts.counterparts_hit_ppm = number_or(body, "counterparts_hit_ppm", 0);
  facts.transactions_hit_ppm = number_or(body, "transactions_hit_ppm", 0);
  facts.value_hit_ppm = number_or(body, "value_hit_ppm", 0);
  facts.is_relevant_client_hit = flag_or(body, "relevant_client_hit", false);
  facts.is_reputation_hit = flag_or(body, "reputation_hit", false);
  facts.duration_s = number_or(body, "duration_s", 0);
  facts.critical_downtime_s = number_or(body, "critical_downtime_s", 0);
  facts.member_states = number_or(body, "member_states", 0);
  facts.is_data_lost = flag_or(body, "data_lost", false);
  facts.cost_cents = number_or(body, "cost_cents", 0);
  return facts;
}

DoraClass classify_dora(const DoraFacts& facts) {
  constexpr std::int64_t kTenPercent = 100'000;
  constexpr std::int64_t kThirtyPercent = 300'000;
  constexpr std::int64_t kDayS = 86'400;
  constexpr std::int64_t kTwoHoursS = 7'200;
  constexpr std::int64_t kCostCents = 100'000 * 100;
  DoraClass found;
  const bool are_clients_hit = facts.clients_hit_ppm > kTenPercent || facts.clients_hit > 100'000 ||
                               facts.counterparts_hit_ppm > kThirtyPercent ||
                               facts.transactions_hit_ppm > kTenPercent ||
                               facts.value_hit_ppm > kTenPercent || facts.is_relevant_client_hit;
  if (are_clients_hit) found.criteria.emplace_back("clients");
  if (facts.is_reputation_hit) found.criteria.emplace_back("reputation");
  if (facts.duration_s > kDayS || facts.critical_downtime_s > kTwoHoursS) {
    found.criteria.emplace_back("duration");
  }
  if (facts.member_states >= 2) found.criteria.emplace_back("geography");
  if (facts.is_data_lost) found.criteria.emplace_back("data");
  if (facts.cost_cents > kCostCents) found.criteria.emplace_back("cost");
  found.is_major =
      facts.is_critical_service && (facts.is_malicious_access || found.criteria.size() >= 2);
  return found;
}

}  // namespace okiagari::desk
