#include "base/hash.h"

#include <nmmintrin.h>
#include <sodium.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/assert.h"

namespace okiagari::base {

namespace {

constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
  constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReversedPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}

std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t crc) {
  static constexpr auto kTable = make_crc32c_table();
  for (std::byte byte : bytes) {
    crc = kTable[(crc ^ static_cast<std::uint32_t>(byte)) & 0xFF] ^ (crc >> 8);
  }
  return crc;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(Bytes bytes, std::uint32_t crc) {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t wide = crc;
  for (; left >= 8; left -= 8, at += 8) wide = _mm_crc32_u64(wide, load_little<std::uint64_t>(at));
  crc = static_cast<std::uint32_t>(wide);
  for (; left > 0; --left, ++at) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*at));
  return crc;
}

bool has_sse42() {
  static const bool answer = __builtin_cpu_supports("sse4.2") != 0;
  return answer;
}

void require_sodium() {
  static const bool ready = sodium_init() >= 0;
  ASSERT(ready, "libsodium could not be initialised");
}

}  // namespace

std::uint32_t crc32c(Bytes bytes, std::uint32_t seed) {
  const std::uint32_t start = ~seed;
  return ~(has_sse42() ? crc32c_sse42(bytes, start) : crc32c_portable(bytes, start));
}

std::uint64_t hash64(Bytes bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Digest digest(Bytes first, Bytes second) {
  require_sodium();
  Digest result;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, result.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(first.data()),
                            first.size());
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(second.data()),
                            second.size());
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(result.data()), result.size());
  return result;
}

Digest keyed_digest(Bytes key, Bytes message) {
  require_sodium();
  ASSERT(key.size() >= crypto_generichash_KEYBYTES_MIN &&
             key.size() <= crypto_generichash_KEYBYTES_MAX,
         "key of {} bytes", key.size());
  Digest result;
  crypto_generichash(reinterpret_cast<unsigned char*>(result.data()), result.size(),
                     reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                     reinterpret_cast<const unsigned char*>(key.data()), key.size());
  return result;
}

std::string to_hex(Bytes bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::byte byte : bytes) {
    text.push_back(kDigits[static_cast<unsigned>(byte) >> 4]);
    text.push_back(kDigits[static_cast<unsigned>(byte) & 15]);
  }
  return text;
}

bool from_hex(std::string_view hex, MutableBytes into) {
  const auto nibble = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if (hex.size() != into.size() * 2) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const int high = nibble(hex[2 * i]);
    const int low = nibble(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    into[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

bool equal_constant_time(const Digest& a, const Digest& b) {
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace okiagari::base
