#include "wire/ouch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/hash.h"

namespace okiagari::wire::ouch {
namespace {

std::vector<std::byte> bytes_of(std::string_view hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  EXPECT_TRUE(base::from_hex(hex, bytes));
  return bytes;
}

template <typename Message>
std::vector<std::byte> bytes_of_message(const Message& message) {
  const base::Bytes bytes = base::object_bytes(message);
  return {bytes.begin(), bytes.end()};
}

// Recorded on Nasdaq's wire; an acknowledgement with two options, and a cancel.
constexpr std::string_view kRecordedAccepted =
    "410000289b4d64af8700753a8d42000000284144424520202020000000000048e7483559000000000f56b4f5414e4e"
    "4c3736383237303120202020202020000905024d4c524f021230";
constexpr std::string_view kRecordedCancel = "5800752e7100000000";

TEST(Ouch, RecordedAcknowledgementHasTheValuesOfAForeignDecoder) {
  const auto bytes = bytes_of(kRecordedAccepted);
  ASSERT_EQ(check_outbound(bytes), Fault::none);
  const auto& message = *view_as<Accepted>(bytes);
  EXPECT_EQ(message.timestamp_ns, 44647483486087U);
  EXPECT_EQ(message.user_reference, 7682701U);
  EXPECT_EQ(message.side, 'B');
  EXPECT_EQ(message.quantity, 40U);
  EXPECT_EQ(trimmed(message.symbol), "ADBE");
  EXPECT_EQ(message.price_e4, 4777800U);
  EXPECT_EQ(message.time_in_force, '5');
  EXPECT_EQ(message.display, 'Y');
  EXPECT_EQ(message.reference, 257340661U);
  EXPECT_EQ(message.capacity, 'A');
  EXPECT_EQ(message.intermarket_sweep, 'N');
  EXPECT_EQ(message.cross_type, 'N');
  EXPECT_EQ(message.state, 'L');
  EXPECT_EQ(trimmed(message.client_order_id), "7682701");
  EXPECT_EQ(message.appendage_bytes, 9U);

  OptionReader options(outbound_appendage(bytes));
  OptionReader::Option option;
  ASSERT_TRUE(options.next(option));
  EXPECT_EQ(option.tag, Tag::firm);
  EXPECT_EQ(base::as_text(option.value), "MLRO");
  ASSERT_TRUE(options.next(option));
  EXPECT_EQ(option.tag, Tag::bbo_weight);
  EXPECT_EQ(base::as_text(option.value), "0");
  EXPECT_FALSE(options.next(option));
}

TEST(Ouch, RecordedAcknowledgementIsWrittenBackByteForByte) {
  Accepted message;
  message.timestamp_ns = 44647483486087;
  message.user_reference = 7682701;
  message.quantity = 40;
  message.symbol = alpha<8>("ADBE");
  message.price_e4 = 4777800;
  message.time_in_force = '5';
  message.reference = 257340661;
  message.client_order_id = alpha<14>("7682701");
  message.appendage_bytes = 9;
  std::vector<std::byte> written = bytes_of_message(message);
  written.resize(sizeof message + 9);
  std::byte* at = put_option(written.data() + sizeof message, Tag::firm, std::uint32_t{0x4d4c524f});
  at = put_option(at, Tag::bbo_weight, '0');
  EXPECT_EQ(at, written.data() + written.size());
  EXPECT_EQ(written, bytes_of(kRecordedAccepted));
}

TEST(Ouch, RecordedCancelHasNoAppendageAtAll) {
  const auto bytes = bytes_of(kRecordedCancel);
  ASSERT_EQ(check_inbound(bytes), Fault::none);
  EXPECT_EQ(view_as<CancelOrder>(bytes)->user_reference, 7679601U);
  EXPECT_EQ(view_as<CancelOrder>(bytes)->quantity, 0U);
  EXPECT_TRUE(inbound_appendage(bytes).empty());
  CancelOrder message;
  message.user_reference = 7679601;
  EXPECT_EQ(bytes_of_message(message), bytes);
}

TEST(Ouch, EveryShorterOrLongerMessageIsRefused) {
  const auto refused_but_for_its_size = [](const auto& message, auto check) {
    std::vector<std::byte> bytes = bytes_of_message(message);
    EXPECT_EQ(check(bytes), Fault::none);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      EXPECT_EQ(check({bytes.data(), size}), Fault::too_short) << size;
    }
    bytes.push_back(std::byte{0});
    EXPECT_NE(check(bytes), Fault::none);
  };
  refused_but_for_its_size(EnterOrder{}, check_inbound);
  refused_but_for_its_size(ReplaceOrder{}, check_inbound);
  refused_but_for_its_size(CancelOrder{}, check_inbound);
  refused_but_for_its_size(ModifyOrder{}, check_inbound);
  refused_but_for_its_size(MassCancel{}, check_inbound);
  refused_but_for_its_size(DisableOrderEntry{}, check_inbound);
  refused_but_for_its_size(EnableOrderEntry{}, check_inbound);
  refused_but_for_its_size(SystemEvent{}, check_outbound);
  refused_but_for_its_size(Executed{}, check_outbound);
  refused_but_for_its_size(Rejected{}, check_outbound);
  refused_but_for_its_size(CancelReject{}, check_outbound);
  refused_but_for_its_size(TradingState{}, check_outbound);
  refused_but_for_its_size(LocalRefusal{}, check_outbound);
}

TEST(Ouch, AppendageThatLiesAboutItsLengthIsRefused) {
  std::vector<std::byte> bytes = bytes_of_message(EnterOrder{});
  const auto with_appendage = [&](std::uint16_t announced, std::string_view hex) {
    std::vector<std::byte> whole = bytes;
    base::store_big(whole.data() + offsetof(EnterOrder, appendage_bytes), announced);
    const auto rest = bytes_of(hex);
    whole.insert(whole.end(), rest.begin(), rest.end());
    return check_inbound(whole);
  };
  EXPECT_EQ(with_appendage(3, "020c50"), Fault::none);
  EXPECT_EQ(with_appendage(4, "020c50"), Fault::appendage_length_wrong);
  EXPECT_EQ(with_appendage(2, "020c50"), Fault::appendage_length_wrong);
  EXPECT_EQ(with_appendage(3, "030c50"), Fault::appendage_broken);  // runs over the end
  EXPECT_EQ(with_appendage(3, "000c50"), Fault::appendage_broken);  // holds not even a tag
  EXPECT_EQ(with_appendage(1, "01"), Fault::appendage_broken);
}

TEST(Ouch, UnknownTypesAndEmptyMessagesAreRefused) {
  EXPECT_EQ(check_inbound({}), Fault::empty);
  for (int type = 0; type < 256; ++type) {
    const std::byte byte{static_cast<unsigned char>(type)};
    const bool is_known =
        std::string_view("OUXMCDEQ").find(static_cast<char>(type)) != std::string_view::npos;
    EXPECT_EQ(check_inbound({&byte, 1}) != Fault::unknown_type, is_known) << type;
  }
}

}  // namespace
}  // namespace okiagari::wire::ouch
