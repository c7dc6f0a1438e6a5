// SoupBinTCP, OUCH and ITCH against bytes recorded from the real protocols (decoded by tshark with
// the Open Markets Initiative's dissectors).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hash.h"
#include "check/itch.h"
#include "check/ouch.h"
#include "check/soup_bin.h"

namespace okiagari::check {
namespace {

std::vector<std::byte> from_hex(const std::string& hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  EXPECT_TRUE(base::from_hex(hex, bytes));
  return bytes;
}

constexpr const char* kAcceptedPacket =
    "004a53410000289b4d64af8700753a8d420000002841444245202020200000000000"
    "48e7483559000000000f56b4f5414e4e4c3736383237303120202020202020000905024d4c524f021230";

TEST(Wire, ARecordedAcceptedMessageIsRead) {
  const auto bytes = from_hex(kAcceptedPacket);
  SoupReader reader{base::Bytes(bytes)};
  SoupPacket packet;
  ASSERT_TRUE(reader.next(packet));
  EXPECT_EQ(reader.consumed(), bytes.size());
  EXPECT_EQ(packet.type, kSoupSequenced);
  OuchAnswer answer;
  ASSERT_TRUE(decode_ouch(packet.payload, answer));
  EXPECT_EQ(answer.type, kOuchAccepted);
  EXPECT_EQ(answer.time_ns, 44647483486087U);
  EXPECT_EQ(answer.user_reference, 7682701U);
  EXPECT_EQ(answer.side, 'B');
  EXPECT_EQ(answer.quantity, 40U);
  EXPECT_EQ(answer.symbol, padded_symbol("ADBE"));
  EXPECT_EQ(answer.price_e4, 4777800U);
  EXPECT_EQ(answer.time_in_force, '5');
  EXPECT_EQ(answer.display, 'Y');
  EXPECT_EQ(answer.order_reference, 257340661U);
  EXPECT_EQ(answer.order_state, 'L');
  EXPECT_EQ(answer.client_order_id, padded_client_order_id("7682701"));
  const base::Bytes appendage = base::as_bytes(answer.appendage);
  EXPECT_EQ(base::as_text(appendage_field(appendage, 2)), "MLRO");
  EXPECT_EQ(base::as_text(appendage_field(appendage, 18)), "0");
  EXPECT_TRUE(appendage_field(appendage, 3).empty());
}

TEST(Wire, ARecordedCancelIsWritten) {
  base::ByteWriter message;
  encode_ouch(message, OuchCancel{.user_reference = 7679601, .quantity = 0});
  base::ByteWriter packet;
  write_soup_packet(packet, kSoupUnsequenced, message.view());
  EXPECT_EQ(base::to_hex(packet.view()), "000a555800752e7100000000");
}

TEST(Wire, AnOrderHasTheLengthOfTheSpecification) {
  base::ByteWriter enter;
  OuchEnter order;
  append_field(order.appendage, 2, base::as_bytes("MLRO"));
  encode_ouch(enter, order);
  EXPECT_EQ(enter.size(), 47U + 6U);
  base::ByteWriter replace;
  encode_ouch(replace, OuchReplace{});
  EXPECT_EQ(replace.size(), 40U);
}

TEST(Wire, AMessageOfAnotherLengthIsRefused) {
  auto bytes = from_hex(kAcceptedPacket);
  bytes.erase(bytes.begin(), bytes.begin() + 3);
  OuchAnswer answer;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_ouch(base::Bytes(bytes).first(size), answer)) << size;
  }
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode_ouch(bytes, answer));
}

TEST(Wire, PacketsAreTakenWholeAndInTurn) {
  base::ByteWriter stream;
  write_soup_packet(stream, kSoupServerHeartbeat);
  write_soup_packet(stream, kSoupSequenced, base::as_bytes("xyz"));
  for (std::size_t size = 0; size < stream.size(); ++size) {
    SoupReader reader(stream.view().first(size));
    SoupPacket packet;
    EXPECT_EQ(reader.next(packet), size >= 3);
    EXPECT_FALSE(reader.next(packet));
    EXPECT_FALSE(reader.malformed());
  }
  const auto empty = from_hex("0000");
  SoupReader reader{base::Bytes(empty)};
  SoupPacket packet;
  EXPECT_FALSE(reader.next(packet));
  EXPECT_TRUE(reader.malformed());
}

TEST(Wire, ALogInIsPaddedAsTheSpecificationSays) {
  base::ByteWriter packet;
  write_soup_login(packet, "USER", "SECRET", "", 12);
  EXPECT_EQ(base::as_text(packet.view().subspan(2)),
            "LUSER  SECRET                                12");
  base::ByteWriter accepted;
  accepted.bytes(base::as_bytes("     OKI01                  13"));
  SoupLoginAccepted read;
  ASSERT_TRUE(read_soup_login_accepted(accepted.view(), read));
  EXPECT_EQ(read.session, "OKI01");
  EXPECT_EQ(read.next_number, 13U);
}

TEST(Wire, RecordedFeedMessagesAreRead) {
  ItchMessage message;
  const auto add =
      from_hex("41159800001f1aced85306000000000166b53e420000064049564f4f20202020000d55ac");
  ASSERT_TRUE(decode_itch(add, message));
  EXPECT_EQ(message.type, kItchAdd);
  EXPECT_EQ(message.locate, 5528);
  EXPECT_EQ(message.time_ns, 34199999894278U);
  EXPECT_EQ(message.reference, 23508286U);
  EXPECT_EQ(message.side, 'B');
  EXPECT_EQ(message.quantity, 1600U);
  EXPECT_EQ(message.price_e4, 873900U);
  const auto remove = from_hex("440dbd00001f1aced85ad80000000001668bd6");
  ASSERT_TRUE(decode_itch(remove, message));
  EXPECT_EQ(message.type, kItchDelete);
  EXPECT_EQ(message.reference, 0x01668BD6U);
  const auto replace =
      from_hex("551db300001f1aced771e90000000000e6897f000000000145f2c700000064001036c8");
  ASSERT_TRUE(decode_itch(replace, message));
  EXPECT_EQ(message.reference, 0xE6897FU);
  EXPECT_EQ(message.new_reference, 0x0145F2C7U);
  EXPECT_EQ(message.quantity, 100U);
  EXPECT_EQ(message.price_e4, 0x1036C8U);
  EXPECT_FALSE(decode_itch(base::Bytes(replace).first(30), message));
}

}  // namespace
}  // namespace okiagari::check
