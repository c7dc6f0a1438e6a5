// One foreign series at the time of an incident, beside its own past; and what a measure's name
// says about its meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cause/foreign_data.h"

namespace okiagari::cause {

enum class MeasureKind : std::uint8_t {
  other,
  processor_percent,
  memory_percent,
  latency,  // of what the entity serves
  success,  // share or per cent of good answers
  errors,
  traffic,
};

// By words that monitoring systems use in names; `other` when none fits, and for measures of the
// machine below, which several entities share.
[[nodiscard]] MeasureKind kind_of(std::string_view measure);

struct Shift {
  double value = 0;
  double baseline = 0;
  double deviation = 0;  // of the value, in robust spreads, with a sign
};

// The shift from `at_s` on, when there is one that began with it: the value is also away from the
// minutes before. One wild measurement among three or more is none.
[[nodiscard]] std::optional<Shift> find_shift(const Series& series, double at_s, double window_s);

struct Silence {
  std::size_t silent = 0;
  std::size_t looked_at = 0;
  double surprise = 0;
};

// At least two measurements of nothing where there nearly always was something.
[[nodiscard]] std::optional<Silence> find_silence(const Series& series, double at_s,
                                                  double window_s);

// What calls lose on the way: latency at the caller less latency at the callee, for each pair that
// has both.
[[nodiscard]] std::vector<Series> gaps_of_calls(const ForeignData& data);

}  // namespace okiagari::cause
