// How good the desk's answers were: each drill for itself, and all of them as a table of confusion.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drill/drill_result.h"

namespace okiagari::drill {

// What stands in the table when the desk had no hypothesis at all.
inline constexpr std::string_view kNothingSaid = "nothing said";
inline constexpr std::string_view kUnknown = "unknown";

struct Score {
  std::string first;  // the first hypothesis' cause, kUnknown or kNothingSaid
  std::string first_class;
  bool class_right = false;
  bool cause_right = false;   // and then its class is, too
  bool among_three = false;   // a right cause is among the first three
  bool is_unknown = false;    // the desk says that it does not know, or says nothing
  bool is_confident = false;  // the first was told with confidence
  // A wrong class, told with confidence; the desk must never do that.
  [[nodiscard]] bool confidently_wrong() const { return is_confident && !class_right; }
  [[nodiscard]] bool wrong_without_confidence() const {
    return !is_confident && !is_unknown && !class_right;
  }
};

[[nodiscard]] Score score(const DrillResult& result, const std::optional<Answer>& answer);

struct Tally {
  std::size_t drills = 0;
  std::size_t class_right = 0;
  std::size_t cause_right = 0;
  std::size_t among_three = 0;
  std::size_t unknown = 0;
  std::size_t confident = 0;
  std::size_t confidently_wrong = 0;
  std::size_t wrong_without_confidence = 0;
  // Of the answers that came first, before all evidence was there.
  std::size_t class_right_at_first = 0;
  std::size_t confidently_wrong_at_first = 0;
  std::size_t incidents_before = 0;  // opened although nothing was inflicted yet
  std::size_t taken_back = 0;
  std::map<std::string, std::size_t> firsts;  // by the first hypothesis' cause
  std::vector<double> incident_ms;
  std::vector<double> first_answer_ms;

  void add(const DrillResult& result);
};

[[nodiscard]] std::string confusion_table(const std::vector<DrillResult>& results);
[[nodiscard]] boost::json::object tally_json(const std::vector<DrillResult>& results);

}  // namespace okiagari::drill
