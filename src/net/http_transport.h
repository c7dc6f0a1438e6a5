// The bytes under HTTP: a TCP connection, with or without TLS. One read and one write at a time.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "net/tls_context.h"

namespace okiagari::net {

class HttpTransport {
 public:
  using Error = boost::system::error_code;
  using Handler = std::function<void(const Error&)>;
  using ReadHandler = std::function<void(const Error&, std::size_t)>;

  // Without a context: no TLS.
  HttpTransport(boost::asio::ip::tcp::socket socket, TlsContext tls);

  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }
  [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }

  // At once without TLS. A client checks the certificate against `host`, a name or an address.
  void handshake_as_server(Handler handler);
  void handshake_as_client(const std::string& host, Handler handler);

  void read_some(boost::asio::mutable_buffer into, ReadHandler handler);
  void write(boost::asio::const_buffer from, Handler handler);
  // Says that no more follows.
  void shutdown(Handler handler);
  // Reads what still comes, TLS or not, to throw it away.
  void read_raw(boost::asio::mutable_buffer into, ReadHandler handler);
  void close();

 private:
  using Tls = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;
  boost::asio::ip::tcp::socket socket_;
  TlsContext context_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace okiagari::net
