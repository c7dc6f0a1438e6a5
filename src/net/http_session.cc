#include "net/http_session.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <exception>

#include "base/assert.h"
#include "net/http_target.h"
#include "net/http_wire.h"
#include "net/problem.h"

namespace okiagari::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Error = HttpTransport::Error;

namespace {

constexpr std::size_t kReadBytes = 16u << 10;
// For a peer to read its last answer and to end the connection; what it sends meanwhile is dropped.
constexpr std::uint64_t kDrainMs = 2'000;
constexpr std::size_t kDrainBytes = 4u << 20;

std::optional<HttpMethod> method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
      return HttpMethod::get;
    case http::verb::post:
      return HttpMethod::post;
    case http::verb::put:
      return HttpMethod::put;
    case http::verb::patch:
      return HttpMethod::patch;
    case http::verb::delete_:
      return HttpMethod::delete_resource;
    case http::verb::options:
      return HttpMethod::options;
    default:
      return std::nullopt;
  }
}

std::string text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

HttpSession::HttpSession(std::shared_ptr<Owner> owner, asio::ip::tcp::socket socket, TlsContext tls,
                         std::string peer)
    : owner_(std::move(owner)),
      transport_(std::move(socket), std::move(tls)),
      peer_(std::move(peer)),
      timer_(transport_.socket().get_executor()) {
  Error ignored;
  transport_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

void HttpSession::start() {
  set_deadline(owner_->limits().request_timeout_ms);
  transport_.handshake_as_server([self = shared_from_this()](const Error& error) {
    if (self->state_ != State::handshaking) return;
    if (error) return self->close();
    self->begin_request();
    // A connection is made to be used: the first request must come as fast as one that has begun.
    if (self->state_ == State::reading)
      self->set_deadline(self->owner_->limits().request_timeout_ms);
  });
}

void HttpSession::start_refusing(const HttpResponse& response) {
  // A refusal is not worth a TLS handshake.
  if (transport_.is_tls()) return close();
  state_ = State::writing;
  write_answer(response);
}

void HttpSession::close() {
  if (state_ == State::closed) return;
  const bool was_streaming = state_ == State::streaming;
  state_ = State::closed;
  timer_.cancel();
  transport_.close();
  if (was_streaming) end_stream();
  // This may be the owner's last hold on it.
  const auto self = shared_from_this();
  owner_->on_end(*this);
}

void HttpSession::begin_request() {
  if (peer_has_ended_ && buffer_.size() == 0) return close();
  const HttpServerLimits& limits = owner_->limits();
  state_ = State::reading;
  has_continued_ = false;
  parser_.emplace();
  parser_->eager(true);
  parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
  parser_->body_limit(limits.body_bytes_max);
  has_begun_request_ = buffer_.size() > 0;
  set_deadline(has_begun_request_ ? limits.request_timeout_ms : limits.idle_timeout_ms);
  if (has_begun_request_) return parse();
  read_more();
}

void HttpSession::read_more() {
  if (reads_ || peer_has_ended_ || state_ == State::closed) return;
  reads_ = true;
  transport_.read_some(buffer_.prepare(kReadBytes),
                       [self = shared_from_this()](const Error& error, std::size_t bytes) {
                         self->reads_ = false;
                         self->on_read(error, bytes);
                       });
}

void HttpSession::on_read(const Error& error, std::size_t bytes) {
  if (error) {
    // A peer that has said all it will say may still read its answer.
    peer_has_ended_ = error == asio::error::eof;
    const bool is_answered_yet = state_ == State::handling || state_ == State::writing;
    if (state_ == State::closed || (peer_has_ended_ && is_answered_yet)) return;
    return close();
  }
  switch (state_) {
    case State::reading:
      buffer_.commit(bytes);
      if (!has_begun_request_) {
        has_begun_request_ = true;
        set_deadline(owner_->limits().request_timeout_ms);
      }
      return parse();
    case State::handling:
    case State::writing:
      // The next request; beyond this much it waits in the kernel.
      buffer_.commit(bytes);
      if (state_ == State::handling && buffer_.size() < kReadBytes) read_more();
      return;
    case State::streaming:
    case State::finishing:
      return read_more();
    case State::draining:
      return read_and_drop();
    case State::handshaking:
    case State::closed:
      return;
  }
}

void HttpSession::parse() {
  try {
    parse_buffered();
  } catch (const std::exception& error) {
    refuse(400, error.what());
  }
}

void HttpSession::parse_buffered() {
  while (buffer_.size() > 0 && !parser_->is_done()) {
    Error error;
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == http::error::need_more) break;
    if (error) return on_parse_error(error);
    // The header is done and the body has not begun: only more bytes make a difference.
    if (used == 0) break;
  }
  if (parser_->is_done()) return dispatch();
  continue_if_asked();
  if (state_ == State::reading) read_more();
}

