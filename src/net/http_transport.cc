#include "net/http_transport.h"

#include <openssl/ssl.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

namespace okiagari::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

HttpTransport::HttpTransport(tcp::socket socket, TlsContext tls)
    : socket_(std::move(socket)), context_(std::move(tls)) {
  if (context_ != nullptr) tls_ = std::make_unique<Tls>(socket_, *context_);
}

void HttpTransport::handshake_as_server(Handler handler) {
  if (tls_ == nullptr) {
    return asio::post(socket_.get_executor(), [handler = std::move(handler)] { handler({}); });
  }
  tls_->async_handshake(asio::ssl::stream_base::server, std::move(handler));
}

void HttpTransport::handshake_as_client(const std::string& host, Handler handler) {
  if (tls_ == nullptr) {
    return asio::post(socket_.get_executor(), [handler = std::move(handler)] { handler({}); });
  }
  Error not_numeric;
  asio::ip::make_address(host, not_numeric);
  // Server Name Indication takes names only.
  if (not_numeric) (void)SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
  Error refused;
  tls_->set_verify_callback(asio::ssl::host_name_verification(host), refused);
  if (refused) {
    return asio::post(socket_.get_executor(),
                      [handler = std::move(handler), refused] { handler(refused); });
  }
  tls_->async_handshake(asio::ssl::stream_base::client, std::move(handler));
}

void HttpTransport::read_some(asio::mutable_buffer into, ReadHandler handler) {
  if (tls_ == nullptr) return socket_.async_read_some(into, std::move(handler));
  tls_->async_read_some(into, std::move(handler));
}

void HttpTransport::write(asio::const_buffer from, Handler handler) {
  auto written = [handler = std::move(handler)](const Error& error, std::size_t) {
    handler(error);
  };
  if (tls_ == nullptr) return asio::async_write(socket_, from, std::move(written));
  asio::async_write(*tls_, from, std::move(written));
}

void HttpTransport::shutdown(Handler handler) {
  auto end = [this, handler = std::move(handler)](const Error&) {
    Error error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    handler(error);
  };
  if (tls_ == nullptr) {
    return asio::post(socket_.get_executor(), [end = std::move(end)] { end({}); });
  }
  tls_->async_shutdown(std::move(end));
}

void HttpTransport::read_raw(asio::mutable_buffer into, ReadHandler handler) {
  socket_.async_read_some(into, std::move(handler));
}

void HttpTransport::close() {
  Error ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace okiagari::net
