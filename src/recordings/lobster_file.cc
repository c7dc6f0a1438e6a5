#include "recordings/lobster_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <limits>

namespace okiagari::recordings {

namespace {

constexpr std::int64_t kEmptyLevelPrice = 9'999'999'999;

// Splits at commas; at most `most` fields, else an empty result.
std::vector<std::string_view> fields_of(std::string_view line, std::size_t most) {
  std::vector<std::string_view> fields;
  while (fields.size() < most) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
  return {};
}

base::Error wrong(const LineReader& lines, std::string_view what) {
  return {
      fmt::format("{}:{}: {}; is this a LOBSTER file?", lines.path(), lines.line_number(), what)};
}

// "34200.017459617" to nanoseconds.
bool parse_time(std::string_view text, TimestampNs& time_ns) {
  const std::size_t point = text.find('.');
  std::string digits(text.substr(0, point));
  std::string fraction(point == std::string_view::npos ? "" : text.substr(point + 1));
  fraction.resize(9, '0');
  std::int64_t whole = 0;
  if (!parse_integer(digits + fraction, whole) || whole < 0) return false;
  time_ns = static_cast<TimestampNs>(whole);
  return true;
}

bool known_type(std::int64_t type) { return (type >= 1 && type <= 5) || type == 7; }

}  // namespace

bool LobsterBook::in_view(Side side, std::int64_t price_e4) const {
  const auto& shown = levels[static_cast<int>(side)];
  if (shown.size() < depth) return true;
  return side == Side::buy ? price_e4 >= shown.back().price_e4 : price_e4 <= shown.back().price_e4;
}

std::uint64_t LobsterBook::size_at(Side side, std::int64_t price_e4) const {
  for (const LobsterLevel& level : levels[static_cast<int>(side)]) {
    if (level.price_e4 == price_e4) return level.size;
  }
  return 0;
}

base::Result<bool> read_message(LineReader& lines, LobsterMessage& message) {
  std::string_view line;
  auto more = lines.next(line);
  if (!more || !more.value()) return more;
  const auto fields = fields_of(line, 6);
  if (fields.size() != 6) return wrong(lines, "a message has six columns");
  std::int64_t type = 0;
  std::int64_t size = 0;
  std::int64_t direction = 0;
  const bool numbers = parse_time(fields[0], message.time_ns) && parse_integer(fields[1], type) &&
                       parse_integer(fields[2], message.order) && parse_integer(fields[3], size) &&
                       parse_integer(fields[4], message.price_e4) &&
                       parse_integer(fields[5], direction);
  if (!numbers) return wrong(lines, "a column that is not a number");
  if (!known_type(type)) return wrong(lines, fmt::format("unknown type {}", type));
  if (size < 0 || size > kMaxQuantityLots) return wrong(lines, fmt::format("size {}", size));
  if (direction != 1 && direction != -1) return wrong(lines, "a direction that is not 1 or -1");
  message.type = static_cast<LobsterType>(type);
  message.size = static_cast<QuantityLots>(size);
  message.side = direction == 1 ? Side::buy : Side::sell;
  return true;
}

base::Result<bool> read_book(LineReader& lines, LobsterBook& book) {
  std::string_view line;
  auto more = lines.next(line);
  if (!more || !more.value()) return more;
  const auto fields = fields_of(line, 4 * 200);
  if (fields.empty() || fields.size() % 4 != 0) {
    return wrong(lines, "an order book has four columns a level");
  }
  book.levels[0].clear();
  book.levels[1].clear();
  book.depth = fields.size() / 4;
  for (std::size_t at = 0; at < fields.size(); at += 2) {
    std::int64_t price = 0;
    std::int64_t size = 0;
    if (!parse_integer(fields[at], price) || !parse_integer(fields[at + 1], size) || size < 0) {
      return wrong(lines, "a column that is not a number");
    }
    if (price == kEmptyLevelPrice || price == -kEmptyLevelPrice || size == 0) continue;
    const Side side = at % 4 == 0 ? Side::sell : Side::buy;
    book.levels[static_cast<int>(side)].push_back({price, static_cast<std::uint64_t>(size)});
  }
  return true;
}

std::optional<std::string> book_file_of(const std::string& message_file) {
  const std::size_t at = message_file.rfind("_message_");
  if (at == std::string::npos) return std::nullopt;
  std::string path = message_file;
  path.replace(at, 9, "_orderbook_");
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

}  // namespace okiagari::recordings
