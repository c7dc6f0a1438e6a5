// For tests: a certificate of its own authority for 127.0.0.1 and localhost, with its key, as files
// in a temporary folder.
#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace okiagari::net {

class TestCertificate {
 public:
  explicit TestCertificate(const std::string& name) {
    folder_ = (std::filesystem::temp_directory_path() /
               ("test_certificate_" + name + "_" + std::to_string(::getpid())))
                  .string();
    std::filesystem::create_directories(folder_);
    make(1);
  }
  ~TestCertificate() { std::filesystem::remove_all(folder_); }
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  [[nodiscard]] std::string certificate_path() const { return folder_ + "/certificate.pem"; }
  [[nodiscard]] std::string key_path() const { return folder_ + "/key.pem"; }

  // Another key and certificate in the same files.
  void make(long serial) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                  EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    ASSERT_NE(key, nullptr);
    X509* certificate = made.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86'400);
    X509_set_pubkey(certificate, key.get());
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    extend(certificate, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
    ASSERT_GT(X509_sign(certificate, key.get(), EVP_sha256()), 0);
    write(certificate_path(), [&](std::FILE* file) { return PEM_write_X509(file, certificate); });
    write(key_path(), [&](std::FILE* file) {
      return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

 private:
  static void extend(X509* certificate, int what, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
    ASSERT_NE(extension, nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  template <typename Write>
  static void write(const std::string& path, Write&& put) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(put(file), 1);
    std::fclose(file);
  }

  std::string folder_;
};

}  // namespace okiagari::net
