// What TLS needs before the first byte: certificates, keys, whom to trust. TLS 1.2 and later.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.h"

namespace okiagari::net {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// The certificate's file holds the chain, the server's own first. Errors name the file.
[[nodiscard]] base::Result<TlsContext> open_server_tls(const std::string& certificate_path,
                                                       const std::string& key_path);

// Trusts the authorities in the file, or those of the system when it is empty.
[[nodiscard]] base::Result<TlsContext> open_client_tls(const std::string& authorities_path);

// For both ends of a link between processes of one market: TLS 1.3, and whoever has no certificate
// of the authority is refused, the one that connects as well as the one that accepts.
[[nodiscard]] base::Result<TlsContext> open_link_tls(const std::string& certificate_path,
                                                     const std::string& key_path,
                                                     const std::string& authority_path);

}  // namespace okiagari::net
