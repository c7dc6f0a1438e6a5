// The clocks of one place as data: when they were set forward or back, from 2000 to 2036. Read once
// from the system's zone files and carried in the desk's log, so that desks whose zone files differ
// still agree on who is on duty.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace okiagari::desk {

// Seconds on the clocks of a place, counted as if it were UTC.
using LocalSeconds = std::int64_t;

class TimeZone {
 public:
  static constexpr std::size_t kChangesMax = 400;

  // By the name of the IANA data base; an error when this system does not know it.
  [[nodiscard]] static base::Result<TimeZone> of_system(const std::string& name);
  [[nodiscard]] static base::Result<TimeZone> from_json(const boost::json::value& value);
  [[nodiscard]] boost::json::array to_json() const;

  // Of a zone that was never read.
  [[nodiscard]] bool is_empty() const { return spans_.empty(); }
  [[nodiscard]] LocalSeconds local(std::int64_t utc_s) const;
  // The first instant at which the clocks show `local` or have jumped over it: of two instants that
  // show the same, the earlier.
  [[nodiscard]] std::int64_t first_instant(LocalSeconds local) const;
  // Every instant at which the clocks show `local`: none, one or two.
  [[nodiscard]] std::vector<std::int64_t> instants(LocalSeconds local) const;
  // When the clocks are set between the two, both excluded.
  [[nodiscard]] std::vector<std::int64_t> changes(std::int64_t after_s,
                                                  std::int64_t before_s) const;

 private:
  struct Span {
    std::int64_t begin_s = 0;
    std::int32_t ahead_s = 0;  // of UTC
  };
  [[nodiscard]] std::size_t span_of(std::int64_t utc_s) const;

  std::vector<Span> spans_;  // the first also before its begin
};

// "2026-11-26" or "2026-11-26T22:30"; nothing when it is none.
[[nodiscard]] std::optional<LocalSeconds> parse_local(std::string_view text);
// "22:30" as seconds of the day, up to "24:00"; nothing when it is none.
[[nodiscard]] std::optional<std::int64_t> parse_time_of_day(std::string_view text);
[[nodiscard]] std::string local_text(LocalSeconds local);  // "2026-11-26 22:30"

}  // namespace okiagari::desk
