#include "wire/itch.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/hash.h"
#include "wire/mold.h"

namespace okiagari::wire::itch {
namespace {

std::vector<std::byte> bytes_of(std::string_view hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  EXPECT_TRUE(base::from_hex(hex, bytes));
  return bytes;
}

// Datagrams recorded on Nasdaq's feed.
constexpr std::string_view kRecordedAdd =
    "303030303130303539420000000000e12f590001002441159800001f1aced85306000000000166b53e420000064049"
    "5"
    "64f4f20202020000d55ac";
constexpr std::string_view kRecordedReplace =
    "303030303130303539420000000000e12f4500010023551db300001f1aced771e90000000000e6897f000000000145"
    "f"
    "2c700000064001036c8";

TEST(Itch, RecordedAddHasTheValuesOfAForeignDecoderAndIsWrittenBack) {
  const auto datagram = bytes_of(kRecordedAdd);
  MoldReader reader(datagram);
  EXPECT_EQ(trimmed(reader.header().session), "000010059B");
  EXPECT_EQ(reader.header().sequence_number, 14757721U);
  EXPECT_EQ(reader.header().message_count, 1U);
  base::Bytes message;
  ASSERT_TRUE(reader.next(message));
  ASSERT_EQ(check(message), Fault::none);
  const auto& add = *view_as<AddOrder>(message);
  EXPECT_EQ(add.head.locate, 5528U);
  EXPECT_EQ(add.head.tracking, 0U);
  EXPECT_EQ(add.head.timestamp_ns, 34199999894278U);
  EXPECT_EQ(add.reference, 23508286U);
  EXPECT_EQ(add.side, 'B');
  EXPECT_EQ(add.shares, 1600U);
  EXPECT_EQ(trimmed(add.symbol), "IVOO");
  EXPECT_EQ(add.price_e4, 873900U);
  EXPECT_FALSE(reader.next(message));
  EXPECT_TRUE(reader.ok());

  AddOrder again;
  again.head = {.type = 'A', .locate = 5528, .tracking = 0, .timestamp_ns = 34199999894278};
  again.reference = 23508286;
  again.shares = 1600;
  again.symbol = alpha<8>("IVOO");
  again.price_e4 = 873900;
  MoldWriter writer(1400);
  writer.begin(alpha<10>("000010059B"), 14757721);
  ASSERT_TRUE(writer.add(base::object_bytes(again)));
  const base::Bytes written = writer.finish();
  EXPECT_EQ(std::vector<std::byte>(written.begin(), written.end()), datagram);
}

TEST(Itch, RecordedReplaceHasTheValuesOfAForeignDecoder) {
  const auto datagram = bytes_of(kRecordedReplace);
  MoldReader reader(datagram);
  base::Bytes message;
  ASSERT_TRUE(reader.next(message));
  ASSERT_EQ(check(message), Fault::none);
  const auto& replace = *view_as<OrderReplace>(message);
  EXPECT_EQ(replace.original_reference, 15108479U);
  EXPECT_EQ(replace.reference, 21361351U);
  EXPECT_EQ(replace.shares, 100U);
  EXPECT_EQ(replace.price_e4, 1062600U);
}

TEST(Itch, TimeHasSixBytesAndLosesNothingInThem) {
  for (const std::uint64_t time : {0ULL, 1ULL, 86'399'999'999'999ULL, (1ULL << 48) - 1}) {
    EXPECT_EQ(std::uint64_t{Big48(time)}, time);
  }
  EXPECT_EQ(std::uint64_t{Big48(1ULL << 48)}, 0U);
}

TEST(Itch, MessageOfAnotherSizeThanItsTypeIsRefused) {
  OrderDelete message;
  message.head.type = 'D';
  const base::Bytes bytes = base::object_bytes(message);
  EXPECT_EQ(check(bytes), Fault::none);
  EXPECT_EQ(check(bytes.first(bytes.size() - 1)), Fault::wrong_size);
  EXPECT_EQ(check({}), Fault::empty);
  EXPECT_EQ(check(bytes_of("7a00")), Fault::unknown_type);
  EXPECT_EQ(check(bytes_of("ff00")), Fault::unknown_type);
}

TEST(Mold, DatagramCutInsideAMessageIsNotTakenForAWholeOne) {
  const auto datagram = bytes_of(kRecordedAdd);
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    MoldReader reader({datagram.data(), size});
    base::Bytes message;
    EXPECT_FALSE(reader.next(message)) << size;
    EXPECT_FALSE(reader.ok()) << size;
  }
}

TEST(Mold, BytesBehindTheLastMessageAreNoticed) {
  auto datagram = bytes_of(kRecordedAdd);
  datagram.push_back(std::byte{0});
  MoldReader reader(datagram);
  base::Bytes message;
  EXPECT_TRUE(reader.next(message));
  EXPECT_FALSE(reader.ok());
}

TEST(Mold, HeartbeatHasNoMessages) {
  const auto heartbeat = bytes_of("31353637333236303330000000000034e3e90000");
  MoldReader reader(heartbeat);
  base::Bytes message;
  EXPECT_FALSE(reader.next(message));
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.header().sequence_number, 3466217U);
}

TEST(Mold, MessageThatDoesNotFitTheDatagramIsRefused) {
  MoldWriter writer(sizeof(MoldHeader) + 10);
  writer.begin(alpha<10>("X"), 1);
  const std::byte message[8]{};
  EXPECT_TRUE(writer.add(message));
  EXPECT_FALSE(writer.add({message, 1}));
  EXPECT_EQ(writer.finish().size(), sizeof(MoldHeader) + 10);
}

}  // namespace
}  // namespace okiagari::wire::itch