void HttpSession::on_parse_error(const Error& error) {
  const HttpServerLimits& limits = owner_->limits();
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refuse(
        431, fmt::format("request line and headers may have {} bytes", limits.header_bytes_max));
  }
  if (error == http::error::body_limit) {
    return refuse(413, fmt::format("a body may have {} bytes", limits.body_bytes_max));
  }
  refuse(400, error.message());
}

void HttpSession::continue_if_asked() {
  if (!parser_->is_header_done() || has_continued_ || parser_->get().version() < 11) return;
  const auto expected = parser_->get()[http::field::expect];
  if (!equals_ignoring_case(std::string_view(expected.data(), expected.size()), "100-continue")) {
    return;
  }
  has_continued_ = true;
  write("HTTP/1.1 100 Continue\r\n\r\n");
}

void HttpSession::dispatch() {
  auto message = parser_->release();
  is_head_ = message.method() == http::verb::head;
  is_http_1_0_ = message.version() < 11;
  const auto method = method_of(message.method());
  if (message.version() != 10 && message.version() != 11) {
    return refuse(505, "this server speaks HTTP/1.1");
  }
  if (!is_http_1_0_ && message.count(http::field::host) != 1) {
    return refuse(400, "HTTP/1.1 wants exactly one Host header");
  }
  if (!method) return refuse(501, "this server does not know the method");
  if (pipelined_ > owner_->limits().pipelined_max) {
    return refuse(429, fmt::format("send at most {} requests before an answer was read",
                                   owner_->limits().pipelined_max));
  }
  HttpRequest request;
  request.target = text_of(message.target());
  auto target = parse_target(request.target);
  if (!target) return refuse(400, target.error().message);
  request.method = *method;
  request.path = std::move(target.value().path);
  request.query = std::move(target.value().query);
  for (const auto& field : message) {
    request.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
  }
  request.body = std::move(message.body());
  request.peer = peer_;
  request.is_tls = transport_.is_tls();
  keeps_alive_ = message.keep_alive();
  state_ = State::handling;
  ++request_number_;
  ++owner_->counts().requests;
  set_deadline(owner_->limits().answer_timeout_ms);
  owner_->on_request(
      request, HttpReply(std::make_shared<HttpReply::Exchange>(weak_from_this(), request_number_)));
  // Without an answer yet: to notice when nobody waits for it any more.
  if (state_ == State::handling && buffer_.size() < kReadBytes) read_more();
}

void HttpSession::refuse(int status, std::string_view detail) {
  ++owner_->counts().requests_refused;
  keeps_alive_ = false;
  state_ = State::writing;
  write_answer(problem(status, detail));
}

void HttpSession::answer(HttpResponse response) {
  ASSERT(state_ == State::handling, "nobody waits for an answer");
  state_ = State::writing;
  write_answer(response);
}

void HttpSession::write_answer(const HttpResponse& response) {
  pipelined_ = buffer_.size() > 0 ? pipelined_ + 1 : 0;
  const AnswerShape shape{
      .is_head = is_head_, .keeps_alive = keeps_alive_, .is_http_1_0 = is_http_1_0_};
  set_deadline(owner_->limits().write_timeout_ms);
  write(format_response(response, shape));
}

std::shared_ptr<HttpStream::Writer> HttpSession::open_stream(HttpHeaders headers) {
  ASSERT(state_ == State::handling, "nobody waits for an answer");
  auto writer = std::make_shared<HttpStream::Writer>(weak_from_this());
  keeps_alive_ = false;
  HttpResponse response{.status = 200, .headers = std::move(headers), .body = {}};
  response.headers.emplace_back("Content-Type", "text/event-stream");
  response.headers.emplace_back("Cache-Control", "no-store");
  if (is_head_ || !is_writable(response)) {
    writer->is_open = false;
    state_ = State::writing;
    write_answer(is_head_ ? response : problem(500, "the answer's headers cannot be sent"));
    return writer;
  }
  state_ = State::streaming;
  stream_ = writer;
  ++owner_->counts().streams;
  write(format_stream_head(response));
  read_more();
  return writer;
}

