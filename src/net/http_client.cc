#include "net/http_client.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <exception>
#include <iterator>
#include <unordered_set>

#include "net/http_transport.h"

namespace okiagari::net {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using Error = HttpTransport::Error;

namespace {

constexpr std::size_t kReadBytes = 16u << 10;
constexpr std::uint32_t kHeaderBytesMax = 32u << 10;

bool is_clients_own(std::string_view name) {
  return equals_ignoring_case(name, "host") || equals_ignoring_case(name, "connection") ||
         equals_ignoring_case(name, "content-length");
}

std::string format_request(const HttpCall& call) {
  std::string text =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", to_string(call.method),
                  call.target, call.host.empty() ? to_string(call.to) : call.host);
  for (const auto& [name, value] : call.headers) {
    if (!is_clients_own(name)) {
      fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
    }
  }
  if (!call.body.empty() || call.method == HttpMethod::post || call.method == HttpMethod::put ||
      call.method == HttpMethod::patch) {
    fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\n", call.body.size());
  }
  return text + "\r\n" + call.body;
}

bool breaks_lines(const HttpCall& call) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  const auto breaks = [&](std::string_view text) {
    return text.find_first_of(kBreaks) != std::string_view::npos;
  };
  if (breaks(call.host) || call.target.find_first_of(" \r\n\t") != std::string::npos) return true;
  for (const auto& [name, value] : call.headers) {
    if (breaks(name) || breaks(value)) return true;
  }
  return false;
}

}  // namespace

class ClientCall;

struct HttpClient::State {
  explicit State(Loop& with) : loop(with) {}
  Loop& loop;
  TlsContext tls;
  std::unordered_set<std::shared_ptr<ClientCall>> calls;
};

// One call from connecting to its callback.
class ClientCall : public std::enable_shared_from_this<ClientCall> {
 public:
  ClientCall(Loop& loop, HttpCall call, HttpClient::Handler handler, TlsContext tls,
             std::function<void(const std::shared_ptr<ClientCall>&)> on_end)
      : call_(std::move(call)),
        handler_(std::move(handler)),
        on_end_(std::move(on_end)),
        timer_(loop.context()),
        transport_(tcp::socket(loop.context()), std::move(tls)) {
    parser_.eager(true);
    parser_.header_limit(kHeaderBytesMax);
    parser_.body_limit(call_.body_bytes_max);
    parser_.skip(call_.method == HttpMethod::head);
  }

  void start() {
    timer_.expires_after(std::chrono::milliseconds(call_.timeout_ms));
    timer_.async_wait([self = shared_from_this()](const Error& error) {
      if (!error) self->fail(fmt::format("no whole answer in {} ms", self->call_.timeout_ms));
    });
    Error wrong;
    const auto address = asio::ip::make_address(call_.to.host, wrong);
    if (wrong || breaks_lines(call_)) {
      asio::post(timer_.get_executor(), [self = shared_from_this()] {
        self->fail("the address is not numeric, or a line end or space is in target or headers");
      });
      return;
    }
    transport_.socket().async_connect(tcp::endpoint(address, call_.to.port),
                                      step(&ClientCall::shake_hands));
  }

  void abandon() {
    handler_ = nullptr;
    end();
  }

 private:
  // What follows when the step before went well and the call goes on.
  HttpTransport::Handler step(void (ClientCall::*next)()) {
    return [self = shared_from_this(), next](const Error& error) {
      if (self->is_over_) return;
      if (error) return self->fail(error.message());
      ((*self).*next)();
    };
  }

  void shake_hands() {
    transport_.handshake_as_client(call_.host.empty() ? call_.to.host : call_.host,
                                   step(&ClientCall::send));
  }

  void send() {
    request_ = format_request(call_);
    // Answers may come before the request is written, say one that refuses it.
    read();
    transport_.write(asio::buffer(request_), [self = shared_from_this()](const Error&) {});
  }

  void read() {
    transport_.read_some(buffer_.prepare(kReadBytes),
                         [self = shared_from_this()](const Error& error, std::size_t bytes) {
                           if (!self->is_over_) self->on_read(error, bytes);
                         });
  }

  void on_read(const Error& error, std::size_t bytes) {
    buffer_.commit(bytes);
    try {
      if (error) {
        parse_end(error);
      } else {
        parse();
      }
    } catch (const std::exception& thrown) {
      fail(thrown.what());
    }
  }

  void parse() {
    Error error;
    while (buffer_.size() > 0 && !parser_.is_done()) {
      const std::size_t used = parser_.put(buffer_.data(), error);
      buffer_.consume(used);
      if (error == http::error::need_more) break;
      if (error) return fail(error.message());
      if (used == 0) break;
    }
    if (parser_.is_done()) return succeed();
    read();
  }

  void parse_end(const Error& why) {
    const bool is_end = why == asio::error::eof || why == asio::ssl::error::stream_truncated;
    Error error;
    if (is_end && parser_.got_some()) parser_.put_eof(error);
    if (is_end && !error && parser_.is_done()) return succeed();
    fail(is_end ? "it ended the connection before its answer was whole" : why.message());
  }

  void succeed() {
    auto message = parser_.release();
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      const auto name = field.name_string();
      const auto value = field.value();
      response.headers.emplace_back(std::string(name.data(), name.size()),
                                    std::string(value.data(), value.size()));
    }
    response.body = std::move(message.body());
    finish(std::move(response));
  }

  void fail(const std::string& why) {
    if (is_over_) return;
    finish(base::Error{fmt::format("{}{}: {}", to_string(call_.to), call_.target, why)});
  }

  void finish(base::Result<HttpResponse> result) {
    const HttpClient::Handler handler = std::move(handler_);
    handler_ = nullptr;
    const auto self = shared_from_this();
    end();
    if (handler) handler(std::move(result));
  }

  void end() {
    is_over_ = true;
    timer_.cancel();
    transport_.close();
    const auto on_end = std::move(on_end_);
    on_end_ = nullptr;
    if (on_end) on_end(shared_from_this());
  }

  HttpCall call_;
  HttpClient::Handler handler_;
  std::function<void(const std::shared_ptr<ClientCall>&)> on_end_;
  asio::steady_timer timer_;
  HttpTransport transport_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  std::string request_;
  bool is_over_ = false;
};

HttpClient::HttpClient(Loop& loop) : state_(std::make_shared<State>(loop)) {}

HttpClient::~HttpClient() {
  const auto calls = std::move(state_->calls);
  state_->calls.clear();
  for (const auto& call : calls) call->abandon();
}

std::size_t HttpClient::calls() const { return state_->calls.size(); }

base::Status HttpClient::trust(const std::string& authorities_path) {
  auto tls = open_client_tls(authorities_path);
  if (!tls) return tls.error();
  state_->tls = std::move(tls.value());
  return {};
}

void HttpClient::fetch(HttpCall call, Handler handler) {
  if (call.is_tls && state_->tls == nullptr) {
    if (base::Status status = trust({}); !status) {
      asio::post(state_->loop.context(),
                 [handler = std::move(handler), error = status.error()] { handler(error); });
      return;
    }
  }
  TlsContext tls = call.is_tls ? state_->tls : TlsContext();
  const auto made = std::make_shared<ClientCall>(
      state_->loop, std::move(call), std::move(handler), std::move(tls),
      [weak = std::weak_ptr<State>(state_)](const std::shared_ptr<ClientCall>& ended) {
        if (const auto state = weak.lock()) state->calls.erase(ended);
      });
  state_->calls.insert(made);
  made->start();
}

}  // namespace okiagari::net
