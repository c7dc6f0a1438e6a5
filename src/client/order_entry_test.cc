#include "client/order_entry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/load.h"

namespace okiagari::client {
namespace {

namespace ouch = wire::ouch;

// A gateway as far as a member can tell. It keeps what it was sent, and sends what it is told to.
class FakeGateway {
 public:
  explicit FakeGateway(net::Loop& loop) {
    auto opened = net::Listener::open(loop, {}, [this](auto connection) {
      connections_.push_back(connection);
      connection->start([this, raw = connection.get()](base::Bytes b) { return receive(*raw, b); },
                        [](const std::string&) {});
    });
    listener_ = std::move(opened.value());
  }

  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }

  void drop_all() {
    for (const auto& connection : connections_) connection->close();
    connections_.clear();
  }
  template <typename Message>
  void tell(const Message& message) {
    ++next_number;
    send(*connections_.back(), wire::SoupType::sequenced_data, base::object_bytes(message));
  }
  void accept_order(std::uint32_t number) {
    ouch::Accepted accepted;
    accepted.user_reference = number;
    tell(accepted);
  }
  template <typename Message>
  void tell_unsequenced(const Message& message) {
    send(*connections_.back(), wire::SoupType::unsequenced_data, base::object_bytes(message));
  }

  std::vector<std::string> messages;  // of the member, queries left out
  std::uint64_t next_number = 1;
  std::uint64_t requested_number = 0;
  std::uint32_t next_user_reference = 1;
  char reject_with = 0;
  std::uint64_t begins_at = 0;  // 0: where it is asked to
  bool answers_orders = false;
  int logins = 0;

  // Numbers of the orders that were sent, in order.
  [[nodiscard]] std::vector<std::uint32_t> orders() const {
    std::vector<std::uint32_t> numbers;
    for (const std::string& message : messages) {
      if (message[0] == ouch::EnterOrder::kType) {
        numbers.push_back(base::load_big<std::uint32_t>(message.data() + 1));
      }
    }
    return numbers;
  }

 private:
  std::size_t receive(net::Connection& connection, base::Bytes bytes) {
    std::size_t consumed = 0;
    wire::SoupPacket packet;
    while (wire::decode_soup(bytes.subspan(consumed), packet) == wire::SoupFault::none) {
      consumed += packet.size_bytes;
      take(connection, packet);
      if (!connection.is_open()) break;
    }
    return consumed;
  }
  void take(net::Connection& connection, const wire::SoupPacket& packet) {
    if (packet.type == wire::SoupType::login_request) return log_in(connection, packet.payload);
    if (packet.type != wire::SoupType::unsequenced_data) return;
    if (static_cast<char>(packet.payload[0]) == ouch::AccountQuery::kType) {
      ouch::AccountQueryResponse response;
      response.next_user_reference = next_user_reference;
      return tell_unsequenced(response);
    }
    messages.emplace_back(base::as_text(packet.payload));
    if (answers_orders && messages.back()[0] == ouch::EnterOrder::kType) {
      accept_order(base::load_big<std::uint32_t>(messages.back().data() + 1));
    }
  }
  void log_in(net::Connection& connection, base::Bytes payload) {
    ++logins;
    const auto* request = wire::view_as<wire::SoupLoginRequest>(payload);
    requested_number = wire::parse_soup_number(request->sequence_number).value_or(0);
    if (reject_with != 0) {
      send(connection, wire::SoupType::login_rejected, base::object_bytes(reject_with));
      return connection.close();
    }
    wire::SoupLoginAccepted accepted;
    accepted.sequence_number =
        begins_at == 0 ? request->sequence_number : wire::soup_number(begins_at);
    send(connection, wire::SoupType::login_accepted, base::object_bytes(accepted));
  }
  static void send(net::Connection& connection, wire::SoupType type, base::Bytes payload) {
    std::byte header[wire::kSoupHeaderBytes];
    wire::encode_soup_header(header, type, payload.size());
    (void)connection.send(header);
    (void)connection.send(payload);
    connection.flush();
  }

