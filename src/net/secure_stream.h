// TLS on a socket that does not block, with the answers of recv() and send().
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

#include "net/tls_context.h"

namespace okiagari::net {

class SecureStream {
 public:
  enum class Side : unsigned char { connects, accepts };

  // The socket is the caller's and must live longer. When `expected_name` is not empty, a peer
  // whose certificate does not have it is refused.
  SecureStream(TlsContext context, int socket, Side side, const std::string& expected_name);

  // As recv() and send(): -1 with errno EAGAIN while nothing can be done, also because the
  // handshake is under way; EPROTO when TLS itself has failed, reason() then says how. Reading
  // takes the handshake on; writing is for afterwards.
  [[nodiscard]] ssize_t read(void* into, std::size_t size);
  [[nodiscard]] ssize_t write(const void* from, std::size_t size);
  // Says that nothing more comes; does not wait.
  void say_farewell();

  [[nodiscard]] bool is_established() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  // The peer's certificate has this name. False before the handshake is done.
  [[nodiscard]] bool is_peer_named(const std::string& name) const;
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  [[nodiscard]] ssize_t answer(int result);

  TlsContext context_;
  std::unique_ptr<SSL, Free> ssl_;
  std::string reason_;
};

}  // namespace okiagari::net
