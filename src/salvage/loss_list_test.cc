// Goal: the list of losses names what members were told and the survivor lacks, nothing else, and
// says what nobody can name. Method: a market whose gateway keeps its files as it does; the
// survivor is the same market at an earlier moment, or one that went another way.
#include "salvage/loss_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "base/hash.h"
#include "gateway/receipt_log.h"
#include "gateway/told_events.h"
#include "gateway/witness.h"
#include "venue/test_market.h"
#include "wire/link.h"
#include "wire/ouch.h"

namespace okiagari::salvage {
namespace {

using testing::Contains;
using testing::HasSubstr;
using Kind = LostMessage::Kind;

constexpr std::uint64_t kCluster = 77;

class LossListTest : public testing::Test {
 protected:
  LossListTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "okiagari-losses-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    told_.emplace(folder_,
                  gateway::ToldEvents::Identity{.gateway = 1, .cluster = kCluster, .started_ns = 1},
                  1 << 20);
  }
  ~LossListTest() override { std::filesystem::remove_all(folder_); }

  // Whatever a market's last batch said to sessions: the gateway has it for members.
  void tell(const venue::TestMarket& market) {
    wire::EventReader reader(market.events.view());
    while (const venue::EventHeader* event = reader.next()) {
      if (event->session_number == 0) continue;
      told_->add(*event);
      std::uint32_t& next = next_[event->session];
      next = std::max(next, event->session_number + 1);
    }
  }
  void remember(const venue::TestMarket& market) {
    wire::EventReader reader(market.events.view());
    while (const venue::EventHeader* event = reader.next()) {
      if (event->session_number == 0) continue;
      const base::Bytes bytes(reinterpret_cast<const std::byte*>(event), event->size_bytes);
      events_.emplace_back(event->event_number, base::hash64(bytes));
    }
  }
  [[nodiscard]] ColdNode survivor(const venue::TestMarket& market) const {
    base::ByteWriter bytes;
    market.venue.write_snapshot(bytes);
    auto copy = std::make_shared<venue::Venue>(venue::Limits{});
    EXPECT_TRUE(copy->load_snapshot(bytes.view()).ok());
    ColdNode node;
    node.identity.cluster = kCluster;
    node.market = std::move(copy);
    node.newest_events = events_;
    return node;
  }
  void save_witness(const venue::Venue& seen) {
    gateway::Witness witness{.cluster = kCluster,
                             .term = 3,
                             .sequence = seen.last_sequence(),
                             .event = seen.last_event_number(),
                             .feed = seen.last_feed_number(),
                             .sessions = {}};
    for (const auto& [session, next] : next_) {
      witness.sessions.push_back({.session = session, .epoch = 1, .next_number = next});
    }
    ASSERT_TRUE(gateway::save_witness(folder_, witness).ok());
    ASSERT_TRUE(told_->save().ok());
  }

  std::string folder_;
  std::optional<gateway::ToldEvents> told_;
  std::map<SessionId, std::uint32_t> next_;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> events_;
  venue::TestMarket market_;
};

TEST_F(LossListTest, NothingIsLostAndZeroIsSaidAsZero) {
  market_.buy(1, 1, 10, 500);
  tell(market_);
  remember(market_);
  save_witness(market_.venue);
  const LossList list = list_losses(survivor(market_), {folder_});
  EXPECT_EQ(list.gateways, 1u);
  EXPECT_TRUE(list.named.empty());
  EXPECT_TRUE(list.troubles.empty());
  EXPECT_THAT(list.lines(),
              Contains("0 orders, 0 replacements, 0 cancels, 0 trades, 0 stops triggered"));
  EXPECT_THAT(list.lines(),
              Contains("seen by gateways and not in the survivor: 0 commands, 0 events, 0 messages "
                       "of the feed, 0 messages to members; of these it contradicts 0, and nobody "
                       "can name 0"));
}

