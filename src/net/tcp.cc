#include "net/tcp.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "net/link_identity.h"
#include "net/secure_stream.h"

namespace okiagari::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {
constexpr std::size_t kReadBytes = 256u << 10;
// One connection may not keep the loop for itself: after this many bytes the others get their turn.
constexpr std::size_t kReadBytesPerTurn = 1u << 20;

std::string describe_errno(int error) { return std::strerror(error); }
}  // namespace

base::Result<Endpoint> parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto wrong = [&] {
    return base::Error{
        fmt::format("'{}' is not an address: expected HOST:PORT, e.g. 127.0.0.1:7000", text)};
  };
  if (colon == std::string::npos) return wrong();
  std::string host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc{} || stop != end) return wrong();
  boost::system::error_code bad_host;
  asio::ip::make_address(host, bad_host);
  if (bad_host) return wrong();
  return Endpoint{host, port};
}

std::string to_string(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", endpoint.host, v6 ? "]" : "", endpoint.port);
}

Connection::Connection(Loop& loop, tcp::socket socket)
    : Connection(loop, std::move(socket), Security{}, Side::accepts) {}

Connection::Connection(Loop&, tcp::socket socket, const Security& security, Side side)
    : socket_(std::move(socket)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  const auto remote = socket_.remote_endpoint(ignored);
  peer_ = ignored ? "unknown peer" : to_string({remote.address().to_string(), remote.port()});
  if (security.identity != nullptr) {
    secure_ = std::make_unique<SecureStream>(
        security.identity->context(Loop::now_ms()), socket_.native_handle(),
        side == Side::accepts ? SecureStream::Side::accepts : SecureStream::Side::connects,
        security.peer_name);
  }
}

Connection::~Connection() { close(); }

bool Connection::is_peer_named(const std::string& name) const {
  return secure_ == nullptr || secure_->is_peer_named(name);
}

ssize_t Connection::receive(void* into, std::size_t size) {
  if (secure_ != nullptr) return secure_->read(into, size);
  return ::recv(socket_.native_handle(), into, size, 0);
}

ssize_t Connection::put(const void* from, std::size_t size) {
  if (secure_ != nullptr) return secure_->write(from, size);
  return ::send(socket_.native_handle(), from, size, MSG_NOSIGNAL);
}

std::string Connection::describe_failure() const {
  return secure_ != nullptr && !secure_->reason().empty() ? secure_->reason()
                                                          : describe_errno(errno);
}

void Connection::start(DataHandler on_data, CloseHandler on_close,
                       std::size_t max_unconsumed_bytes) {
  on_data_ = std::move(on_data);
  on_close_ = std::move(on_close);
  max_unconsumed_bytes_ = max_unconsumed_bytes;
  if (secure_ == nullptr) return wait_readable();
  // The handshake is taken on by reading, and by nothing else: what came behind its last message
  // would have left the socket with it, and nobody would read it.
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->open_ && !self->paused_) self->read_on();
  });
}

void Connection::wait_readable() {
  if (!open_ || paused_ || reading_) return;
  reading_ = true;
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->reading_ = false;
                       if (error || !self->open_ || self->paused_) return;
                       self->read_on();
                     });
}

void Connection::read_on() {
  const bool is_all_read = read_ready();
  // What waited for the handshake.
  if (secure_ != nullptr) flush();
  if (!open_ || paused_) return;
  if (is_all_read || secure_ == nullptr) return wait_readable();
  // The socket does not tell of bytes that TLS has taken from it; others have their turn first.
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->open_ && !self->paused_) self->read_on();
  });
}

bool Connection::read_ready() {
  std::size_t this_turn = 0;
  while (open_ && !paused_ && this_turn < kReadBytesPerTurn) {
    if (incoming_.size() - received_ < kReadBytes / 2) incoming_.resize(received_ + kReadBytes);
    const ssize_t got = receive(incoming_.data() + received_, incoming_.size() - received_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (got <= 0) {
      fail(got == 0 ? "closed by the peer" : describe_failure());
      return true;
    }
    received_ += static_cast<std::size_t>(got);
    this_turn += static_cast<std::size_t>(got);
    // TLS gives a record at a time, whatever else has come.
    const bool is_drained = secure_ == nullptr && received_ < incoming_.size();
    if (!deliver() || is_drained) return true;
  }
  return false;
}

bool Connection::deliver() {
  // The handler may close this connection or replace itself; the copy keeps it alive while it runs.
  const DataHandler handler = on_data_;
  const std::size_t consumed = handler({incoming_.data(), received_});
  if (!open_) return false;
  if (consumed > 0) {
    received_ -= consumed;
    std::memmove(incoming_.data(), incoming_.data() + consumed, received_);
  }
  if (received_ > max_unconsumed_bytes_) {
    fail(fmt::format("sent {} bytes that make no whole message", received_));
    return false;
  }
  return true;
}

bool Connection::send(base::Bytes bytes) {
  if (!open_ || queued_bytes() + bytes.size() > max_queued_bytes_) return false;
  outgoing_.insert(outgoing_.end(), bytes.begin(), bytes.end());
  return true;
}

void Connection::flush() {
  if (secure_ != nullptr && !secure_->is_established()) return;
  while (open_ && !writing_ && sent_ < outgoing_.size()) {
    const ssize_t taken = put(outgoing_.data() + sent_, outgoing_.size() - sent_);
    if (taken < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_writable();
      return fail(describe_failure());
    }
    sent_ += static_cast<std::size_t>(taken);
  }
  if (sent_ == outgoing_.size()) {
    outgoing_.clear();
    sent_ = 0;
  } else if (sent_ > (1u << 20)) {
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }
}

void Connection::wait_writable() {
  writing_ = true;
  socket_.async_wait(tcp::socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->writing_ = false;
                       if (!error && self->open_) self->flush();
                     });
}

