// A connection to a peer for pieces of snapshots alone, so that they never stand in front of what
// is urgent. It is opened when there is a piece to send, and ends when none was sent for a while.
//
// It is greeted over as the link is, with a greeting of its own kind, and used only when the peer
// has answered with the same: a server that does not know such lines ends the connection instead.
// Nothing about it says that a peer lives or died. A line that is not taken, breaks or does not
// move ends; whoever owns it finds another way.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "journal/line_choice.h"
#include "journal/line_silence.h"
#include "journal/peer_greeting.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::journal {

struct BulkLineOptions {
  // All bytes that may be between us and the peer, in kernels and on the way; the kernel doubles
  // it. On a line of 10 Mbit/s 128 KiB take 105 ms, less than the silence after which followers
  // suspect their leader. At a distance of 20 ms they allow 6.5 MB/s.
  std::uint32_t send_buffer_bytes = 64U << 10;
  // From the first try to connect until the peer has answered.
  std::uint32_t taken_within_ms = 1500;
  // What was sent and waits, with nothing of it acknowledged, waits in vain.
  std::uint32_t stuck_ms = 1000;
  std::uint32_t idle_ms = 5000;
  // After a line ended by anything but idleness, none is opened over that network for so long.
  std::uint32_t again_ms = 10'000;
  std::uint32_t look_ms = 20;
};

class BulkLine {
 public:
  // It ended, and not because it was idle or closed by its owner.
  struct End {
    Network network = Network::a;
    bool was_taken = false;
    std::string reason;
    // Whole frames that were never sent, as the peer did not take the line.
    std::vector<std::byte> frames;
  };

  // `on_end` may open it again.
  BulkLine(net::Loop& loop, const BulkLineOptions& options, std::function<void(End)> on_end);
  ~BulkLine() { close(); }
  BulkLine(const BulkLine&) = delete;
  BulkLine& operator=(const BulkLine&) = delete;

  // Begins to connect; frames may be sent from now on, and wait until the peer has taken the line.
  // One that was open ends.
  void open(Network network, const net::Endpoint& to, const net::Security& security,
            const PeerGreeting& greeting);
  // What waits is dropped. `on_end` is not called.
  void close();

  // One or several whole frames. False, and nothing taken, when as many bytes wait as may.
  bool send(base::Bytes frames);
  void flush();

  [[nodiscard]] bool is_open() const { return life_ != nullptr; }
  [[nodiscard]] Network network() const { return network_; }
  // Something that was sent has not come to the peer's host yet.
  [[nodiscard]] bool is_on_its_way() const;

 private:
  void connected(boost::asio::ip::tcp::socket socket, const net::Security& security);
  std::size_t take_answer(base::Bytes bytes);
  void look();
  void look_at_progress();
  void end(const std::string& reason);

  net::Loop& loop_;
  BulkLineOptions options_;
  std::function<void(End)> on_end_;
  boost::asio::steady_timer timer_;
  // Of what was opened last: callbacks of an earlier one find it gone.
  std::shared_ptr<bool> life_;
  std::shared_ptr<boost::asio::ip::tcp::socket> connecting_;
  std::shared_ptr<net::Connection> connection_;
  Network network_ = Network::a;
  PeerGreeting greeting_;
  int socket_ = -1;  // of the connection
  bool is_taken_ = false;
  std::vector<std::byte> waiting_;  // until it is taken
  LineSilence silence_;
  std::uint64_t opened_at_ms_ = 0;
  std::uint64_t used_at_ms_ = 0;
};

}  // namespace okiagari::journal