  std::unique_ptr<net::Listener> listener_;
  std::vector<std::shared_ptr<net::Connection>> connections_;
};

class OrderEntryTest : public testing::Test, protected OrderEntrySession::Listener {
 protected:
  void open() {
    SoupAccess access;
    access.name = "S1";
    access.token = "token";
    access.servers = {first_.endpoint(), second_.endpoint()};
    OrderEntrySession::Listener& listener = *this;
    session_ = std::make_unique<OrderEntrySession>(loop_, listener, access);
  }
  void open_ready() {
    open();
    ASSERT_TRUE(until([&] { return session_->is_ready(); }));
  }
  [[nodiscard]] bool until(const std::function<bool()>& reached) {
    const std::uint64_t deadline_ms = net::Loop::now_ms() + 60'000;
    while (!reached()) {
      if (net::Loop::now_ms() >= deadline_ms) return false;
      session_->tick(net::Loop::now_ms());
      session_->flush();
      loop_.turn(net::Loop::now_ms() + 1);
    }
    return true;
  }
  std::uint32_t enter() {
    OrderTicket ticket;
    ticket.symbol = wire::alpha<8>("ALPHA");
    ticket.quantity = 1;
    ticket.price_e4 = 100;
    return session_->enter(ticket);
  }

  void on_accepted(std::uint64_t number, const ouch::Accepted& message) override {
    accepted_.emplace_back(number, message.user_reference);
  }
  void on_refusal(const ouch::LocalRefusal&) override { ++refusals_; }
  void on_lost(const std::string& reason) override { losses_.push_back(reason); }

