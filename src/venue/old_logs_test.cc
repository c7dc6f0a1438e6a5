// Goal: a log from before a rule was there is replayed to what was told then. What a command means
// is found in the log itself: without auction rules in it an instrument has no calls, though it was
// put into the state of one. The files are of the last version that had no calls: orders before, in
// and after that state, a listing in it, two trades, and six checkpoints with what they attested.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <span>
#include <string>

#include "base/hash.h"
#include "test_places.h"
#include "venue/test_market.h"

namespace okiagari::venue {
namespace {

std::string stored(const std::string& name) {
  std::ifstream file(std::string(OKIAGARI_SOURCE_DIR) + "/src/venue/golden/" + name);
  std::string hex(std::istreambuf_iterator<char>(file), {});
  std::erase(hex, '\n');
  std::string bytes(hex.size() / 2, '\0');
  EXPECT_TRUE(base::from_hex(hex, std::as_writable_bytes(std::span(bytes)))) << name;
  EXPECT_FALSE(bytes.empty()) << name;
  return bytes;
}

TEST(OldLogsTest, ALogFromBeforeThereWereCallsIsReplayedToWhatWasToldAndAttestedThen) {
  const std::string batch = stored("commands_before_calls.hex");
  Venue venue{Limits{}};
  base::ByteWriter events;
  venue.apply_batch(base::as_bytes(batch), events);
  EXPECT_TRUE(base::as_text(events.view()) == stored("events_before_calls.hex"));
  EXPECT_EQ(venue.last_checkpoint().state_hash, 16'326'906'537'055'159'082u);
  EXPECT_EQ(venue.last_checkpoint().scrub_hash, 4'716'903'617'613'688'703u);
  EXPECT_TRUE(venue.check_invariants().ok());
}

// The way such a market gets calls: its log says so, from there on.
TEST(OldLogsTest, RulesInTheLogMakeTheStateACall) {
  TestMarket market;
  market.add_operators();
  market.set_state(1, InstrumentState::auction_call);
  EXPECT_EQ(market.buy(1, 1, 10, 505), Lines{"session 1: rejected 1: not supported"});
  SetAuctionRules rules{};
  rules.instrument = 1;
  market.send(rules);
  Venue::CallView call;
  EXPECT_TRUE(market.venue.call(1, call));
  EXPECT_EQ(market.buy(1, 2, 10, 505).size(), 2u) << "it is accepted, and the feed has it";
}

}  // namespace
}  // namespace okiagari::venue
