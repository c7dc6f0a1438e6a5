#include "client/feed_client.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace okiagari::client {
namespace {

// A feed of single letters, the same wherever one subscribes, that breaks off after a few of them.
class FakeFeed {
 public:
  FakeFeed(net::Loop& loop, std::size_t letters_a_connection) : letters_(letters_a_connection) {
    auto opened = net::Listener::open(loop, {}, [this](auto connection) {
      connections_.push_back(connection);
      connection->start([this, raw = connection.get()](base::Bytes b) { return receive(*raw, b); },
                        [](const std::string&) {});
    });
    listener_ = std::move(opened.value());
  }
  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }

 private:
  std::size_t receive(net::Connection& connection, base::Bytes bytes) {
    wire::SoupPacket packet;
    if (wire::decode_soup(bytes, packet) != wire::SoupFault::none) return 0;
    const auto* request = wire::view_as<wire::SoupLoginRequest>(packet.payload);
    wire::SoupLoginAccepted accepted;
    accepted.sequence_number = request->sequence_number;
    send(connection, wire::SoupType::login_accepted, base::object_bytes(accepted));
    const auto first = wire::parse_soup_number(request->sequence_number).value_or(0);
    for (std::size_t i = 0; i < letters_; ++i) {
      const auto letter = static_cast<char>('a' + first - 1 + i);
      send(connection, wire::SoupType::sequenced_data, base::object_bytes(letter));
    }
    connection.flush();
    connection.close();
    return bytes.size();
  }
  static void send(net::Connection& connection, wire::SoupType type, base::Bytes payload) {
    std::byte header[wire::kSoupHeaderBytes];
    wire::encode_soup_header(header, type, payload.size());
    (void)connection.send(header);
    (void)connection.send(payload);
  }

  std::size_t letters_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::shared_ptr<net::Connection>> connections_;
};

TEST(ItchFeedClient, FeedThatBreaksOffGoesOnAtTheNextNodeWithoutAGapOrARepeat) {
  net::Loop loop;
  FakeFeed first(loop, 3);
  FakeFeed second(loop, 4);
  std::string heard;
  SoupAccess access;
  access.servers = {first.endpoint(), second.endpoint()};
  ItchFeedClient client(loop, access, [&](std::uint64_t number, base::Bytes message) {
    EXPECT_EQ(number, heard.size() + 1);
    heard += base::as_text(message);
  });
  const std::uint64_t deadline_ms = net::Loop::now_ms() + 60'000;
  while (heard.size() < 20 && net::Loop::now_ms() < deadline_ms) {
    client.tick(net::Loop::now_ms());
    loop.turn(client.next_deadline_ms());
  }
  EXPECT_EQ(heard.substr(0, 20), "abcdefghijklmnopqrst");
  EXPECT_FALSE(client.last_loss().empty());
}

}  // namespace
}  // namespace okiagari::client
