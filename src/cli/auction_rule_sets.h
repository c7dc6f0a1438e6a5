// The rule sets of config/rules, which the program carries with it by their files' names.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "cli/auction_run.h"
#include "venue/command.h"

namespace okiagari::cli {

// The files' text, by their names without the ending.
[[nodiscard]] const std::map<std::string, std::string>& auction_rule_files();

// "asx, crypto, ...", for people.
[[nodiscard]] std::string auction_rule_names();

// By its name, or from a file when it is a path (it ends in .toml).
[[nodiscard]] base::Result<venue::SetAuctionRules> find_auction_command(const std::string& name);
// What of it decides price and fills.
[[nodiscard]] base::Result<NamedRules> find_auction_rules(const std::string& name);

}  // namespace okiagari::cli