  net::Loop loop_;
  FakeGateway first_{loop_};
  FakeGateway second_{loop_};
  std::unique_ptr<OrderEntrySession> session_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> accepted_;
  std::vector<std::string> losses_;
  int refusals_ = 0;
};

TEST_F(OrderEntryTest, OrdersAreNumberedFromWhatTheVenueKnows) {
  first_.next_user_reference = 41;
  open_ready();
  EXPECT_EQ(enter(), 41U);
  EXPECT_EQ(enter(), 42U);
  ASSERT_TRUE(until([&] { return first_.orders().size() == 2; }));
  first_.accept_order(41);
  ASSERT_TRUE(until([&] { return accepted_.size() == 1; }));
  EXPECT_EQ(accepted_[0], std::pair(std::uint64_t{1}, 41U));
  EXPECT_EQ(session_->unanswered(), 1U);
}

TEST_F(OrderEntryTest, LostGatewayIsFollowedByTheOtherAndOnlyTheUnansweredGoAgain) {
  open_ready();
  for (int i = 0; i < 5; ++i) (void)enter();
  ASSERT_TRUE(until([&] { return first_.orders().size() == 5; }));
  first_.accept_order(1);
  first_.accept_order(2);
  ASSERT_TRUE(until([&] { return accepted_.size() == 2; }));
  first_.drop_all();
  second_.next_user_reference = 3;
  ASSERT_TRUE(until([&] { return second_.orders().size() == 3; }));
  EXPECT_EQ(second_.requested_number, 3U);
  EXPECT_EQ(second_.orders(), (std::vector{3U, 4U, 5U}));
  EXPECT_EQ(enter(), 6U);
}

TEST_F(OrderEntryTest, AnswerThatWasMissedIsTakenBeforeAnythingGoesAgain) {
  open_ready();
  for (int i = 0; i < 3; ++i) (void)enter();
  ASSERT_TRUE(until([&] { return first_.orders().size() == 3; }));
  first_.drop_all();
  ASSERT_TRUE(until([&] { return second_.logins == 1; }));
  // The replay comes before the answer to the query, as a gateway has it.
  second_.accept_order(1);
  second_.accept_order(2);
  ASSERT_TRUE(until([&] { return !second_.orders().empty(); }));
  EXPECT_EQ(second_.orders().back(), 3U);
}

TEST_F(OrderEntryTest, NothingIsSentWhileNotReady) {
  open();
  EXPECT_EQ(enter(), 0U);
  EXPECT_FALSE(session_->cancel(1));
  EXPECT_EQ(session_->unanswered(), 0U);
}

TEST_F(OrderEntryTest, RefusedMessageIsForgotten) {
  open_ready();
  (void)enter();
  (void)enter();
  ASSERT_TRUE(until([&] { return first_.orders().size() == 2; }));
  ouch::LocalRefusal refusal;
  refusal.refused_type = 'O';
  refusal.user_reference = 1;
  first_.tell_unsequenced(refusal);
  ASSERT_TRUE(until([&] { return refusals_ == 1; }));
  first_.drop_all();
  ASSERT_TRUE(until([&] { return !second_.orders().empty(); }));
  EXPECT_EQ(second_.orders(), (std::vector{2U}));
}

TEST_F(OrderEntryTest, WrongTokenIsNotTriedAgain) {
  first_.reject_with = 'A';
  open();
  ASSERT_TRUE(until([&] { return session_->is_refused(); }));
  const std::uint64_t end_ms = net::Loop::now_ms() + 100;
  (void)until([&] { return net::Loop::now_ms() > end_ms; });
  EXPECT_EQ(first_.logins + second_.logins, 1);
}

TEST_F(OrderEntryTest, SessionNotAvailableIsTriedAtTheOtherGateway) {
  first_.reject_with = 'S';
  open_ready();
  EXPECT_EQ(second_.logins, 1);
  EXPECT_FALSE(session_->is_refused());
}

TEST_F(OrderEntryTest, ServerThatBeginsAtAnotherNumberIsNotBelieved) {
  first_.begins_at = 7;
  open_ready();
  EXPECT_EQ(first_.logins, 1);
  EXPECT_EQ(second_.logins, 1);
  ASSERT_EQ(losses_.size(), 1U);
  EXPECT_EQ(losses_[0], "the server begins at another message than asked for");
}

TEST_F(OrderEntryTest, LoadKeepsItsRateAndMeasuresEveryAnswer) {
  first_.answers_orders = true;
  second_.answers_orders = true;
  LoadOptions options;
  for (int i = 0; i < 2; ++i) {
    SoupAccess access;
    access.name = "S" + std::to_string(i);
    access.servers = {first_.endpoint(), second_.endpoint()};
    access.first_server = static_cast<std::size_t>(i);
    options.sessions.push_back(access);
  }
  options.symbols = {wire::alpha<8>("ALPHA")};
  options.orders_per_second = 2'000;
  Load load(loop_, options);
  const auto run = [&](const std::function<bool()>& reached) {
    const std::uint64_t deadline_ms = net::Loop::now_ms() + 60'000;
    while (!reached() && net::Loop::now_ms() < deadline_ms) {
      loop_.turn(std::min(load.next_deadline_ms(), net::Loop::now_ms() + 5));
      load.end_turn();
    }
    return reached();
  };
  ASSERT_TRUE(run([&] { return load.is_ready(); }));
  load.start();
  const std::uint64_t began_ms = net::Loop::now_ms();
  ASSERT_TRUE(run([&] { return load.figures().orders_sent >= 400; }));
  const std::uint64_t took_ms = net::Loop::now_ms() - began_ms;
  EXPECT_GE(took_ms, 190U);
  load.stop();
  ASSERT_TRUE(run([&] { return load.unanswered() == 0; }));
  EXPECT_EQ(load.figures().orders_acknowledged, load.figures().orders_sent);
  EXPECT_EQ(load.figures().latency.count(), load.figures().orders_sent);
  EXPECT_GT(load.figures().latency.quantile_ns(0.5), 0U);
}

}  // namespace
}  // namespace okiagari::client
