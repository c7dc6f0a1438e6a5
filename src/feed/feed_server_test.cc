#include "feed/feed_server.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "wire/itch.h"

namespace okiagari::feed {
namespace {

venue::FeedAdd feed_add(std::uint64_t number) {
  venue::FeedAdd event{};
  event.header.size_bytes = sizeof event;
  event.header.type = venue::EventType::feed_add;
  event.header.feed_number = number;
  event.reference = 1000 + number;
  event.quantity = 1;
  event.price_e4 = 10000;
  event.instrument = 1;
  return event;
}

// Keeps every event, one by one.
class MapHistory final : public FeedHistory {
 public:
  void add(const venue::FeedAdd& event) { events_[event.header.feed_number] = event; }
  void forget_below(std::uint64_t number) {
    events_.erase(events_.begin(), events_.lower_bound(number));
  }
  void read_feed(std::uint64_t first, base::ByteWriter& into) override {
    ++reads;
    for (std::uint64_t n = first; n < first + 100; ++n) {
      const auto found = events_.find(n);
      if (found == events_.end()) return;
      into.object(found->second);
    }
  }
  int reads = 0;

 private:
  std::map<std::uint64_t, venue::FeedAdd> events_;
};

// A subscriber that notes the order references it is sent.
class Reader {
 public:
  Reader(net::Loop& loop, const net::Endpoint& to, std::uint64_t from_number,
         std::string session = "") {
    net::connect(loop, to, [this, from_number, session](auto connection, const std::string&) {
      if (!connection) return;
      connection_ = std::move(connection);
      connection_->start([this](base::Bytes bytes) { return receive(bytes); },
                         [this](const std::string&) { closed = true; });
      wire::SoupLoginRequest request;
      request.session = wire::alpha<10>(session);
      request.sequence_number = wire::soup_number(from_number);
      std::array<std::byte, wire::kSoupHeaderBytes + sizeof request> packet;
      wire::encode_soup_header(packet.data(), wire::SoupType::login_request, sizeof request);
      std::memcpy(packet.data() + wire::kSoupHeaderBytes, &request, sizeof request);
      connection_->send(packet);
      connection_->flush();
    });
  }
  ~Reader() {
    if (connection_) connection_->close();
  }
  void pause() { connection_->pause(); }
  void resume() { connection_->resume(); }

  std::uint64_t accepted_number = 0;
  char rejected = 0;
  bool closed = false;
  std::vector<std::uint64_t> references;

 private:
  std::size_t receive(base::Bytes bytes) {
    std::size_t at = 0;
    wire::SoupPacket packet;
    while (wire::decode_soup(bytes.subspan(at), packet) == wire::SoupFault::none) {
      take(packet);
      at += packet.size_bytes;
    }
    return at;
  }
  void take(const wire::SoupPacket& packet) {
    if (packet.type == wire::SoupType::login_accepted) {
      wire::SoupLoginAccepted accepted;
      std::memcpy(&accepted, packet.payload.data(), sizeof accepted);
      accepted_number = wire::parse_soup_number(accepted.sequence_number).value();
    } else if (packet.type == wire::SoupType::login_rejected) {
      rejected = static_cast<char>(packet.payload[0]);
    } else if (packet.type == wire::SoupType::sequenced_data) {
      ASSERT_EQ(wire::itch::check(packet.payload), wire::itch::Fault::none);
      wire::itch::AddOrder message;
      std::memcpy(&message, packet.payload.data(), sizeof message);
      references.push_back(message.reference);
    }
  }

  std::shared_ptr<net::Connection> connection_;
};

class FeedServerTest : public testing::Test {
 protected:
  void SetUp() override { open(FeedOptions{}); }
  void open(FeedOptions options) {
    options.session = "OKI1";
    auto opened = FeedServer::open(loop_, options, history_, encoder_);
    ASSERT_TRUE(opened.ok());
    server_ = std::move(opened.value());
  }
  void publish(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const venue::FeedAdd event = feed_add(server_->last_number() + 1);
      history_.add(event);
      server_->publish(event.header);
    }
  }
  template <typename Condition>
  bool run_until(Condition condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + 5'000;
    while (!condition() && net::Loop::now_ms() < end_ms) {
      loop_.turn(net::Loop::now_ms() + 1);
      server_->end_turn(net::Loop::now_ms());
    }
    return condition();
  }
  // Numbers from `first` on, without a gap or a repeat.
  static void expect_contiguous(const Reader& reader, std::uint64_t first) {
    for (std::size_t i = 0; i < reader.references.size(); ++i) {
      ASSERT_EQ(reader.references[i], 1000 + first + i);
    }
  }

