// A member against a gateway that is played by the test: what it sends, what it sends again after
// its connection is lost, and under which numbers.
#include "check/member.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "check/soup_bin.h"

namespace okiagari::check {
namespace {

// Accepts one connection at a time, answers the log-in, and keeps what the member says.
class PlayedGateway {
 public:
  explicit PlayedGateway(net::Loop& loop) {
    auto listener = net::Listener::open(
        loop, {}, [this](std::shared_ptr<net::Connection> connection) { accept(connection); });
    EXPECT_TRUE(listener.ok());
    listener_ = std::move(listener.value());
  }

  [[nodiscard]] net::Endpoint endpoint() const { return listener_->endpoint(); }
  [[nodiscard]] const std::vector<std::string>& heard() const { return heard_; }
  [[nodiscard]] bool is_connected() const { return connection_ != nullptr; }

  void say(char type, base::Bytes payload) {
    base::ByteWriter packet;
    write_soup_packet(packet, type, payload);
    connection_->send(packet.view());
    connection_->flush();
  }
  void say_accepted(std::uint32_t user_reference) {
    base::ByteWriter message;
    message.little('A');
    message.big(std::uint64_t{1});
    message.big(user_reference);
    message.bytes(base::as_bytes(std::string(51, 'L')));
    const base::Bytes whole = message.view();
    base::store_big(message.data() + whole.size() - 2, std::uint16_t{0});
    say(kSoupSequenced, whole);
  }
  void answer_query(std::uint32_t next_user_reference) {
    base::ByteWriter message;
    message.little('Q');
    message.big(std::uint64_t{1});
    message.big(next_user_reference);
    say(kSoupUnsequenced, message.view());
  }
  void refuse(char type, std::uint32_t user_reference) {
    base::ByteWriter message;
    message.little('L');
    message.big(std::uint64_t{1});
    message.little(type);
    message.big(user_reference);
    message.big(std::uint16_t{0x200});
    message.big(std::uint32_t{1000});
    say(kSoupUnsequenced, message.view());
  }
  void hang_up() {
    connection_->close();
    connection_ = nullptr;
  }

 private:
  void accept(std::shared_ptr<net::Connection> connection) {
    connection_ = std::move(connection);
    connection_->start([this](base::Bytes bytes) { return receive(bytes); },
                       [this](const std::string&) { connection_ = nullptr; });
  }

  std::size_t receive(base::Bytes bytes) {
    SoupReader reader(bytes);
    SoupPacket packet;
    while (reader.next(packet)) {
      const std::string text(base::as_text(packet.payload));
      if (packet.type == kSoupLoginRequest) {
        heard_.push_back("log-in from" + text.substr(text.find_last_of(' ')));
        say(kSoupLoginAccepted,
            base::as_bytes(fmt::format("{:>10}{:>20}", "TEST", text.substr(26))));
      } else if (packet.type == kSoupUnsequenced) {
        heard_.push_back(text.substr(0, 1) + number_in(packet.payload));
      }
    }
    return reader.consumed();
  }

  static std::string number_in(base::Bytes message) {
    if (message.size() < 9) return "";
    const std::size_t at = message[0] == std::byte{'U'} ? 5 : 1;
    return std::to_string(base::load_big<std::uint32_t>(&message[at]));
  }

  std::unique_ptr<net::Listener> listener_;
  std::shared_ptr<net::Connection> connection_;
  std::vector<std::string> heard_;
};

class MemberTest : public testing::Test {
 protected:
  void turn_until(const std::function<bool()>& done) {
    const std::uint64_t end_ms = net::Loop::now_ms() + 5'000;
    while (!done() && net::Loop::now_ms() < end_ms) {
      loop_.turn(net::Loop::now_ms() + 1);
      member_.tick(net::Loop::now_ms());
      member_.flush();
    }
    ASSERT_TRUE(done());
  }
  void begin() {
    turn_until([this] { return first_.heard().size() == 2; });
    first_.answer_query(1);
    turn_until([this] { return member_.is_ready(); });
  }
  void send_order() {
    OuchEnter order;
    order.user_reference = member_.next_user_reference();
    base::ByteWriter message;
    encode_ouch(message, order);
    member_.send(message.view());
  }
  void send_cancel(std::uint32_t user_reference) {
    base::ByteWriter message;
    encode_ouch(message, OuchCancel{.user_reference = user_reference, .quantity = 0});
    member_.send(message.view());
  }

  net::Loop loop_;
  History history_;
  PlayedGateway first_{loop_};
  PlayedGateway second_{loop_};
  Member member_{loop_, history_, {7, "S7", "token"}, {first_.endpoint(), second_.endpoint()}, 0};
};

TEST_F(MemberTest, WhatHasNoAnswerIsSentAgainAtTheNextGatewayInOrder) {
  begin();
  for (int count = 0; count < 3; ++count) send_order();
  send_cancel(1);
  turn_until([this] { return first_.heard().size() == 6; });
  first_.say_accepted(1);
  turn_until([this] { return member_.unanswered() == 3; });
  first_.hang_up();
  turn_until([this] { return second_.heard().size() == 2; });
  EXPECT_FALSE(member_.is_ready());
  // What it has missed comes first, then the sign behind it.
  second_.say_accepted(2);
  second_.answer_query(3);
  turn_until([this] { return second_.heard().size() == 4; });
  const std::vector<std::string> expected = {"log-in from 2", "Q", "O3", "X1"};
  EXPECT_EQ(second_.heard(), expected);
  EXPECT_EQ(member_.next_user_reference(), 4U);
}

TEST_F(MemberTest, AnAnswerToALaterMessageSettlesCancelsThatNeedNone) {
  begin();
  send_cancel(9);
  send_order();
  turn_until([this] { return first_.heard().size() == 4; });
  first_.say_accepted(1);
  turn_until([this] { return member_.unanswered() == 0; });
}

TEST_F(MemberTest, AnAccountQuerySettlesThemToo) {
  begin();
  send_cancel(9);
  member_.query();
  turn_until([this] { return first_.heard().size() == 4; });
  EXPECT_EQ(member_.unanswered(), 1U);
  first_.answer_query(1);
  turn_until([this] { return member_.unanswered() == 0; });
}

TEST_F(MemberTest, AGatewaysOwnRefusalTakesNoNumberAndIsFinal) {
  begin();
  send_order();
  turn_until([this] { return first_.heard().size() == 3; });
  first_.refuse('O', 1);
  turn_until([this] { return member_.unanswered() == 0; });
  EXPECT_EQ(member_.refused(), 1U);
  EXPECT_EQ(member_.next_sequence_number(), 1U);
}

TEST_F(MemberTest, ASessionThatWasUsedBeforeGoesOnWithItsNumbers) {
  turn_until([this] { return first_.heard().size() == 2; });
  first_.say_accepted(41);
  first_.answer_query(42);
  turn_until([this] { return member_.is_ready(); });
  EXPECT_EQ(member_.next_user_reference(), 42U);
  EXPECT_EQ(member_.next_sequence_number(), 2U);
}

TEST_F(MemberTest, EverythingIsInTheHistoryBeforeItLeaves) {
  begin();
  send_order();
  const HistoryRecord last = history_[history_.size() - 1];
  EXPECT_EQ(last.event, HistoryEvent::sent);
  EXPECT_EQ(last.source, 7);
  EXPECT_EQ(last.number, 1U);
  EXPECT_EQ(first_.heard().size(), 2U);
}

}  // namespace
}  // namespace okiagari::check
