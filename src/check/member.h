// A member with one order entry session, as a careful one behaves: it numbers its orders, keeps
// what has no answer yet, and when its connection is gone it logs in again at the next gateway with
// the next sequence number it needs, takes what it missed, and sends what is still without an
// answer again, in order and under the same numbers. Everything is written into the history; what
// leaves, before it does.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "check/history.h"
#include "check/order_view.h"
#include "check/ouch.h"
#include "check/soup_client.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::check {

struct MemberAccess {
  std::uint16_t session = 0;
  std::string user;
  std::string password;
};

class Member {
 public:
  // It reads its session from `first_number` on; 0: from what comes now.
  Member(net::Loop& loop, History& history, MemberAccess access,
         std::vector<net::Endpoint> gateways, std::size_t first_gateway,
         std::uint64_t first_number = 1);

  // Logged in, and everything without an answer sent again.
  [[nodiscard]] bool is_ready() const { return ready_; }
  [[nodiscard]] std::size_t unanswered() const { return unanswered_.size(); }
  // Something was sent of which it is not known to be decided. What is decided and unanswered will
  // stay so.
  [[nodiscard]] bool has_undecided() const {
    return !unanswered_.empty() && unanswered_.back().number > decided_number_;
  }
  [[nodiscard]] std::uint32_t next_user_reference() const { return next_user_reference_; }
  [[nodiscard]] const OrderView& orders() const { return orders_; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  [[nodiscard]] std::uint64_t last_answer_ns() const { return last_answer_ns_; }
  [[nodiscard]] std::uint64_t next_sequence_number() const { return next_sequence_number_; }

  // A second cancel of one order before the first is answered could not be told from it.
  [[nodiscard]] bool awaits_cancel_of(std::uint32_t user_reference) const;
  // While ready. An order or replace must carry next_user_reference(), which it takes.
  void send(base::Bytes message);
  // While ready. Asks for a sign behind the answers to everything sent so far; when it comes, what
  // needs no answer of its own is known to be decided.
  void query();
  void flush() { client_.flush(); }
  // Connects, and connects again, and keeps the connection alive.
  void tick(std::uint64_t now_ms);
  // Stops, with what has no answer written down as given up.
  void give_up();
  void close();

 private:
  struct Unanswered {
    std::uint64_t number = 0;  // among all it sent
    char type = 0;
    std::uint32_t user_reference = 0;
    std::uint32_t original_user_reference = 0;  // of a replace
    bool original_canceled = false;
    std::vector<std::byte> message;
  };
  static constexpr std::uint64_t kRetryMs = 20;
  static constexpr std::uint64_t kBarrierMs = 2'000;

  void on_accepted(const SoupLoginAccepted& accepted);
  void on_packet(const SoupPacket& packet);
  void on_lost(const std::string& reason);
  void on_sequenced(base::Bytes message);
  void on_unsequenced(base::Bytes message);
  void settle(const OuchAnswer& answer);
  void on_query_answered(std::uint32_t next_user_reference);
  // Up to that number among all sent, whatever nothing names in an answer has been decided.
  void decided_up_to(std::uint64_t number);
  void send_unanswered_again();

  History& history_;
  MemberAccess access_;
  std::vector<net::Endpoint> gateways_;
  std::size_t gateway_;
  SoupClient client_;
  OrderView orders_;
  std::deque<Unanswered> unanswered_;  // in the order first sent
  std::deque<std::uint64_t> queries_;  // sent_ when each was asked
  std::uint64_t next_sequence_number_;
  std::uint32_t next_user_reference_ = 1;
  std::uint64_t sent_ = 0;
  std::uint64_t decided_number_ = 0;  // by the sign behind the answers, on this connection
  std::uint64_t acknowledged_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t last_answer_ns_ = 0;
  std::uint64_t retry_at_ms_ = 0;
  std::uint64_t barrier_until_ms_ = 0;
  bool ready_ = false;
  bool has_begun_ = false;
};

}  // namespace okiagari::check
