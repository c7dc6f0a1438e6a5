// Who this process is to the other processes of its market, and by whose word it knows them: TLS
// 1.3, where both sides show a certificate of the market's own authority.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/settings.h"
#include "net/tcp.h"
#include "net/tls_context.h"

namespace okiagari::net {

struct LinkIdentityFiles {
  std::string certificate;  // PEM, this process's own first; named as in link_name()
  std::string key;          // PEM, without a password
  std::string authority;    // PEM, whoever it signed for belongs to the market
};

// "node-1": the name that a certificate must have as a DNS name (RFC 6125, section 6.4).
[[nodiscard]] std::string link_name(const char* kind, std::uint64_t number);

// The table [tls] of a process's configuration; nothing when it is not there. Its keys are
// certificate, key and authority, and all must be there when one is.
[[nodiscard]] std::optional<LinkIdentityFiles> read_link_identity(base::Settings table);

// The files may be replaced while the process runs: connections made afterwards use the new ones,
// those that stand are left alone. Files that cannot be used change nothing.
class LinkIdentity {
 public:
  // Errors name the file.
  [[nodiscard]] static base::Result<std::shared_ptr<LinkIdentity>> open(LinkIdentityFiles files);

  // For a new connection. Looks at the files again, once a second at the most.
  [[nodiscard]] TlsContext context(std::uint64_t now_ms);

  // When this process's own certificate ends, seconds since 1970.
  [[nodiscard]] std::int64_t expires_s() const;
  // Gets a line for a person when the files have changed, or cannot be used.
  void on_change(std::function<void(const std::string&)> tell) { tell_ = std::move(tell); }

 private:
  explicit LinkIdentity(LinkIdentityFiles files) : files_(std::move(files)) {}
  [[nodiscard]] std::string stamp() const;
  [[nodiscard]] base::Status load();

  const LinkIdentityFiles files_;
  mutable std::mutex mutex_;  // of what follows: several threads of a desk have links
  TlsContext context_;
  std::int64_t expires_s_ = 0;
  std::string stamp_;  // of the files when they were last read
  std::uint64_t looked_ms_ = 0;
  std::function<void(const std::string&)> tell_;
};

// A process is one to all others, so it has one identity. Given before its first link; without, its
// links are without TLS.
void use_link_identity(std::shared_ptr<LinkIdentity> identity);
// Opens the identity that the files say, if any, and makes it this process's. What becomes of the
// files later is told to `tell`, a line for a person.
[[nodiscard]] base::Status use_link_files(const std::optional<LinkIdentityFiles>& files,
                                          std::function<void(const std::string&)> tell);
// What links of this process are opened with; a name for whom one connects to.
[[nodiscard]] Security link_security(std::string peer_name = {});

}  // namespace okiagari::net