bool HttpSession::send_on_stream(std::string_view bytes) {
  if (state_ != State::streaming) return false;
  if (queued_bytes() + bytes.size() > owner_->limits().stream_queue_bytes_max) {
    close();
    return false;
  }
  write(std::string(bytes));
  return true;
}

void HttpSession::finish_stream() {
  if (state_ != State::streaming) return;
  stream_->on_close = nullptr;
  end_stream();
  state_ = State::finishing;
  set_deadline(owner_->limits().write_timeout_ms);
  if (!writes_) drain();
}

void HttpSession::end_stream() {
  const auto stream = std::move(stream_);
  stream_ = nullptr;
  stream->is_open = false;
  --owner_->counts().streams;
  // Not from inside of send(): the caller may be walking through its streams.
  if (stream->on_close) {
    asio::post(transport_.socket().get_executor(), std::move(stream->on_close));
    stream->on_close = nullptr;
  }
}

void HttpSession::write(std::string bytes) {
  if (outgoing_.empty()) {
    outgoing_ = std::move(bytes);
  } else {
    outgoing_ += bytes;
  }
  if (!writes_) write_next();
}

void HttpSession::write_next() {
  writes_ = true;
  in_flight_ = std::move(outgoing_);
  outgoing_.clear();
  if (state_ == State::streaming) set_deadline(owner_->limits().write_timeout_ms);
  transport_.write(asio::buffer(in_flight_), [self = shared_from_this()](const Error& error) {
    self->writes_ = false;
    self->in_flight_.clear();
    if (self->state_ == State::closed) return;
    if (error) return self->close();
    if (!self->outgoing_.empty()) return self->write_next();
    self->on_written();
  });
}

void HttpSession::on_written() {
  switch (state_) {
    case State::writing:
      return keeps_alive_ ? begin_request() : drain();
    case State::streaming:
      return set_deadline(owner_->limits().stream_heartbeat_ms);
    case State::finishing:
      return drain();
    default:  // 100 Continue
      return;
  }
}

void HttpSession::drain() {
  state_ = State::draining;
  set_deadline(kDrainMs);
  // Closing with unread bytes would reset the connection, and the peer might lose the answer.
  transport_.shutdown([self = shared_from_this()](const Error& error) {
    if (self->state_ != State::draining) return;
    if (error || self->peer_has_ended_) return self->close();
    self->read_and_drop();
  });
}

void HttpSession::read_and_drop() {
  if (reads_) return;
  reads_ = true;
  transport_.read_raw(asio::buffer(dropped_),
                      [self = shared_from_this()](const Error& error, std::size_t bytes) {
                        self->reads_ = false;
                        self->dropped_bytes_ += bytes;
                        if (error || self->dropped_bytes_ > kDrainBytes) return self->close();
                        if (self->state_ == State::draining) self->read_and_drop();
                      });
}

void HttpSession::set_deadline(std::uint64_t from_now_ms) {
  deadline_ms_ = Loop::now_ms() + from_now_ms;
  // A timer that runs and ends earlier looks at the deadline and goes on: most deadlines only move
  // away.
  if (timer_ends_ms_ != 0 && timer_ends_ms_ <= deadline_ms_) return;
  start_timer();
}

void HttpSession::start_timer() {
  timer_ends_ms_ = deadline_ms_;
  const std::uint64_t now_ms = Loop::now_ms();
  timer_.expires_after(
      std::chrono::milliseconds(deadline_ms_ > now_ms ? deadline_ms_ - now_ms : 0));
  timer_.async_wait([self = shared_from_this()](const Error& error) {
    if (error || self->state_ == State::closed) return;
    self->timer_ends_ms_ = 0;
    if (Loop::now_ms() < self->deadline_ms_) return self->start_timer();
    self->on_deadline();
  });
}

void HttpSession::on_deadline() {
  switch (state_) {
    case State::reading:
      if (!has_begun_request_) return close();
      return refuse(408, fmt::format("the request was not whole after {} ms",
                                     owner_->limits().request_timeout_ms));
    case State::handling:
      keeps_alive_ = false;
      return answer(problem(503, "no answer could be made in time; try again later"));
    case State::streaming:
      if (writes_) return close();
      return write(": \n\n");
    default:
      return close();
  }
}

}  // namespace okiagari::net
