#include "net/http_server.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <unordered_map>

#include "net/http_session.h"
#include "net/problem.h"

namespace okiagari::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

// Connections beyond the limit that are told so; more are closed without a word.
constexpr std::size_t kRefusedAtOnce = 64;
// After an accept that failed, say because the process has no file descriptor left.
constexpr std::uint64_t kAcceptAgainMs = 100;

base::Result<TlsContext> open_tls(const TlsFiles& files) {
  if (files.empty()) return TlsContext();
  return open_server_tls(files.certificate_path, files.key_path);
}

}  // namespace

struct HttpServer::State final : HttpSession::Owner, std::enable_shared_from_this<State> {
  State(Loop& loop, HttpServerOptions&& with, Handler&& to)
      : options(std::move(with)),
        handler(std::move(to)),
        acceptor(loop.context()),
        accept_again(loop.context()) {}

  const HttpServerLimits& limits() const override { return options.limits; }
  Counts& counts() override { return counted; }

  void on_request(const HttpRequest& request, HttpReply reply) override {
    // The handler may end the server; the copy keeps it alive while it runs.
    const Handler current = handler;
    if (current) current(request, std::move(reply));
  }

  void on_end(HttpSession& session) override {
    const auto found = sessions.find(&session);
    if (found == sessions.end()) return;
    if (found->second.is_refused) {
      --refused;
    } else {
      --counted.connections;
      const auto peer = by_peer.find(session.peer());
      if (--peer->second == 0) by_peer.erase(peer);
    }
    sessions.erase(found);
  }

  void accept_next() {
    acceptor.async_accept(
        [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
          if (!self->acceptor.is_open()) return;
          if (error) return self->wait_and_accept();
          self->accept(std::move(socket));
          if (self->acceptor.is_open()) self->accept_next();
        });
  }

  void wait_and_accept() {
    accept_again.expires_after(std::chrono::milliseconds(kAcceptAgainMs));
    accept_again.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->acceptor.is_open()) self->accept_next();
    });
  }

  void accept(tcp::socket socket) {
    boost::system::error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;
    std::string peer = remote.address().to_string();
    const auto own = by_peer.find(peer);
    const bool peer_has_too_many =
        own != by_peer.end() && own->second >= options.limits.connections_per_peer_max;
    const bool is_full = counted.connections >= options.limits.connections_max;
    const bool is_refused = is_full || peer_has_too_many;
    if (is_refused && ++counted.connections_refused && refused >= kRefusedAtOnce) return;
    auto session = std::make_shared<HttpSession>(shared_from_this(), std::move(socket), tls, peer);
    sessions.emplace(session.get(), Entry{session, is_refused});
    if (is_refused) {
      ++refused;
      return session->start_refusing(
          problem(503, peer_has_too_many ? "too many connections from this address; close some"
                                         : "too many connections; try again later"));
    }
    ++counted.connections_accepted;
    ++counted.connections;
    ++by_peer[peer];
    session->start();
  }

  void close_all() {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    accept_again.cancel();
    handler = nullptr;
    while (!sessions.empty()) {
      const auto session = sessions.begin()->second.session;
      session->close();
    }
  }

  struct Entry {
    std::shared_ptr<HttpSession> session;
    bool is_refused = false;
  };
  HttpServerOptions options;
  Handler handler;
  tcp::acceptor acceptor;
  asio::steady_timer accept_again;
  TlsContext tls;
  Endpoint endpoint;
  Counts counted;
  std::size_t refused = 0;  // sessions that only tell so
  std::unordered_map<HttpSession*, Entry> sessions;
  std::map<std::string, std::size_t> by_peer;
};

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() { state_->close_all(); }
const Endpoint& HttpServer::endpoint() const { return state_->endpoint; }
const HttpServer::Counts& HttpServer::counts() const { return state_->counted; }

base::Result<std::unique_ptr<HttpServer>> HttpServer::open(Loop& loop, HttpServerOptions options,
                                                           Handler handler) {
  boost::system::error_code error;
  const Endpoint listen = options.listen;
  const auto address = asio::ip::make_address(listen.host, error);
  if (error) return base::Error{fmt::format("'{}' is not a numeric address", listen.host)};
  auto tls = open_tls(options.tls);
  if (!tls) return tls.error();
  auto state = std::make_shared<State>(loop, std::move(options), std::move(handler));
  state->tls = std::move(tls.value());
  tcp::acceptor& acceptor = state->acceptor;
  const tcp::endpoint where(address, listen.port);
  acceptor.open(where.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(where, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return base::Error{
        fmt::format("cannot listen on {} for HTTP: {}; another program may use the port, choose "
                    "another one",
                    to_string(listen), error.message())};
  }
  state->endpoint = {listen.host, acceptor.local_endpoint().port()};
  state->accept_next();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

base::Status HttpServer::reload_certificate() {
  auto tls = open_tls(state_->options.tls);
  if (!tls) return tls.error();
  state_->tls = std::move(tls.value());
  return {};
}

}  // namespace okiagari::net