TEST_F(LossListTest, OrdersCancelsAndTradesAreNamedWithEverythingThatTheirOwnersKnow) {
  market_.buy(1, 1, 10, 500);
  tell(market_);
  remember(market_);
  const ColdNode behind = survivor(market_);
  market_.sell(2, 1, 4, 500);
  tell(market_);
  market_.cancel(1, 1);
  tell(market_);
  save_witness(market_.venue);
  const LossList list = list_losses(behind, {folder_});
  EXPECT_EQ(list.commands, 2u);
  EXPECT_EQ(list.count(Kind::order), 1u);
  EXPECT_EQ(list.count(Kind::cancel), 1u);
  EXPECT_EQ(list.trades(), 1u);
  EXPECT_EQ(list.messages, 4u) << "the order, its execution, the other's, the cancel";
  EXPECT_EQ(list.unnamed, 0u);
  const auto lines = list.lines();
  EXPECT_THAT(lines, Contains(HasSubstr("member 2, session 2, message 1: order 1 accepted: sell 4 "
                                        "S2"))
                         .Times(0));
  EXPECT_THAT(lines, Contains(HasSubstr("session 2, message 1: order 1 accepted: sell 4 S1 at "
                                        "5.0000")));
  EXPECT_THAT(lines, Contains(HasSubstr("trade 1: order 1 executed, buy 4 S1 at 5.0000")));
  EXPECT_THAT(lines, Contains(HasSubstr("6 of order 1 cancelled: buy S1")));
}

// A stop waits for days, unseen by the feed: whoever forgets it here has its owner believe in a
// protection that he has no more.
TEST_F(LossListTest, StopsThatWaitAreNamedAsThatWithTheirTriggerAndWhatBecameOfThem) {
  market_.send(1, venue::TestMarket::stop(1, Side::buy, 5, 520, 510));
  market_.send(1, venue::TestMarket::stop(2, Side::buy, 3, 0, 600));
  tell(market_);
  remember(market_);
  const ColdNode behind = survivor(market_);
  EXPECT_EQ(behind.market->waiting_stops().count(), 2u);
  market_.send(1, venue::TestMarket::stop(3, Side::sell, 7, 0, 400));
  tell(market_);
  market_.send(1, venue::TestMarket::stop_replacement(3, 4, 6, 390, 400));
  tell(market_);
  market_.cancel(1, 2);
  tell(market_);
  // The survivor has the stop, but not what triggered it.
  market_.sell(2, 1, 4, 510);
  tell(market_);
  market_.buy(3, 1, 2, 510);
  tell(market_);
  market_.send(1, venue::TestMarket::trailing_stop(5, Side::sell, 2, 0, 20));
  tell(market_);
  save_witness(market_.venue);
  const LossList list = list_losses(behind, {folder_});
  EXPECT_EQ(list.unnamed, 0u);
  EXPECT_EQ(list.count(Kind::trigger), 1u);
  EXPECT_EQ(list.count(Kind::notice), 0u);
  const auto lines = list.lines();
  EXPECT_THAT(lines, Contains("4 orders, 1 replacements, 1 cancels, 2 trades, 1 stops triggered"));
  EXPECT_THAT(lines, Contains(HasSubstr("stop 5 accepted: sell 2 S1 at the market, waiting for "
                                        "4.9000, following the price at 0.2000")));
  EXPECT_THAT(lines, Contains(HasSubstr("session 1, message 3: stop 3 accepted: sell 7 S1 at the "
                                        "market, waiting for 4.0000")));
  EXPECT_THAT(lines, Contains(HasSubstr("stop 4 accepted in place of another: sell 6 S1 at 3.9000, "
                                        "waiting for 4.0000")));
  EXPECT_THAT(lines, Contains(HasSubstr("3 of order 2 cancelled: buy S1")));
  EXPECT_THAT(lines, Contains(HasSubstr("stop 1 triggered: buy 5 S1")));
  EXPECT_THAT(lines, Contains(HasSubstr("order 1 executed, buy 2 S1 at 5.1000")));
}

TEST_F(LossListTest, AGatewayThatDiedLeavesNumbersAndTheirNamesAreMissedAloud) {
  const ColdNode behind = survivor(market_);
  market_.buy(1, 1, 10, 500);
  tell(market_);
  save_witness(market_.venue);
  std::filesystem::remove(told_->path());
  const LossList list = list_losses(behind, {folder_});
  EXPECT_EQ(list.messages, 1u);
  EXPECT_EQ(list.unnamed, 1u);
  EXPECT_TRUE(list.named.empty());
}

TEST_F(LossListTest, ADeposedLeaderHasOtherEventsUnderTheSameNumbersAndIsFoundOut) {
  market_.buy(1, 1, 10, 500);
  tell(market_);
  save_witness(market_.venue);
  // The survivor's last entry is one that nobody else had.
  venue::TestMarket deposed;
  deposed.buy(1, 1, 99, 400);
  remember(deposed);
  const LossList list = list_losses(survivor(deposed), {folder_});
  EXPECT_EQ(list.contradicted, 1u);
  EXPECT_EQ(list.messages, 1u);
  EXPECT_EQ(list.unnamed, 0u);
  EXPECT_THAT(list.lines(), Contains(HasSubstr("order 1 accepted: buy 10 S1 at 5.0000")));
}

