// Goal: a signed halt stops new orders at the gateway by whichever way it comes, with and without a
// cluster, and its members are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "gateway/gateway_fixture.h"

namespace okiagari::gateway {
namespace {

namespace json = boost::json;
namespace ouch = wire::ouch;

base::KeyPair keys_of(std::uint16_t id) {
  std::array<std::byte, 32> seed{};
  seed[0] = static_cast<std::byte>(id);
  return base::key_pair_from_seed(seed);
}

class GatewayHaltsTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    wire::OperatorKeys keys;
    for (std::uint16_t id = 1; id <= 3; ++id) {
      EXPECT_TRUE(keys.add({id, "someone", keys_of(id).public_key, id == 3}));
    }
    std::ofstream(directory_ / "operators.toml") << keys.to_toml();
  }
  GatewayOptions obeying() {
    GatewayOptions made = options(1);
    made.operators_path = directory_ / "operators.toml";
    return made;
  }
  Gateway& start_obeying() {
    Gateway& gateway = start(obeying());
    EXPECT_TRUE(until([&] { return gateway.is_serving(); }));
    return gateway;
  }
  static wire::HaltDocument halt(std::uint64_t number, venue::Scope scope = venue::Scope::market,
                                 std::string target = "") {
    wire::HaltDocument document;
    document.cluster = kFakeClusterId;
    document.number = number;
    document.scope = scope;
    document.target = std::move(target);
    document.reason = "a test";
    document.accept_until_s = net::Loop::wall_ns() / 1'000'000'000 + 600;
    return document;
  }
  static std::string signed_by(wire::HaltDocument document,
                               std::initializer_list<std::uint16_t> operators) {
    for (const std::uint16_t id : operators) {
      wire::sign_halt_document(document, id, keys_of(id).secret_key);
    }
    return wire::to_json(document);
  }
  static std::string lift(std::uint64_t number, const wire::HaltDocument& lifted) {
    wire::HaltDocument document = lifted;
    document.kind = wire::HaltKind::lift;
    document.lifts = lifted.number;
    document.number = number;
    return signed_by(document, {1, 2});
  }
  std::string drop(const std::string& name, const std::string& text) {
    const std::filesystem::path folder = directory_ / "1" / "halt";
    std::ofstream(folder / ("." + name)) << text;
    std::filesystem::rename(folder / ("." + name), folder / name);
    const std::filesystem::path answer = folder / (name + ".answer");
    EXPECT_TRUE(until([&] { return std::filesystem::exists(answer); }));
    std::ostringstream read;
    read << std::ifstream(answer).rdbuf();
    return read.str();
  }
  static std::string verdict(const std::string& answer) {
    return std::string(json::parse(answer).at("verdict").as_string());
  }
  [[nodiscard]] std::uint16_t last_refusal(const FakeMember& member) const {
    for (auto text = member.unsequenced.rbegin(); text != member.unsequenced.rend(); ++text) {
      if ((*text)[0] != ouch::LocalRefusal::kType) continue;
      return reinterpret_cast<const ouch::LocalRefusal*>(text->data())->reason;
    }
    return 0;
  }
  [[nodiscard]] std::size_t count(const FakeMember& member, char type) const {
    return static_cast<std::size_t>(
        std::count_if(member.unsequenced.begin(), member.unsequenced.end(),
                      [type](const std::string& text) { return text[0] == type; }));
  }
  // The answer to a replacement or a new order: refused by the halt, or in the sequence.
  [[nodiscard]] bool is_refused(FakeMember& member, std::size_t refusals, std::size_t messages) {
    EXPECT_TRUE(
        until([&] { return count(member, 'L') > refusals || member.messages.size() > messages; }));
    return count(member, 'L') > refusals;
  }
  bool enters(FakeMember& member, std::uint32_t reference, std::string_view symbol = "ALPHA") {
    const std::size_t refusals = count(member, 'L');
    const std::size_t messages = member.messages.size();
    member.enter(reference, 10'000, 'B', symbol);
    return !is_refused(member, refusals, messages);
  }
  bool replaces(FakeMember& member, std::uint32_t original, std::uint32_t reference) {
    const std::size_t refusals = count(member, 'L');
    const std::size_t messages = member.messages.size();
    ouch::ReplaceOrder replace;
    replace.original_user_reference = original;
    replace.user_reference = reference;
    replace.quantity = 2;
    replace.price_e4 = 10'000;
    member.send(replace);
    return !is_refused(member, refusals, messages);
  }
};

TEST_F(GatewayHaltsTest, AFileStopsNewOrdersAndReplacementsAndCancelsGoOn) {
  const auto member = log_in(start_obeying(), 1);
  ASSERT_TRUE(enters(*member, 1));
  const std::string answer = drop("stop.json", signed_by(halt(5), {3}));
  EXPECT_EQ(verdict(answer), "in_effect");
  EXPECT_FALSE(enters(*member, 2));
  EXPECT_EQ(last_refusal(*member), static_cast<int>(ouch::RejectCode::halt_order));
  EXPECT_FALSE(replaces(*member, 1, 2));
  const std::size_t before = member->messages.size();
  ouch::CancelOrder cancel;
  cancel.user_reference = 1;
  member->send(cancel);
  ASSERT_TRUE(until([&] { return member->messages.size() > before; }));
  EXPECT_EQ(member->types().back(), 'C');
  const json::value session = json::parse(answer).at("sessions").at(0);
  EXPECT_EQ(session.at("last_user_reference").to_number<int>(), 1);
  EXPECT_EQ(session.at("last_stream_number").to_number<int>(), 1);
}

TEST_F(GatewayHaltsTest, WithEveryServerDeadAFileStillStopsNewOrders) {
  const auto member = log_in(start_obeying(), 1);
  node_.die();
  other_.die();
  ASSERT_TRUE(until([&] { return !gateways_[0]->is_serving(); }));
  EXPECT_EQ(verdict(drop("stop.json", signed_by(halt(5), {1}))), "in_effect");
  EXPECT_FALSE(enters(*member, 1));
  EXPECT_EQ(last_refusal(*member), static_cast<int>(ouch::RejectCode::halt_order));
}

TEST_F(GatewayHaltsTest, ARestartInAHaltIsAHalt) {
  const wire::HaltDocument stop = halt(5);
  start_obeying();
  ASSERT_EQ(verdict(drop("stop.json", signed_by(stop, {1}))), "in_effect");
  gateways_.clear();
  Gateway& again = start_obeying();
  const auto member = log_in(again, 1);
  ASSERT_TRUE(until([&] { return count(*member, 'h') == 1; }));
  EXPECT_FALSE(enters(*member, 1));
  ASSERT_EQ(verdict(again.hand_over_halt(lift(6, stop), "a test")), "lifted");
  EXPECT_TRUE(enters(*member, 1));
}

// One that was dropped while the gateway was down is obeyed before the first member is heard.
TEST_F(GatewayHaltsTest, AFileThatWaitedForTheGatewayIsObeyedAtItsStart) {
  std::filesystem::create_directories(directory_ / "1" / "halt");
  std::ofstream(directory_ / "1" / "halt" / "stop.json") << signed_by(halt(5), {1});
  Gateway& gateway = start(obeying());
  EXPECT_TRUE(std::filesystem::exists(directory_ / "1" / "halt" / "stop.json.answer"));
  const auto member = log_in(gateway, 1);
  EXPECT_FALSE(enters(*member, 1));
}

TEST_F(GatewayHaltsTest, AHaltOfOneInstrumentLeavesTheOthersAndTheirReplacementsAlone) {
  const auto member = log_in(start_obeying(), 1);
  ASSERT_TRUE(enters(*member, 1, "ALPHA"));
  ASSERT_TRUE(enters(*member, 2, "BETA"));
  ASSERT_EQ(verdict(gateways_[0]->hand_over_halt(
                signed_by(halt(5, venue::Scope::instrument, "ALPHA"), {1}), "a test")),
            "in_effect");
  EXPECT_FALSE(enters(*member, 3, "ALPHA"));
  EXPECT_TRUE(enters(*member, 3, "BETA"));
  EXPECT_FALSE(replaces(*member, 1, 4));
  EXPECT_TRUE(replaces(*member, 2, 4));
  // Of which instrument that would be is not known.
  EXPECT_FALSE(replaces(*member, 77, 5));
}

// From what it was told again, whatever kind of order it is: else a halt of another instrument
// stopped its replacement here.
TEST_F(GatewayHaltsTest, AGatewayKnowsTheInstrumentsOfOrdersThatCameThroughAnotherOne) {
  Gateway& other = start_serving(2);
  Gateway& obeying = start_obeying();
  const auto there = log_in(other, 1);
  const auto send = [&](auto message, ouch::Tag tag, auto value) {
    base::ByteWriter bytes;
    std::byte option[2 + sizeof value];
    (void)ouch::put_option(option, tag, value);
    message.quantity = 2;
    message.price_e4 = 9'000;
    message.appendage_bytes = sizeof option;
    bytes.object(message);
    bytes.bytes(option);
    const std::size_t before = there->messages.size();
    there->send_packet(wire::SoupType::unsequenced_data, bytes.view());
    ASSERT_TRUE(until([&] { return there->messages.size() > before; }));
    EXPECT_TRUE(there->types().back() == 'A' || there->types().back() == 'U');
  };
  const auto enter = [&](std::uint32_t reference, ouch::Tag tag, auto value) {
    ouch::EnterOrder order;
    order.user_reference = reference;
    order.symbol = wire::alpha<8>("ALPHA");
    send(order, tag, value);
  };
  const auto replace = [&](std::uint32_t original, std::uint32_t reference, ouch::Tag tag,
                           auto value) {
    ouch::ReplaceOrder order;
    order.original_user_reference = original;
    order.user_reference = reference;
    send(order, tag, value);
  };
  // A trade, for those that follow the price.
  there->enter(1, 10'000, 'B');
  there->enter(2, 10'000, 'S');
  ASSERT_TRUE(until([&] { return there->messages.size() == 4; }));
  enter(3, ouch::Tag::post_only, 'P');
  enter(4, ouch::Tag::max_floor, std::uint32_t{1});
  enter(5, ouch::Tag::trigger, std::uint64_t{12'000});
  enter(6, ouch::Tag::trail, std::uint64_t{300});
  enter(7, ouch::Tag::trail, std::uint64_t{300});
  replace(3, 8, ouch::Tag::good_till_cancel, 'Y');
  replace(4, 9, ouch::Tag::max_floor, std::uint32_t{2});
  replace(5, 10, ouch::Tag::trigger, std::uint64_t{13'000});
  replace(6, 11, ouch::Tag::trail, std::uint64_t{400});

  ASSERT_EQ(verdict(obeying.hand_over_halt(
                signed_by(halt(5, venue::Scope::instrument, "BETA"), {1}), "a test")),
            "in_effect");
  const auto here = log_in(obeying, 1);
  ASSERT_TRUE(until([&] { return here->messages.size() == there->messages.size(); }));
  std::uint32_t reference = 20;
  for (const std::uint32_t original : {3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U}) {
    EXPECT_TRUE(replaces(*here, original, reference++)) << "order " << original;
  }
  EXPECT_FALSE(replaces(*here, 77, reference)) << "of any instrument";
}

TEST_F(GatewayHaltsTest, AHaltOfOneMemberStopsAllItsSessionsAndNobodyElses) {
  Gateway& gateway = start_obeying();
  const auto first = log_in(gateway, 1);
  const auto second = log_in(gateway, 4);
  venue::Venue::SessionView one;
  venue::Venue::SessionView two;
  ASSERT_TRUE(cluster_.venue().session(1, one));
  ASSERT_TRUE(cluster_.venue().session(4, two));
  ASSERT_NE(one.member, two.member);
  ASSERT_EQ(
      verdict(gateway.hand_over_halt(
          signed_by(halt(5, venue::Scope::member, std::to_string(one.member)), {1}), "a test")),
      "in_effect");
  EXPECT_FALSE(enters(*first, 1));
  EXPECT_TRUE(enters(*second, 1));
  EXPECT_EQ(count(*first, 'h'), 1u);
  EXPECT_EQ(count(*second, 'h'), 0u);
}

TEST_F(GatewayHaltsTest, MembersAreToldWhenItBeginsAndWhenItEnds) {
  const auto member = log_in(start_obeying(), 1);
  const wire::HaltDocument stop = halt(5, venue::Scope::instrument, "ALPHA");
  ASSERT_EQ(verdict(gateways_[0]->hand_over_halt(signed_by(stop, {1}), "a test")), "in_effect");
  ASSERT_EQ(verdict(gateways_[0]->hand_over_halt(lift(6, stop), "a test")), "lifted");
  ASSERT_TRUE(until([&] { return member->unsequenced.size() == 2; }));
  const auto told = [&](std::size_t i) {
    return *reinterpret_cast<const ouch::GatewayHalt*>(member->unsequenced.at(i).data());
  };
  EXPECT_EQ(told(0).action, 'H');
  EXPECT_EQ(told(0).scope, '1');
  EXPECT_EQ(wire::trimmed(told(0).target), "ALPHA");
  EXPECT_EQ(told(0).number, 5u);
  EXPECT_EQ(told(1).action, 'T');
}

TEST_F(GatewayHaltsTest, ADocumentThatIsRefusedIsAnsweredAndChangesNothing) {
  const auto member = log_in(start_obeying(), 1);
  wire::HaltDocument forged = halt(5);
  wire::sign_halt_document(forged, 1, keys_of(2).secret_key);
  EXPECT_EQ(verdict(drop("forged.json", wire::to_json(forged))), "signature_wrong");
  EXPECT_EQ(verdict(drop("broken.json", "{")), "broken");
  EXPECT_EQ(verdict(drop("large.json", std::string(100'000, ' '))), "broken");
  EXPECT_TRUE(enters(*member, 1));
}

TEST_F(GatewayHaltsTest, AGatewayThatKnowsNoOperatorObeysNobody) {
  Gateway& gateway = start_serving();
  EXPECT_EQ(verdict(gateway.hand_over_halt(signed_by(halt(5), {1}), "a test")), "unknown_operator");
}

}  // namespace
}  // namespace okiagari::gateway
