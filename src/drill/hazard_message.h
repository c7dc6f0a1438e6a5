// The public message of an earthquake, as the Japan Meteorological Agency publishes it (VXSE53).
#pragma once

#include <string>
#include <string_view>

#include "base/types.h"

namespace okiagari::drill {

struct Earthquake {
  std::string event;       // the Agency's number of it
  std::string prefecture;  // "大阪府"
  std::string code;        // its number: "27"
  std::string intensity;   // "6-"
  double magnitude = 0;
  double latitude = 0;
  double longitude = 0;
  TimestampNs began_ns = 0;
};

[[nodiscard]] std::string earthquake_message(const Earthquake& earthquake);

}  // namespace okiagari::drill
