// The run itself: many members trade through all gateways at a given rate, a subscriber reads the
// feed, and afterwards everything is brought to rest and read again from the beginning. Faults are
// somebody else's: whoever owns this calls turn() and does what it likes in between.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "check/feed_listener.h"
#include "check/history.h"
#include "check/member.h"
#include "check/message_source.h"
#include "check/order_mix.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::check {

struct MarketAddresses {
  std::vector<net::Endpoint> gateways;
  std::vector<FeedAddress> feeds;  // one a node
  std::vector<MemberAccess> members;
  std::vector<Tradable> instruments;
};

struct LoadOptions {
  std::uint64_t seed = 1;
  std::uint32_t messages_per_second = 2'000;  // 0: when the source says that they are due
  // Without an answer, a member; beyond, it holds back.
  std::size_t unanswered_max = 2'000;
  // Sessions and feed are read from what comes now, not from number 1. What was told before cannot
  // be judged then.
  bool from_now_on = false;
  // Where messages come from; null: drawn by the seed. Borrowed.
  MessageSource* source = nullptr;
};

class Load {
 public:
  Load(net::Loop& loop, History& history, MarketAddresses addresses, const LoadOptions& options);

  // Logs everybody in. The error says who could not within the time.
  base::Status connect(std::uint64_t timeout_ms);
  // One turn of the loop with the messages that are due; waits a millisecond at most.
  void turn();
  // Everything answered and nobody told anything for a while, without new messages. False when it
  // did not come to that in time; what is unanswered then is written down as given up.
  bool settle(std::uint64_t timeout_ms);
  // Reads all sessions at all gateways and the feed of all nodes again, from number 1.
  void read_again(std::uint64_t timeout_ms);

  // Nodes have come or gone: the feed is listened to, and read again, where they are now.
  void set_feeds(std::vector<FeedAddress> feeds);

  [[nodiscard]] std::uint64_t sent() const;
  [[nodiscard]] std::uint64_t acknowledged() const;
  // Monotonic time of the last answer to anybody.
  [[nodiscard]] std::uint64_t last_answer_ns() const;
  // Called between turns while it waits inside; for supervision of the processes under test.
  std::function<void()> while_waiting;

 private:
  static constexpr std::uint64_t kTickMs = 5;
  static constexpr std::uint64_t kSignMs = 2;
  static constexpr std::uint64_t kQuietMs = 150;
  static constexpr int kBurstMax = 1'000;  // messages a turn, without a rate

  void run_loop(bool generates);
  void tick();
  void send_what_is_due();
  // False when the next message must wait, or there is none.
  bool send_one();
  bool send_drawn();
  bool send_from(MessageSource& source);
  void ask_for_sign(Member& member);
  // Turns until `done` or the time is over; says which.
  bool wait_until(std::uint64_t timeout_ms, const std::function<bool()>& done);
  void read_sessions_again(const net::Endpoint& gateway, std::uint64_t timeout_ms);
  void read_feeds_again(std::uint64_t timeout_ms);

  net::Loop& loop_;
  History& history_;
  MarketAddresses addresses_;
  LoadOptions options_;
  Random random_;
  OrderMix mix_;
  std::vector<std::unique_ptr<Member>> members_;
  std::unique_ptr<FeedListener> feed_;
  base::ByteWriter message_;
  std::uint64_t started_ns_ = 0;  // of generating; 0 before
  std::uint64_t drawn_ = 0;
  std::uint64_t last_tick_ms_ = 0;
  std::uint64_t next_sign_ms_ = 0;
};

}  // namespace okiagari::check
