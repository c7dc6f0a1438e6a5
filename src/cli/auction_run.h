// Runs a case of auction_case.h through the market's own books and rules and compares it with what
// it expects.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "cli/auction_case.h"
#include "market/uncross.h"

namespace okiagari::cli {

// What decides an auction's price and who gets what.
struct NamedRules {
  std::string name;
  market::UncrossRules uncross;
};

struct AuctionVerdict {
  boost::json::object line;  // what came out, with what is wrong with it
  bool holds = true;
};

[[nodiscard]] AuctionVerdict run_auction_case(const AuctionCase& auction, const NamedRules& rules);

}  // namespace okiagari::cli
