// Goal: whoever listens to the lines has every message once and in order, whatever is lost on the
// way; both lines carry the same bytes; whoever comes late has the same books. Method: real
// datagrams through relays that lose, over a venue that trades at random.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "client/line_feed_client.h"
#include "feed/market_data.h"
#include "net/udp.h"
#include "venue/test_market.h"
#include "wire/mold.h"
#include "wire/soup.h"

namespace okiagari {
namespace {

constexpr const char* kSession = "LINES";

// Everything that the feed was ever sent.
class MapHistory final : public feed::FeedHistory {
 public:
  void add(const venue::EventHeader& event) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&event);
    const std::uint64_t number = event.feed_number;  // a packed field cannot be referred to
    events_[number].assign(bytes, bytes + event.size_bytes);
  }
  void read_feed(std::uint64_t first, base::ByteWriter& into) override {
    for (auto at = events_.find(first); at != events_.end() && at->first < first + 50; ++at) {
      into.bytes(at->second);
    }
  }

 private:
  std::map<std::uint64_t, std::vector<std::byte>> events_;
};

// Passes datagrams on and keeps them; some it loses.
class Relay {
 public:
  Relay(net::Loop& loop, std::uint32_t lost_percent) : lost_percent_(lost_percent) {
    auto port = net::UdpPort::open(
        loop, {}, "", [this](base::Bytes datagram, const net::UdpPeer&) { pass(datagram); });
    port_ = std::move(port.value());
  }
  void to(const net::Endpoint& endpoint) { is_connected_ = net::resolve(endpoint, to_); }
  [[nodiscard]] const net::Endpoint& endpoint() const { return port_->endpoint(); }
  std::vector<std::vector<std::byte>> seen;

 private:
  void pass(base::Bytes datagram) {
    seen.emplace_back(datagram.begin(), datagram.end());
    if (is_connected_ && random_() % 100 >= lost_percent_) (void)port_->send(datagram, to_);
  }
  std::uint32_t lost_percent_;
  std::mt19937 random_{1};
  std::unique_ptr<net::UdpPort> port_;
  net::UdpPeer to_;
  bool is_connected_ = false;
};

// What a reader of the feed knows of every live order.
class ReaderBook {
 public:
  struct Order {
    char side = 0;
    std::uint32_t shares = 0;
    std::uint32_t price_e4 = 0;
    bool operator==(const Order&) const = default;
  };
  void take(base::Bytes message) {
    namespace itch = wire::itch;
    ASSERT_EQ(itch::check(message), itch::Fault::none);
    switch (static_cast<char>(message[0])) {
      case itch::AddOrder::kType: {
        const auto add = as<itch::AddOrder>(message);
        orders[add.reference] = {add.side, add.shares, add.price_e4};
        break;
      }
      case itch::OrderExecuted::kType: {
        const auto executed = as<itch::OrderExecuted>(message);
        reduce(executed.reference, executed.shares);
        break;
      }
      case itch::OrderCancel::kType: {
        const auto canceled = as<itch::OrderCancel>(message);
        reduce(canceled.reference, canceled.shares);
        break;
      }
      case itch::OrderDelete::kType:
        orders.erase(as<itch::OrderDelete>(message).reference);
        break;
      case itch::OrderReplace::kType: {
        const auto replaced = as<itch::OrderReplace>(message);
        const Order before = orders[replaced.original_reference];
        orders.erase(replaced.original_reference);
        orders[replaced.reference] = {before.side, replaced.shares, replaced.price_e4};
        break;
      }
      default:
        break;
    }
  }
  std::map<std::uint64_t, Order> orders;

 private:
  template <typename Message>
  static Message as(base::Bytes bytes) {
    Message message;
    std::memcpy(&message, bytes.data(), sizeof message);
    return message;
  }
  void reduce(std::uint64_t reference, std::uint32_t shares) {
    auto found = orders.find(reference);
    ASSERT_NE(found, orders.end());
    found->second.shares -= shares;
    if (found->second.shares == 0) orders.erase(found);
  }
};

