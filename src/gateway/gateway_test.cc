#include "gateway/gateway.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "gateway/gateway_fixture.h"
#include "net/metrics_text.h"
#include "wire/ouch_venue.h"
#include "wire/receipts.h"

namespace okiagari::gateway {
namespace {

namespace ouch = wire::ouch;

TEST_F(GatewayTest, OrderIsAcknowledgedInTheSessionsSequence) {
  const auto member = log_in(start(), 1);
  EXPECT_EQ(member->first_number, 1U);
  member->enter(1);
  member->enter(2, 10'000, 'S');
  ASSERT_TRUE(until([&] { return member->messages.size() == 4; }));
  EXPECT_EQ(member->types(), "AAEE");
  EXPECT_EQ(member->message<ouch::Accepted>(0).user_reference, 1U);
  EXPECT_EQ(wire::trimmed(member->message<ouch::Accepted>(0).symbol), "ALPHA");
  EXPECT_EQ(member->message<ouch::Accepted>(0).price_e4, 10'000U);
}

TEST_F(GatewayTest, WrongTokenIsRejectedAndNothingElseIsSaid) {
  Gateway& gateway = start_serving();
  for (const auto& [name, token] : {std::pair("S1", "wrong"), std::pair("nobody", "open sesam"),
                                    std::pair("S1", ""), std::pair("", "")}) {
    const auto member = connect(gateway);
    member->log_in(name, token);
    ASSERT_TRUE(until([&] { return member->is_closed; }));
    ASSERT_EQ(member->packets.size(), 1U);
    EXPECT_EQ(member->rejected, 'A');
  }
  EXPECT_EQ(cluster_.count(venue::EventType::login_accepted), 0);
}

TEST_F(GatewayTest, WhatItCountsOfItselfIsWhatHappened) {
  Gateway& gateway = start_serving();
  const auto stranger = connect(gateway);
  stranger->log_in("S1", "wrong");
  ASSERT_TRUE(until([&] { return stranger->is_closed; }));
  const auto member = log_in(gateway, 1);
  for (std::uint32_t i = 1; i <= 3; ++i) member->enter(i);
  member->enter(4, 10'000, '?');
  ASSERT_TRUE(until([&] { return member->messages.size() == 3; }));
  member->send_packet(wire::SoupType::unsequenced_data, base::as_bytes("?"));
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  net::MetricsWriter writer(net::MetricsFormat::openmetrics);
  gateway.write_metrics(writer);
  const auto read = net::parse_metrics(writer.finish(), net::MetricsFormat::openmetrics);
  ASSERT_TRUE(read.ok()) << read.error().message;
  const auto value = [&](std::string_view name, net::MetricLabels labels = {}) {
    return read.value().value(name, labels).value_or(-1);
  };
  EXPECT_EQ(value("okiagari_gateway_connections_accepted_total"), 2);
  EXPECT_EQ(value("okiagari_gateway_logins_total", {{"result", "not_authorized"}}), 1);
  EXPECT_EQ(value("okiagari_gateway_logins_total", {{"result", "accepted"}}), 1);
  EXPECT_EQ(value("okiagari_gateway_messages_total", {{"type", "enter_order"}}), 4);
  EXPECT_EQ(value("okiagari_gateway_refusals_total", {{"reason", "invalid_side"}}), 1);
  EXPECT_EQ(value("okiagari_gateway_malformed_total"), 1);
  EXPECT_EQ(value("okiagari_gateway_member_messages_total", {{"member", "1"}}), 4);
  // The log-in and three orders.
  EXPECT_EQ(value("okiagari_gateway_decision_seconds_count"), 4);
  EXPECT_EQ(value("okiagari_gateway_undecided_age_seconds"), 0);
  EXPECT_TRUE(gateway.readiness().is_ready);
}

TEST_F(GatewayTest, SequenceNumberBeyondTheSessionsIsRejected) {
  const auto member = connect(start_serving());
  member->log_in("S1", kToken, 2);
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  EXPECT_EQ(member->rejected, 'S');
}

TEST_F(GatewayTest, StreamOfAnotherClusterIsRejected) {
  Gateway& gateway = start_serving();
  const auto member = connect(gateway);
  member->log_in("S1", kToken, 1, "0000000001");
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  EXPECT_EQ(member->rejected, 'S');
  const auto right = connect(gateway);
  right->log_in("S1", kToken, 1, "000000004D");
  EXPECT_TRUE(until([&] { return right->is_accepted; }));
}

TEST_F(GatewayTest, LoginWhileNobodyLeadsIsRejectedAfterABoundedWait) {
  node_.step_down();
  Gateway& gateway = start();
  const auto member = connect(gateway);
  member->log_in("S1", kToken);
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  EXPECT_EQ(member->rejected, 'S');
  node_.lead(2);
  (void)log_in(gateway, 1);
}

TEST_F(GatewayTest, MemberThatComesBackGetsWhatItMissedAndGoesOnWithTheNextNumber) {
  Gateway& gateway = start();
  auto member = log_in(gateway, 1);
  for (std::uint32_t i = 1; i <= 5; ++i) member->enter(i);
  ASSERT_TRUE(until([&] { return member->messages.size() == 5; }));
  member->leave();
  member = log_in(gateway, 1, 3);
  EXPECT_EQ(member->first_number, 3U);
  ASSERT_TRUE(until([&] { return member->messages.size() == 3; }));
  member->enter(6);
  ASSERT_TRUE(until([&] { return member->messages.size() == 4; }));
  for (std::uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(member->message<ouch::Accepted>(i).user_reference, 3 + i);
  }
}

TEST_F(GatewayTest, MemberGoesOnAtAnotherGatewayAndTheOldConnectionIsFenced) {
  Gateway& first = start(1);
  Gateway& second = start(2);
  const auto there = log_in(first, 1);
  there->enter(1);
  ASSERT_TRUE(until([&] { return there->messages.size() == 1; }));
  const auto here = log_in(second, 1);
  ASSERT_TRUE(until([&] { return there->is_closed && here->messages.size() == 1; }));
  EXPECT_EQ(there->debug_text, "logged in at another gateway");
  here->enter(2);
  ASSERT_TRUE(until([&] { return here->messages.size() == 2; }));
  EXPECT_EQ(there->messages.size(), 1U);
}

TEST_F(GatewayTest, SecondConnectionOfASessionReplacesTheFirst) {
  Gateway& gateway = start();
  const auto first = log_in(gateway, 1);
  const auto second = log_in(gateway, 1);
  ASSERT_TRUE(until([&] { return first->is_closed; }));
  second->enter(1);
  ASSERT_TRUE(until([&] { return second->messages.size() == 1; }));
}

TEST_F(GatewayTest, LeaderThatDiesWithUnappliedOrdersLosesNone) {
  const auto member = log_in(start(), 1);
  member->enter(1);
  ASSERT_TRUE(until([&] { return member->messages.size() == 1; }));
  node_.loses_commands = true;
  const std::size_t before = node_.submits;
  for (std::uint32_t i = 2; i <= 20; ++i) member->enter(i);
  ASSERT_TRUE(until([&] { return node_.submits > before; }));
  node_.die();
  run_for(50);
  other_.lead(2);
  ASSERT_TRUE(until([&] { return member->messages.size() == 20; }));
  for (std::uint32_t i = 0; i < 20; ++i) {
    EXPECT_EQ(member->message<ouch::Accepted>(i).user_reference, i + 1);
  }
}

TEST_F(GatewayTest, LeaderThatDiesAfterApplyingButBeforeTellingDoublesNothing) {
  const auto member = log_in(start(), 1);
  node_.holds_events = true;
  for (std::uint32_t i = 1; i <= 20; ++i) member->enter(i);
  ASSERT_TRUE(until([&] { return cluster_.count(venue::EventType::order_accepted) == 20; }));
  EXPECT_TRUE(member->messages.empty());
  other_.lead(2);
  node_.die();
  ASSERT_TRUE(until([&] { return member->messages.size() == 20; }));
  run_for(50);
  EXPECT_EQ(member->messages.size(), 20U);
  EXPECT_EQ(cluster_.count(venue::EventType::order_accepted), 20);
}

TEST_F(GatewayTest, DeposedLeaderThatStillAnswersIsLeftForTheNewOne) {
  const auto member = log_in(start(), 1);
  node_.loses_commands = true;  // frozen, or cut off from the others
  member->enter(1);
  other_.lead(2);
  ASSERT_TRUE(until([&] { return member->messages.size() == 1; }));
  member->enter(2);
  ASSERT_TRUE(until([&] { return member->messages.size() == 2; }));
}

// The day a machine gave a gateway no time: it took its own absence for the silence of the servers,
// left all of them and sent everything again, when it had least time for that.
TEST_F(GatewayTest, AGatewayThatStoodStillItselfDoesNotTakeTheServersForSilent) {
  Gateway& gateway = start_serving();
  gateways_.front()->end_turn();
  std::this_thread::sleep_for(std::chrono::milliseconds(2'100));
  gateways_.front()->end_turn();
  EXPECT_TRUE(gateway.is_serving());
}

TEST_F(GatewayTest, AServerThatIsSilentIsLeft) {
  Gateway& gateway = start_serving();
  EXPECT_TRUE(until([&] { return !gateway.is_serving(); })) << "nobody tells it a status";
}

TEST_F(GatewayTest, LeaderThatClosesAndOpensAgainGetsWhatItDropped) {
  const auto member = log_in(start(), 1);
  node_.loses_commands = true;
  member->enter(1);
  run_for(20);
  node_.step_down();
  node_.loses_commands = false;
  run_for(20);
  node_.lead(1);
  ASSERT_TRUE(until([&] { return member->messages.size() == 1; }));
}

TEST_F(GatewayTest, GapInTheStreamIsFilledInOrder) {
  const auto member = log_in(start(), 1);
  node_.loses_commands = true;
  member->enter(1);
  member->enter(2);
  run_for(20);
  node_.loses_commands = false;  // a leader never does this; a lost batch would look like it
  member->enter(3);
  ASSERT_TRUE(until([&] { return member->messages.size() == 3; }));
  EXPECT_GE(cluster_.count(venue::EventType::stream_gap), 1);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(member->message<ouch::Accepted>(i).user_reference, i + 1);
  }
}

TEST_F(GatewayTest, OrdersThatAServingLeaderLostWithoutAWordAreSentAgain) {
  const auto member = log_in(start(), 1);
  node_.loses_commands = true;
  member->enter(1);
  member->enter(2);
  run_for(20);
  node_.loses_commands = false;
  ASSERT_TRUE(until([&] { return member->messages.size() == 2; }));
  run_for(50);
  EXPECT_EQ(cluster_.count(venue::EventType::order_accepted), 2);
}

TEST_F(GatewayTest, NodeThatForgotTheMissedEventsCostsALoginAndNothingElse) {
  Gateway& gateway = start();
  auto member = log_in(gateway, 1);
  node_.holds_events = true;
  for (std::uint32_t i = 1; i <= 5; ++i) member->enter(i);
  ASSERT_TRUE(until([&] { return cluster_.count(venue::EventType::order_accepted) == 5; }));
  other_.oldest_event = cluster_.events().size() + 1;
  other_.lead(2);
  node_.die();
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  EXPECT_EQ(member->debug_text, "order stream lost; log in again");
  EXPECT_TRUE(member->messages.empty());
  member = log_in(gateway, 1);
  ASSERT_TRUE(until([&] { return member->messages.size() == 5; }));
}

TEST_F(GatewayTest, NodeOfAnotherClusterIsNotListenedTo) {
  node_.cluster_id = kFakeClusterId + 1;
  other_.lead(1);
  Gateway& gateway = start_serving();
  (void)log_in(gateway, 1);
  EXPECT_EQ(node_.submits, 0U);
}

TEST_F(GatewayTest, ClusterThatIsAwayMakesLocalRefusalsOutsideTheSequence) {
  GatewayOptions patient = options(1);
  patient.away_after_ms = 1'500;
  Gateway& gateway = start(patient);
  const auto member = log_in(gateway, 1);
  node_.step_down();
  member->enter(1);  // kept: this may be a fail-over
  run_for(1'600);
  member->enter(2);
  ASSERT_TRUE(until([&] { return member->unsequenced.size() == 1; }));
  const auto& refusal = *reinterpret_cast<const ouch::LocalRefusal*>(member->unsequenced[0].data());
  EXPECT_EQ(refusal.type, 'L');
  EXPECT_EQ(refusal.refused_type, 'O');
  EXPECT_EQ(refusal.user_reference, 2U);
  EXPECT_EQ(refusal.reason, static_cast<std::uint16_t>(ouch::RejectCode::cluster_away));
  EXPECT_GT(refusal.retry_after_ms, 0U);
  EXPECT_TRUE(member->messages.empty());
  node_.lead(2);
  ASSERT_TRUE(until([&] { return gateway.is_serving(); }));
  member->enter(3);
  ASSERT_TRUE(until([&] { return member->messages.size() == 2; }));
  EXPECT_EQ(member->message<ouch::Accepted>(0).user_reference, 1U);
  EXPECT_EQ(member->message<ouch::Accepted>(1).user_reference, 3U);
}

TEST_F(GatewayTest, AnOrderThatNotEveryServerKnowsIsRefusedHereUntilAllDo) {
  node_.format_level = other_.format_level = wire::kStopsLevel;
  Gateway& gateway = start_serving();
  const auto member = log_in(gateway, 1);
  const auto enter_dated = [&](std::uint32_t number) {
    std::byte bytes[64];
    ouch::EnterOrder order;
    order.user_reference = number;
    order.side = 'B';
    order.quantity = 1;
    order.symbol = wire::alpha<8>("ALPHA");
    order.price_e4 = 10'000;
    const std::byte* const end =
        ouch::put_option(bytes + sizeof order, ouch::Tag::last_day, 2035'12'31U);
    const auto size = static_cast<std::size_t>(end - bytes);
    order.appendage_bytes = static_cast<std::uint16_t>(size - sizeof order);
    std::memcpy(bytes, &order, sizeof order);
    member->send_packet(wire::SoupType::unsequenced_data, {bytes, size});
  };
  enter_dated(1);
  ASSERT_TRUE(until([&] { return member->unsequenced.size() == 1; }));
  const auto& refusal = *reinterpret_cast<const ouch::LocalRefusal*>(member->unsequenced[0].data());
  EXPECT_EQ(refusal.reason, static_cast<std::uint16_t>(ouch::RejectCode::not_yet_taken));
  EXPECT_EQ(refusal.user_reference, 1U);
  member->enter(2);
  ASSERT_TRUE(until([&] { return member->messages.size() == 1; }));
  node_.format_level = wire::kDayEndLevel;
  node_.lead(2);
  // The gateway hears of it some time.
  std::uint32_t number = 2;
  ASSERT_TRUE(until([&] {
    if (member->unsequenced.size() + 1 == number) enter_dated(++number);
    return member->messages.size() == 2;
  }));
  EXPECT_EQ(member->message<ouch::Accepted>(1).user_reference, number);
}

TEST_F(GatewayTest, EachMistakeInAnOrderHasItsOwnNameAndItsOwnersSessionAlone) {
  Gateway& gateway = start();
  const auto member = log_in(gateway, 1);
  const auto neighbour = log_in(gateway, 4);
  ouch::EnterOrder order;
  order.quantity = 1;
  order.symbol = wire::alpha<8>("ALPHA");
  order.price_e4 = 10'000;
  const auto refused = [&](const ouch::EnterOrder& wrong) {
    const std::size_t before = member->unsequenced.size();
    member->send(wrong);
    EXPECT_TRUE(until([&] { return member->unsequenced.size() > before; }));
    const std::string& text = member->unsequenced.back();
    return static_cast<ouch::RejectCode>(
        std::uint16_t{reinterpret_cast<const ouch::LocalRefusal*>(text.data())->reason});
  };
  auto wrong = order;
  wrong.side = 'T';
  EXPECT_EQ(refused(wrong), ouch::RejectCode::invalid_side);
  wrong = order;
  wrong.time_in_force = 'E';
  EXPECT_EQ(refused(wrong), ouch::RejectCode::invalid_time_in_force);
  wrong = order;
  wrong.display = 'N';
  EXPECT_EQ(refused(wrong), ouch::RejectCode::invalid_display);
  wrong = order;
  wrong.cross_type = 'O';
  EXPECT_EQ(refused(wrong), ouch::RejectCode::invalid_cross);

  std::uint32_t number = 0;
  const auto rejected = [&](ouch::EnterOrder bad) {
    bad.user_reference = ++number;
    const std::size_t before = member->messages.size();
    member->send(bad);
    EXPECT_TRUE(until([&] { return member->messages.size() > before; }));
    EXPECT_EQ(member->messages.back()[0], 'J');
    return ouch::reason_of(static_cast<ouch::RejectCode>(
        std::uint16_t{member->message<ouch::Rejected>(before).reason}));
  };
  wrong = order;
  wrong.symbol = wire::alpha<8>("GAMMA");
  EXPECT_EQ(rejected(wrong), venue::Reason::unknown_instrument);
  wrong = order;
  wrong.price_e4 = 10'050;
  EXPECT_EQ(rejected(wrong), venue::Reason::price_off_tick);
  wrong = order;
  wrong.quantity = 0;
  EXPECT_EQ(rejected(wrong), venue::Reason::quantity_zero);
  wrong = order;
  wrong.quantity = UINT32_MAX;
  EXPECT_EQ(rejected(wrong), venue::Reason::quantity_too_large);
  wrong = order;
  wrong.price_e4 = UINT64_MAX;
  EXPECT_EQ(rejected(wrong), venue::Reason::price_too_large);
  EXPECT_TRUE(neighbour->messages.empty());
  EXPECT_FALSE(neighbour->is_closed);
}

TEST_F(GatewayTest, MalformedFrameCostsItsSenderAloneAndIsNamed) {
  Gateway& gateway = start();
  const auto neighbour = log_in(gateway, 2);
  const auto closed_by = [&](const std::function<void(FakeMember&)>& mistake) {
    const auto member = log_in(gateway, 1);
    mistake(*member);
    EXPECT_TRUE(until([&] { return member->is_closed; }));
    return member->debug_text;
  };
  const std::byte zeros[4]{};
  EXPECT_EQ(closed_by([&](FakeMember& m) { m.send_raw(zeros); }),
            "packet length 0: there is at least the type");
  EXPECT_EQ(closed_by([&](FakeMember& m) { m.send_raw(base::as_bytes("GET / HTTP/1.1\r\n")); }),
            "packet longer than 4096 bytes");
  EXPECT_EQ(closed_by([&](FakeMember& m) {
              m.send_packet(wire::SoupType::unsequenced_data, base::as_bytes("O"));
            }),
            "message shorter than its type");
  EXPECT_EQ(closed_by([&](FakeMember& m) {
              m.send_packet(wire::SoupType::unsequenced_data, base::as_bytes("?"));
            }),
            "unknown message type");
  EXPECT_EQ(closed_by([&](FakeMember& m) { m.log_in("S1", kToken); }),
            "a second log-in request on one connection");
  EXPECT_EQ(closed_by([&](FakeMember& m) {
              m.send_packet(wire::SoupType::sequenced_data, base::as_bytes("A"));
            }),
            "a packet that only the server sends");
  EXPECT_FALSE(neighbour->is_closed);
}

// Goal: bad input is named to its sender, nobody else hears of it, and nothing changes. Method: two
// members, one with an order in the book; what the venue holds is compared around each mistake.
class BadInputTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    GatewayOptions patient = options(1);
    patient.grace_ms = 600'000;  // nobody is logged out while the venue is looked at
    gateway_ = &start(patient);
    sender_ = log_in(*gateway_, 1);
    neighbour_ = log_in(*gateway_, 4);
    sender_->enter(5);
    neighbour_->enter(1, 20'000, 'S');
    EXPECT_TRUE(until([&] { return heard() == 1 && sender_->messages.size() == 1; }));
  }
  [[nodiscard]] std::size_t heard() const {
    return neighbour_->messages.size() + neighbour_->unsequenced.size();
  }
  // What members trade with and what the public sees.
  [[nodiscard]] std::string market() const {
    const venue::Venue& venue = cluster_.venue();
    std::string text =
        fmt::format("feed {}, orders {}", venue.last_feed_number(), venue.books().live_orders());
    for (AccountId account = 1; account <= 2; ++account) {
      for (InstrumentId asset = 0; asset <= 2; ++asset) {
        venue::Venue::BalanceView balance;
        EXPECT_TRUE(venue.balance(account, asset, balance));
        text += fmt::format(", {} of {}", static_cast<std::int64_t>(balance.reserved),
                            static_cast<std::int64_t>(balance.total));
      }
    }
    return text;
  }
  void expect_nobody_else_heard() {
    EXPECT_EQ(heard(), 1U);
    EXPECT_FALSE(neighbour_->is_closed);
    EXPECT_TRUE(cluster_.venue().check_invariants().ok());
  }

  Gateway* gateway_ = nullptr;
  std::unique_ptr<FakeMember> sender_;
  std::unique_ptr<FakeMember> neighbour_;
};

TEST_F(BadInputTest, WhatTheGatewayRefusesNeverReachesTheLog) {
  const std::uint64_t hash = cluster_.venue().state_hash();
  const auto stranger = connect(*gateway_);
  stranger->log_in(name_of(2), "not it");
  ASSERT_TRUE(until([&] { return stranger->is_closed; }));
  EXPECT_EQ(stranger->rejected, 'A');

  ouch::EnterOrder order;
  order.user_reference = 6;
  order.side = 'T';
  sender_->send(order);
  ASSERT_TRUE(until([&] { return sender_->unsequenced.size() == 1; }));
  const auto& refusal =
      *reinterpret_cast<const ouch::LocalRefusal*>(sender_->unsequenced[0].data());
  EXPECT_EQ(static_cast<ouch::RejectCode>(std::uint16_t{refusal.reason}),
            ouch::RejectCode::invalid_side);

  sender_->send_packet(wire::SoupType::unsequenced_data, base::as_bytes("O"));
  ASSERT_TRUE(until([&] { return sender_->is_closed; }));
  EXPECT_EQ(sender_->debug_text, "message shorter than its type");
  EXPECT_EQ(cluster_.venue().state_hash(), hash);
  expect_nobody_else_heard();
}

TEST_F(BadInputTest, WhatTheVenueRefusesLeavesTheMarketAsItWas) {
  const std::string before = market();
  const auto rejected = [&](std::uint32_t number, std::string_view symbol, std::uint64_t price_e4,
                            std::uint32_t quantity) {
    ouch::EnterOrder order;
    order.user_reference = number;
    order.quantity = quantity;
    order.symbol = wire::alpha<8>(symbol);
    order.price_e4 = price_e4;
    const std::size_t known = sender_->messages.size();
    sender_->send(order);
    EXPECT_TRUE(until([&] { return sender_->messages.size() > known; }));
    EXPECT_EQ(sender_->messages.back()[0], ouch::Rejected::kType);
    EXPECT_EQ(market(), before);
    return ouch::reason_of(static_cast<ouch::RejectCode>(
        std::uint16_t{sender_->message<ouch::Rejected>(known).reason}));
  };
  EXPECT_EQ(rejected(6, "GAMMA", 10'000, 1), venue::Reason::unknown_instrument);
  EXPECT_EQ(rejected(7, "ALPHA", 10'050, 1), venue::Reason::price_off_tick);
  EXPECT_EQ(rejected(8, "ALPHA", 10'000, UINT32_MAX), venue::Reason::quantity_too_large);
  EXPECT_EQ(rejected(9, "ALPHA", UINT64_MAX, 1), venue::Reason::price_too_large);
  // Number 5 was taken, so 3 comes too late: it was never applied and never will be.
  EXPECT_EQ(rejected(3, "ALPHA", 10'000, 1), venue::Reason::number_never_arrived);
  expect_nobody_else_heard();
}

TEST_F(GatewayTest, MessageBeforeTheLoginIsNotTaken) {
  const auto member = connect(start_serving());
  member->enter(1);
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  EXPECT_EQ(member->debug_text, "a message before the log-in was accepted");
  EXPECT_EQ(cluster_.count(venue::EventType::order_accepted), 0);
}

TEST_F(GatewayTest, ThrottledOrderIsRefusedWithAHintAndCancelsGetIn) {
  const auto member = log_in(start(), 3);
  for (std::uint32_t i = 1; i <= 20; ++i) member->enter(i);
  ASSERT_TRUE(until([&] { return member->messages.size() + member->unsequenced.size() == 20; }));
  EXPECT_GE(member->messages.size(), 1U);
  ASSERT_GE(member->unsequenced.size(), 10U);
  const auto& refusal = *reinterpret_cast<const ouch::LocalRefusal*>(member->unsequenced[0].data());
  EXPECT_EQ(refusal.reason, static_cast<std::uint16_t>(ouch::RejectCode::throttled));
  EXPECT_GT(refusal.retry_after_ms, 0U);
  EXPECT_LE(refusal.retry_after_ms, 1'000U);
  ouch::CancelOrder cancel;
  cancel.user_reference = 1;
  member->send(cancel);
  ASSERT_TRUE(until([&] { return member->types().back() == 'C'; }));
}

TEST_F(GatewayTest, MemberThatStaysAwayIsLoggedOutAfterTheGraceAndItsOrdersGo) {
  GatewayOptions patient = options(1);
  patient.grace_ms = 1'500;
  Gateway& gateway = start(patient);
  const auto absent = log_in(gateway, 2);  // asks for cancel on disconnect
  const auto kept = log_in(gateway, 1);
  absent->enter(1);
  kept->enter(1);
  ASSERT_TRUE(until([&] { return absent->messages.size() == 1 && kept->messages.size() == 1; }));
  absent->leave();
  kept->leave();
  run_for(100);
  EXPECT_EQ(cluster_.count(venue::EventType::order_canceled), 0);
  ASSERT_TRUE(until([&] { return cluster_.count(venue::EventType::order_canceled) == 1; }));
  run_for(100);
  EXPECT_EQ(cluster_.count(venue::EventType::order_canceled), 1);
  const auto back = log_in(gateway, 2);
  ASSERT_TRUE(until([&] { return back->messages.size() == 2; }));
  EXPECT_EQ(back->types(), "AC");
}

TEST_F(GatewayTest, MemberThatComesBackWithinTheGraceKeepsItsOrders) {
  GatewayOptions patient = options(1);
  patient.grace_ms = 1'500;
  Gateway& gateway = start(patient);
  auto member = log_in(gateway, 2);
  member->enter(1);
  ASSERT_TRUE(until([&] { return member->messages.size() == 1; }));
  member->leave();
  run_for(100);
  member = log_in(gateway, 2);
  run_for(2'000);
  EXPECT_EQ(cluster_.count(venue::EventType::order_canceled), 0);
}

TEST_F(GatewayTest, GatewayThatStartsAgainReportsTheAbsenceOfThoseItHad) {
  Gateway& gateway = start();
  const auto member = log_in(gateway, 2);
  member->enter(1);
  ASSERT_TRUE(until([&] { return member->messages.size() == 1; }));
  gateways_.clear();
  start();
  ASSERT_TRUE(until([&] { return cluster_.count(venue::EventType::order_canceled) == 1; }));
}

TEST_F(GatewayTest, MemberThatDoesNotReadIsDisconnectedAndTheOthersAreServed) {
  GatewayOptions small = options(1);
  small.member_queue_bytes_max = 64u << 10;
  Gateway& gateway = start(small);
  const auto slow = log_in(gateway, 1);
  const auto quick = log_in(gateway, 4);
  slow->stop_reading();
  std::uint32_t number = 0;
  // What the kernel keeps for it is not small; this goes on until that is full.
  const std::uint64_t deadline_ms = net::Loop::now_ms() + 120'000;
  while (gateway.connections() == 2 && net::Loop::now_ms() < deadline_ms) {
    for (int i = 0; i < 100; ++i) {
      ++number;
      slow->enter(number, 10'000, number % 2 == 0 ? 'S' : 'B');
    }
    turn();
  }
  EXPECT_TRUE(has_disconnected("does not read"));
  quick->enter(1);
  ASSERT_TRUE(until([&] { return quick->messages.size() == 1; }));
}

TEST_F(GatewayTest, FullQueueOfUndecidedCommandsStopsReadingAndLosesNothing) {
  GatewayOptions small = options(1);
  small.undecided_bytes_max = 20 * sizeof(venue::NewOrder);
  small.away_after_ms = 60'000;
  Gateway& gateway = start(small);
  const auto member = log_in(gateway, 1);
  node_.step_down();
  run_for(20);
  for (std::uint32_t i = 1; i <= 100; ++i) member->enter(i);
  run_for(50);
  EXPECT_LE(gateway.undecided_bytes(), small.undecided_bytes_max);
  node_.lead(2);
  ASSERT_TRUE(until([&] { return member->messages.size() == 100; }));
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(member->message<ouch::Accepted>(i).user_reference, i + 1);
  }
}

TEST_F(GatewayTest, AccountQueryIsAnsweredBehindEverythingBeforeIt) {
  Gateway& gateway = start();
  auto member = log_in(gateway, 1);
  for (std::uint32_t i = 1; i <= 5; ++i) member->enter(i);
  member->send(ouch::AccountQuery{});
  ASSERT_TRUE(until([&] { return member->unsequenced.size() == 1; }));
  EXPECT_EQ(member->messages.size(), 5U);
  const auto next = [&] {
    return std::uint32_t{
        reinterpret_cast<const ouch::AccountQueryResponse*>(member->unsequenced[0].data())
            ->next_user_reference};
  };
  EXPECT_EQ(next(), 6U);
  member->leave();
  node_.answers_history = false;
  member = log_in(gateway, 1);
  member->send(ouch::AccountQuery{});
  run_for(50);
  EXPECT_TRUE(member->unsequenced.empty());
  node_.answers_history = true;
  ASSERT_TRUE(until([&] { return member->unsequenced.size() == 1; }));
  EXPECT_EQ(member->messages.size(), 5U);
  EXPECT_EQ(next(), 6U);
}

TEST_F(GatewayTest, LongHistoryComesInPartsAndWholeWhileTheSessionGoesOn) {
  Gateway& gateway = start();
  auto member = log_in(gateway, 1);
  for (std::uint32_t i = 1; i <= 10'000; ++i) {
    member->enter(i);
    if (i % 500 == 0) turn();
  }
  ASSERT_TRUE(until([&] { return member->messages.size() == 10'000; }));
  member->leave();
  member = log_in(gateway, 1);
  for (std::uint32_t i = 10'001; i <= 10'100; ++i) member->enter(i);
  ASSERT_TRUE(until([&] { return member->messages.size() == 10'100; }));
  for (std::uint32_t i = 0; i < 10'100; ++i) {
    ASSERT_EQ(member->message<ouch::Accepted>(i).user_reference, i + 1);
  }
}

TEST_F(GatewayTest, LogOutEndsTheSessionAtOnce) {
  const auto member = log_in(start(), 1);
  member->send_packet(wire::SoupType::logout_request, {});
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  ASSERT_TRUE(until([&] {
    venue::Venue::SessionView view;
    return cluster_.venue().session(1, view) && view.gateway == 0;
  }));
}

TEST_F(GatewayTest, ReceiptsHoldEveryMessageAlsoWhileTheClusterIsAway) {
  Gateway& gateway = start();
  const auto member = log_in(gateway, 1);
  member->enter(1);
  ASSERT_TRUE(until([&] { return member->messages.size() == 1; }));
  node_.step_down();
  run_for(400);
  member->enter(2);
  ASSERT_TRUE(until([&] { return member->unsequenced.size() == 1; }));
  member->send_raw(base::as_bytes("nonsense"));
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  std::string kinds;
  for_each_receipt(gateway.receipts_path(),
                   [&](const wire::ReceiptRecord& record, base::Bytes payload) {
                     kinds += "?mlrd"[static_cast<int>(record.kind)];
                     EXPECT_EQ(+record.gateway, 1);
                     EXPECT_EQ(+record.session, 1);
                     EXPECT_GT(+record.arrival_ns, 0U);
                     EXPECT_EQ(base::as_text(payload).find(kToken), std::string_view::npos);
                   });
  EXPECT_EQ(kinds, "lmmrd");
}

TEST_F(GatewayTest, HeartbeatsComeWhileNothingElseDoes) {
  const auto member = log_in(start(), 1);
  ASSERT_TRUE(until([&] { return member->heartbeats >= 2; }));
}

TEST_F(GatewayTest, ConnectionsBeyondTheBoundAreClosed) {
  GatewayOptions few = options(1);
  few.connections_max = 2;
  Gateway& gateway = start(few);
  const auto first = log_in(gateway, 1);
  const auto second = log_in(gateway, 2);
  const auto third = connect(gateway);
  ASSERT_TRUE(until([&] { return third->is_closed; }));
  EXPECT_FALSE(first->is_closed);
}

}  // namespace
}  // namespace okiagari::gateway
