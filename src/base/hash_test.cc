#include "base/hash.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace okiagari::base {
namespace {

TEST(Crc32c, GivesTheValuesOfRfc3720AppendixB4) {
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0})), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xFF})), 0x62A8AB43u);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283u);
}

TEST(Crc32c, ContinuesFromTheValueOfTheBytesBefore) {
  const std::string text = "the halt button died with the thing it should halt";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::uint32_t head = crc32c(as_bytes(text).first(cut));
    EXPECT_EQ(crc32c(as_bytes(text).subspan(cut), head), crc32c(as_bytes(text))) << cut;
  }
}

TEST(Digest, IsBlake2bWith256Bits) {
  // BLAKE2b-256 of the empty message.
  EXPECT_EQ(to_hex(digest({})), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(digest(as_bytes("ab"), as_bytes("c")), digest(as_bytes("abc")));
}

TEST(Digest, WithAnotherKeyIsAnother) {
  const std::string key = "0123456789abcdef";
  const std::string other = "0123456789abcdeg";
  EXPECT_NE(keyed_digest(as_bytes(key), as_bytes("token")),
            keyed_digest(as_bytes(other), as_bytes("token")));
}

TEST(Hex, RefusesWhatIsNotHexOrNotThatLong) {
  std::array<std::byte, 2> two{};
  EXPECT_TRUE(from_hex("0aFF", two));
  EXPECT_EQ(to_hex(two), "0aff");
  EXPECT_FALSE(from_hex("0aF", two));
  EXPECT_FALSE(from_hex("0aFg", two));
  EXPECT_FALSE(from_hex("0aFF00", two));
}

}  // namespace
}  // namespace okiagari::base
