// An HTTP/1.1 server on a loop: requests in, answers out, at once or later. What belongs here: the
// protocol, its limits and TLS. What does not: paths, users, any meaning of a request.
//
// Every limit has an answer. What a peer does wrong costs that peer its connection, after a
// problem document (net/problem.h) that says why:
//   400  malformed, or a target or query that cannot be decoded
//   408  the request was not whole in time
//   413  body too large
//   429  too many requests sent before the first of them was answered
//   431  headers too large
//   501  a method that HttpMethod does not have
//   503  too many connections, in all or from one address; or no answer from the handler in time
// One that is idle, or does not read its answer, is closed without a word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_message.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::net {

struct HttpServerLimits {
  std::size_t header_bytes_max = 16u << 10;  // request line and headers
  std::size_t body_bytes_max = 1u << 20;
  std::uint64_t request_timeout_ms = 10'000;  // TLS handshake; first to last byte of a request
  std::uint64_t idle_timeout_ms = 60'000;     // between requests
  std::uint64_t answer_timeout_ms = 60'000;   // for the handler
  std::uint64_t write_timeout_ms = 30'000;    // for the peer to take an answer, or part of a stream
  std::size_t connections_max = 1'024;
  std::size_t connections_per_peer_max = 256;
  std::size_t pipelined_max = 32;
  std::size_t stream_queue_bytes_max = 1u << 20;  // events that a reader has not taken
  std::uint64_t stream_heartbeat_ms = 15'000;     // a comment, so that dead readers are found
};

// Both files are PEM; the certificate's holds the chain, the server's own first. Empty: no TLS.
struct TlsFiles {
  std::string certificate_path;
  std::string key_path;

  [[nodiscard]] bool empty() const { return certificate_path.empty() && key_path.empty(); }
};

struct HttpServerOptions {
  Endpoint listen;  // port 0 takes a free one
  TlsFiles tls;
  HttpServerLimits limits;
};

// Server-sent events to one reader. Copies are the same stream. It may outlive the reader and the
// server: then it is closed. Without any copy left it goes on until the reader or the server ends
// it; close() ends it.
class HttpStream {
 public:
  class Writer;
  HttpStream() = default;
  explicit HttpStream(std::shared_ptr<Writer> writer) : writer_(std::move(writer)) {}

  // `event` and `id` may be empty, and must not hold line ends; `data` may have many lines. False
  // when the stream is closed, also by this event, because the reader has left too many unread.
  bool send(std::string_view event, std::string_view id, std::string_view data);
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] std::size_t queued_bytes() const;
  // What is queued is still written.
  void close();
  // Called once, from the loop, when the reader is gone or too slow; not for own close().
  void on_close(std::function<void()> handler);

 private:
  std::shared_ptr<Writer> writer_;
};

// The duty to answer one request, exactly once. Dropped unanswered, it answers 500. May be kept and
// answered later, from the loop's thread; it may outlive the peer and the server, and then answers
// nobody.
class HttpReply {
 public:
  class Exchange;
  explicit HttpReply(std::shared_ptr<Exchange> exchange);
  HttpReply(HttpReply&&) noexcept;
  HttpReply& operator=(HttpReply&&) noexcept;
  HttpReply(const HttpReply&) = delete;
  HttpReply& operator=(const HttpReply&) = delete;
  ~HttpReply();

  void send(HttpResponse response);
  // 200 and text/event-stream, with `headers` besides. After a HEAD request the stream is closed.
  [[nodiscard]] HttpStream stream(HttpHeaders headers = {});
  // False when nobody waits for the answer any more.
  [[nodiscard]] bool is_wanted() const;

 private:
  std::shared_ptr<Exchange> exchange_;
};

class HttpServer {
 public:
  // Called from the loop's thread. The request is the handler's only during the call.
  using Handler = std::function<void(const HttpRequest&, HttpReply)>;

  struct Counts {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_refused = 0;  // with 503
    std::uint64_t requests = 0;             // that reached the handler
    std::uint64_t requests_refused = 0;     // that did not
    std::size_t connections = 0;            // now
    std::size_t streams = 0;                // now
  };

  static base::Result<std::unique_ptr<HttpServer>> open(Loop& loop, HttpServerOptions options,
                                                        Handler handler);
  // Closes every connection.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] const Endpoint& endpoint() const;
  [[nodiscard]] const Counts& counts() const;

  // Reads certificate and key again, for connections from now on. An error leaves the old ones in
  // use.
  base::Status reload_certificate();

 private:
  struct State;
  explicit HttpServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace okiagari::net