  net::Loop loop_;
  MapHistory history_;
  ItchEncoder encoder_;
  std::unique_ptr<FeedServer> server_;
};

TEST_F(FeedServerTest, NewSubscriberGetsEverythingFromTheFirstAndStaysLive) {
  publish(1000);
  Reader reader(loop_, server_->endpoint(), 1);
  ASSERT_TRUE(run_until([&] { return reader.references.size() == 1000; }));
  const int reads_before = history_.reads;
  publish(50);
  ASSERT_TRUE(run_until([&] { return reader.references.size() == 1050; }));
  EXPECT_EQ(history_.reads, reads_before) << "a live subscriber needs no history";
  expect_contiguous(reader, 1);
}

TEST_F(FeedServerTest, ZeroAsksForWhatComesFromNowOn) {
  publish(10);
  Reader reader(loop_, server_->endpoint(), 0);
  ASSERT_TRUE(run_until([&] { return reader.accepted_number != 0; }));
  EXPECT_EQ(reader.accepted_number, 11u);
  publish(3);
  ASSERT_TRUE(run_until([&] { return reader.references.size() == 3; }));
  expect_contiguous(reader, 11);
}

TEST_F(FeedServerTest, SubscriberOfADeadNodeGoesOnAtThisOneWithTheNextNumber) {
  publish(10);
  // The other node had sent up to 14 already when it died; this one is four messages behind.
  Reader reader(loop_, server_->endpoint(), 15);
  ASSERT_TRUE(run_until([&] { return reader.accepted_number == 15; }));
  publish(10);
  ASSERT_TRUE(run_until([&] { return reader.references.size() == 6; }));
  expect_contiguous(reader, 15);
}

TEST_F(FeedServerTest, SlowReaderCostsOnlyABoundedQueueAndLosesNothing) {
  FeedOptions options;
  options.queued_bytes_max = 64u << 10;
  options.queued_bytes_low = 16u << 10;
  open(options);
  Reader slow(loop_, server_->endpoint(), 1);
  Reader quick(loop_, server_->endpoint(), 1);
  publish(1);
  ASSERT_TRUE(run_until([&] { return slow.references.size() + quick.references.size() == 2; }));
  slow.pause();
  constexpr std::size_t kTotal = 400'001;  // far more than the kernel's buffers hold
  while (quick.references.size() < kTotal) {
    if (server_->last_number() < kTotal) publish(500);
    const std::size_t want = server_->last_number();
    ASSERT_TRUE(run_until([&] { return quick.references.size() >= want; }));
  }
  EXPECT_LT(slow.references.size(), kTotal);
  EXPECT_FALSE(slow.closed);
  slow.resume();
  ASSERT_TRUE(run_until([&] { return slow.references.size() == kTotal; }));
  expect_contiguous(slow, 1);
  expect_contiguous(quick, 1);
}

TEST_F(FeedServerTest, ForeignSessionAndForgottenNumberAreRefusedByReason) {
  publish(10);
  history_.forget_below(5);
  Reader foreign(loop_, server_->endpoint(), 1, "ANOTHER");
  Reader too_old(loop_, server_->endpoint(), 4);
  Reader kept(loop_, server_->endpoint(), 5, "OKI1");
  ASSERT_TRUE(run_until([&] { return foreign.closed && too_old.closed; }));
  EXPECT_EQ(foreign.rejected, wire::kSoupSessionNotAvailable);
  EXPECT_EQ(too_old.rejected, wire::kSoupSessionNotAvailable);
  ASSERT_TRUE(run_until([&] { return kept.references.size() == 6; }));
}

TEST_F(FeedServerTest, GarbageEndsItsSenderAlone) {
  Reader reader(loop_, server_->endpoint(), 1);
  std::shared_ptr<net::Connection> garbage;
  bool ended = false;
  net::connect(loop_, server_->endpoint(), [&](auto connection, const std::string&) {
    garbage = std::move(connection);
    garbage->start([](base::Bytes bytes) { return bytes.size(); },
                   [&](const std::string&) { ended = true; });
    garbage->send(base::as_bytes("GET / HTTP/1.1\r\n\r\n"));
    garbage->flush();
  });
  ASSERT_TRUE(run_until([&] { return ended; }));
  publish(2);
  ASSERT_TRUE(run_until([&] { return reader.references.size() == 2; }));
}

}  // namespace
}  // namespace okiagari::feed
