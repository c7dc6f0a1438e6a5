#include "journal/bulk_line.h"

#include <fmt/format.h>
#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <utility>

#include "journal/peer_message.h"
#include "net/tcp_progress.h"

namespace okiagari::journal {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// What waits in this process: the largest frame there is, and more than all pieces of a snapshot
// that are under way at a time.
constexpr std::size_t kWaitingBytesMax = kFrameBytesMax;
// When looks at the progress come too late to say anything, the kernel still ends a dead line.
constexpr unsigned int kUnacknowledgedMs = 5000;
// "Lower effort" (RFC 8622), in the six upper bits.
constexpr int kLowerEffort = 1 << 2;

// Others go first: in this host's own queue by the priority, in routers that know it by the mark.
void yield_to_others(int socket, std::uint32_t send_buffer_bytes) {
  const int buffer_bytes = static_cast<int>(send_buffer_bytes);
  const int mark = kLowerEffort;
  const int priority = TC_PRIO_BULK;
  static_cast<void>(
      ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes));
  static_cast<void>(::setsockopt(socket, IPPROTO_IP, IP_TOS, &mark, sizeof mark));
  static_cast<void>(::setsockopt(socket, IPPROTO_IPV6, IPV6_TCLASS, &mark, sizeof mark));
  static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledgedMs,
                                 sizeof kUnacknowledgedMs));
  // Behind the mark, which sets one, too.
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority));
}

}  // namespace

BulkLine::BulkLine(net::Loop& loop, const BulkLineOptions& options, std::function<void(End)> on_end)
    : loop_(loop),
      options_(options),
      on_end_(std::move(on_end)),
      timer_(loop.context()),
      silence_(options.stuck_ms) {}

void BulkLine::open(Network network, const net::Endpoint& to, const net::Security& security,
                    const PeerGreeting& greeting) {
  close();
  life_ = std::make_shared<bool>(true);
  network_ = network;
  greeting_ = greeting;
  opened_at_ms_ = net::Loop::now_ms();
  used_at_ms_ = opened_at_ms_;
  look();
  boost::system::error_code error;
  const auto address = asio::ip::make_address(to.host, error);
  // The link stands at this address, so it is one; else the line is not taken in time.
  if (error) return;
  connecting_ = std::make_shared<tcp::socket>(loop_.context());
  connecting_->async_connect(tcp::endpoint(address, to.port),
                             [this, life = std::weak_ptr<bool>(life_), socket = connecting_,
                              security](const boost::system::error_code& failed) {
                               if (life.expired()) return;
                               connecting_.reset();
                               if (failed) return end(failed.message());
                               connected(std::move(*socket), security);
                             });
}

void BulkLine::connected(tcp::socket socket, const net::Security& security) {
  socket_ = socket.native_handle();
  yield_to_others(socket_, options_.send_buffer_bytes);
  connection_ = std::make_shared<net::Connection>(loop_, std::move(socket), security,
                                                  net::Connection::Side::connects);
  connection_->set_max_queued_bytes(kWaitingBytesMax + kGreetingBytes);
  silence_.begin();
  const std::weak_ptr<bool> life = life_;
  connection_->start(
      [this, life](base::Bytes bytes) {
        return life.expired() ? bytes.size() : take_answer(bytes);
      },
      [this, life](const std::string& reason) {
        if (!life.expired()) end(reason);
      },
      kGreetingBytes);
  base::ByteWriter bytes;
  encode(greeting_, bytes);
  // The connection may end while it is flushed.
  const std::shared_ptr<net::Connection> connection = connection_;
  static_cast<void>(connection->send(bytes.view()));
  connection->flush();
}

std::size_t BulkLine::take_answer(base::Bytes bytes) {
  // Behind the answer nothing comes.
  if (is_taken_) return bytes.size();
  if (bytes.size() < kGreetingBytes) return 0;
  PeerGreeting expected = greeting_;
  std::swap(expected.from, expected.to);
  if (decode_greeting(bytes.first(kGreetingBytes)) != expected) {
    end("it is answered with something else than its greeting");
    return bytes.size();
  }
  is_taken_ = true;
  static_cast<void>(connection_->send(waiting_));
  waiting_.clear();
  flush();
  return bytes.size();
}

void BulkLine::close() {
  life_.reset();
  timer_.cancel();
  if (connecting_) {
    boost::system::error_code ignored;
    connecting_->close(ignored);
    connecting_.reset();
  }
  if (connection_) connection_->close();
  connection_.reset();
  is_taken_ = false;
  waiting_.clear();
}

bool BulkLine::send(base::Bytes frames) {
  if (!is_open()) return false;
  const std::size_t waiting_bytes = is_taken_ ? connection_->queued_bytes() : waiting_.size();
  if (waiting_bytes + frames.size() > kWaitingBytesMax) return false;
  used_at_ms_ = net::Loop::now_ms();
  if (is_taken_) return connection_->send(frames);
  waiting_.insert(waiting_.end(), frames.begin(), frames.end());
  return true;
}

void BulkLine::flush() {
  if (!is_taken_ || connection_->queued_bytes() == 0) return;
  const std::shared_ptr<net::Connection> connection = connection_;
  connection->flush();
}

bool BulkLine::is_on_its_way() const {
  if (!is_taken_) return !waiting_.empty();
  if (connection_->queued_bytes() > 0) return true;
  const auto progress = net::tcp_progress(socket_);
  return progress && progress->is_awaited;
}

void BulkLine::look() {
  timer_.expires_after(std::chrono::milliseconds(options_.look_ms));
  timer_.async_wait([this, life = std::weak_ptr<bool>(life_)](const auto& cancelled) {
    if (cancelled || life.expired()) return;
    look();
    look_at_progress();
  });
}

void BulkLine::look_at_progress() {
  const std::uint64_t now_ms = net::Loop::now_ms();
  if (!is_taken_) {
    if (now_ms < opened_at_ms_ + options_.taken_within_ms) return;
    return end(fmt::format("it was not taken within {} ms", options_.taken_within_ms));
  }
  auto progress = net::tcp_progress(socket_);
  if (!progress) return;
  progress->is_awaited = progress->is_awaited || connection_->queued_bytes() > 0;
  if (silence_.is_silent(*progress, now_ms)) {
    return end(
        fmt::format("nothing of what was sent is acknowledged for {} ms", options_.stuck_ms));
  }
  if (!progress->is_awaited && now_ms >= used_at_ms_ + options_.idle_ms) close();
}

void BulkLine::end(const std::string& reason) {
  End ended{network_, is_taken_, reason, std::move(waiting_)};
  close();
  on_end_(std::move(ended));
}

}  // namespace okiagari::journal
