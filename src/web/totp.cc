#include "web/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>

#include "base/assert.h"

namespace okiagari::web {

std::string totp_code(std::string_view secret, std::int64_t step) {
  std::array<unsigned char, 8> message{};
  for (std::size_t at = 0; at < message.size(); ++at) {
    message[at] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (56 - 8 * at));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  const unsigned char* made = HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
                                   message.data(), message.size(), mac.data(), &size);
  ASSERT(made != nullptr && size == 20, "HMAC-SHA-1 gives {} bytes", size);
  const std::size_t offset = mac[19] & 15u;
  const std::uint32_t number =
      (mac[offset] & 0x7fu) << 24 | mac[offset + 1] << 16 | mac[offset + 2] << 8 | mac[offset + 3];
  return fmt::format("{:06}", number % 1'000'000);
}

std::optional<std::int64_t> totp_step(std::string_view code, std::string_view secret,
                                      std::int64_t now_s, std::int64_t used_step) {
  if (code.size() != 6) return std::nullopt;
  std::optional<std::int64_t> found;
  const std::int64_t now_step = now_s / kTotpStepS;
  // All three are compared, whichever fits, so that the time says nothing.
  for (std::int64_t step = now_step - 1; step <= now_step + 1; ++step) {
    const std::string expected = totp_code(secret, step);
    const bool is_equal = sodium_memcmp(expected.data(), code.data(), code.size()) == 0;
    if (is_equal && step > used_step) found = step;
  }
  return found;
}

}  // namespace okiagari::web
