// For tests: a member's end of a connection to a gateway, which keeps every packet it gets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "wire/ouch.h"
#include "wire/soup.h"

namespace okiagari::gateway {

class FakeMember {
 public:
  FakeMember(net::Loop& loop, const net::Endpoint& gateway) {
    net::connect(loop, gateway, [this](auto connection, const std::string&) {
      connection_ = std::move(connection);
      if (connection_ == nullptr) return;
      connection_->start([this](base::Bytes bytes) { return receive(bytes); },
                         [this](const std::string&) { is_closed = true; });
    });
  }
  ~FakeMember() {
    if (connection_ != nullptr) connection_->close();
  }

  [[nodiscard]] bool is_connected() const { return connection_ != nullptr; }

  void log_in(std::string_view name, std::string_view token, std::uint64_t next_number = 1,
              std::string_view session = "") {
    wire::SoupLoginRequest request;
    request.username = wire::alpha<6>(name);
    request.password = wire::alpha<10>(token);
    request.session = wire::alpha<10>(session);
    request.sequence_number = wire::soup_number(next_number);
    send_packet(wire::SoupType::login_request, base::object_bytes(request));
  }
  template <typename Message>
  void send(const Message& message) {
    send_packet(wire::SoupType::unsequenced_data, base::object_bytes(message));
  }
  void send_packet(wire::SoupType type, base::Bytes payload) {
    std::byte header[wire::kSoupHeaderBytes];
    wire::encode_soup_header(header, type, payload.size());
    (void)connection_->send(header);
    (void)connection_->send(payload);
    connection_->flush();
  }
  void send_raw(base::Bytes bytes) {
    (void)connection_->send(bytes);
    connection_->flush();
  }
  void enter(std::uint32_t user_reference, std::uint64_t price_e4 = 10'000, char side = 'B',
             std::string_view symbol = "ALPHA") {
    wire::ouch::EnterOrder order;
    order.user_reference = user_reference;
    order.side = side;
    order.quantity = 1;
    order.symbol = wire::alpha<8>(symbol);
    order.price_e4 = price_e4;
    send(order);
  }
  void leave() {
    connection_->close();
    is_closed = true;
  }
  void stop_reading() { connection_->pause(); }

  // The messages of the session, in order; the first has first_number.
  struct Packet {
    wire::SoupType type;
    std::string payload;
  };
  std::vector<Packet> packets;
  std::vector<std::string> messages;
  std::vector<std::string> unsequenced;
  std::uint64_t first_number = 0;
  bool is_accepted = false;
  char rejected = 0;
  std::string debug_text;
  bool is_closed = false;
  std::size_t heartbeats = 0;

  template <typename Message>
  [[nodiscard]] const Message& message(std::size_t i) const {
    return *reinterpret_cast<const Message*>(messages.at(i).data());
  }
  // The types of all messages, in order.
  [[nodiscard]] std::string types() const {
    std::string types;
    for (const std::string& text : messages) types += text[0];
    return types;
  }

 private:
  std::size_t receive(base::Bytes bytes) {
    std::size_t consumed = 0;
    wire::SoupPacket packet;
    while (wire::decode_soup(bytes.subspan(consumed), packet) == wire::SoupFault::none) {
      consumed += packet.size_bytes;
      take(packet);
    }
    return consumed;
  }
  void take(const wire::SoupPacket& packet) {
    const std::string payload(base::as_text(packet.payload));
    packets.push_back({packet.type, payload});
    switch (packet.type) {
      case wire::SoupType::login_accepted: {
        const auto* accepted = wire::view_as<wire::SoupLoginAccepted>(packet.payload);
        is_accepted = true;
        first_number = wire::parse_soup_number(accepted->sequence_number).value_or(0);
        return;
      }
      case wire::SoupType::login_rejected:
        rejected = payload.at(0);
        return;
      case wire::SoupType::sequenced_data:
        messages.push_back(payload);
        return;
      case wire::SoupType::unsequenced_data:
        unsequenced.push_back(payload);
        return;
      case wire::SoupType::debug:
        debug_text = payload;
        return;
      case wire::SoupType::server_heartbeat:
        ++heartbeats;
        return;
      default:
        return;
    }
  }

  std::shared_ptr<net::Connection> connection_;
};

}  // namespace okiagari::gateway
