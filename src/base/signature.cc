#include "base/signature.h"

#include <sodium.h>

namespace okiagari::base {

namespace {
const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
}  // namespace

KeyPair key_pair_from_seed(const std::array<std::byte, 32>& seed) {
  KeyPair pair;
  crypto_sign_seed_keypair(raw(pair.public_key.data()), raw(pair.secret_key.data()),
                           raw(seed.data()));
  return pair;
}

Signature sign(Bytes message, const SecretKey& key) {
  Signature signature;
  crypto_sign_detached(raw(signature.data()), nullptr, raw(message.data()), message.size(),
                       raw(key.data()));
  return signature;
}

bool verify_signature(Bytes message, const Signature& signature, const PublicKey& key) {
  return crypto_sign_verify_detached(raw(signature.data()), raw(message.data()), message.size(),
                                     raw(key.data())) == 0;
}

}  // namespace okiagari::base
