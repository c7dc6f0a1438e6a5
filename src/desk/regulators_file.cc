#include "desk/regulators_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/settings.h"
#include "desk/clock_rules.h"
#include "desk/time_zone.h"

namespace okiagari::desk {

namespace {

using base::Settings;
constexpr std::size_t kLeiCharacters = 20;

bool is_regime(std::string_view name) {
  return std::any_of(clock_rules().begin(), clock_rules().end(),
                     [&](const ClockRule& rule) { return rule.regime == name; });
}

boost::json::array read_regimes(Settings& root) {
  boost::json::array regimes;
  for (const std::string& name : root.texts("regimes")) {
    if (!is_regime(name)) root.refuse("regimes", fmt::format("there is no regime '{}'", name));
    regimes.emplace_back(name);
  }
  return regimes;
}

boost::json::array read_holidays(Settings& root) {
  boost::json::array holidays;
  for (const std::string& day : root.texts("holidays")) {
    if (day.size() != 10 || !parse_local(day)) {
      root.refuse("holidays", fmt::format("'{}' is no day like 2026-11-26", day));
    }
    holidays.emplace_back(day);
  }
  return holidays;
}

base::Result<boost::json::object> read(base::Result<Settings> settings) {
  if (!settings) return settings.error();
  Settings& root = settings.value();
  boost::json::object body{{"regimes", read_regimes(root)}, {"holidays", read_holidays(root)}};
  std::uint32_t at_once_s = 3'600;
  std::string firm;
  std::string lei;
  std::string zone;
  root.integer("at_once_s", at_once_s, 1, 86'400);
  root.text("firm", firm);
  root.text("lei", lei);
  root.text("zone", zone);
  if (!lei.empty() && lei.size() != kLeiCharacters) {
    root.refuse("lei", fmt::format("an LEI has {} characters", kLeiCharacters));
  }
  if (!zone.empty()) {
    auto changes = TimeZone::of_system(zone);
    if (changes) {
      body["zone"] = changes.value().to_json();
    } else {
      root.refuse("zone", changes.error().message);
    }
  }
  if (base::Status status = root.finish(); !status) return status.error();
  body["at_once_s"] = at_once_s;
  body["firm"] = firm;
  body["lei"] = lei;
  return body;
}

}  // namespace

base::Result<boost::json::object> load_regulators(const std::string& path) {
  return read(Settings::load(path));
}

base::Result<boost::json::object> parse_regulators(std::string_view text,
                                                   const std::string& origin) {
  return read(Settings::parse(text, origin));
}

}  // namespace okiagari::desk
