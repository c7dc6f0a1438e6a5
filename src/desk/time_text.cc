#include "desk/time_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

namespace okiagari::desk {

namespace {

constexpr std::int64_t kJapanAheadS = 9 * 3'600;
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<std::chrono::seconds> time;
  unsigned weekday;
  std::uint64_t millis;

  [[nodiscard]] int year() const { return static_cast<int>(date.year()); }
  [[nodiscard]] unsigned month() const { return static_cast<unsigned>(date.month()); }
  [[nodiscard]] unsigned day() const { return static_cast<unsigned>(date.day()); }
};

Parts parts_of(TimestampNs at_ns, std::int64_t ahead_s) {
  const std::chrono::sys_seconds at{
      std::chrono::seconds{static_cast<std::int64_t>(at_ns / 1'000'000'000) + ahead_s}};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  return {std::chrono::year_month_day{day}, std::chrono::hh_mm_ss{at - day},
          std::chrono::weekday{day}.c_encoding(), at_ns / 1'000'000 % 1'000};
}

std::string plain_text(TimestampNs at_ns, std::int64_t ahead_s, std::string_view zone) {
  const Parts p = parts_of(at_ns, ahead_s);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} {}", p.year(), p.month(), p.day(),
                     p.time.hours().count(), p.time.minutes().count(), p.time.seconds().count(),
                     zone);
}

bool read_number(std::string_view text, std::size_t at, std::size_t digits, unsigned& into) {
  if (at + digits > text.size()) return false;
  const char* begin = text.data() + at;
  const auto result = std::from_chars(begin, begin + digits, into);
  return result.ec == std::errc{} && result.ptr == begin + digits;
}

}  // namespace

std::string utc_text(TimestampNs at_ns) { return plain_text(at_ns, 0, "UTC"); }
std::string jst_text(TimestampNs at_ns) { return plain_text(at_ns, kJapanAheadS, "JST"); }

Words time_words(TimestampNs at_ns) {
  const std::string utc = utc_text(at_ns);
  const std::string jst = jst_text(at_ns);
  return {fmt::format("{} ({})", utc, jst), fmt::format("{}（{}）", jst, utc)};
}

std::string rfc3339_text(TimestampNs at_ns) {
  const Parts p = parts_of(at_ns, 0);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", p.year(), p.month(), p.day(),
                     p.time.hours().count(), p.time.minutes().count(), p.time.seconds().count(),
                     p.millis);
}

std::string rfc822_text(TimestampNs at_ns) {
  const Parts p = parts_of(at_ns, 0);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays.at(p.weekday), p.day(),
                     kMonths.at(p.month() - 1), p.year(), p.time.hours().count(),
                     p.time.minutes().count(), p.time.seconds().count());
}

std::string icalendar_text(TimestampNs at_ns) {
  const Parts p = parts_of(at_ns, 0);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year(), p.month(), p.day(),
                     p.time.hours().count(), p.time.minutes().count(), p.time.seconds().count());
}

std::optional<TimestampNs> parse_utc(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() != 16 && text.size() != 19) return std::nullopt;
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool is_read = read_number(text, 0, 4, year) && read_number(text, 5, 2, month) &&
                       read_number(text, 8, 2, day) && read_number(text, 11, 2, hour) &&
                       read_number(text, 14, 2, minute) &&
                       (text.size() == 16 || read_number(text, 17, 2, second));
  const bool is_cut = text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == ' ') &&
                      text[13] == ':' && (text.size() == 16 || text[16] == ':');
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{month}, std::chrono::day{day}};
  if (!is_read || !is_cut || !date.ok() || year < 1970 || year > 2200 || hour > 23 || minute > 59 ||
      second > 59) {
    return std::nullopt;
  }
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds =
      static_cast<std::int64_t>(days) * 86'400 + hour * 3'600 + minute * 60 + second;
  return static_cast<TimestampNs>(seconds) * 1'000'000'000;
}

}  // namespace okiagari::desk
