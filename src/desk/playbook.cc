#include "desk/playbook.h"

#include <fmt/format.h>

#include <set>

#include "base/settings.h"

namespace okiagari::desk {

namespace {

using base::Settings;
constexpr auto kRequired = Settings::Presence::required;

Words read_title(Settings& from) {
  Words title;
  from.text("title_en", title.en, kRequired);
  from.text("title_ja", title.ja, kRequired);
  return title;
}

std::vector<PlaybookAct> read_acts(Settings& step, std::string_view key) {
  std::vector<PlaybookAct> acts;
  for (Settings& table : step.tables(key)) {
    PlaybookAct act;
    table.text("entry", act.entry, kRequired);
    for (const std::string& pair : table.texts("with")) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string::npos || equals == 0) {
        table.refuse("with", fmt::format("'{}' is not of the form key=value", pair));
        continue;
      }
      act.with[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    acts.push_back(std::move(act));
  }
  return acts;
}

PlaybookStep read_step(Settings& from) {
  PlaybookStep step;
  from.text("id", step.id, kRequired);
  step.title = read_title(from);
  from.integer("severity_max", step.severity_max, 1, 4);
  step.starts_when = from.texts("starts_when");
  if (step.starts_when.empty()) from.refuse("starts_when", "a step needs something that starts it");
  step.done_when = from.texts("done_when");
  from.integer("limit_s", step.limit_s, 0, 7 * 86'400);
  step.does = read_acts(from, "does");
  step.at_limit = read_acts(from, "at_limit");
  if (!step.at_limit.empty() && step.limit_s == 0) {
    from.refuse("at_limit", "what happens at a limit needs 'limit_s'");
  }
  return step;
}

base::Result<Playbook> read(base::Result<Settings> settings) {
  if (!settings) return settings.error();
  Settings& root = settings.value();
  Playbook playbook;
  root.text("name", playbook.name, kRequired);
  for (Settings& table : root.tables("trigger")) {
    Trigger trigger;
    table.text("signal", trigger.signal, kRequired);
    table.integer("severity", trigger.severity, 1, 4, kRequired);
    trigger.title = read_title(table);
    playbook.triggers.push_back(std::move(trigger));
  }
  std::set<std::string> ids;
  for (Settings& table : root.tables("step")) {
    PlaybookStep step = read_step(table);
    if (!ids.insert(step.id).second) {
      table.refuse("id", fmt::format("there are two steps '{}'", step.id));
    }
    playbook.steps.push_back(std::move(step));
  }
  if (base::Status status = root.finish(); !status) return status.error();
  return playbook;
}

}  // namespace

base::Result<Playbook> load_playbook(const std::string& path) { return read(Settings::load(path)); }

base::Result<Playbook> parse_playbook(std::string_view text, const std::string& origin) {
  return read(Settings::parse(text, origin));
}

}  // namespace okiagari::desk
