#include "wire/soup.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/hash.h"

namespace okiagari::wire {
namespace {

std::vector<std::byte> bytes_of(std::string_view hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  EXPECT_TRUE(base::from_hex(hex, bytes));
  return bytes;
}

// A log-in request recorded on the wire of a foreign venue.
constexpr std::string_view kRecordedLogin =
    "002f4c75736572202070617373776f72642020202020202020202020202020202020202020202020"
    "202020202020202030";

TEST(Soup, RecordedLoginRequestIsReadAndWrittenBack) {
  const auto bytes = bytes_of(kRecordedLogin);
  SoupPacket packet;
  ASSERT_EQ(decode_soup(bytes, packet), SoupFault::none);
  EXPECT_EQ(packet.type, SoupType::login_request);
  EXPECT_EQ(packet.size_bytes, bytes.size());
  const auto* request = view_as<SoupLoginRequest>(packet.payload);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(trimmed(request->username), "user");
  EXPECT_EQ(trimmed(request->password), "password");
  EXPECT_EQ(trimmed(request->session), "");
  EXPECT_EQ(parse_soup_number(request->sequence_number), 0U);

  SoupLoginRequest again;
  again.username = alpha<6>("user");
  again.password = alpha<10>("password");
  again.sequence_number = soup_number(0);
  std::vector<std::byte> written(kSoupHeaderBytes + sizeof again);
  encode_soup_header(written.data(), SoupType::login_request, sizeof again);
  std::memcpy(written.data() + kSoupHeaderBytes, &again, sizeof again);
  EXPECT_EQ(written, bytes);
}

TEST(Soup, PacketThatArrivesByteByByteIsIncompleteUntilItsLastByte) {
  const auto bytes = bytes_of(kRecordedLogin);
  SoupPacket packet;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(decode_soup({bytes.data(), size}, packet), SoupFault::incomplete) << size;
  }
}

TEST(Soup, LengthsThatCannotBeAreRefusedBeforeAnythingIsWaitedFor) {
  SoupPacket packet;
  EXPECT_EQ(decode_soup(bytes_of("0000"), packet), SoupFault::length_zero);
  EXPECT_EQ(decode_soup(bytes_of("ffff"), packet), SoupFault::too_long);
  EXPECT_EQ(decode_soup(bytes_of("1001"), packet), SoupFault::incomplete);
  EXPECT_EQ(decode_soup(bytes_of("1002"), packet), SoupFault::too_long);
  EXPECT_EQ(decode_soup(bytes_of("000178"), packet), SoupFault::unknown_type);
}

TEST(Soup, SecondPacketIsLeftForTheNextCall) {
  const auto bytes = bytes_of("00015200015a");
  SoupPacket packet;
  ASSERT_EQ(decode_soup(bytes, packet), SoupFault::none);
  EXPECT_EQ(packet.type, SoupType::client_heartbeat);
  EXPECT_EQ(packet.size_bytes, 3U);
  EXPECT_TRUE(packet.payload.empty());
}

TEST(Soup, NumbersAreAlignedToTheRight) {
  const auto text = [](std::uint64_t number) {
    const Alpha<20> field = soup_number(number);
    return std::string(field.data(), field.size());
  };
  EXPECT_EQ(text(0), "                   0");
  EXPECT_EQ(text(1234567890123), "       1234567890123");
  EXPECT_EQ(text(~0ULL), "18446744073709551615");
}

TEST(Soup, NumbersWithAnythingElseInThemAreNone) {
  const auto parsed = [](std::string_view text) { return parse_soup_number(alpha<20>(text)); };
  EXPECT_EQ(parsed("                  17"), 17U);
  EXPECT_EQ(parsed("17"), 17U);
  EXPECT_EQ(parsed(""), 0U);
  EXPECT_EQ(parsed("1 7"), std::nullopt);
  EXPECT_EQ(parsed("-1"), std::nullopt);
  EXPECT_EQ(parsed("9223372036854775807"), 9223372036854775807U);
  EXPECT_EQ(parsed("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parsed("99999999999999999999"), std::nullopt);
}

}  // namespace
}  // namespace okiagari::wire
