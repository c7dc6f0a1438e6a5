#include "net/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace okiagari::net {

namespace ssl = boost::asio::ssl;

namespace {

// OpenSSL fails by exceptions of Asio's only when a context cannot be made at all.
base::Result<TlsContext> make_context(ssl::context::method method) {
  try {
    auto context = std::make_shared<ssl::context>(method);
    SSL_CTX* native = context->native_handle();
    if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1) {
      return base::Error{"TLS 1.2 cannot be required of the TLS library"};
    }
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    return context;
  } catch (const boost::system::system_error& error) {
    return base::Error{fmt::format("TLS cannot be used: {}", error.what())};
  }
}

base::Status use_certificate(ssl::context& context, const std::string& certificate_path,
                             const std::string& key_path) {
  boost::system::error_code error;
  // Without this, OpenSSL would ask the terminal for the password of an encrypted key.
  context.set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  if (!error) context.use_certificate_chain_file(certificate_path, error);
  if (error) {
    return base::Error{fmt::format("{}: no certificate chain in PEM can be read here: {}",
                                   certificate_path, error.message())};
  }
  context.use_private_key_file(key_path, ssl::context::pem, error);
  if (error) {
    return base::Error{
        fmt::format("{}: no private key in PEM, without a password and of the certificate in {}, "
                    "can be read here: {}",
                    key_path, certificate_path, error.message())};
  }
  ERR_clear_error();
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    ERR_clear_error();
    return base::Error{
        fmt::format("{}: not the key of the certificate in {}", key_path, certificate_path)};
  }
  return {};
}

base::Status trust(ssl::context& context, const std::string& authorities_path) {
  boost::system::error_code error;
  if (authorities_path.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(authorities_path, error);
  }
  if (!error) return {};
  return base::Error{fmt::format("{}: no certificates in PEM can be read here: {}",
                                 authorities_path, error.message())};
}

}  // namespace

base::Result<TlsContext> open_server_tls(const std::string& certificate_path,
                                         const std::string& key_path) {
  auto made = make_context(ssl::context::tls_server);
  if (!made) return made;
  if (base::Status used = use_certificate(*made.value(), certificate_path, key_path); !used) {
    return used.error();
  }
  return made;
}

base::Result<TlsContext> open_client_tls(const std::string& authorities_path) {
  auto made = make_context(ssl::context::tls_client);
  if (!made) return made;
  if (base::Status trusted = trust(*made.value(), authorities_path); !trusted) {
    return trusted.error();
  }
  SSL_CTX_set_verify(made.value()->native_handle(), SSL_VERIFY_PEER, nullptr);
  return made;
}

base::Result<TlsContext> open_link_tls(const std::string& certificate_path,
                                       const std::string& key_path,
                                       const std::string& authority_path) {
  auto made = make_context(ssl::context::tls);
  if (!made) return made;
  ssl::context& context = *made.value();
  if (base::Status used = use_certificate(context, certificate_path, key_path); !used) {
    return used.error();
  }
  if (base::Status trusted = trust(context, authority_path); !trusted) return trusted.error();
  SSL_CTX* native = context.native_handle();
  if (SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION) != 1) {
    return base::Error{"TLS 1.3 cannot be required of the TLS library"};
  }
  // Links live long: nothing to resume, and a ticket would be one more secret to keep.
  SSL_CTX_set_num_tickets(native, 0);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // What a connection carries is in frames with lengths: an end without a farewell hides nothing.
  SSL_CTX_set_options(native, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(native, 1);
  return made;
}

}  // namespace okiagari::net
