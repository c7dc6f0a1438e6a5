// Goal: any bytes go through the decoder and back unchanged, and what is a message is read as one,
// however it is framed, cut into segments or sent again.
#include "wire/message_lines.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>

#include "wire/itch.h"
#include "wire/mold.h"
#include "wire/ouch.h"
#include "wire/soup.h"

namespace okiagari::wire {
namespace {

namespace json = boost::json;

const MessageTable& table(std::string_view name) {
  static std::map<std::string, MessageTable, std::less<>> tables;
  auto found = tables.find(name);
  if (found == tables.end()) {
    auto read = builtin_message_table(name);
    EXPECT_TRUE(read.ok()) << name << ": " << read.error().message;
    found = tables.emplace(name, read.value()).first;
  }
  return found->second;
}

std::string encoded(const std::vector<json::object>& lines, const MessageTable& messages) {
  std::string bytes;
  LineEncoder encoder(messages, table("soup"), [&](std::string_view more) {
    bytes += more;
    return base::Status{};
  });
  for (const json::object& line : lines) {
    const base::Status taken = encoder.take(json::parse(json::serialize(line)).get_object());
    EXPECT_TRUE(taken.ok()) << taken.error().message << "\n" << json::serialize(line);
  }
  const base::Status finished = encoder.finish();
  EXPECT_TRUE(finished.ok()) << finished.error().message;
  return bytes;
}

struct Read {
  std::vector<json::object> lines;
  LineCounts counts;
};

Read decoded(std::string_view bytes, const MessageTable& messages, Framing framing) {
  Read read;
  StreamLines lines(messages, table("soup"), framing);
  (void)lines.take(base::as_bytes(bytes), true, read.counts,
                   [&](json::object&& line) { read.lines.push_back(std::move(line)); });
  return read;
}

template <typename Message>
std::string bytes_of(const Message& message) {
  return std::string(base::as_text(base::object_bytes(message)));
}

std::string packet(SoupType type, std::string_view payload) {
  std::byte header[kSoupHeaderBytes];
  encode_soup_header(header, type, payload.size());
  return std::string(base::as_text(header)) + std::string(payload);
}

ouch::EnterOrder order() {
  ouch::EnterOrder enter;
  enter.user_reference = 7;
  enter.quantity = 100;
  enter.symbol = alpha<8>("OKI0001");
  enter.price_e4 = 1'002'500;
  return enter;
}

TEST(MessageLines, AMembersOrderReadsAsTheSpecificationNamesIt) {
  std::string message = bytes_of(order());
  message[message.size() - 1] = 6;
  message += std::string("\x05\xA0\0\0\0\x09", 6);
  const Read read =
      decoded(packet(SoupType::unsequenced_data, message), table("ouch5"), Framing::soup);
  ASSERT_EQ(read.lines.size(), 1U);
  const json::object& line = read.lines[0];
  EXPECT_EQ(line.at("message").as_string(), "enter_order_message");
  EXPECT_EQ(line.at("symbol").as_string(), "OKI0001");
  EXPECT_EQ(line.at("price").as_string(), "100.25");
  EXPECT_EQ(line.at("quantity").to_number<int>(), 100);
  EXPECT_EQ(line.at("appendage").at(0).at("account").to_number<int>(), 9);
  EXPECT_EQ(encoded(read.lines, table("ouch5")), packet(SoupType::unsequenced_data, message));
}

// The tables and the structs that the market itself works with say the same.
TEST(MessageLines, EveryTypeOfItchHasTheSizeThatItsTableSays) {
  for (int type = 1; type < 128; ++type) {
    const std::size_t size = itch::size_of(static_cast<char>(type));
    std::string message(size == 0 ? 20 : size, ' ');
    message[0] = static_cast<char>(type);
    EXPECT_EQ(message_size(table("itch5"), base::as_bytes(message), Sender::either), size)
        << static_cast<char>(type);
  }
}

TEST(MessageLines, AnyBytesComeBackUnchangedWhateverTheyAreTakenFor) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::string bytes(random() % 300, '\0');
    // Small values, so that lengths and types are often right.
    for (char& c : bytes) c = static_cast<char>(random() % 2 == 0 ? random() % 50 : random());
    for (const std::string& name : builtin_message_tables()) {
      for (const Framing framing :
           {Framing::mold, Framing::soup, Framing::lengths, Framing::messages}) {
        const Read read = decoded(bytes, table(name), framing);
        EXPECT_EQ(encoded(read.lines, table(name)), bytes) << name << " in round " << round;
      }
    }
  }
}

