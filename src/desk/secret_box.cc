#include "desk/secret_box.h"

#include <sodium.h>

#include <vector>

#include "base/hash.h"

namespace okiagari::desk {

namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
const unsigned char* raw(const BoxKey& key) {
  return reinterpret_cast<const unsigned char*>(key.data());
}

}  // namespace

std::string seal_secret(std::string_view text, std::string_view bound_to, const BoxKey& key) {
  ASSERT(sodium_init() >= 0, "libsodium does not start");
  std::vector<std::byte> sealed(kNonce + text.size() + kTag);
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  randombytes_buf(out, kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + kNonce, nullptr, raw(text), text.size(),
                                             raw(bound_to), bound_to.size(), nullptr, out,
                                             raw(key));
  return base::to_hex(sealed);
}

base::Result<std::string> open_secret(std::string_view sealed, std::string_view bound_to,
                                      const BoxKey& key) {
  ASSERT(sodium_init() >= 0, "libsodium does not start");
  const base::Error no_secret{"a sealed secret that this desk's key does not open"};
  std::vector<std::byte> bytes(sealed.size() / 2);
  if (bytes.size() < kNonce + kTag || !base::from_hex(sealed, bytes)) return no_secret;
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  std::string text(bytes.size() - kNonce - kTag, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(text.data()), nullptr, nullptr, in + kNonce,
          bytes.size() - kNonce, raw(bound_to), bound_to.size(), in, raw(key)) != 0) {
    return no_secret;
  }
  return text;
}

}  // namespace okiagari::desk