// Two replicas of one log, each with its market data.
class FeedLinesTest : public testing::Test {
 protected:
  struct Replica {
    MapHistory history;
    std::unique_ptr<Relay> relay;
    std::unique_ptr<feed::MarketData> data;
  };
  void open(std::uint32_t lost_percent) {
    for (Replica& replica : replicas_) {
      replica.relay = std::make_unique<Relay>(loop_, lost_percent);
      feed::MarketDataOptions options;
      options.session = kSession;
      options.line = replica.relay->endpoint();
      options.requests = net::Endpoint{};
      options.images = net::Endpoint{};
      auto opened =
          feed::MarketData::open(loop_, std::move(options), replica.history, market_.venue);
      ASSERT_TRUE(opened.ok()) << opened.error().message;
      replica.data = std::move(opened.value());
    }
    apply(market_.events.view());
  }
  void apply(base::Bytes events) {
    for (std::size_t at = 0; at < events.size();) {
      const auto& event = *reinterpret_cast<const venue::EventHeader*>(events.data() + at);
      at += event.size_bytes;
      if (event.feed_number == 0) continue;
      for (Replica& replica : replicas_) {
        replica.history.add(event);
        replica.data->publish(event);
      }
    }
    for (Replica& replica : replicas_) replica.data->end_batch();
  }
  // A batch with an order or a cancel of each session; most orders rest for a while.
  void trade() {
    venue::BatchWriter batch;
    ++order_;
    for (SessionId session = 1; session <= 4; ++session) {
      const Side side = random_() % 2 == 0 ? Side::buy : Side::sell;
      const auto price = static_cast<std::uint32_t>(495 + random_() % 12);
      const auto quantity = static_cast<QuantityLots>(1 + random_() % 9);
      if (order_ > 20 && random_() % 3 == 0) {
        const auto old = static_cast<std::uint32_t>(order_ - 1 - random_() % 20);
        batch.add(market_.in_stream(session, venue::TestMarket::cancellation(old)));
      } else {
        batch.add(market_.in_stream(
            session, venue::TestMarket::order(order_, side, quantity, price,
                                              static_cast<InstrumentId>(1 + random_() % 2))));
      }
    }
    market_.apply(batch);
    apply(market_.events.view());
  }
  void end_turn() {
    loop_.turn(net::Loop::now_ms() + 1);
    for (Replica& replica : replicas_) {
      replica.data->end_turn(net::Loop::now_ms(), standing_);
    }
    if (client_) client_->tick(net::Loop::now_ms());
  }
  template <typename Condition>
  bool run_until(Condition condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + 10'000;
    while (!condition() && net::Loop::now_ms() < end_ms) end_turn();
    return condition();
  }
  void listen(std::uint64_t from_number) {
    client::LineFeedOptions options;
    options.session = kSession;
    options.next_number = from_number;
    for (Replica& replica : replicas_) {
      options.lines.emplace_back();
      options.requests.push_back(replica.data->requests()->endpoint());
    }
    auto opened = client::LineFeedClient::open(loop_, std::move(options),
                                               [this](std::uint64_t number, base::Bytes message) {
                                                 ASSERT_EQ(number, read_ + 1);
                                                 read_ = number;
                                                 book_.take(message);
                                               });
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    client_ = std::move(opened.value());
    for (std::size_t i = 0; i < 2; ++i) replicas_[i].relay->to(client_->line(i));
  }
  [[nodiscard]] std::uint64_t last_number() const { return market_.venue.last_feed_number(); }

  net::Loop loop_;
  venue::TestMarket market_;
  std::mt19937_64 random_{5};
  std::uint32_t order_ = 0;
  std::array<Replica, 2> replicas_;
  feed::MarketData::Standing standing_{true, false};
  std::unique_ptr<client::LineFeedClient> client_;
  std::uint64_t read_ = 0;
  ReaderBook book_;
};

TEST_F(FeedLinesTest, EveryMessageComesOnceAndInOrderThoughBothLinesLoseAThird) {
  open(33);
  listen(1);
  for (int batch = 0; batch < 1'500; ++batch) {
    trade();
    if (batch % 10 == 0) end_turn();
  }
  ASSERT_TRUE(run_until([&] { return read_ == last_number(); }));
  EXPECT_GT(client_->counters().requests, 0u);
  EXPECT_GT(client_->counters().gaps, 0u);
  EXPECT_FALSE(book_.orders.empty());
}