TEST_F(LossListTest, AnOrderThatReachedAGatewayAndWasNeverAnsweredIsNamedAsThat) {
  {
    auto receipts = gateway::ReceiptLog::open(
        folder_, {.gateway = 1, .cluster = kCluster, .incarnation = 1}, 1 << 20);
    ASSERT_TRUE(receipts.ok());
    for (const std::uint32_t reference : {1u, 2u, 3u}) {
      wire::ouch::EnterOrder order;
      order.user_reference = reference;
      order.quantity = 10;
      order.symbol = wire::alpha<8>("S1");
      order.price_e4 = 50'000;
      receipts.value()->add(wire::ReceiptKind::message, 1, 5, base::object_bytes(order));
    }
    wire::ouch::LocalRefusal refusal;
    refusal.user_reference = 3;
    receipts.value()->add(wire::ReceiptKind::refused, 1, 5, base::object_bytes(refusal));
    ASSERT_TRUE(receipts.value()->flush().ok());
  }
  market_.buy(1, 1, 10, 500);
  tell(market_);
  save_witness(market_.venue);
  const LossList list = list_losses(survivor(market_), {folder_});
  ASSERT_EQ(list.unanswered.size(), 1u) << "1 is in the survivor, 3 was refused by the gateway";
  EXPECT_THAT(words_of(list.unanswered[0]),
              HasSubstr("session 1: order 2 without an answer: buy 10 S1 at 5.0000"));
}

// A message with one option that holds a price.
template <typename Message>
base::ByteWriter with_option(Message message, wire::ouch::Tag tag, std::uint64_t price_e4) {
  std::array<std::byte, 2 + sizeof price_e4> option{};
  (void)wire::ouch::put_option(option.data(), tag, price_e4);
  message.appendage_bytes = static_cast<std::uint16_t>(option.size());
  base::ByteWriter bytes;
  bytes.object(message);
  bytes.bytes(option);
  return bytes;
}

TEST_F(LossListTest, AStopThatReachedAGatewayAndWasNeverAnsweredIsNamedWithItsTrigger) {
  using wire::ouch::Tag;
  {
    auto receipts = gateway::ReceiptLog::open(
        folder_, {.gateway = 1, .cluster = kCluster, .incarnation = 1}, 1 << 20);
    ASSERT_TRUE(receipts.ok());
    wire::ouch::EnterOrder order;
    order.user_reference = 1;
    order.quantity = 10;
    order.symbol = wire::alpha<8>("S1");
    order.price_e4 = 50'000;
    const auto add = [&](const base::ByteWriter& message) {
      receipts.value()->add(wire::ReceiptKind::message, 1, 5, message.view());
    };
    add(with_option(order, Tag::trigger, 49'000));
    order.user_reference = 2;
    order.price_e4 = wire::ouch::kMarketPriceE4;
    add(with_option(order, Tag::trail, 200));
    wire::ouch::ReplaceOrder replacement;
    replacement.original_user_reference = 1;
    replacement.user_reference = 3;
    replacement.quantity = 9;
    replacement.price_e4 = 50'000;
    add(with_option(replacement, Tag::trail, 300));
    ASSERT_TRUE(receipts.value()->flush().ok());
  }
  save_witness(market_.venue);
  const LossList list = list_losses(survivor(market_), {folder_});
  ASSERT_EQ(list.unanswered.size(), 3u);
  EXPECT_THAT(words_of(list.unanswered[0]),
              HasSubstr("stop 1 without an answer: buy 10 S1 at 5.0000, waiting for 4.9000"));
  EXPECT_THAT(words_of(list.unanswered[1]),
              HasSubstr("stop 2 without an answer: buy 10 S1 at the market, following the price at "
                        "0.0200"));
  EXPECT_THAT(words_of(list.unanswered[2]),
              HasSubstr("replacement 3 without an answer: 9 lots at 5.0000, following the price at "
                        "0.0300"));
}

TEST_F(LossListTest, EvidenceThatCannotBeReadIsATrouble) {
  save_witness(market_.venue);
  std::ofstream(gateway::witness_path(folder_)) << "{";
  const LossList list = list_losses(survivor(market_), {folder_});
  EXPECT_EQ(list.gateways, 0u);
  EXPECT_EQ(list.troubles.size(), 1u);
}

}  // namespace
}  // namespace okiagari::salvage
