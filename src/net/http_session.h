// One connection to an HTTP server: reads requests one by one, hands each to the owner, writes the
// answer. Known to http_server.cc and http_reply.cc only.
//
// It has at most one read and one write under way, one timer, and is in one state; everything it
// may wait for has a deadline.
#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_server.h"
#include "net/http_transport.h"

namespace okiagari::net {

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  // Outlives its sessions; they share it.
  class Owner {
   public:
    virtual ~Owner() = default;
    [[nodiscard]] virtual const HttpServerLimits& limits() const = 0;
    [[nodiscard]] virtual HttpServer::Counts& counts() = 0;
    virtual void on_request(const HttpRequest& request, HttpReply reply) = 0;
    // Once, and nothing of the session after it.
    virtual void on_end(HttpSession& session) = 0;
  };

  HttpSession(std::shared_ptr<Owner> owner, boost::asio::ip::tcp::socket socket, TlsContext tls,
              std::string peer);

  void start();
  // Instead of start(): answers this to whatever comes, and ends.
  void start_refusing(const HttpResponse& response);
  // At once; nothing is called afterwards but on_close of a stream.
  void close();

  [[nodiscard]] const std::string& peer() const { return peer_; }

  // For the reply to the request of this number.
  [[nodiscard]] bool awaits(std::uint64_t request_number) const {
    return state_ == State::handling && request_number == request_number_;
  }
  void answer(HttpResponse response);
  [[nodiscard]] std::shared_ptr<HttpStream::Writer> open_stream(HttpHeaders headers);

  // For the stream.
  [[nodiscard]] bool is_streaming() const { return state_ == State::streaming; }
  bool send_on_stream(std::string_view bytes);
  [[nodiscard]] std::size_t queued_bytes() const { return outgoing_.size() + in_flight_.size(); }
  void finish_stream();

 private:
  enum class State : std::uint8_t {
    handshaking,  // TLS
    reading,      // a request, or waiting for one
    handling,     // waiting for the answer of the owner's handler
    writing,      // the answer
    streaming,    // events, until one side ends it
    finishing,    // the last bytes are written
    draining,     // told the peer that this is the end, waiting for it to end too
    closed,
  };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void begin_request();
  void read_more();
  void on_read(const HttpTransport::Error& error, std::size_t bytes);
  void parse();
  void parse_buffered();
  void on_parse_error(const HttpTransport::Error& error);
  void continue_if_asked();
  void dispatch();
  // A problem of the peer's making: told, then the end.
  void refuse(int status, std::string_view detail);
  void write_answer(const HttpResponse& response);
  void write(std::string bytes);
  void write_next();
  void on_written();
  void drain();
  void read_and_drop();
  void set_deadline(std::uint64_t from_now_ms);
  void start_timer();
  void on_deadline();
  void end_stream();

  std::shared_ptr<Owner> owner_;
  HttpTransport transport_;
  std::string peer_;
  boost::asio::steady_timer timer_;
  std::uint64_t deadline_ms_ = 0;
  std::uint64_t timer_ends_ms_ = 0;  // 0: it does not run
  State state_ = State::handshaking;

  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::uint64_t request_number_ = 0;
  std::size_t pipelined_ = 0;  // requests in a row that did not wait for the answer before
  bool has_begun_request_ = false;
  bool has_continued_ = false;
  bool reads_ = false;
  bool peer_has_ended_ = false;

  bool is_head_ = false;
  bool keeps_alive_ = false;
  bool is_http_1_0_ = false;
  std::string outgoing_;
  std::string in_flight_;
  bool writes_ = false;
  std::shared_ptr<HttpStream::Writer> stream_;
  std::array<std::byte, 4096> dropped_;
  std::size_t dropped_bytes_ = 0;
};

// Shared by all copies of a stream's handle and, while it is open, by the session.
class HttpStream::Writer {
 public:
  explicit Writer(std::weak_ptr<HttpSession> of) : session(std::move(of)) {}
  std::weak_ptr<HttpSession> session;
  std::function<void()> on_close;
  bool is_open = true;
};

class HttpReply::Exchange {
 public:
  Exchange(std::weak_ptr<HttpSession> with, std::uint64_t number)
      : session(std::move(with)), request_number(number) {}
  // The session, while it waits for this answer.
  [[nodiscard]] std::shared_ptr<HttpSession> waiting() const {
    auto locked = session.lock();
    if (locked == nullptr || !locked->awaits(request_number)) return nullptr;
    return locked;
  }
  std::weak_ptr<HttpSession> session;
  std::uint64_t request_number;
  bool is_answered = false;
};

}  // namespace okiagari::net
