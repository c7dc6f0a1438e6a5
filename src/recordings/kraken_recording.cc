#include "recordings/kraken_recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <map>
#include <string_view>

#include "recordings/line_reader.h"
#include "wire/decimal_text.h"

namespace okiagari::recordings {

namespace {

namespace json = boost::json;

constexpr std::size_t kLevelsMax = 20'000'000;
constexpr std::size_t kPairsMax = 1'000;
constexpr std::uint32_t kDecimalsMax = 12;
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 60;
constexpr std::string_view kChannel = "book-";

class Reader {
 public:
  base::Result<KrakenRecording> read(const std::string& path);

 private:
  // Empty when the line was taken or passed over, else what is wrong with it.
  std::string take(std::string_view line);
  std::string take_message(const json::array& message, KrakenUpdate& update);
  std::string take_part(const json::object& part, KrakenUpdate& update);
  std::string take_levels(const json::value& list, Side side, KrakenUpdate& update);
  std::string take_number(const json::value& text, std::uint32_t& decimals, std::uint64_t& size);
  [[nodiscard]] bool name_pair(const json::array& message, KrakenUpdate& update);

  KrakenRecording recording_;
  std::map<std::string, std::size_t> pairs_;
  std::vector<bool> has_decimals_;
  std::size_t levels_ = 0;
  std::uint64_t line_ = 0;
};

// "1618678134.213106" to nanoseconds.
bool parse_time(std::string_view text, TimestampNs& time_ns) {
  const auto parsed = wire::parse_decimal(text, 9);
  if (!parsed || parsed->is_negative) return false;
  time_ns = parsed->size;
  return true;
}

std::uint32_t decimals_of(std::string_view text) {
  const std::size_t point = text.find('.');
  return point == text.npos ? 0 : static_cast<std::uint32_t>(text.size() - point - 1);
}

std::string Reader::take_number(const json::value& text, std::uint32_t& decimals,
                                std::uint64_t& size) {
  if (!text.is_string()) return "a number that is not text";
  const std::string_view digits = text.get_string();
  decimals = decimals_of(digits);
  if (decimals > kDecimalsMax) return "a number with more than 12 decimals";
  const auto parsed = wire::parse_decimal(digits, decimals);
  if (!parsed || parsed->is_negative || parsed->size > kSizeMax) return "a number that is none";
  size = parsed->size;
  return "";
}

std::string Reader::take_levels(const json::value& list, Side side, KrakenUpdate& update) {
  if (!list.is_array()) return "levels that are no list";
  KrakenPair& pair = recording_.pairs[update.pair];
  for (const json::value& entry : list.get_array()) {
    if (!entry.is_array() || entry.get_array().size() < 2) return "a level that is no list";
    if (++levels_ > kLevelsMax) return "more than 20 million levels";
    KrakenLevel level;
    level.side = side;
    std::uint32_t price_decimals = 0;
    std::uint32_t volume_decimals = 0;
    std::string wrong = take_number(entry.get_array()[0], price_decimals, level.price);
    if (wrong.empty()) wrong = take_number(entry.get_array()[1], volume_decimals, level.volume);
    if (!wrong.empty()) return wrong;
    if (!has_decimals_[update.pair]) {
      has_decimals_[update.pair] = true;
      pair.price_decimals = price_decimals;
      pair.volume_decimals = volume_decimals;
      pair.zero_decimals = price_decimals;
    }
    if (pair.price_decimals != price_decimals || pair.volume_decimals != volume_decimals) {
      return "a level with other decimals than its pair has";
    }
    std::uint64_t ending = level.price;
    std::uint32_t zeros = 0;
    while (zeros < pair.zero_decimals && ending % 10 == 0) {
      ending /= 10;
      ++zeros;
    }
    pair.zero_decimals = zeros;
    update.levels.push_back(level);
  }
  return "";
}

std::string Reader::take_part(const json::object& part, KrakenUpdate& update) {
  for (const auto& [key, value] : part) {
    if (key == "c") {
      std::uint32_t checksum = 0;
      if (!value.is_string()) return "a checksum that is not text";
      const std::string_view digits = value.get_string();
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), checksum);
      if (error != std::errc{} || end != digits.data() + digits.size()) {
        return "a checksum that is no number";
      }
      update.checksum = checksum;
      continue;
    }
    const bool is_known = key == "a" || key == "b" || key == "as" || key == "bs";
    if (!is_known) continue;
    if (key.size() == 2) update.is_snapshot = true;
    std::string wrong = take_levels(value, key[0] == 'b' ? Side::buy : Side::sell, update);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

bool Reader::name_pair(const json::array& message, KrakenUpdate& update) {
  const json::value& channel = message[message.size() - 2];
  const json::value& name = message[message.size() - 1];
  if (!channel.is_string() || !name.is_string()) return false;
  const std::string_view words = channel.get_string();
  std::size_t depth = 0;
  if (!words.starts_with(kChannel)) return false;
  const std::string_view digits = words.substr(kChannel.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), depth);
  if (error != std::errc{} || end != digits.data() + digits.size() || depth == 0) return false;
  const auto [found, is_new] =
      pairs_.try_emplace(std::string(name.get_string()), recording_.pairs.size());
  if (is_new) {
    recording_.pairs.push_back({found->first, depth, 0, 0, 0});
    has_decimals_.push_back(false);
  }
  update.pair = found->second;
  return recording_.pairs.size() <= kPairsMax;
}

std::string Reader::take_message(const json::array& message, KrakenUpdate& update) {
  for (std::size_t i = 1; i + 2 < message.size(); ++i) {
    if (!message[i].is_object()) return "a part of a message that is no object";
    std::string wrong = take_part(message[i].get_object(), update);
    if (!wrong.empty()) return wrong;
  }
  recording_.updates.push_back(std::move(update));
  return "";
}

std::string Reader::take(std::string_view line) {
  const std::size_t colon = line.find(": ");
  // The client's own words, and events that are no book.
  if (colon == line.npos || line.substr(colon + 2, 1) != "[") return "";
  KrakenUpdate update;
  update.line = line_;
  if (!parse_time(line.substr(0, colon), update.time_ns)) return "";
  boost::system::error_code bad;
  const json::value message = json::parse(line.substr(colon + 2), bad);
  if (bad || !message.is_array()) return "a message that is no JSON";
  if (message.get_array().size() < 4 || !name_pair(message.get_array(), update)) return "";
  return take_message(message.get_array(), update);
}

base::Result<KrakenRecording> Reader::read(const std::string& path) {
  auto lines = LineReader::open(path);
  if (!lines) return lines.error();
  std::string_view line;
  for (;;) {
    auto more = lines.value().next(line);
    if (!more) return more.error();
    if (!more.value()) break;
    ++line_;
    const std::string wrong = take(line);
    if (!wrong.empty()) {
      return base::Error{fmt::format("{}:{}: {}; is this a recording of Kraken's book channel?",
                                     path, line_, wrong)};
    }
  }
  if (recording_.updates.empty()) {
    return base::Error{path + ": no message of Kraken's book channel is there"};
  }
  return std::move(recording_);
}

}  // namespace

base::Result<KrakenRecording> read_kraken(const std::string& path) { return Reader().read(path); }

}  // namespace okiagari::recordings
