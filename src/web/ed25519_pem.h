// An Ed25519 public key as openssl reads it: SubjectPublicKeyInfo of RFC 8410 in PEM.
#pragma once

#include <string>
#include <string_view>

namespace okiagari::web {

// Of 64 hex digits; empty when it is something else.
[[nodiscard]] std::string ed25519_pem(std::string_view public_key_hex);

}  // namespace okiagari::web