void Connection::pause() { paused_ = true; }

void Connection::resume() {
  if (!paused_) return;
  paused_ = false;
  // What had come before the pause is delivered from the loop, not from inside the caller.
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (!self->open_ || self->paused_) return;
    if (self->received_ > 0 && !self->deliver()) return;
    if (!self->paused_) self->read_on();
  });
}

void Connection::close() {
  if (!open_) return;
  const bool can_put = !writing_ && (secure_ == nullptr || secure_->is_established());
  if (can_put && sent_ < outgoing_.size()) {
    static_cast<void>(put(outgoing_.data() + sent_, outgoing_.size() - sent_));
  }
  if (secure_ != nullptr) secure_->say_farewell();
  open_ = false;
  // The handlers may hold this connection; without them it ends with its last user.
  on_data_ = nullptr;
  on_close_ = nullptr;
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void Connection::fail(const std::string& reason) {
  if (!open_) return;
  const CloseHandler handler = std::move(on_close_);
  close();
  if (handler) handler(reason);
}

struct Listener::Shared {
  Shared(asio::io_context& context, AcceptHandler handler, Security with)
      : acceptor(context), on_accept(std::move(handler)), security(std::move(with)) {}
  tcp::acceptor acceptor;
  AcceptHandler on_accept;
  Security security;
  bool open = true;
};

Listener::Listener(Loop& loop, AcceptHandler on_accept, Security security)
    : loop_(loop),
      shared_(std::make_shared<Shared>(loop.context(), std::move(on_accept), std::move(security))) {
}

Listener::~Listener() {
  shared_->open = false;
  boost::system::error_code ignored;
  shared_->acceptor.close(ignored);
}

base::Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Endpoint& at,
                                                       AcceptHandler on_accept, Security security) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(at.host, error);
  if (error) return base::Error{fmt::format("'{}' is not a numeric address", at.host)};
  std::unique_ptr<Listener> listener(new Listener(loop, std::move(on_accept), std::move(security)));
  tcp::acceptor& acceptor = listener->shared_->acceptor;
  const tcp::endpoint where(address, at.port);
  acceptor.open(where.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(where, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return base::Error{
        fmt::format("cannot listen on {}: {}; another program may use the port, choose another one",
                    to_string(at), error.message())};
  }
  listener->endpoint_ = {at.host, acceptor.local_endpoint().port()};
  listener->accept_next();
  return listener;
}

void Listener::accept_next() {
  shared_->acceptor.async_accept(
      [this, shared = shared_](const boost::system::error_code& error, tcp::socket socket) {
        if (!shared->open) return;
        if (!error) {
          shared->on_accept(std::make_shared<Connection>(loop_, std::move(socket), shared->security,
                                                         Connection::Side::accepts));
        }
        if (shared->open) accept_next();
      });
}

void connect(Loop& loop, const Endpoint& to, ConnectHandler on_result, Security security) {
  auto socket = std::make_shared<tcp::socket>(loop.context());
  boost::system::error_code bad_host;
  const auto address = asio::ip::make_address(to.host, bad_host);
  if (bad_host) return on_result(nullptr, fmt::format("'{}' is not a numeric address", to.host));
  socket->async_connect(tcp::endpoint(address, to.port),
                        [&loop, socket, handler = std::move(on_result),
                         security = std::move(security)](const boost::system::error_code& error) {
                          if (error) return handler(nullptr, error.message());
                          handler(std::make_shared<Connection>(loop, std::move(*socket), security,
                                                               Connection::Side::connects),
                                  {});
                        });
}

}  // namespace okiagari::net
