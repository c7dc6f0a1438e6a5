// Recorded packets of Nasdaq, Japannext and ASX through the tables of config/messages. Goal: what
// `okiagari decode` says of each is what a foreign dissector says, and encoding it gives the
// capture file again, byte for byte. Method: every capture that is there, whichever they are.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "wire/message_lines.h"

namespace okiagari::captures {
namespace {

namespace json = boost::json;

using Fields = std::vector<std::pair<std::string, std::string>>;

std::filesystem::path shared_data() {
  const char* named = std::getenv("OKIAGARI_SHARED_DATA");
  return named != nullptr ? named : OKIAGARI_SHARED_DATA;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string trimmed(std::string text) {
  while (text.ends_with(' ')) text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

// The dissector's names have no underscores, and some are its own.
std::string plain_name(std::string name) {
  std::erase(name, '_');
  static const std::map<std::string, std::string> kForeign = {
      {"unsequencedmessagetype", "messagetype"},
      {"sequencedmessagetype", "messagetype"},
      {"optionalfieldlength", "length"}};
  if (name.ends_with("optionalfield")) return "tag";
  const auto found = kForeign.find(name);
  return found == kForeign.end() ? name : found->second;
}

void flatten(const json::value& value, const std::string& name, Fields& into) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.get_object()) {
      if (key != "frames" && key != "stream" && key != "message") flatten(inner, key, into);
    }
  } else if (value.is_array()) {
    for (const json::value& inner : value.get_array()) flatten(inner, name, into);
  } else {
    const std::string text =
        value.is_string() ? std::string(value.get_string().c_str()) : json::serialize(value);
    into.emplace_back(plain_name(name), trimmed(text));
  }
}

bool is_same(const std::string& name, const std::string& ours, const std::string& foreign) {
  if (ours == foreign) return true;
  // Nanoseconds since 1970 do not fit into the floating point that the dissector computes in, and
  // its names end where a line of its output was cut.
  if (name == "timestamp") return std::stod(ours) == std::stod(foreign);
  return name == "longname" && ours.starts_with(foreign);
}

// What the dissector derives, and does not read from the bytes.
bool is_derived(const std::string& name, const Fields& ours) {
  if (name.ends_with("legindex")) return true;
  const auto is_second = [](const auto& field) {
    return field.first == "second" || field.first == "seconds";
  };
  return (name == "second" || name == "seconds") &&
         std::none_of(ours.begin(), ours.end(), is_second);
}

struct Capture {
  std::filesystem::path expected;
  std::string table;
};

std::vector<Capture> captures() {
  static const std::map<std::string, std::string> kTables = {{"nasdaq-itch-5.0", "itch5"},
                                                             {"nasdaq-ouch-5.0", "ouch5"}};
  std::vector<Capture> found;
  const auto folder = shared_data() / "captures";
  if (!std::filesystem::exists(folder)) return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".expected.json")) continue;
    const std::string protocol = entry.path().parent_path().filename();
    const auto table = kTables.find(protocol);
    found.push_back({entry.path(), table == kTables.end() ? protocol : table->second});
  }
  std::sort(found.begin(), found.end(),
            [](const Capture& a, const Capture& b) { return a.expected < b.expected; });
  return found;
}

wire::MessageTable table_of(const std::string& name) {
  auto table = wire::builtin_message_table(name);
  EXPECT_TRUE(table.ok()) << name << ": " << table.error().message;
  return table.ok() ? table.value() : wire::MessageTable{};
}

std::vector<json::object> decoded(const std::string& content, const wire::MessageTable& table,
                                  const wire::MessageTable& soup) {
  std::vector<json::object> lines;
  wire::CaptureLines reader(table, soup,
                            [&](json::object&& line) { lines.push_back(std::move(line)); });
  const auto taken = reader.take(base::as_bytes(content));
  EXPECT_TRUE(taken.ok());
  reader.finish(base::as_bytes(content).subspan(taken.ok() ? taken.value() : 0));
  EXPECT_EQ(reader.counts().unknown, 0U);
  EXPECT_EQ(reader.counts().unread_bytes, 0U);
  return lines;
}

std::string encoded(const std::vector<json::object>& lines, const wire::MessageTable& table,
                    const wire::MessageTable& soup) {
  std::string again;
  wire::LineEncoder encoder(table, soup, [&](std::string_view bytes) {
    again += bytes;
    return base::Status{};
  });
  for (const json::object& line : lines) {
    // As it would come back from a file.
    const json::value read = json::parse(json::serialize(line));
    const base::Status status = encoder.take(read.get_object());
    EXPECT_TRUE(status.ok()) << json::serialize(line);
  }
  EXPECT_TRUE(encoder.finish().ok());
  return again;
}

TEST(Decoded, EveryRecordedPacketSaysWhatAForeignDecoderSaysAndIsWrittenBack) {
  const std::vector<Capture> all = captures();
  if (all.empty()) {
    GTEST_SKIP() << "no recordings: set OKIAGARI_SHARED_DATA to the folder with captures/";
  }
  const wire::MessageTable soup = table_of("soup");
  std::size_t fields_compared = 0;
  for (const Capture& capture : all) {
    SCOPED_TRACE(capture.expected.string());
    const wire::MessageTable table = table_of(capture.table);
    const json::value root = json::parse(content_of(capture.expected));
    const std::string content =
        content_of(capture.expected.parent_path() / root.at("capture").as_string().c_str());
    const std::vector<json::object> lines = decoded(content, table, soup);
    EXPECT_TRUE(encoded(lines, table, soup) == content);
    Fields ours;
    for (const json::object& line : lines) flatten(line, "", ours);
    for (const json::value& packet : root.at("packets").as_array()) {
      for (const json::value& field : packet.at("fields").as_array()) {
        const std::string name = plain_name(field.at(0).as_string().c_str());
        const std::string value = trimmed(field.at(1).as_string().c_str());
        const auto found = std::find_if(ours.begin(), ours.end(), [&](const auto& own) {
          return own.first == name && is_same(name, own.second, value);
        });
        if (found != ours.end()) {
          ours.erase(found);
          ++fields_compared;
        } else {
          EXPECT_TRUE(is_derived(name, ours)) << name << " is not " << value;
        }
      }
    }
    // What is left is what the dissector leaves out: blanks, and times that it does not derive.
    for (const auto& [name, value] : ours) {
      EXPECT_TRUE(value.empty() || name == "timestamp") << name << " is " << value;
    }
  }
  EXPECT_GT(fields_compared, all.size() * 2);
}

TEST(Decoded, TheFirstThousandMessagesOfARecordedDay) {
  const auto path = shared_data() / "orderflow/itch50/first1000.NASDAQ_ITCH50";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no recordings: set OKIAGARI_SHARED_DATA to the folder with orderflow/";
  }
  const std::string content = content_of(path);
  const wire::MessageTable itch = table_of("itch5");
  const wire::MessageTable soup = table_of("soup");
  ASSERT_EQ(wire::guess_framing(itch, soup, base::as_bytes(content)), wire::Framing::lengths);
  std::vector<json::object> lines;
  wire::LineCounts counts;
  wire::StreamLines reader(itch, soup, wire::Framing::lengths);
  (void)reader.take(base::as_bytes(content), true, counts,
                    [&](json::object&& line) { lines.push_back(std::move(line)); });
  EXPECT_EQ(counts.messages, lines.size());
  EXPECT_EQ(counts.unknown, 0U);
  EXPECT_EQ(counts.unread_bytes, 0U);
  EXPECT_TRUE(encoded(lines, itch, soup) == content);
}

}  // namespace
}  // namespace okiagari::captures
