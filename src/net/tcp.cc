#include "net/tcp.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

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

Connection::Connection(Loop& loop, tcp::socket socket) : socket_(std::move(socket)) {
  (void)loop;
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  const auto remote = socket_.remote_endpoint(ignored);
  peer_ = ignored ? "unknown peer" : to_string({remote.address().to_string(), remote.port()});
}

Connection::~Connection() { close(); }

void Connection::start(DataHandler on_data, CloseHandler on_close,
                       std::size_t max_unconsumed_bytes) {
  on_data_ = std::move(on_data);
  on_close_ = std::move(on_close);
  max_unconsumed_bytes_ = max_unconsumed_bytes;
  wait_readable();
}

void Connection::wait_readable() {
  if (!open_ || paused_ || reading_) return;
  reading_ = true;
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->reading_ = false;
                       if (error || !self->open_ || self->paused_) return;
                       self->read_ready();
                       self->wait_readable();
                     });
}

void Connection::read_ready() {
  std::size_t this_turn = 0;
  while (open_ && !paused_ && this_turn < kReadBytesPerTurn) {
    if (incoming_.size() - received_ < kReadBytes / 2) incoming_.resize(received_ + kReadBytes);
    const ssize_t got = ::recv(socket_.native_handle(), incoming_.data() + received_,
                               incoming_.size() - received_, 0);
    if (got == 0) return fail("closed by the peer");
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      return fail(describe_errno(errno));
    }
    received_ += static_cast<std::size_t>(got);
    this_turn += static_cast<std::size_t>(got);
    const bool drained = received_ < incoming_.size();
    if (!deliver() || drained) return;
  }
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
  while (open_ && !writing_ && sent_ < outgoing_.size()) {
    const ssize_t put = ::send(socket_.native_handle(), outgoing_.data() + sent_,
                               outgoing_.size() - sent_, MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_writable();
      return fail(describe_errno(errno));
    }
    sent_ += static_cast<std::size_t>(put);
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
    self->wait_readable();
  });
}

void Connection::close() {
  if (!open_) return;
  if (!writing_ && sent_ < outgoing_.size()) {
    (void)::send(socket_.native_handle(), outgoing_.data() + sent_, outgoing_.size() - sent_,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
  }
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
  Shared(asio::io_context& context, AcceptHandler handler)
      : acceptor(context), on_accept(std::move(handler)) {}
  tcp::acceptor acceptor;
  AcceptHandler on_accept;
  bool open = true;
};

Listener::Listener(Loop& loop, AcceptHandler on_accept)
    : loop_(loop), shared_(std::make_shared<Shared>(loop.context(), std::move(on_accept))) {}

Listener::~Listener() {
  shared_->open = false;
  boost::system::error_code ignored;
  shared_->acceptor.close(ignored);
}

base::Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Endpoint& at,
                                                       AcceptHandler on_accept) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(at.host, error);
  if (error) return base::Error{fmt::format("'{}' is not a numeric address", at.host)};
  std::unique_ptr<Listener> listener(new Listener(loop, std::move(on_accept)));
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
        if (!error) shared->on_accept(std::make_shared<Connection>(loop_, std::move(socket)));
        if (shared->open) accept_next();
      });
}

void connect(Loop& loop, const Endpoint& to, ConnectHandler on_result) {
  auto socket = std::make_shared<tcp::socket>(loop.context());
  boost::system::error_code bad_host;
  const auto address = asio::ip::make_address(to.host, bad_host);
  if (bad_host) return on_result(nullptr, fmt::format("'{}' is not a numeric address", to.host));
  socket->async_connect(
      tcp::endpoint(address, to.port),
      [&loop, socket, handler = std::move(on_result)](const boost::system::error_code& error) {
        if (error) return handler(nullptr, error.message());
        handler(std::make_shared<Connection>(loop, std::move(*socket)), {});
      });
}

}  // namespace okiagari::net
