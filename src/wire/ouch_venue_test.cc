#include "wire/ouch_venue.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

#include "venue/venue.h"

namespace okiagari::wire::ouch {
namespace {

class OuchVenue : public testing::Test {
 protected:
  void SetUp() override {
    symbols_.add(7, alpha<8>("ALPHA"));
    order_.user_reference = 5;
    order_.quantity = 10;
    order_.symbol = alpha<8>("ALPHA");
    order_.price_e4 = 12'300;
    order_.client_order_id = alpha<14>("mine");
  }

  // The message with these options behind it.
  template <typename Message>
  Translated translate(Message message, const std::vector<std::byte>& options = {}) {
    if constexpr (requires { message.appendage_bytes; }) {
      message.appendage_bytes = static_cast<std::uint16_t>(options.size());
    }
    const base::Bytes fixed = base::object_bytes(message);
    std::vector<std::byte> bytes(fixed.begin(), fixed.end());
    bytes.insert(bytes.end(), options.begin(), options.end());
    EXPECT_EQ(check_inbound(bytes), Fault::none);
    return command_from_ouch(bytes, kOrigin, symbols_, command_);
  }
  template <typename Command>
  const Command& command() const {
    return *reinterpret_cast<const Command*>(command_);
  }
  template <typename T>
  static void add(std::vector<std::byte>& options, Tag tag, T value) {
    options.resize(options.size() + 2 + sizeof value);
    (void)put_option(options.data() + options.size() - 2 - sizeof value, tag, value);
  }
  template <typename T>
  static std::vector<std::byte> option(Tag tag, T value) {
    std::vector<std::byte> options;
    add(options, tag, value);
    return options;
  }

