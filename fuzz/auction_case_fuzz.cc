// Rooms: market wire base
// Files: cli/auction_case.cc cli/auction_run.cc
// A file of auction cases, read and run: any text ends in an error or in verdicts.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "cli/auction_case.h"
#include "cli/auction_run.h"

namespace {

using okiagari::market::PriceRule;

constexpr PriceRule kPriceRules[] = {
    {PriceRule::Method::three_conditions, PriceRule::Candidates::every_tick},
    {PriceRule::Method::largest_volume, PriceRule::Candidates::every_tick},
    {PriceRule::Method::largest_volume, PriceRule::Candidates::limits_in_book},
    {PriceRule::Method::largest_volume, PriceRule::Candidates::limits_and_reference},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cases = cli::parse_auction_cases(text);
  if (!cases) {
    ASSERT(!cases.error().message.empty());
    return 0;
  }
  for (const cli::AuctionCase& auction : cases.value()) {
    for (const market::PriceRule& price : kPriceRules) {
      for (const auto allocation :
           {market::AllocationRule::fifo, market::AllocationRule::members_in_turn}) {
        const cli::AuctionVerdict verdict =
            cli::run_auction_case(auction, {"all", {price, allocation}});
        ASSERT(verdict.line.contains("id"));
      }
    }
  }
  return 0;
}
