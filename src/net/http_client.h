// A small HTTP/1.1 client on a loop, for probes and scrapes: one connection for each request, one
// callback, everything bounded. What does not belong here: redirects, cookies, pools; for the
// outside world there is libcurl.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_message.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::net {

struct HttpCall {
  Endpoint to;
  HttpMethod method = HttpMethod::get;
  std::string target = "/";  // encoded
  // Host, Connection and Content-Length are the client's.
  HttpHeaders headers;
  std::string body;
  std::string host;  // for the Host header and the server's certificate; empty: the address
  bool is_tls = false;
  std::uint64_t timeout_ms = 5'000;  // for everything
  std::size_t body_bytes_max = 4u << 20;
};

class HttpClient {
 public:
  // An answer of any status is a value; the error says who did not answer and why.
  using Handler = std::function<void(base::Result<HttpResponse>)>;

  explicit HttpClient(Loop& loop);
  // Calls that are under way end without a callback.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // For TLS, whom to trust: a file in PEM. Without it, the system's authorities.
  base::Status trust(const std::string& authorities_path);

  // The handler is called once, from the loop, never from inside of fetch().
  void fetch(HttpCall call, Handler handler);
  [[nodiscard]] std::size_t calls() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace okiagari::net
