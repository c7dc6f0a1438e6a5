#include "net/secure_stream.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace okiagari::net {

namespace {

// The names are ours: letters, digits and a hyphen, none of them with a wildcard.
constexpr unsigned kNameRules = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;

int bounded(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int send_bytes(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t put = ::send(socket_of(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (put < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(put);
}

int receive_bytes(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(socket_of(bio), into, static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own BIO of a socket writes without MSG_NOSIGNAL: a peer that has gone would end this
// process by a signal.
const BIO_METHOD* quiet_socket() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
    ASSERT(made != nullptr, "TLS has memory for a kind of socket");
    BIO_meth_set_write(made, send_bytes);
    BIO_meth_set_read(made, receive_bytes);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

BIO* open_socket(int socket) {
  BIO* bio = BIO_new(quiet_socket());
  ASSERT(bio != nullptr, "TLS has memory for a socket");
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace

SecureStream::SecureStream(TlsContext context, int socket, Side side,
                           const std::string& expected_name)
    : context_(std::move(context)), ssl_(SSL_new(context_->native_handle())) {
  ASSERT(ssl_ != nullptr, "TLS has memory for a connection");
  BIO* bio = open_socket(socket);
  SSL_set_bio(ssl_.get(), bio, bio);
  if (!expected_name.empty()) {
    SSL_set_hostflags(ssl_.get(), kNameRules);
    ASSERT(SSL_set1_host(ssl_.get(), expected_name.c_str()) == 1, "TLS has memory for a name");
  }
  if (side == Side::accepts) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

ssize_t SecureStream::read(void* into, std::size_t size) {
  ERR_clear_error();
  return answer(SSL_read(ssl_.get(), into, bounded(size)));
}

ssize_t SecureStream::write(const void* from, std::size_t size) {
  ERR_clear_error();
  return answer(SSL_write(ssl_.get(), from, bounded(size)));
}

void SecureStream::say_farewell() {
  if (!is_established() || !reason_.empty()) return;
  ERR_clear_error();
  static_cast<void>(SSL_shutdown(ssl_.get()));
  ERR_clear_error();
}

bool SecureStream::is_peer_named(const std::string& name) const {
  X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  return is_established() && certificate != nullptr &&
         X509_check_host(certificate, name.data(), name.size(), kNameRules, nullptr) == 1;
}

ssize_t SecureStream::answer(int result) {
  if (result > 0) return result;
  const int error_number = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_SYSCALL:
      if (error_number == 0) return 0;
      reason_ = std::strerror(error_number);
      errno = error_number;
      return -1;
    default:
      break;
  }
  const long verified = SSL_get_verify_result(ssl_.get());
  const char* words = ERR_reason_error_string(ERR_peek_error());
  reason_ = fmt::format("TLS: {}", verified != X509_V_OK ? X509_verify_cert_error_string(verified)
                                   : words != nullptr    ? words
                                                         : "failed");
  ERR_clear_error();
  errno = EPROTO;
  return -1;
}

}  // namespace okiagari::net
