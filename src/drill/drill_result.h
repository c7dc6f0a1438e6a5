// What one drill came to: what was inflicted, what the desk said about it and when, and whether the
// fault was taken back. Written as JSON by each drill and read again by the campaign.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "drill/fault.h"

namespace okiagari::drill {

// As the desk told it, best first in a list.
struct ToldCause {
  std::string cause;
  std::string cause_class;
  std::string entity;
  std::string state;  // proposed, supported, refuted
  double probability = 0;
  bool is_confident = false;
};

struct Answer {
  double ms = 0;  // after the fault
  std::vector<ToldCause> causes;
};

struct DrillResult {
  Fault fault{};
  std::uint64_t seed = 0;
  std::string target;     // "node-2", "gateway-1", "host", "market", "site osaka"
  std::string inflicted;  // in words
  TimestampNs inflicted_ns = 0;
  std::string measured;               // that it really was, as looked at before it was taken back
  std::optional<double> incident_ms;  // until the desk opened one, after the fault
  std::string incident_title;
  std::uint32_t incidents_before = 0;  // opened without a fault
  std::optional<Answer> first;
  std::optional<Answer> last;             // when the drill ended
  std::vector<std::string> evidence;      // what the desk had seen, a line each
  bool is_taken_back = false;             // verified
  std::string taken_back;                 // in words: how it was verified, or what is left
  std::uint64_t acknowledged_before = 0;  // orders
  std::uint64_t acknowledged_after = 0;
};

[[nodiscard]] boost::json::object to_json(const DrillResult& result);
[[nodiscard]] base::Result<DrillResult> result_from_json(std::string_view text);

// The desk's list of hypotheses as its timeline has it: {"hypotheses": [...]}.
[[nodiscard]] base::Result<std::vector<ToldCause>> read_told_causes(std::string_view json);

}  // namespace okiagari::drill
