// The steps of an outage as data: what starts each, what it does by itself, what ends it, how long
// it may take and what happens when nobody decides. config/playbook.toml is the one that ships, in
// the order that the product stands for: size up, call, halt, tell, start the backup, find and
// remove the cause, restart with proof, reopen, watch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "desk/incidents.h"

namespace okiagari::desk {

// An entry that a step makes by itself, with the incident's facts in it.
struct PlaybookAct {
  std::string entry;  // "page.start"
  boost::json::object with;
};

struct PlaybookStep {
  std::string id;
  Words title;
  int severity_max = 4;                  // only for incidents at least as bad as this
  std::vector<std::string> starts_when;  // kinds of the timeline, any of them
  std::vector<PlaybookAct> does;
  std::vector<std::string> done_when;  // any of them; empty: as soon as it has done what it does
  std::uint32_t limit_s = 0;           // 0: none
  std::vector<PlaybookAct> at_limit;   // when nobody and nothing has ended it by then
};

struct Playbook {
  std::string name;
  std::vector<Trigger> triggers;
  std::vector<PlaybookStep> steps;
};

// Errors name the file, the line and the key.
[[nodiscard]] base::Result<Playbook> load_playbook(const std::string& path);
[[nodiscard]] base::Result<Playbook> parse_playbook(std::string_view text,
                                                    const std::string& origin);

}  // namespace okiagari::desk
