#include "net/link_identity.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <ctime>
#include <utility>

namespace okiagari::net {

namespace {

constexpr std::uint64_t kLookAgainMs = 1'000;

std::int64_t expiry_of(SSL_CTX* context) {
  std::tm ends{};
  const X509* own = SSL_CTX_get0_certificate(context);
  if (own == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(own), &ends) != 1) return 0;
  return ::timegm(&ends);
}

std::shared_ptr<LinkIdentity>& identity_of_process() {
  static std::shared_ptr<LinkIdentity> identity;
  return identity;
}

}  // namespace

std::optional<LinkIdentityFiles> read_link_identity(base::Settings table) {
  using Presence = base::Settings::Presence;
  LinkIdentityFiles files;
  const bool has_certificate = table.text("certificate", files.certificate);
  const bool has_key = table.text("key", files.key);
  const bool has_authority = table.text("authority", files.authority);
  if (!has_certificate && !has_key && !has_authority) return std::nullopt;
  for (const char* key : {"certificate", "key", "authority"}) {
    std::string there;
    (void)table.text(key, there, Presence::required);
  }
  return files;
}

void use_link_identity(std::shared_ptr<LinkIdentity> identity) {
  identity_of_process() = std::move(identity);
}

base::Status use_link_files(const std::optional<LinkIdentityFiles>& files,
                            std::function<void(const std::string&)> tell) {
  if (!files) return {};
  auto opened = LinkIdentity::open(*files);
  if (!opened) return opened.error();
  opened.value()->on_change(std::move(tell));
  use_link_identity(std::move(opened.value()));
  return {};
}

Security link_security(std::string peer_name) {
  return {identity_of_process(), std::move(peer_name)};
}

std::string link_name(const char* kind, std::uint64_t number) {
  return fmt::format("{}-{}", kind, number);
}

base::Result<std::shared_ptr<LinkIdentity>> LinkIdentity::open(LinkIdentityFiles files) {
  std::shared_ptr<LinkIdentity> identity(new LinkIdentity(std::move(files)));
  identity->stamp_ = identity->stamp();
  if (base::Status loaded = identity->load(); !loaded) return loaded.error();
  return identity;
}

TlsContext LinkIdentity::context(std::uint64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (now_ms < looked_ms_ + kLookAgainMs) return context_;
  looked_ms_ = now_ms;
  std::string now = stamp();
  if (now == stamp_) return context_;
  stamp_ = std::move(now);
  const base::Status loaded = load();
  if (tell_) {
    const std::string until = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(expires_s_));
    tell_(loaded ? fmt::format("new certificate for links, {}, valid until {}", files_.certificate,
                               until)
                 : fmt::format("{}; the certificate read before stays in use, valid until {}",
                               loaded.error().message, until));
  }
  return context_;
}

std::int64_t LinkIdentity::expires_s() const {
  const std::lock_guard lock(mutex_);
  return expires_s_;
}

std::string LinkIdentity::stamp() const {
  std::string all;
  for (const std::string* path : {&files_.certificate, &files_.key, &files_.authority}) {
    struct stat file {};
    if (::stat(path->c_str(), &file) != 0) file = {};
    all += fmt::format("{}.{} {} {};", file.st_mtim.tv_sec, file.st_mtim.tv_nsec, file.st_ino,
                       file.st_size);
  }
  return all;
}

base::Status LinkIdentity::load() {
  auto made = open_link_tls(files_.certificate, files_.key, files_.authority);
  if (!made) return made.error();
  context_ = made.value();
  expires_s_ = expiry_of(context_->native_handle());
  return {};
}

}  // namespace okiagari::net