  static constexpr Origin kOrigin{
      .session = 3, .gateway = 2, .epoch = 9, .stream_number = 11, .firm = {'F', 'I', 'R', 'M'}};
  Symbols symbols_;
  EnterOrder order_;
  alignas(8) std::byte command_[kCommandBytesMax];
};

TEST_F(OuchVenue, OrderBecomesTheCommandItSays) {
  ASSERT_EQ(translate(order_).size_bytes, sizeof(venue::NewOrder));
  const auto& made = command<venue::NewOrder>();
  EXPECT_EQ(made.header.size_bytes, sizeof(venue::NewOrder));
  EXPECT_EQ(made.header.type, venue::CommandType::new_order);
  EXPECT_EQ(made.header.session, 3);
  EXPECT_EQ(made.header.gateway, 2);
  EXPECT_EQ(made.header.epoch, 9U);
  EXPECT_EQ(made.header.stream_number, 11U);
  EXPECT_EQ(made.user_reference, 5U);
  EXPECT_EQ(made.quantity, 10U);
  EXPECT_EQ(made.price_e4, 12'300U);
  EXPECT_EQ(made.instrument, 7);
  EXPECT_EQ(made.side, Side::buy);
  EXPECT_EQ(made.account, 0U);
  EXPECT_EQ(made.post_only, 0);
  EXPECT_EQ(trimmed(made.client_order_id), "mine");
}

TEST_F(OuchVenue, UnknownSymbolIsTheVenuesToRefuse) {
  order_.symbol = alpha<8>("NOBODY");
  ASSERT_NE(translate(order_).size_bytes, 0U);
  EXPECT_EQ(command<venue::NewOrder>().instrument, 0);
}

TEST_F(OuchVenue, MarketPriceIsAMarketOrderWithoutAPrice) {
  order_.price_e4 = kMarketPriceE4;
  ASSERT_NE(translate(order_).size_bytes, 0U);
  EXPECT_EQ(command<venue::NewOrder>().price_type,
            static_cast<std::uint8_t>(market::PriceType::market));
  EXPECT_EQ(command<venue::NewOrder>().price_e4, 0U);
}

TEST_F(OuchVenue, TimesInForceAreSaidByLetterAndOptions) {
  const auto time = [&](char letter, const std::vector<std::byte>& options) {
    order_.time_in_force = letter;
    EXPECT_NE(translate(order_, options).size_bytes, 0U);
    return static_cast<market::TimeInForce>(command<venue::NewOrder>().time_in_force);
  };
  EXPECT_EQ(time('0', {}), market::TimeInForce::day);
  EXPECT_EQ(time('3', {}), market::TimeInForce::immediate_or_cancel);
  EXPECT_EQ(time('0', option(Tag::good_till_cancel, 'Y')), market::TimeInForce::good_till_cancel);
  EXPECT_EQ(time('3', option(Tag::minimum_quantity, std::uint32_t{10})),
            market::TimeInForce::fill_or_kill);
  EXPECT_EQ(time('0', option(Tag::at_auction, 'Y')), market::TimeInForce::at_auction);
  EXPECT_EQ(translate(order_, option(Tag::at_auction, 'x')).refusal, RejectCode::option_malformed);
  order_.time_in_force = '3';
  EXPECT_EQ(translate(order_, option(Tag::at_auction, 'Y')).refusal,
            RejectCode::invalid_time_in_force);
}

TEST_F(OuchVenue, ALastDayIsADayAndGoesWithNoOtherTime) {
  ASSERT_NE(translate(order_, option(Tag::last_day, 2026'11'26U)).size_bytes, 0U);
  EXPECT_EQ(command<venue::NewOrder>().time_in_force,
            static_cast<std::uint8_t>(market::TimeInForce::good_till_date));
  EXPECT_EQ(command<venue::NewOrder>().last_day, 20'783);
  EXPECT_EQ(translate(order_, option(Tag::last_day, 2026'11'31U)).refusal,
            RejectCode::invalid_time_in_force);
  EXPECT_EQ(translate(order_, option(Tag::last_day, std::uint16_t{1})).refusal,
            RejectCode::option_malformed);
  auto both = option(Tag::last_day, 2026'11'26U);
  add(both, Tag::good_till_cancel, 'Y');
  EXPECT_EQ(translate(order_, both).refusal, RejectCode::invalid_time_in_force);
  order_.time_in_force = '3';
  EXPECT_EQ(translate(order_, option(Tag::last_day, 2026'11'26U)).refusal,
            RejectCode::invalid_time_in_force);
}

TEST_F(OuchVenue, AReplacementThatSaysNothingOfItsTimeKeepsIt) {
  ReplaceOrder replace;
  replace.original_user_reference = 5;
  replace.user_reference = 6;
  replace.quantity = 10;
  replace.price_e4 = 12'300;
  const auto time = [&](const std::vector<std::byte>& options) {
    EXPECT_NE(translate(replace, options).size_bytes, 0U);
    return +command<venue::ReplaceOrder>().time_in_force;
  };
  EXPECT_EQ(time({}), venue::kTimeInForceAsBefore);
  EXPECT_EQ(time(option(Tag::post_only, 'P')), venue::kTimeInForceAsBefore);
  EXPECT_EQ(time(option(Tag::good_till_cancel, 'N')), 0) << "that is a day's";
  EXPECT_EQ(time(option(Tag::last_day, 2026'11'26U)), 5);
  EXPECT_EQ(command<venue::ReplaceOrder>().last_day, 20'783);
  replace.time_in_force = '3';
  EXPECT_EQ(time({}), static_cast<std::uint8_t>(market::TimeInForce::immediate_or_cancel));
}

TEST_F(OuchVenue, AnOrderWithATriggerWaitsForIt) {
  auto options = option(Tag::trigger, std::uint64_t{12'200});
  add(options, Tag::good_till_cancel, 'Y');
  ASSERT_EQ(translate(order_, options).size_bytes, sizeof(venue::NewStop));
  const auto& made = command<venue::NewStop>();
  EXPECT_EQ(made.header.type, venue::CommandType::new_stop);
  EXPECT_EQ(made.header.size_bytes, sizeof(venue::NewStop));
  EXPECT_EQ(made.header.stream_number, 11U);
  EXPECT_EQ(made.user_reference, 5U);
  EXPECT_EQ(made.price_e4, 12'300U);
  EXPECT_EQ(+made.trigger_e4, 12'200U);
  EXPECT_EQ(made.instrument, 7);
  EXPECT_EQ(made.time_in_force, static_cast<std::uint8_t>(market::TimeInForce::good_till_cancel));
  EXPECT_EQ(trimmed(made.client_order_id), "mine");
  EXPECT_EQ(translate(order_, option(Tag::trigger, std::uint32_t{1})).refusal,
            RejectCode::option_malformed);
}

TEST_F(OuchVenue, AnOrderWithATrailFollowsThePrice) {
  auto options = option(Tag::trail, std::uint64_t{200});
  add(options, Tag::good_till_cancel, 'Y');
  add(options, Tag::account, std::uint32_t{77});
  ASSERT_EQ(translate(order_, options).size_bytes, sizeof(venue::NewTrailingStop));
  const auto& made = command<venue::NewTrailingStop>();
  EXPECT_EQ(made.header.type, venue::CommandType::new_trailing_stop);
  EXPECT_EQ(made.header.size_bytes, sizeof(venue::NewTrailingStop));
  EXPECT_EQ(made.header.stream_number, 11U);
  EXPECT_EQ(made.user_reference, 5U);
  EXPECT_EQ(made.price_e4, 12'300U);
  EXPECT_EQ(+made.distance_e4, 200U);
  EXPECT_EQ(made.account, 77U);
  EXPECT_EQ(made.time_in_force, static_cast<std::uint8_t>(market::TimeInForce::good_till_cancel));
  order_.price_e4 = kMarketPriceE4;
  ASSERT_EQ(translate(order_, options).size_bytes, sizeof(venue::NewTrailingStop));
  EXPECT_EQ(command<venue::NewTrailingStop>().price_type,
            static_cast<std::uint8_t>(market::PriceType::market));
  EXPECT_EQ(command<venue::NewTrailingStop>().price_e4, 0U);
}

TEST_F(OuchVenue, ATrailGoesWithNoTriggerAndNoFloor) {
  EXPECT_EQ(translate(order_, option(Tag::trail, std::uint32_t{200})).refusal,
            RejectCode::option_malformed);
  auto options = option(Tag::trail, std::uint64_t{200});
  add(options, Tag::trail, std::uint64_t{200});
  EXPECT_EQ(translate(order_, options).refusal, RejectCode::option_malformed);
  options = option(Tag::trail, std::uint64_t{200});
  add(options, Tag::trigger, std::uint64_t{12'200});
  EXPECT_EQ(translate(order_, options).refusal, RejectCode::option_not_supported);
  options = option(Tag::trail, std::uint64_t{200});
  add(options, Tag::max_floor, std::uint32_t{3});
  EXPECT_EQ(translate(order_, options).refusal, RejectCode::invalid_display);
  ASSERT_EQ(translate(order_, option(Tag::trail, std::uint64_t{0})).size_bytes,
            sizeof(venue::NewTrailingStop))
      << "no distance is the venue's to refuse";
}

TEST_F(OuchVenue, AReplacementWithATrailMakesAStopFollowThePrice) {
  ReplaceOrder replace;
  replace.original_user_reference = 5;
  replace.user_reference = 6;
  replace.quantity = 20;
  replace.price_e4 = 12'300;
  const auto options = option(Tag::trail, std::uint64_t{200});
  ASSERT_EQ(translate(replace, options).size_bytes, sizeof(venue::ReplaceTrailingStop));
  const auto& made = command<venue::ReplaceTrailingStop>();
  EXPECT_EQ(made.header.type, venue::CommandType::replace_trailing_stop);
  EXPECT_EQ(made.header.size_bytes, sizeof(venue::ReplaceTrailingStop));
  EXPECT_EQ(made.original_user_reference, 5U);
  EXPECT_EQ(made.user_reference, 6U);
  EXPECT_EQ(made.quantity, 20U);
  EXPECT_EQ(made.price_e4, 12'300U);
  EXPECT_EQ(made.price_type, static_cast<std::uint8_t>(market::PriceType::limit));
  EXPECT_EQ(made.time_in_force, venue::kTimeInForceAsBefore);
  EXPECT_EQ(+made.distance_e4, 200U);
  replace.price_e4 = kMarketPriceE4;
  ASSERT_EQ(translate(replace, options).size_bytes, sizeof(venue::ReplaceTrailingStop));
  EXPECT_EQ(command<venue::ReplaceTrailingStop>().price_type,
            static_cast<std::uint8_t>(market::PriceType::market));
  auto both = options;
  add(both, Tag::trigger, std::uint64_t{12'200});
  EXPECT_EQ(translate(replace, both).refusal, RejectCode::option_not_supported);
  auto shown = options;
  add(shown, Tag::max_floor, std::uint32_t{3});
  EXPECT_EQ(translate(replace, shown).refusal, RejectCode::invalid_display);
}

TEST_F(OuchVenue, AnOrderWithAFloorIsAnIceberg) {
  auto options = option(Tag::max_floor, std::uint32_t{3});
  add(options, Tag::account, std::uint32_t{77});
  ASSERT_EQ(translate(order_, options).size_bytes, sizeof(venue::NewIceberg));
  const auto& made = command<venue::NewIceberg>();
  EXPECT_EQ(made.header.type, venue::CommandType::new_iceberg);
  EXPECT_EQ(made.header.size_bytes, sizeof(venue::NewIceberg));
  EXPECT_EQ(made.user_reference, 5U);
  EXPECT_EQ(made.price_e4, 12'300U);
  EXPECT_EQ(made.account, 77U);
  EXPECT_EQ(+made.display, 3U);
  EXPECT_EQ(translate(order_, option(Tag::max_floor, std::uint32_t{0})).size_bytes,
            sizeof(venue::NewOrder));
  EXPECT_EQ(translate(order_, option(Tag::max_floor, 'Y')).refusal, RejectCode::option_malformed);
  add(options, Tag::trigger, std::uint64_t{12'200});
  EXPECT_EQ(translate(order_, options).refusal, RejectCode::invalid_display);
}

// Without a floor it shows as much as before, which is the venue's to know.
TEST_F(OuchVenue, AReplacementSaysWhatIsShownOnlyWithAFloor) {
  ReplaceOrder replace;
  replace.original_user_reference = 5;
  replace.user_reference = 6;
  replace.quantity = 20;
  replace.price_e4 = 12'300;
  EXPECT_EQ(translate(replace).size_bytes, sizeof(venue::ReplaceOrder));
  for (const std::uint32_t floor : {7U, 0U}) {
    ASSERT_EQ(translate(replace, option(Tag::max_floor, floor)).size_bytes,
              sizeof(venue::ReplaceIceberg));
    const auto& made = command<venue::ReplaceIceberg>();
    EXPECT_EQ(made.header.type, venue::CommandType::replace_iceberg);
    EXPECT_EQ(made.original_user_reference, 5U);
    EXPECT_EQ(made.quantity, 20U);
    EXPECT_EQ(+made.display, floor);
  }
  auto waits = option(Tag::max_floor, std::uint32_t{7});
  add(waits, Tag::trigger, std::uint64_t{12'200});
  EXPECT_EQ(translate(replace, waits).refusal, RejectCode::invalid_display);
}

TEST_F(OuchVenue, OnlyAReplacementThatWaitsMayBeAtMarket) {
  ReplaceOrder replace;
  replace.original_user_reference = 5;
  replace.user_reference = 6;
  replace.quantity = 20;
  replace.price_e4 = kMarketPriceE4;
  const auto options = option(Tag::trigger, std::uint64_t{12'200});
  ASSERT_EQ(translate(replace, options).size_bytes, sizeof(venue::ReplaceStop));
  const auto& made = command<venue::ReplaceStop>();
  EXPECT_EQ(made.header.type, venue::CommandType::replace_stop);
  EXPECT_EQ(made.original_user_reference, 5U);
  EXPECT_EQ(made.user_reference, 6U);
  EXPECT_EQ(made.quantity, 20U);
  EXPECT_EQ(made.price_e4, 0U);
  EXPECT_EQ(made.price_type, static_cast<std::uint8_t>(market::PriceType::market));
  EXPECT_EQ(+made.trigger_e4, 12'200U);
  EXPECT_EQ(translate(replace).refusal, RejectCode::invalid_price);
}

TEST_F(OuchVenue, OptionsReachTheVenue) {
  auto options = option(Tag::account, std::uint32_t{77});
  add(options, Tag::self_trade, '2');
  add(options, Tag::post_only, 'P');
  add(options, Tag::firm, base::load_big<std::uint32_t>("FIRM"));
  ASSERT_NE(translate(order_, options).size_bytes, 0U);
  const auto& made = command<venue::NewOrder>();
  EXPECT_EQ(made.account, 77U);
  EXPECT_EQ(made.self_trade, static_cast<std::uint8_t>(market::SelfTradePrevention::cancel_oldest));
  EXPECT_EQ(made.post_only, 1);
}

TEST_F(OuchVenue, EachMistakeInAnOptionHasItsOwnName) {
  const auto refusal = [&](const std::vector<std::byte>& options) {
    const Translated made = translate(order_, options);
    EXPECT_EQ(made.size_bytes, 0U);
    EXPECT_EQ(made.user_reference, 5U);
    return made.refusal;
  };
  EXPECT_EQ(refusal(option(Tag::discretion_price, std::uint32_t{1})),
            RejectCode::option_not_supported);
  EXPECT_EQ(refusal(option(static_cast<Tag>(200), 'x')), RejectCode::option_not_supported);
  EXPECT_EQ(refusal(option(Tag::account, std::uint16_t{1})), RejectCode::option_malformed);
  EXPECT_EQ(refusal(option(Tag::account, std::uint32_t{0})), RejectCode::invalid_account);
  EXPECT_EQ(refusal(option(Tag::self_trade, '4')), RejectCode::invalid_self_trade);
  EXPECT_EQ(refusal(option(Tag::post_only, 'x')), RejectCode::option_malformed);
  EXPECT_EQ(refusal(option(Tag::minimum_quantity, std::uint32_t{3})),
            RejectCode::invalid_min_quantity);
  EXPECT_EQ(refusal(option(Tag::firm, base::load_big<std::uint32_t>("OTHR"))),
            RejectCode::firm_not_authorized);
  auto twice = option(Tag::post_only, 'P');
  add(twice, Tag::post_only, 'P');
  EXPECT_EQ(refusal(twice), RejectCode::option_malformed);
}

TEST_F(OuchVenue, ReplaceAndCancelNameTheirTargets) {
  ReplaceOrder replace;
  replace.original_user_reference = 5;
  replace.user_reference = 6;
  replace.quantity = 20;
  replace.price_e4 = 12'400;
  ASSERT_EQ(translate(replace).size_bytes, sizeof(venue::ReplaceOrder));
  EXPECT_EQ(command<venue::ReplaceOrder>().original_user_reference, 5U);
  EXPECT_EQ(command<venue::ReplaceOrder>().user_reference, 6U);
  EXPECT_EQ(command<venue::ReplaceOrder>().quantity, 20U);
  EXPECT_EQ(command<venue::ReplaceOrder>().price_e4, 12'400U);
  replace.price_e4 = kMarketPriceE4;
  EXPECT_EQ(translate(replace).refusal, RejectCode::invalid_price);

  CancelOrder cancel;
  cancel.user_reference = 6;
  cancel.quantity = 4;
  ASSERT_EQ(translate(cancel).size_bytes, sizeof(venue::CancelOrder));
  EXPECT_EQ(command<venue::CancelOrder>().user_reference, 6U);
  EXPECT_EQ(command<venue::CancelOrder>().quantity, 4U);
}

TEST_F(OuchVenue, MassCancelOfAnUnknownSymbolDoesNotCancelEverything) {
  MassCancel all;
  all.user_reference = 8;
  ASSERT_EQ(translate(all, option(Tag::side, 'S')).size_bytes, sizeof(venue::MassCancel));
  EXPECT_EQ(command<venue::MassCancel>().instrument, 0);
  EXPECT_EQ(command<venue::MassCancel>().side, 1);
  all.symbol = alpha<8>("ALPHA");
  ASSERT_NE(translate(all).size_bytes, 0U);
  EXPECT_EQ(command<venue::MassCancel>().instrument, 7);
  EXPECT_EQ(command<venue::MassCancel>().side, 2);
  all.symbol = alpha<8>("NOBODY");
  EXPECT_EQ(translate(all).refusal, RejectCode::invalid_symbol);
  all.symbol = alpha<8>("");
  all.firm = alpha<4>("OTHR");
  EXPECT_EQ(translate(all).refusal, RejectCode::firm_not_authorized);
}

TEST_F(OuchVenue, WhatIsNotSupportedIsRefusedByItsNumber) {
  ModifyOrder modify;
  modify.user_reference = 31;
  const Translated made = translate(modify);
  EXPECT_EQ(made.size_bytes, 0U);
  EXPECT_EQ(made.refusal, RejectCode::message_not_supported);
  EXPECT_EQ(made.user_reference, 31U);
  EXPECT_EQ(translate(DisableOrderEntry{}).refusal, RejectCode::message_not_supported);
}

TEST_F(OuchVenue, EveryReasonOfTheVenueHasACodeOfItsOwn) {
  std::set<RejectCode> codes;
  for (std::uint16_t number = 0; number <= 72; ++number) {
    const auto reason = static_cast<venue::Reason>(number);
    EXPECT_TRUE(codes.insert(code_of(reason)).second) << number;
    EXPECT_EQ(reason_of(code_of(reason)), reason);
  }
  EXPECT_EQ(reason_of(RejectCode::cluster_away), venue::Reason::none);
  EXPECT_EQ(reason_of(RejectCode::invalid_side), venue::Reason::none);
}

// Events become messages that our own decoder finds without fault.
class OuchFromEvent : public testing::Test {
 protected:
  template <typename Event>
  static Event blank() {
    Event event{};
    event.header.size_bytes = sizeof event;
    event.header.type = Event::kType;
    event.header.version = venue::kEventVersion;
    // One hour and one nanosecond into some day.
    event.header.timestamp_ns = 20'000 * 86'400'000'000'000 + 3'600'000'000'001;
    return event;
  }
  template <typename Message, typename Event>
  const Message& message(const Event& event) {
    Symbols symbols;
    symbols.add(7, alpha<8>("ALPHA"));
    const std::size_t size = ouch_from_event(event.header, symbols, bytes_);
    bytes_used_ = base::Bytes(bytes_, size);
    EXPECT_EQ(check_outbound(bytes_used_), Fault::none);
    EXPECT_EQ(static_cast<char>(bytes_[0]), Message::kType);
    const auto& message = *reinterpret_cast<const Message*>(bytes_);
    EXPECT_EQ(message.timestamp_ns, 3'600'000'000'001U);
    return message;
  }
  std::vector<Tag> tags() {
    std::vector<Tag> tags;
    OptionReader reader(outbound_appendage(bytes_used_));
    OptionReader::Option option;
    while (reader.next(option)) tags.push_back(option.tag);
    return tags;
  }

  std::byte bytes_[kMessageBytesMax];
  base::Bytes bytes_used_;
};

TEST_F(OuchFromEvent, AcceptedSaysEverythingTheOrderAskedFor) {
  auto event = blank<venue::OrderAccepted>();
  event.user_reference = 5;
  event.quantity = 10;
  event.price_e4 = 12'300;
  event.reference = 99;
  event.account = 77;
  event.instrument = 7;
  event.side = Side::sell;
  event.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::fill_or_kill);
  event.self_trade = 3;
  event.post_only = 1;
  event.live = 1;
  event.client_order_id = alpha<14>("mine");
  const auto& accepted = message<Accepted>(event);
  EXPECT_EQ(accepted.user_reference, 5U);
  EXPECT_EQ(accepted.side, 'S');
  EXPECT_EQ(accepted.quantity, 10U);
  EXPECT_EQ(trimmed(accepted.symbol), "ALPHA");
  EXPECT_EQ(accepted.price_e4, 12'300U);
  EXPECT_EQ(accepted.time_in_force, '3');
  EXPECT_EQ(accepted.reference, 99U);
  EXPECT_EQ(accepted.state, 'L');
  EXPECT_EQ(trimmed(accepted.client_order_id), "mine");
  EXPECT_EQ(tags(),
            (std::vector{Tag::minimum_quantity, Tag::post_only, Tag::account, Tag::self_trade}));
  event.price_type = static_cast<std::uint8_t>(market::PriceType::market);
  event.live = 0;
  EXPECT_EQ(message<Accepted>(event).price_e4, kMarketPriceE4);
  EXPECT_EQ(message<Accepted>(event).state, 'D');
}

TEST_F(OuchFromEvent, AnOrderThatWaitsIsAcceptedWithItsTriggerAndToldWhenItGoes) {
  auto event = blank<venue::StopAccepted>();
  event.user_reference = 5;
  event.quantity = 10;
  event.trigger_e4 = 12'300;
  event.price_type = static_cast<std::uint8_t>(market::PriceType::market);
  event.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_cancel);
  event.account = 77;
  event.instrument = 7;
  event.self_trade = 1;
  EXPECT_EQ(message<Accepted>(event).price_e4, kMarketPriceE4);
  EXPECT_EQ(message<Accepted>(event).state, 'L');
  EXPECT_EQ(tags(),
            (std::vector{Tag::good_till_cancel, Tag::account, Tag::self_trade, Tag::trigger}));
  EXPECT_LE(bytes_used_.size(), kMessageBytesMax);
  auto replaced = blank<venue::StopReplaced>();
  replaced.original_user_reference = 5;
  replaced.user_reference = 6;
  replaced.price_e4 = 12'400;
  EXPECT_EQ(message<Replaced>(replaced).original_user_reference, 5U);
  EXPECT_EQ(message<Replaced>(replaced).price_e4, 12'400U);
  EXPECT_EQ(tags(), std::vector{Tag::trigger});
  auto triggered = blank<venue::StopTriggered>();
  triggered.user_reference = 6;
  triggered.quantity = 10;
  triggered.reference = 99;
  triggered.last_price_e4 = 12'350;
  EXPECT_EQ(message<Triggered>(triggered).last_price_e4, 12'350U);
  EXPECT_EQ(message<Triggered>(triggered).reference, 99U);
  EXPECT_EQ(message<Triggered>(triggered).state, 'D');
}

TEST_F(OuchFromEvent, AnOrderThatFollowsThePriceSaysHowFarAndWhereItBegins) {
  const auto prices = [&] {
    std::vector<std::uint64_t> found;
    OptionReader reader(outbound_appendage(bytes_used_));
    OptionReader::Option option;
    while (reader.next(option)) {
      if (option.value.size() == 8)
        found.push_back(base::load_big<std::uint64_t>(&option.value[0]));
    }
    return found;
  };
  auto event = blank<venue::TrailingStopAccepted>();
  event.user_reference = 5;
  event.price_type = static_cast<std::uint8_t>(market::PriceType::market);
  event.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_date);
  event.last_day = 20'783;
  event.self_trade = 1;
  event.trigger_e4 = 12'100;
  event.distance_e4 = 200;
  EXPECT_EQ(message<Accepted>(event).price_e4, kMarketPriceE4);
  EXPECT_EQ(tags(),
            (std::vector{Tag::last_day, Tag::account, Tag::self_trade, Tag::trigger, Tag::trail}));
  EXPECT_EQ(prices(), (std::vector<std::uint64_t>{12'100, 200}));
  EXPECT_LE(bytes_used_.size(), kMessageBytesMax);
  auto replaced = blank<venue::TrailingStopReplaced>();
  replaced.original_user_reference = 5;
  replaced.user_reference = 6;
  replaced.price_e4 = 12'400;
  replaced.trigger_e4 = 12'150;
  replaced.distance_e4 = 250;
  EXPECT_EQ(message<Replaced>(replaced).original_user_reference, 5U);
  EXPECT_EQ(message<Replaced>(replaced).price_e4, 12'400U);
  EXPECT_EQ(tags(), (std::vector{Tag::trigger, Tag::trail}));
  EXPECT_EQ(prices(), (std::vector<std::uint64_t>{12'150, 250}));
}

TEST_F(OuchFromEvent, AnIcebergIsAcceptedWithItsFloorAndRestatedWhenItShowsMore) {
  auto event = blank<venue::IcebergAccepted>();
  event.user_reference = 5;
  event.quantity = 10;
  event.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_cancel);
  event.post_only = 1;
  event.self_trade = 1;
  event.display = 3;
  EXPECT_EQ(message<Accepted>(event).user_reference, 5U);
  EXPECT_EQ(tags(), (std::vector{Tag::good_till_cancel, Tag::post_only, Tag::account,
                                 Tag::self_trade, Tag::max_floor}));
  EXPECT_LE(bytes_used_.size(), kMessageBytesMax);
  auto replaced = blank<venue::IcebergReplaced>();
  replaced.user_reference = 6;
  replaced.display = 4;
  EXPECT_EQ(message<Replaced>(replaced).user_reference, 6U);
  EXPECT_EQ(tags(), std::vector{Tag::max_floor});
  auto shown = blank<venue::PeakShown>();
  shown.user_reference = 6;
  shown.quantity = 4;
  shown.reference = 1'234;
  EXPECT_EQ(message<OrderRestated>(shown).reason, 'R');
  EXPECT_EQ(message<OrderRestated>(shown).user_reference, 6U);
  EXPECT_EQ(tags(), (std::vector{Tag::secondary_reference, Tag::display_quantity}));
  OptionReader reader(outbound_appendage(bytes_used_));
  OptionReader::Option option;
  ASSERT_TRUE(reader.next(option));
  EXPECT_EQ(base::load_big<std::uint64_t>(option.value.data()), 1'234U);
  ASSERT_TRUE(reader.next(option));
  EXPECT_EQ(base::load_big<std::uint32_t>(option.value.data()), 4U);
}

TEST_F(OuchFromEvent, AnOrderSaysItsLastDayAndOneWhoseDayIsOverWhy) {
  auto accepted = blank<venue::OrderAccepted>();
  accepted.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_date);
  accepted.last_day = 20'783;
  EXPECT_EQ(message<Accepted>(accepted).time_in_force, '0');
  EXPECT_EQ(tags(), (std::vector{Tag::last_day, Tag::account}));
  auto replaced = blank<venue::OrderReplaced>();
  replaced.price_e4 = 12'300;
  replaced.time_in_force = accepted.time_in_force;
  replaced.last_day = 20'783;
  EXPECT_EQ(message<Replaced>(replaced).price_e4, 12'300U);
  OptionReader reader(outbound_appendage(bytes_used_));
  OptionReader::Option option;
  ASSERT_TRUE(reader.next(option));
  EXPECT_EQ(option.tag, Tag::last_day);
  EXPECT_EQ(base::load_big<std::uint32_t>(option.value.data()), 2026'11'26U);
  EXPECT_EQ(cancel_letter(venue::Reason::day_over), 'T');
}

TEST_F(OuchFromEvent, LongestMessageFitsItsBuffer) {
  auto event = blank<venue::OrderAccepted>();
  event.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_cancel);
  event.post_only = 1;
  event.self_trade = 1;
  (void)message<Accepted>(event);
  EXPECT_LE(bytes_used_.size(), kMessageBytesMax);
}

TEST_F(OuchFromEvent, ExecutionsAndCancelsCarryTheirNumbers) {
  auto executed = blank<venue::OrderExecuted>();
  executed.user_reference = 5;
  executed.quantity = 4;
  executed.price_e4 = 12'300;
  executed.match = 1'234;
  executed.aggressor = 1;
  EXPECT_EQ(message<Executed>(executed).match, 1'234U);
  EXPECT_EQ(message<Executed>(executed).liquidity, 'R');
  auto canceled = blank<venue::OrderCanceled>();
  canceled.quantity = 6;
  canceled.reason = venue::Reason::self_trade;
  EXPECT_EQ(message<Canceled>(canceled).quantity, 6U);
  EXPECT_EQ(message<Canceled>(canceled).reason, 'Q');
}

TEST_F(OuchFromEvent, RejectionsCarryTheirReasons) {
  auto rejected = blank<venue::OrderRejected>();
  rejected.reason = venue::Reason::price_off_tick;
  EXPECT_EQ(message<Rejected>(rejected).reason, 0x103);
  auto cancel = blank<venue::CancelRejected>();
  cancel.user_reference = 5;
  cancel.reason = venue::Reason::unknown_order;
  EXPECT_EQ(message<CancelReject>(cancel).user_reference, 5U);
  OptionReader reader(outbound_appendage(bytes_used_));
  OptionReader::Option option;
  ASSERT_TRUE(reader.next(option));
  EXPECT_EQ(option.tag, Tag::reason);
  EXPECT_EQ(base::load_big<std::uint16_t>(option.value.data()), 0x111);
}

TEST_F(OuchFromEvent, NoticeNamesWhatChanged) {
  auto notice = blank<venue::SessionNotice>();
  notice.instrument = 7;
  notice.scope = venue::Scope::instrument;
  notice.state = venue::InstrumentState::cancel_only;
  notice.reason = 42;
  EXPECT_EQ(trimmed(message<TradingState>(notice).symbol), "ALPHA");
  EXPECT_EQ(message<TradingState>(notice).state, '1');
  EXPECT_EQ(message<TradingState>(notice).reason, 42U);
  notice.scope = venue::Scope::market;
  EXPECT_EQ(trimmed(message<TradingState>(notice).symbol), "");
}

TEST_F(OuchFromEvent, EventsForOthersAreNoMessages) {
  EXPECT_EQ(ouch_from_event(blank<venue::StreamMark>().header, {}, bytes_), 0U);
  EXPECT_EQ(ouch_from_event(blank<venue::FeedAdd>().header, {}, bytes_), 0U);
}

}  // namespace
}  // namespace okiagari::wire::ouch
