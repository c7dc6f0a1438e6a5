// The market data of one node: feed events as ITCH 5.0 messages over SoupBinTCP. The number of a
// message is its event's feed number, a function of the log, so a subscriber goes on at any other
// node with the number after its last one.
//
// A subscriber is either live, and gets each turn's messages as they are made, or is catching up
// from the history. One that reads too slowly to stay live falls back to catching up: it costs one
// bounded queue, and nobody else notices.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "feed/feed_history.h"
#include "feed/itch_encoder.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "venue/event.h"
#include "wire/soup.h"

namespace okiagari::feed {

struct FeedOptions {
  net::Endpoint listen;
  // SoupBinTCP session: the same on every node of a cluster, another one for another cluster.
  std::string session;
  std::size_t subscribers_max = 256;
  // What one subscriber may have queued before it counts as slow.
  std::size_t queued_bytes_max = 8u << 20;
  // Below this a subscriber that catches up gets more.
  std::size_t queued_bytes_low = 256u << 10;
};

class FeedServer {
 public:
  static base::Result<std::unique_ptr<FeedServer>> open(net::Loop& loop, FeedOptions options,
                                                        FeedHistory& history, ItchEncoder& encoder);
  ~FeedServer();

  // Sets the number of the last message so far; what follows is published. For a state that came
  // from a snapshot.
  void restart_after(std::uint64_t feed_number);

  // The next feed event, in order of feed numbers. The history must have it before end_turn().
  void publish(const venue::EventHeader& event);

  // Sends what was published since the last turn, serves those who catch up, keeps the time.
  void end_turn(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }
  [[nodiscard]] std::size_t subscribers() const { return subscribers_.size(); }
  [[nodiscard]] std::uint64_t last_number() const { return last_number_; }

 private:
  struct Subscriber {
    std::shared_ptr<net::Connection> connection;
    bool logged_in = false;
    bool live = false;
    std::uint64_t next_number = 0;  // while not live
    std::uint64_t last_sent_ms = 0;
    std::uint64_t last_heard_ms = 0;
  };

  FeedServer(FeedOptions options, FeedHistory& history, ItchEncoder& encoder);
  void accept(std::shared_ptr<net::Connection> connection);
  std::size_t receive(Subscriber& subscriber, base::Bytes bytes);
  void log_in(Subscriber& subscriber, base::Bytes payload);
  void refuse(Subscriber& subscriber, char reason);
  void drop(Subscriber& subscriber);
  void frame(const venue::EventHeader& event, base::ByteWriter& into);
  void send_live(Subscriber& subscriber, std::uint64_t now_ms);
  void catch_up(Subscriber& subscriber, std::uint64_t now_ms);
  void keep_time(Subscriber& subscriber, std::uint64_t now_ms);
  void remove_closed();

  FeedOptions options_;
  FeedHistory& history_;
  ItchEncoder& encoder_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::uint64_t last_number_ = 0;
  std::size_t live_count_ = 0;
  std::uint64_t turn_first_ = 1;  // number of the first message in turn_
  base::ByteWriter turn_;         // framed messages of this turn, when anybody is live
  base::ByteWriter events_;
  base::ByteWriter messages_;
};

}  // namespace okiagari::feed
