#include "cli/auction_rule_sets.h"

#include <fmt/format.h>

#include "deployment/auction_rules_file.h"
#include "venue/auction_rules.h"

namespace okiagari::cli {

std::string auction_rule_names() {
  std::string names;
  for (const auto& [name, text] : auction_rule_files()) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

base::Result<venue::SetAuctionRules> find_auction_command(const std::string& name) {
  if (name.ends_with(".toml")) return deployment::load_auction_rules(name);
  const auto found = auction_rule_files().find(name);
  if (found != auction_rule_files().end())
    return deployment::parse_auction_rules(found->second, name);
  return base::Error{fmt::format("'{}' is no rule set; there are {}, or a path that ends in .toml",
                                 name, auction_rule_names())};
}

base::Result<NamedRules> find_auction_rules(const std::string& name) {
  auto command = find_auction_command(name);
  if (!command) return command.error();
  return NamedRules{name, venue::auction_rules(command.value()).uncross};
}

}  // namespace okiagari::cli
