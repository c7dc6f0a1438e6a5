#include "wire/itch_venue.h"

#include <gtest/gtest.h>

namespace okiagari::wire::itch {
namespace {

class ItchFromEvent : public testing::Test {
 protected:
  void SetUp() override { symbols_.add(7, alpha<8>("ALPHA")); }

  template <typename Event>
  static Event blank() {
    Event event{};
    event.header.size_bytes = sizeof event;
    event.header.type = Event::kType;
    event.header.timestamp_ns = 20'000 * 86'400'000'000'000 + 5;
    return event;
  }
  template <typename Message, typename Event>
  const Message& message(const Event& event) {
    const std::size_t size = itch_from_event(event.header, symbols_, bytes_);
    EXPECT_EQ(check({bytes_, size}), Fault::none);
    const auto& message = *reinterpret_cast<const Message*>(bytes_);
    EXPECT_EQ(message.head.type, Message::kType);
    EXPECT_EQ(message.head.timestamp_ns, 5U);
    return message;
  }

  Symbols symbols_;
  std::byte bytes_[kMessageBytesMax];
};

TEST_F(ItchFromEvent, OrdersAreAddedExecutedReducedReplacedAndDeleted) {
  auto add = blank<venue::FeedAdd>();
  add.reference = 99;
  add.quantity = 10;
  add.price_e4 = 4'000'000'000;
  add.instrument = 7;
  add.side = Side::sell;
  EXPECT_EQ(message<AddOrder>(add).reference, 99U);
  EXPECT_EQ(message<AddOrder>(add).head.locate, 7U);
  EXPECT_EQ(message<AddOrder>(add).side, 'S');
  EXPECT_EQ(message<AddOrder>(add).shares, 10U);
  EXPECT_EQ(message<AddOrder>(add).price_e4, 4'000'000'000U);
  EXPECT_EQ(trimmed(message<AddOrder>(add).symbol), "ALPHA");

  auto execute = blank<venue::FeedExecute>();
  execute.reference = 99;
  execute.match = 3;
  execute.quantity = 4;
  EXPECT_EQ(message<OrderExecuted>(execute).match, 3U);
  EXPECT_EQ(message<OrderExecuted>(execute).shares, 4U);

  auto reduce = blank<venue::FeedReduce>();
  reduce.quantity = 2;
  EXPECT_EQ(message<OrderCancel>(reduce).shares, 2U);

  auto replace = blank<venue::FeedReplace>();
  replace.original_reference = 99;
  replace.reference = 100;
  replace.price_e4 = 5;
  EXPECT_EQ(message<OrderReplace>(replace).original_reference, 99U);
  EXPECT_EQ(message<OrderReplace>(replace).reference, 100U);
  EXPECT_EQ(message<OrderReplace>(replace).price_e4, 5U);

  auto gone = blank<venue::FeedDelete>();
  gone.reference = 100;
  EXPECT_EQ(message<OrderDelete>(gone).reference, 100U);
}

TEST_F(ItchFromEvent, ACallIsToldAsImbalanceCollarAndCross) {
  auto indicative = blank<venue::FeedIndicative>();
  indicative.instrument = 7;
  indicative.volume = 5'000'000'000;
  indicative.surplus = -3;
  indicative.price_e4 = 112;
  indicative.reference_e4 = 100;
  indicative.cross_type = 'O';
  EXPECT_EQ(message<Imbalance>(indicative).paired_shares, 5'000'000'000U);
  EXPECT_EQ(message<Imbalance>(indicative).imbalance_shares, 3U);
  EXPECT_EQ(message<Imbalance>(indicative).direction, 'S');
  EXPECT_EQ(message<Imbalance>(indicative).near_price_e4, 112U);
  EXPECT_EQ(message<Imbalance>(indicative).reference_price_e4, 100U);
  EXPECT_EQ(message<Imbalance>(indicative).cross_type, 'O');
  EXPECT_EQ(message<Imbalance>(indicative).price_variation, 'A');
  EXPECT_EQ(trimmed(message<Imbalance>(indicative).symbol), "ALPHA");
  indicative.surplus = INT64_MIN;
  EXPECT_EQ(message<Imbalance>(indicative).imbalance_shares, std::uint64_t{1} << 63)
      << "of a damaged event";
  indicative.price_e4 = 0;
  EXPECT_EQ(message<Imbalance>(indicative).direction, 'O') << "not enough orders for a price";
  EXPECT_EQ(message<Imbalance>(indicative).price_variation, ' ');

  auto collar = blank<venue::FeedCollar>();
  collar.instrument = 7;
  collar.low_e4 = 90;
  collar.high_e4 = 110;
  collar.extensions = 2;
  EXPECT_EQ(message<AuctionCollar>(collar).lower_price_e4, 90U);
  EXPECT_EQ(message<AuctionCollar>(collar).upper_price_e4, 110U);
  EXPECT_EQ(message<AuctionCollar>(collar).extensions, 2U);

  auto execution = blank<venue::FeedExecuteAt>();
  execution.reference = 5;
  execution.match = 9;
  execution.quantity = 4;
  execution.price_e4 = 101;
  EXPECT_EQ(message<OrderExecutedWithPrice>(execution).price_e4, 101U);
  EXPECT_EQ(message<OrderExecutedWithPrice>(execution).printable, 'N') << "the cross counts it";

  auto cross = blank<venue::FeedCross>();
  cross.instrument = 7;
  cross.volume = 6'000'000'000;
  cross.price_e4 = 101;
  cross.match = 9;
  cross.cross_type = 'H';
  EXPECT_EQ(message<CrossTrade>(cross).shares, 6'000'000'000U);
  EXPECT_EQ(message<CrossTrade>(cross).match, 9U);
  EXPECT_EQ(message<CrossTrade>(cross).cross_type, 'H');
}

TEST_F(ItchFromEvent, StateHasAPublicLetterAndTheExactStateBesideIt) {
  auto event = blank<venue::FeedState>();
  event.instrument = 7;
  event.reason = 0x54312020;  // "T1  "
  const auto letters = [&](venue::InstrumentState state) {
    event.state = state;
    const auto& action = message<TradingAction>(event);
    return std::string{action.state, action.reserved};
  };
  EXPECT_EQ(letters(venue::InstrumentState::halted), "H0");
  EXPECT_EQ(letters(venue::InstrumentState::cancel_only), "P1");
  EXPECT_EQ(letters(venue::InstrumentState::auction_call), "Q3");
  EXPECT_EQ(letters(venue::InstrumentState::full), "T6");
  EXPECT_EQ(trimmed(message<TradingAction>(event).reason), "T1");
  event.reason = 17;
  EXPECT_EQ(trimmed(message<TradingAction>(event).reason), "");
}

TEST_F(ItchFromEvent, InstrumentsAndTheDayAreTold) {
  auto instrument = blank<venue::FeedInstrument>();
  instrument.instrument = 8;
  instrument.symbol = alpha<8>("BETA");
  EXPECT_EQ(trimmed(message<Directory>(instrument).symbol), "BETA");
  EXPECT_EQ(message<Directory>(instrument).head.locate, 8U);
  auto system = blank<venue::FeedSystem>();
  system.code = 'O';
  EXPECT_EQ(message<SystemEvent>(system).code, 'O');
}

TEST_F(ItchFromEvent, EventsForSessionsAreNotPublished) {
  EXPECT_EQ(itch_from_event(blank<venue::OrderAccepted>().header, symbols_, bytes_), 0U);
}

}  // namespace
}  // namespace okiagari::wire::itch