TEST_F(FeedLinesTest, BothLinesCarryTheSameBytes) {
  open(0);
  for (int batch = 0; batch < 300; ++batch) {
    trade();
    // However the turns of the two lie.
    replicas_[random_() % 2].data->end_turn(net::Loop::now_ms(), standing_);
  }
  ASSERT_TRUE(run_until([&] {
    const auto heard = [](const Replica& replica) {
      return replica.relay->seen.size() >= replica.data->line()->counters().datagrams;
    };
    return heard(replicas_[0]) && heard(replicas_[1]);
  }));
  const auto without_heartbeats = [](const std::vector<std::vector<std::byte>>& datagrams) {
    std::vector<std::vector<std::byte>> kept;
    for (const auto& datagram : datagrams) {
      if (wire::MoldReader(datagram).header().message_count > 0) kept.push_back(datagram);
    }
    return kept;
  };
  const auto a = without_heartbeats(replicas_[0].relay->seen);
  EXPECT_GT(a.size(), 200u);
  EXPECT_EQ(a, without_heartbeats(replicas_[1].relay->seen));
}

TEST_F(FeedLinesTest, AReplicaThatReplaysOrKnowsNoLeaderIsSilent) {
  open(0);
  for (Replica& replica : replicas_) replica.data->end_turn(net::Loop::now_ms(), {});
  trade();
  replicas_[0].data->end_turn(net::Loop::now_ms() + 60'000, {});
  EXPECT_EQ(replicas_[0].data->line()->counters().datagrams, 0u);
  const std::uint64_t before = last_number();
  trade();
  replicas_[0].data->end_turn(net::Loop::now_ms() + 60'001, standing_);
  ASSERT_TRUE(run_until([&] { return !replicas_[0].relay->seen.empty(); }));
  EXPECT_EQ(wire::MoldReader(replicas_[0].relay->seen[0]).header().sequence_number, before + 1);
}

TEST_F(FeedLinesTest, ALateJoinerHasTheBooksOfOneWhoWasThereFromTheBeginning) {
  open(0);
  for (int batch = 0; batch < 500; ++batch) trade();
  const feed::MarketImage image = feed::make_market_image(market_.venue);
  ReaderBook joined;
  base::Bytes frames(image.frames);
  std::uint64_t go_on_with = 0;
  wire::SoupPacket packet;
  while (wire::decode_soup(frames, packet) == wire::SoupFault::none) {
    frames = frames.subspan(packet.size_bytes);
    if (static_cast<char>(packet.payload[0]) == 'G') {
      go_on_with = std::stoull(std::string(base::as_text(packet.payload.subspan(1))));
    } else {
      joined.take(packet.payload);
    }
  }
  EXPECT_EQ(go_on_with, last_number() + 1);
  listen(1);
  // One datagram shows that there is something to ask for.
  for (Replica& replica : replicas_) {
    replica.data->end_turn(net::Loop::now_ms() + 60'000, standing_);
  }
  ASSERT_TRUE(run_until([&] { return read_ == last_number(); }));
  EXPECT_FALSE(joined.orders.empty());
  EXPECT_EQ(joined.orders, book_.orders);
}

TEST_F(FeedLinesTest, RequestsThatMakeNoSenseGetNoAnswerAndNobodyIsFlooded) {
  open(0);
  for (int batch = 0; batch < 100; ++batch) trade();
  std::size_t answers = 0;
  auto asking =
      net::UdpPort::open(loop_, {}, "", [&](base::Bytes, const net::UdpPeer&) { ++answers; });
  ASSERT_TRUE(asking.ok());
  const feed::RequestServer& server = *replicas_[0].data->requests();
  net::UdpPeer to;
  ASSERT_TRUE(net::resolve(server.endpoint(), to));
  const auto ask = [&](std::string_view session, std::uint64_t first, std::uint16_t count) {
    wire::MoldHeader request;
    request.session = wire::alpha<10>(session);
    request.sequence_number = first;
    request.message_count = count;
    const std::uint64_t before = server.counters().requests;
    ASSERT_TRUE(asking.value()->send(base::object_bytes(request), to));
    ASSERT_TRUE(run_until([&] { return server.counters().requests > before; }));
  };
  ask("OTHER", 1, 10);
  ask(kSession, 0, 10);
  ask(kSession, 1, 0);
  ask(kSession, last_number() + 1, 10);
  EXPECT_EQ(server.counters().refused, 4u);
  EXPECT_EQ(server.counters().datagrams, 0u);
  ask(kSession, last_number(), 1'000);
  EXPECT_EQ(server.counters().datagrams, 1u) << "what is there is told";
  ASSERT_TRUE(run_until([&] { return answers == 1; }));
}

}  // namespace
}  // namespace okiagari