TEST(MessageLines, DatagramsKeepTheirMessagesTogether) {
  MoldWriter writer(1'000);
  itch::OrderDelete gone;
  gone.head.type = itch::OrderDelete::kType;
  writer.begin(alpha<10>("S1"), 41);
  ASSERT_TRUE(writer.add(base::object_bytes(gone)));
  ASSERT_TRUE(writer.add(base::object_bytes(gone)));
  std::string bytes(base::as_text(writer.finish()));
  MoldHeader end;
  end.session = alpha<10>("S1");
  end.sequence_number = 43;
  end.message_count = kMoldEndOfSession;
  bytes += bytes_of(end);
  const Read read = decoded(bytes, table("itch5"), Framing::mold);
  ASSERT_EQ(read.lines.size(), 3U);
  EXPECT_EQ(read.lines[0].at("mold").at("sequence_number").to_number<int>(), 41);
  EXPECT_FALSE(read.lines[1].contains("mold"));
  EXPECT_EQ(read.lines[2].at("mold").at("message_count").to_number<int>(), 0xFFFF);
  EXPECT_EQ(encoded(read.lines, table("itch5")), bytes);
}

TEST(MessageLines, WhatIsWrongInALineIsNamed) {
  const Read read =
      decoded(packet(SoupType::unsequenced_data, bytes_of(order())), table("ouch5"), Framing::soup);
  const auto refusal = [&](std::string_view key, const json::value& value) {
    json::object line = read.lines.at(0);
    line[key] = value;
    LineEncoder encoder(table("ouch5"), table("soup"),
                        [](std::string_view) { return base::Status{}; });
    const base::Status status = encoder.take(line);
    return status.ok() ? std::string() : status.error().message;
  };
  EXPECT_EQ(refusal("quantity", -1), "'quantity': a whole number from 0 is wanted");
  EXPECT_EQ(refusal("quantity", 4'294'967'296), "'quantity': does not fit into 32 bits");
  EXPECT_EQ(refusal("price", "1.00001"), "'price': a number with at most 4 decimals is wanted");
  EXPECT_EQ(refusal("symbol", "TOO LONG A"), "'symbol': at most 8 characters are wanted");
  EXPECT_EQ(refusal("message", "enter_oder"), "ouch5 has no message 'enter_oder'");
}

// A capture of a TCP conversation, as little as the reader needs.
class TcpCapture {
 public:
  TcpCapture() {
    bytes_.little(std::uint32_t{0xA1B2'C3D4});
    bytes_.little(std::uint32_t{0x0004'0002});
    bytes_.little(std::uint64_t{0});
    bytes_.little(std::uint32_t{65'535});
    bytes_.little(std::uint32_t{101});
  }
  void segment(std::uint16_t from, std::uint16_t to, std::uint32_t sequence,
               std::string_view payload, std::uint8_t flags = 0x10) {
    const auto size = static_cast<std::uint32_t>(40 + payload.size());
    bytes_.little(std::uint64_t{0});
    bytes_.little(size);
    bytes_.little(size);
    bytes_.big(std::uint16_t{0x4500});
    bytes_.big(static_cast<std::uint16_t>(size));
    bytes_.big(std::uint32_t{0});
    bytes_.big(std::uint16_t{0x4006});
    bytes_.big(std::uint16_t{0});
    bytes_.big(std::uint64_t{0x7F00'0001'7F00'0001});
    bytes_.big(from);
    bytes_.big(to);
    bytes_.big(sequence);
    bytes_.big(std::uint32_t{0});
    bytes_.big(std::uint8_t{0x50});
    bytes_.big(flags);
    bytes_.big(std::uint16_t{0xFFFF});
    bytes_.big(std::uint32_t{0});
    bytes_.bytes(base::as_bytes(payload));
  }
  [[nodiscard]] std::string_view text() const { return base::as_text(bytes_.view()); }

 private:
  base::ByteWriter bytes_;
};

Read decoded_capture(std::string_view bytes, const MessageTable& messages) {
  Read read;
  CaptureLines lines(messages, table("soup"),
                     [&](json::object&& line) { read.lines.push_back(std::move(line)); });
  const auto taken = lines.take(base::as_bytes(bytes));
  EXPECT_TRUE(taken.ok());
  lines.finish(base::as_bytes(bytes).subspan(taken.ok() ? taken.value() : 0));
  read.counts = lines.counts();
  return read;
}

TEST(MessageLines, SegmentsThatComeTwiceOrInTheWrongOrderAreOneStream) {
  const std::string one = packet(SoupType::unsequenced_data, bytes_of(order()));
  const std::string two = packet(SoupType::client_heartbeat, "");
  const std::string all = one + two + one;
  TcpCapture capture;
  // The sequence wraps in the middle.
  std::uint32_t at = 0xFFFF'FFE0;
  capture.segment(1, 2, at++, "", 0x02);
  capture.segment(1, 2, at, all.substr(0, 10));
  capture.segment(1, 2, at + 60, all.substr(60));
  capture.segment(2, 1, 900, packet(SoupType::server_heartbeat, ""));
  capture.segment(1, 2, at, all.substr(0, 10));
  capture.segment(1, 2, at + 5, all.substr(5, 55));
  const Read read = decoded_capture(capture.text(), table("ouch5"));
  EXPECT_EQ(read.counts.messages, 4U);
  EXPECT_EQ(read.counts.unknown, 0U);
  EXPECT_EQ(read.counts.unread_bytes, 0U);
  EXPECT_EQ(encoded(read.lines, table("ouch5")), capture.text());
}

TEST(MessageLines, ASegmentThatWasNeverCapturedIsNamedAndTheFileStillComesBack) {
  const std::string one = packet(SoupType::unsequenced_data, bytes_of(order()));
  TcpCapture capture;
  capture.segment(1, 2, 100, one.substr(0, 10));
  capture.segment(1, 2, 130, one.substr(30));
  const Read read = decoded_capture(capture.text(), table("ouch5"));
  EXPECT_GE(read.counts.unread_bytes, 20U);
  EXPECT_EQ(encoded(read.lines, table("ouch5")), capture.text());
}

TEST(MessageLines, MessagesThatNoLongerFitTheirPacketsAreRefused) {
  TcpCapture capture;
  capture.segment(1, 2, 100, packet(SoupType::debug, "hello"));
  Read read = decoded_capture(capture.text(), table("ouch5"));
  read.lines.at(0)["text"] = "hello, world";
  LineEncoder encoder(table("ouch5"), table("soup"),
                      [](std::string_view) { return base::Status{}; });
  for (const json::object& line : read.lines) ASSERT_TRUE(encoder.take(line).ok());
  EXPECT_FALSE(encoder.finish().ok());
}

}  // namespace
}  // namespace okiagari::wire
