#include "net/link_certificate.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace okiagari::net {

namespace {

template <auto free_it>
struct Free {
  template <typename T>
  void operator()(T* one) const {
    free_it(one);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

constexpr long kHourS = 3'600;
constexpr int kSerialBits = 127;  // RFC 5280, section 4.1.2.2: positive, at most 20 bytes
constexpr std::size_t kNameBytesMax = 63;

base::Error failure(const char* what) {
  const char* why = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return base::Error{fmt::format("{}: {}", what, why != nullptr ? why : "TLS library failed")};
}

bool is_link_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char letter) {
           return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                  letter == '-';
         });
}

bool extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  const bool is_added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return is_added;
}

// Everything but extensions and signature.
Certificate begin(const std::string& name, std::uint32_t valid_days, EVP_PKEY* key) {
  Certificate made(X509_new());
  const Number serial(BN_new());
  if (made == nullptr || serial == nullptr) return nullptr;
  const bool is_complete =
      BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
      BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(made.get())) != nullptr &&
      X509_set_version(made.get(), X509_VERSION_3) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(made.get()), -kHourS) != nullptr &&
      X509_time_adj_ex(X509_getm_notAfter(made.get()), static_cast<int>(valid_days), 0, nullptr) !=
          nullptr &&
      X509_set_pubkey(made.get(), key) == 1 &&
      X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<int>(name.size()), -1, 0) == 1;
  return is_complete ? std::move(made) : nullptr;
}

template <typename Write>
std::string pem(Write&& write) {
  const Bio memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || write(memory.get()) != 1) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

base::Result<LinkCertificate> written(X509* certificate, EVP_PKEY* key) {
  LinkCertificate made;
  made.certificate_pem = pem([&](BIO* into) { return PEM_write_bio_X509(into, certificate); });
  made.key_pem = pem([&](BIO* into) {
    return PEM_write_bio_PrivateKey(into, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  if (made.certificate_pem.empty() || made.key_pem.empty()) return failure("cannot be written");
  return made;
}

}  // namespace

base::Result<LinkCertificate> make_link_authority(const std::string& name,
                                                  std::uint32_t valid_days) {
  const Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return failure("no key can be made");
  const Certificate made = begin(name, valid_days, key.get());
  if (made == nullptr) return failure("no authority can be made");
  X509* own = made.get();
  const bool is_signed = X509_set_issuer_name(own, X509_get_subject_name(own)) == 1 &&
                         extend(own, own, NID_subject_key_identifier, "hash") &&
                         extend(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                         extend(own, own, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                         X509_sign(own, key.get(), EVP_sha256()) > 0;
  if (!is_signed) return failure("no authority can be made");
  return written(own, key.get());
}

base::Result<LinkCertificate> issue_link_certificate(const LinkCertificate& authority,
                                                     const std::string& name,
                                                     std::uint32_t valid_days) {
  if (!is_link_name(name)) {
    return base::Error{
        fmt::format("'{}' is no name of a process: small letters, digits and hyphens, at most {}",
                    name, kNameBytesMax)};
  }
  const Bio certificate_text(BIO_new_mem_buf(authority.certificate_pem.data(),
                                             static_cast<int>(authority.certificate_pem.size())));
  const Bio key_text(
      BIO_new_mem_buf(authority.key_pem.data(), static_cast<int>(authority.key_pem.size())));
  const Certificate issuer(PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
  // Without a password at hand, OpenSSL would ask the terminal.
  char no_password[] = "";
  const Key issuer_key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, no_password));
  if (issuer == nullptr) return failure("the authority's certificate cannot be read");
  if (issuer_key == nullptr) return failure("the authority's key cannot be read");
  if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    return failure("the key is not the authority's");
  }
  const Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return failure("no key can be made");
  const Certificate made = begin(name, valid_days, key.get());
  if (made == nullptr) return failure("no certificate can be made");
  X509* own = made.get();
  if (ASN1_TIME_compare(X509_get0_notAfter(own), X509_get0_notAfter(issuer.get())) > 0) {
    X509_set1_notAfter(own, X509_get0_notAfter(issuer.get()));
  }
  const bool is_signed = X509_set_issuer_name(own, X509_get_subject_name(issuer.get())) == 1 &&
                         extend(own, issuer.get(), NID_subject_key_identifier, "hash") &&
                         extend(own, issuer.get(), NID_authority_key_identifier, "keyid") &&
                         extend(own, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                         extend(own, issuer.get(), NID_key_usage, "critical,digitalSignature") &&
                         extend(own, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth") &&
                         extend(own, issuer.get(), NID_subject_alt_name, "DNS:" + name) &&
                         X509_sign(own, issuer_key.get(), EVP_sha256()) > 0;
  if (!is_signed) return failure("no certificate can be made");
  return written(own, key.get());
}

}  // namespace okiagari::net
