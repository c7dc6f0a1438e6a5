// Recorded packets of Nasdaq, Japannext and ASX. Goal: our decoders read out of them what a foreign
// dissector did, and what they read, encoded again, is the same bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/hash.h"
#include "tests/captures/pcap.h"
#include "wire/itch.h"
#include "wire/mold.h"
#include "wire/ouch.h"
#include "wire/soup.h"

namespace okiagari::captures {
namespace {

namespace itch = wire::itch;
namespace ouch = wire::ouch;

using Fields = std::vector<std::pair<std::string, std::string>>;

std::filesystem::path shared_data() {
  const char* named = std::getenv("OKIAGARI_SHARED_DATA");
  return named != nullptr ? named : OKIAGARI_SHARED_DATA;
}

std::string number(std::uint64_t value) { return std::to_string(value); }
std::string letter(char value) { return {value}; }

// Four decimals, without trailing zeros.
std::string price(std::uint64_t price_e4) {
  std::string text = fmt::format("{}.{:04}", price_e4 / 10'000, price_e4 % 10'000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

template <std::size_t kWidth>
std::string text(const wire::Alpha<kWidth>& field) {
  return std::string(wire::trimmed(field));
}
template <std::size_t kWidth>
std::string padded(const wire::Alpha<kWidth>& field) {
  return {field.data(), field.size()};
}

template <typename Message>
std::string bytes_of(const Message& message) {
  return std::string(base::as_text(base::object_bytes(message)));
}

// One packet, read field by field and encoded again from nothing but those fields.
struct Read {
  Fields fields;
  std::string again;
};

void read_options(base::Bytes appendage, Fields& fields, std::string& again) {
  ouch::OptionReader reader(appendage);
  ouch::OptionReader::Option option;
  while (reader.next(option)) {
    fields.emplace_back("optionalfieldlength", number(option.value.size() + 1));
    fields.emplace_back("orderacceptedoptionalfield",
                        number(static_cast<std::uint8_t>(option.tag)));
    const std::string value(base::as_text(option.value));
    const bool is_firm = option.tag == ouch::Tag::firm;
    fields.emplace_back(is_firm ? "firm" : "bboweightindicator", value);
    again += static_cast<char>(value.size() + 1);
    again += static_cast<char>(option.tag);
    again += value;
  }
}

Read read_accepted(base::Bytes message) {
  const auto& in = *wire::view_as<ouch::Accepted>(message);
  Read read;
  read.fields = {{"timestamp", number(in.timestamp_ns)},
                 {"userrefnum", number(in.user_reference)},
                 {"side", letter(in.side)},
                 {"quantity", number(in.quantity)},
                 {"symbol", text(in.symbol)},
                 {"price", price(in.price_e4)},
                 {"timeinforce", letter(in.time_in_force)},
                 {"display", letter(in.display)},
                 {"orderreferencenumber", number(in.reference)},
                 {"capacity", letter(in.capacity)},
                 {"intermarketsweepeligibility", letter(in.intermarket_sweep)},
                 {"crosstype", letter(in.cross_type)},
                 {"orderstate", letter(in.state)},
                 {"clordid", text(in.client_order_id)},
                 {"appendagelength", number(in.appendage_bytes)}};
  ouch::Accepted out;
  out.timestamp_ns = in.timestamp_ns;
  out.user_reference = in.user_reference;
  out.side = in.side;
  out.quantity = in.quantity;
  out.symbol = wire::alpha<8>(text(in.symbol));
  out.price_e4 = in.price_e4;
  out.time_in_force = in.time_in_force;
  out.display = in.display;
  out.reference = in.reference;
  out.capacity = in.capacity;
  out.intermarket_sweep = in.intermarket_sweep;
  out.cross_type = in.cross_type;
  out.state = in.state;
  out.client_order_id = wire::alpha<14>(text(in.client_order_id));
  std::string options;
  read_options(ouch::outbound_appendage(message), read.fields, options);
  out.appendage_bytes = static_cast<std::uint16_t>(options.size());
  read.again = bytes_of(out) + options;
  return read;
}

Read read_cancel(base::Bytes message) {
  const auto& in = *wire::view_as<ouch::CancelOrder>(message);
  ouch::CancelOrder out;
  out.user_reference = in.user_reference;
  out.quantity = in.quantity;
  return {{{"userrefnum", number(in.user_reference)}, {"quantity", number(in.quantity)}},
          bytes_of(out)};
}

Read read_login(base::Bytes message) {
  const auto& in = *wire::view_as<wire::SoupLoginRequest>(message);
  wire::SoupLoginRequest out;
  out.username = wire::alpha<6>(text(in.username));
  out.password = wire::alpha<10>(text(in.password));
  out.session = wire::alpha<10>(text(in.session));
  const auto sequence_number = wire::parse_soup_number(in.sequence_number);
  EXPECT_TRUE(sequence_number.has_value());
  out.sequence_number = wire::soup_number(sequence_number.value_or(0));
  return {{{"username", padded(in.username)},
           {"password", padded(in.password)},
           {"requestedsession", padded(in.session)},
           {"requestedsequencenumber", number(sequence_number.value_or(0))}},
          bytes_of(out)};
}

// A whole SoupBinTCP packet. What is not OUCH 5.0 is taken as it is.
Read read_soup(base::Bytes bytes, bool is_ouch_5) {
  wire::SoupPacket packet;
  EXPECT_EQ(wire::decode_soup(bytes, packet), wire::SoupFault::none);
  EXPECT_EQ(packet.size_bytes, bytes.size());
  Read read{{}, std::string(base::as_text(packet.payload))};
  const auto type = static_cast<char>(packet.type);
  const bool is_message = type == 'U' || type == 'S';
  if (is_message && is_ouch_5) {
    const bool is_inbound = type == 'U';
    const auto fault =
        is_inbound ? ouch::check_inbound(packet.payload) : ouch::check_outbound(packet.payload);
    EXPECT_EQ(fault, ouch::Fault::none) << ouch::describe(fault);
    read = is_inbound ? read_cancel(packet.payload) : read_accepted(packet.payload);
  } else if (packet.type == wire::SoupType::login_request) {
    read = read_login(packet.payload);
  }
  Fields fields{{"packetlength", number(packet.payload.size() + 1)}, {"packettype", letter(type)}};
  if (is_message) {
    fields.emplace_back(type == 'U' ? "unsequencedmessagetype" : "sequencedmessagetype",
                        letter(static_cast<char>(packet.payload[0])));
  }
  fields.insert(fields.end(), read.fields.begin(), read.fields.end());
  std::byte header[wire::kSoupHeaderBytes];
  wire::encode_soup_header(header, packet.type, read.again.size());
  return {fields, std::string(base::as_text(header)) + read.again};
}

itch::Head read_head(const itch::Head& in, Fields& fields) {
  fields.emplace_back("stocklocate", number(in.locate));
  fields.emplace_back("trackingnumber", number(in.tracking));
  fields.emplace_back("timestamp", number(in.timestamp_ns));
  itch::Head out;
  out.type = in.type;
  out.locate = in.locate;
  out.tracking = in.tracking;
  out.timestamp_ns = in.timestamp_ns;
  return out;
}

Read read_add(const itch::AddOrder& in) {
  Read read;
  itch::AddOrder out;
  out.head = read_head(in.head, read.fields);
  out.reference = in.reference;
  out.side = in.side;
  out.shares = in.shares;
  out.symbol = wire::alpha<8>(text(in.symbol));
  out.price_e4 = in.price_e4;
  const Fields own{{"orderreferencenumber", number(in.reference)},
                   {"buysellindicator", letter(in.side)},
                   {"shares", number(in.shares)},
                   {"stock", text(in.symbol)},
                   {"price", price(in.price_e4)}};
  read.fields.insert(read.fields.end(), own.begin(), own.end());
  read.again = bytes_of(out);
  return read;
}

Read read_delete(const itch::OrderDelete& in) {
  Read read;
  itch::OrderDelete out;
  out.head = read_head(in.head, read.fields);
  out.reference = in.reference;
  read.fields.emplace_back("orderreferencenumber", number(in.reference));
  read.again = bytes_of(out);
  return read;
}

Read read_replace(const itch::OrderReplace& in) {
  Read read;
  itch::OrderReplace out;
  out.head = read_head(in.head, read.fields);
  out.original_reference = in.original_reference;
  out.reference = in.reference;
  out.shares = in.shares;
  out.price_e4 = in.price_e4;
  const Fields own{{"originalorderreferencenumber", number(in.original_reference)},
                   {"neworderreferencenumber", number(in.reference)},
                   {"shares", number(in.shares)},
                   {"price", price(in.price_e4)}};
  read.fields.insert(read.fields.end(), own.begin(), own.end());
  read.again = bytes_of(out);
  return read;
}

Read read_itch(base::Bytes message) {
  EXPECT_EQ(itch::check(message), itch::Fault::none);
  switch (static_cast<char>(message[0])) {
    case itch::AddOrder::kType:
      return read_add(*wire::view_as<itch::AddOrder>(message));
    case itch::OrderDelete::kType:
      return read_delete(*wire::view_as<itch::OrderDelete>(message));
    case itch::OrderReplace::kType:
      return read_replace(*wire::view_as<itch::OrderReplace>(message));
    default:
      return {};
  }
}

// A whole datagram. What is not ITCH 5.0 is taken as it is.
Read read_mold(base::Bytes datagram, bool is_itch_5) {
  wire::MoldReader reader(datagram);
  wire::MoldWriter writer(datagram.size());
  writer.begin(reader.header().session, reader.header().sequence_number);
  Read read;
  read.fields = {{"session", text(reader.header().session)},
                 {"sequencenumber", number(reader.header().sequence_number)},
                 {"messagecount", number(reader.header().message_count)}};
  base::Bytes message;
  for (int index = 1; reader.next(message); ++index) {
    read.fields.emplace_back("messageindex", number(static_cast<std::uint64_t>(index)));
    read.fields.emplace_back("messagelength", number(message.size()));
    read.fields.emplace_back("messagetype", letter(static_cast<char>(message[0])));
    const Read inner =
        is_itch_5 ? read_itch(message) : Read{{}, std::string(base::as_text(message))};
    read.fields.insert(read.fields.end(), inner.fields.begin(), inner.fields.end());
    EXPECT_TRUE(writer.add(base::as_bytes(inner.again)));
  }
  EXPECT_TRUE(reader.ok());
  read.again = base::as_text(writer.finish());
  return read;
}

struct Recording {
  std::vector<std::vector<std::byte>> payloads;
  std::vector<Fields> expected;
};

Recording read_recording(const std::filesystem::path& expected_path) {
  std::ifstream file(expected_path);
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  const boost::json::value root = boost::json::parse(json);
  Recording recording;
  const std::string capture(root.at("capture").as_string());
  const auto payloads = read_payloads(expected_path.parent_path() / capture);
  EXPECT_TRUE(payloads.has_value()) << capture;
  recording.payloads = payloads.value_or(std::vector<std::vector<std::byte>>{});
  for (const boost::json::value& packet : root.at("packets").as_array()) {
    Fields fields;
    for (const boost::json::value& field : packet.at("fields").as_array()) {
      fields.emplace_back(field.at(0).as_string(), field.at(1).as_string());
    }
    recording.expected.push_back(std::move(fields));
    const std::string hex(packet.at("payload_hex").as_string());
    const std::size_t i = recording.expected.size() - 1;
    if (i >= recording.payloads.size()) {
      ADD_FAILURE() << capture << " has fewer packets than the foreign decoder saw";
      break;
    }
    EXPECT_EQ(base::to_hex(recording.payloads[i]), hex) << capture;
  }
  return recording;
}

// The fields of `fields` that are also in `names`, in order.
Fields only(const Fields& fields, const std::map<std::string, int>& names) {
  Fields kept;
  for (const auto& field : fields) {
    if (names.contains(field.first)) kept.push_back(field);
  }
  return kept;
}

struct Protocol {
  const char* folder;
  bool is_datagram;
  bool is_ours;  // every field is compared; else those of the framing
  int recordings;
};

class Recorded : public testing::TestWithParam<Protocol> {};

TEST_P(Recorded, PacketsAreReadAsAForeignDecoderReadsThemAndWrittenBack) {
  const Protocol& protocol = GetParam();
  const auto folder = shared_data() / "captures" / protocol.folder;
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no recordings: set OKIAGARI_SHARED_DATA to the folder with captures/";
  }
  static const std::map<std::string, int> kFraming = {{"packetlength", 0},
                                                      {"packettype", 0},
                                                      {"unsequencedmessagetype", 0},
                                                      {"session", 0},
                                                      {"sequencenumber", 0},
                                                      {"messagecount", 0},
                                                      {"messageindex", 0},
                                                      {"messagelength", 0},
                                                      {"messagetype", 0},
                                                      {"username", 0},
                                                      {"password", 0},
                                                      {"requestedsession", 0},
                                                      {"requestedsequencenumber", 0}};
  int recordings = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path().filename());
    ++recordings;
    const Recording recording = read_recording(entry.path());
    for (std::size_t i = 0; i < recording.expected.size(); ++i) {
      const base::Bytes payload = recording.payloads.at(i);
      const Read read = protocol.is_datagram ? read_mold(payload, protocol.is_ours)
                                             : read_soup(payload, protocol.is_ours);
      if (protocol.is_ours) {
        EXPECT_EQ(read.fields, recording.expected[i]);
      } else {
        EXPECT_EQ(only(read.fields, kFraming), only(recording.expected[i], kFraming));
      }
      EXPECT_EQ(base::to_hex(base::as_bytes(read.again)), base::to_hex(payload));
    }
  }
  EXPECT_EQ(recordings, protocol.recordings);
}

INSTANTIATE_TEST_SUITE_P(Captures, Recorded,
                         testing::Values(Protocol{"nasdaq-ouch-5.0", false, true, 3},
                                         Protocol{"nasdaq-itch-5.0", true, true, 3},
                                         Protocol{"jnx-ouch-1.11", false, false, 3},
                                         Protocol{"jnx-itch-1.6", true, false, 3},
                                         Protocol{"asx-ntp-itch-1.05", true, false, 11}),
                         [](const auto& test) {
                           std::string name(test.param.folder);
                           for (char& c : name) c = std::isalnum(c) != 0 ? c : '_';
                           return name;
                         });

// The first thousand messages of a day of Nasdaq: 2-byte length, message.
TEST(RecordedDay, EveryMessageIsReadAndTheFileWrittenBack) {
  const auto path = shared_data() / "orderflow/itch50/first1000.NASDAQ_ITCH50";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no recordings: set OKIAGARI_SHARED_DATA to the folder with orderflow/";
  }
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  base::ByteReader reader(base::as_bytes(content));
  base::ByteWriter again;
  std::map<char, int> counts;
  std::string first_symbol;
  std::string last_symbol;
  while (!reader.at_end()) {
    const auto size = reader.big<std::uint16_t>();
    const base::Bytes message = reader.bytes(size);
    ASSERT_TRUE(reader.ok());
    ASSERT_EQ(itch::check(message), itch::Fault::none) << itch::describe(itch::check(message));
    const auto type = static_cast<char>(message[0]);
    ++counts[type];
    again.big(size);
    if (type == itch::Directory::kType) {
      itch::Directory directory = *wire::view_as<itch::Directory>(message);
      last_symbol = text(directory.symbol);
      if (first_symbol.empty()) first_symbol = last_symbol;
      EXPECT_EQ(directory.head.locate, static_cast<std::uint16_t>(counts[type]));
      directory.symbol = wire::alpha<8>(last_symbol);
      directory.head.timestamp_ns = std::uint64_t{directory.head.timestamp_ns};
      again.object(directory);
    } else {
      again.bytes(message);
    }
  }
  EXPECT_EQ(counts, (std::map<char, int>{{'S', 1}, {'R', 993}, {'H', 3}, {'Y', 3}}));
  EXPECT_EQ(first_symbol, "A");
  EXPECT_EQ(last_symbol, "BPFH");
  EXPECT_EQ(base::as_text(again.view()), content);
}

}  // namespace
}  // namespace okiagari::captures
