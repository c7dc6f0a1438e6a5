#include "cause/counted_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace okiagari::cause {

namespace {

constexpr std::size_t kTextBytesMax = 64u << 20;
constexpr double kWeightDbLeast = 1;
constexpr double kWeightDbMost = 60;

bool shows(const CountedCase& one, const Sign& sign) {
  return std::any_of(sign.signals.begin(), sign.signals.end(), [&](const std::string& signal) {
    return std::find(one.signals.begin(), one.signals.end(), signal) != one.signals.end();
  });
}

double counted_db(const Sign& sign, const std::string& cause,
                  const std::vector<CountedCase>& cases) {
  double of_cause = 0;
  double with = 0;
  double others = 0;
  double others_with = 0;
  for (const CountedCase& one : cases) {
    const bool is_seen = shows(one, sign);
    (one.cause == cause ? of_cause : others) += 1;
    if (is_seen) (one.cause == cause ? with : others_with) += 1;
  }
  const double ratio = ((with + 1) / (of_cause + 2)) / ((others_with + 1) / (others + 2));
  return 10 * std::log10(ratio);
}

base::Result<CountedCase> read_case(const boost::json::value& value, const CauseTable& table) {
  const boost::json::object* object = value.if_object();
  const auto text = [&](std::string_view key) {
    const boost::json::value* found = object == nullptr ? nullptr : object->if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
  };
  CountedCase one{text("id"), text("cause"), {}};
  if (table.find(one.cause) == nullptr) {
    return base::Error{
        fmt::format("counted cases: case '{}': there is no cause '{}'", one.id, one.cause)};
  }
  const boost::json::value* signals = object->if_contains("signals");
  if (signals == nullptr || !signals->is_array()) {
    return base::Error{fmt::format("counted cases: case '{}': 'signals' must be a list", one.id)};
  }
  for (const boost::json::value& signal : signals->get_array()) {
    const bool is_known =
        signal.is_string() && table.signal_text(std::string_view(signal.get_string())) != nullptr;
    if (!is_known) {
      return base::Error{fmt::format("counted cases: case '{}': there is no signal {}", one.id,
                                     boost::json::serialize(signal))};
    }
    one.signals.emplace_back(signal.get_string());
  }
  return one;
}

}  // namespace

base::Result<std::vector<CountedCase>> counted_cases_from_json(std::string_view text,
                                                               const CauseTable& table) {
  if (text.size() > kTextBytesMax) return base::Error{"counted cases: longer than 64 MiB"};
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(text, error);
  if (error) return base::Error{fmt::format("counted cases: is no JSON: {}", error.message())};
  const boost::json::object* object = parsed.if_object();
  const boost::json::value* all = object == nullptr ? nullptr : object->if_contains("cases");
  if (all == nullptr || !all->is_array()) {
    return base::Error{"counted cases: must be an object with a list 'cases'"};
  }
  if (all->get_array().size() > kCountedCasesMax) {
    return base::Error{fmt::format("counted cases: more than {}", kCountedCasesMax)};
  }
  std::vector<CountedCase> cases;
  for (const boost::json::value& value : all->get_array()) {
    auto one = read_case(value, table);
    if (!one) return one.error();
    cases.push_back(std::move(one.value()));
  }
  return cases;
}

void fit_by_counting(CauseTable& table, const std::vector<CountedCase>& cases) {
  for (Cause& cause : table.causes()) {
    const auto counted =
        static_cast<double>(std::count_if(cases.begin(), cases.end(), [&](const CountedCase& one) {
          return one.cause == cause.name;
        }));
    if (counted == 0) continue;
    for (Sign& sign : cause.signs) {
      const double db = counted_db(sign, cause.name, cases);
      const double seen_db = sign.role == SignRole::contradicting ? -db : db;
      const double mixed =
          (kTableCases * sign.weight_db + counted * seen_db) / (kTableCases + counted);
      sign.weight_db = std::clamp(mixed, kWeightDbLeast, kWeightDbMost);
    }
  }
}

}  // namespace okiagari::cause
