// A rule set of call auctions from its file (config/rules), as the command that sets it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "venue/command.h"

namespace okiagari::deployment {

// Without instrument and base price. The error says which file, line and key.
[[nodiscard]] base::Result<venue::SetAuctionRules> load_auction_rules(const std::string& path);
[[nodiscard]] base::Result<venue::SetAuctionRules> parse_auction_rules(std::string_view text,
                                                                       const std::string& origin);

}  // namespace okiagari::deployment
