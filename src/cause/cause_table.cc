#include "cause/cause_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "cause/causes_builtin.h"

namespace okiagari::cause {

namespace {

constexpr std::uint64_t kWeightDbMax = 60;
constexpr std::size_t kCausesMax = 200;

struct ClassName {
  CauseClass cause_class;
  std::string_view name;
  std::string_view en;
  std::string_view ja;
};

constexpr std::array<ClassName, 7> kClasses = {{
    {CauseClass::hardware, "hardware", "Hardware failure", "ハードウェア障害"},
    {CauseClass::software_bug, "software_bug", "Software defect", "ソフトウェアの不具合"},
    {CauseClass::network_or_attack, "network_or_attack", "Network failure or attack",
     "ネットワーク障害・サイバー攻撃"},
    {CauseClass::overload, "overload", "Overload", "過負荷"},
    {CauseClass::human_error, "human_error", "Human action", "人為的な操作"},
    {CauseClass::natural_disaster_or_facility, "natural_disaster_or_facility",
     "Natural disaster or facility", "自然災害・設備障害"},
    {CauseClass::unknown, "unknown", "Unknown", "不明"},
}};

std::optional<CauseClass> parse_class(std::string_view name) {
  for (const ClassName& known : kClasses) {
    if (known.name == name) return known.cause_class;
  }
  return std::nullopt;
}

std::optional<SignRole> parse_role(std::string_view name) {
  if (name == "required") return SignRole::required;
  if (name == "supporting") return SignRole::supporting;
  if (name == "contradicting") return SignRole::contradicting;
  return std::nullopt;
}

constexpr auto kRequired = base::Settings::Presence::required;

Bilingual read_bilingual(base::Settings from) {
  Bilingual text;
  from.text("en", text.en, kRequired);
  from.text("ja", text.ja, kRequired);
  return text;
}

Sign read_sign(base::Settings& from) {
  Sign sign;
  std::string role = "supporting";
  from.text("role", role, kRequired);
  if (const auto parsed = parse_role(role)) {
    sign.role = *parsed;
  } else {
    from.refuse("role", "'role' is required, supporting or contradicting");
  }
  sign.signals = from.texts("signals");
  if (sign.signals.empty()) from.refuse("signals", "'signals' names at least one signal");
  std::uint32_t weight_db = 0;
  from.integer("weight_db", weight_db, 1, kWeightDbMax, kRequired);
  sign.weight_db = weight_db;
  from.integer("entities_min", sign.entities_min, 1, 100);
  from.flag("anywhere", sign.anywhere);
  return sign;
}

Cause read_cause(base::Settings& from) {
  Cause cause;
  std::string class_name;
  from.text("name", cause.name, kRequired);
  from.text("class", class_name, kRequired);
  if (const auto parsed = parse_class(class_name)) {
    cause.cause_class = *parsed;
  } else {
    from.refuse("class", fmt::format("there is no class '{}'", class_name));
  }
  cause.title = read_bilingual(from.table("title"));
  cause.next_check = read_bilingual(from.table("next_check"));
  std::uint32_t rarer_db = 0;
  from.integer("rarer_db", rarer_db, 0, kWeightDbMax);
  cause.prior_db = -static_cast<double>(rarer_db);
  for (base::Settings& sign : from.tables("sign")) cause.signs.push_back(read_sign(sign));
  const bool has_required = std::any_of(cause.signs.begin(), cause.signs.end(),
                                        [](const Sign& s) { return s.role == SignRole::required; });
  if (!has_required) {
    from.refuse("name", fmt::format("cause '{}' has no required sign", cause.name));
  }
  return cause;
}

}  // namespace

base::Result<CauseTable> CauseTable::load(const std::string& path) {
  auto settings = base::Settings::load(path);
  if (!settings) return settings.error();
  return read(settings.value());
}

base::Result<CauseTable> CauseTable::parse(std::string_view text, const std::string& origin) {
  auto settings = base::Settings::parse(text, origin);
  if (!settings) return settings.error();
  return read(settings.value());
}

base::Result<CauseTable> CauseTable::read(base::Settings& root) {
  CauseTable table;
  for (base::Settings& signal : root.tables("signal")) {
    std::string name;
    signal.text("name", name, kRequired);
    if (!table.signals_.emplace(name, read_bilingual(signal)).second) {
      signal.refuse("name", fmt::format("signal '{}' stands twice", name));
    }
  }
  base::Settings unknown = root.table("unknown");
  table.unknown_.name = "unknown";
  table.unknown_.title = read_bilingual(unknown.table("title"));
  table.unknown_.next_check = read_bilingual(unknown.table("next_check"));
  std::uint32_t score_db = 0;
  std::uint32_t floor_percent = 0;
  unknown.integer("score_db", score_db, 1, kWeightDbMax, kRequired);
  unknown.integer("floor_percent", floor_percent, 1, 50, kRequired);
  table.unknown_.prior_db = score_db;
  table.unknown_floor_ = floor_percent / 100.0;
  for (base::Settings& from : root.tables("cause")) {
    Cause cause = read_cause(from);
    if (table.find(cause.name) != nullptr || cause.name == "unknown") {
      from.refuse("name", fmt::format("cause '{}' stands twice", cause.name));
    }
    for (const Sign& sign : cause.signs) {
      for (const std::string& signal : sign.signals) {
        if (table.signal_text(signal) == nullptr) {
          from.refuse("name", fmt::format("cause '{}': there is no signal '{}'; add a [[signal]]",
                                          cause.name, signal));
        }
      }
    }
    table.causes_.push_back(std::move(cause));
  }
  if (table.causes_.empty() || table.causes_.size() > kCausesMax) {
    root.refuse("cause", fmt::format("a table has 1 to {} causes", kCausesMax));
  }
  if (base::Status status = root.finish(); !status) return status.error();
  return table;
}

const Cause* CauseTable::find(std::string_view name) const {
  const auto found = std::find_if(causes_.begin(), causes_.end(),
                                  [&](const Cause& cause) { return cause.name == name; });
  return found == causes_.end() ? nullptr : &*found;
}

const Bilingual* CauseTable::signal_text(std::string_view signal) const {
  const auto found = signals_.find(signal);
  return found == signals_.end() ? nullptr : &found->second;
}

std::string_view to_string(CauseClass cause_class) {
  return kClasses.at(static_cast<std::size_t>(cause_class)).name;
}

Bilingual title_of(CauseClass cause_class) {
  const ClassName& known = kClasses.at(static_cast<std::size_t>(cause_class));
  return {std::string(known.en), std::string(known.ja)};
}

const CauseTable& CauseTable::builtin() {
  static const CauseTable table = [] {
    auto parsed = parse(kBuiltinCausesToml, "config/causes.toml");
    ASSERT(parsed.ok(), "{}", parsed.error().message);
    return std::move(parsed.value());
  }();
  return table;
}

}  // namespace okiagari::cause
