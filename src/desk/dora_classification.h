// Whether an incident is a major one in the sense of DORA (Regulation 2024/1772): critical services
// are hit, and either somebody broke in with a danger to data, or two of six criteria are met. All
// comparisons are strict.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace okiagari::desk {

struct DoraFacts {
  bool is_critical_service = false;
  bool is_malicious_access = false;  // and may cause data loss
  std::int64_t clients_hit_ppm = 0;  // of the users of the service
  std::int64_t clients_hit = 0;
  std::int64_t counterparts_hit_ppm = 0;
  std::int64_t transactions_hit_ppm = 0;  // of the daily average number
  std::int64_t value_hit_ppm = 0;         // of the daily average value
  bool is_relevant_client_hit = false;
  bool is_reputation_hit = false;
  std::int64_t duration_s = 0;
  std::int64_t critical_downtime_s = 0;
  std::int64_t member_states = 0;
  bool is_data_lost = false;    // availability, authenticity, integrity or confidentiality
  std::int64_t cost_cents = 0;  // EUR
};
[[nodiscard]] DoraFacts dora_facts(const boost::json::object& body);

struct DoraClass {
  bool is_major = false;
  std::vector<std::string> criteria;  // met: "clients", "reputation", "duration", ...
};
[[nodiscard]] DoraClass classify_dora(const DoraFacts& facts);

}  // namespace okiagari::desk
