// The feed as members' systems listen to it: datagrams on two lines or more, whichever is first
// counts; what no line brought is asked for. Messages come out once each and in order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/udp.h"

namespace okiagari::client {

struct LineFeedOptions {
  std::vector<net::Endpoint> lines;     // groups, or addresses of this machine
  std::vector<net::Endpoint> requests;  // who is asked for what is missed, in turns
  std::string interface;                // for joining groups; empty: the system's choice
  std::string session;
  std::uint64_t next_number = 1;  // of the first message wanted; 0: whatever comes first
  // How long another line may take to bring what one has lost, and a request to be answered.
  std::uint64_t patience_ms = 3;
  std::uint64_t answer_ms = 30;
  // Datagrams kept that came before one that is missing; beyond it they are asked for again.
  std::size_t kept_datagrams_max = 4'096;
};

class LineFeedClient {
 public:
  using MessageHandler = std::function<void(std::uint64_t number, base::Bytes message)>;
  // Each datagram as it came on a line, for who measures and compares; `first` is the number of its
  // first message.
  using DatagramHandler =
      std::function<void(std::size_t line, std::uint64_t first, base::Bytes datagram)>;

  static base::Result<std::unique_ptr<LineFeedClient>> open(net::Loop& loop,
                                                            LineFeedOptions options,
                                                            MessageHandler on_message);
  void watch_datagrams(DatagramHandler on_datagram) { on_datagram_ = std::move(on_datagram); }

  // Asks for what is missing, when it is time.
  void tick(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const { return due_ms_; }

  [[nodiscard]] std::uint64_t next_number() const { return next_number_; }
  // The first message that is missing though later ones are known; 0: none is.
  [[nodiscard]] std::uint64_t missing_number() const { return missing_number_; }
  // Where the lines listen, in their order.
  [[nodiscard]] net::Endpoint line(std::size_t i) const { return lines_[i]->endpoint(); }

  struct Counters {
    std::vector<std::uint64_t> datagrams;  // by line
    std::uint64_t messages = 0;            // given out
    std::uint64_t gaps = 0;                // that no line filled in time
    std::uint64_t requests = 0;
    std::uint64_t malformed = 0;  // or of another session
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  LineFeedClient(LineFeedOptions options, MessageHandler on_message)
      : options_(std::move(options)),
        on_message_(std::move(on_message)),
        next_number_(options_.next_number) {}
  base::Status open_ports(net::Loop& loop);
  void take(std::size_t line, base::Bytes datagram);
  void take_messages(base::Bytes datagram, std::uint64_t first);
  void take_kept();
  void note_missing(std::uint64_t known_end);
  void ask();

  static constexpr std::size_t kAnswer = SIZE_MAX;  // came from no line

  LineFeedOptions options_;
  MessageHandler on_message_;
  DatagramHandler on_datagram_;
  std::uint64_t next_number_;
  std::uint64_t known_end_ = 0;                           // messages below are known to exist
  std::map<std::uint64_t, std::vector<std::byte>> kept_;  // by first number
  std::vector<std::unique_ptr<net::UdpPort>> lines_;
  std::unique_ptr<net::UdpPort> asking_;
  std::size_t asked_ = 0;             // which of `requests` is next
  std::uint64_t missing_number_ = 0;  // of the first message that is missing; 0: none is
  bool is_asked_ = false;             // for that one
  std::uint64_t due_ms_ = UINT64_MAX;
  Counters counters_;
};

}  // namespace okiagari::client
