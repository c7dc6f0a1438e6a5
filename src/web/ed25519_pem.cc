#include "web/ed25519_pem.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

#include "base/assert.h"
#include "base/hash.h"

namespace okiagari::web {

std::string ed25519_pem(std::string_view public_key_hex) {
  constexpr std::size_t kHeadBytes = 12;
  std::array<std::byte, kHeadBytes + 32> der{};
  const bool is_head_read =
      base::from_hex("302a300506032b6570032100", std::span(der).first(kHeadBytes));
  ASSERT(is_head_read, "the head of a public key is {} bytes", kHeadBytes);
  if (!base::from_hex(public_key_hex, std::span(der).subspan(kHeadBytes))) return {};
  std::array<char, sodium_base64_ENCODED_LEN(kHeadBytes + 32, sodium_base64_VARIANT_ORIGINAL)>
      text{};
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(der.data()),
                    der.size(), sodium_base64_VARIANT_ORIGINAL);
  return fmt::format("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", text.data());
}

}  // namespace okiagari::web
